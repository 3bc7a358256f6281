"""The rules of the tree: imports point one way, one file imports boto3, no flow hides a module."""

import ast
import sys
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


def test_core_knows_neither_prefect_nor_settings() -> None:
    for path in (ROOT / "core").rglob("*.py"):
        assert not imports(path) & {"prefect", "pydantic_settings"}, path


def test_boto3_is_imported_in_one_file() -> None:
    places = [p.relative_to(ROOT) for package in OURS for p in (ROOT / package).rglob("*.py") if "boto3" in imports(p)]
    assert places == [Path("core/bucket.py")]


def test_no_flow_is_named_like_a_module() -> None:
    names = {path.stem for path in (ROOT / "flows").glob("*.py")} - {"__init__"}
    assert not names & (set(sys.stdlib_module_names) | OURS)
