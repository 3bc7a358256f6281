"""Models that are known by a name: from a hub that runs here, from nowhere, and half of one."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from core.errors import Misconfigured, ModelDamaged
from core.speech import hub, model

ROOT = Path(__file__).parents[3]
COMMIT = "c" * 40
NOWHERE = "http://127.0.0.1:1"
FILES = {
    "model.bin": b"weights" * 1000,
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "vocabulary.txt": b"a\nb\n",
    "README.md": b"# Not needed",
}
FETCH = """
import sys
from pathlib import Path
from core.errors import MaaseutuError
from core.speech import model
try:
    model.fetch(sys.argv[1], Path(sys.argv[2]))
except MaaseutuError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


class _Hub(BaseHTTPRequestHandler):
    """As much of the hub's protocol as its client asks for."""

    files: ClassVar[dict[str, bytes]]

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        if path == "/api/models/Org/fine/revision/main":
            self._send(json.dumps({"id": "Org/fine", "sha": COMMIT, "siblings": []}).encode(), body)
        elif path == f"/api/models/Org/fine/tree/{COMMIT}":
            tree = [{"type": "file", "path": n, "size": len(d), "oid": _digest(d)} for n, d in self.files.items()]
            self._send(json.dumps(tree).encode(), body)
        elif path.startswith(f"/Org/fine/resolve/{COMMIT}/") and (name := path.rpartition("/")[2]) in self.files:
            self._send(self.files[name], body, ETag=f'"{_digest(self.files[name])}"')
        else:
            self.send_error(404)

    def _send(self, data: bytes, body: bool, **headers: str) -> None:
        self.send_response(200)
        for name, value in {"Content-Length": str(len(data)), "X-Repo-Commit": COMMIT, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _digest(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


@pytest.fixture
def running() -> Iterator[str]:
    """The address of a hub with one model, Org/fine."""
    handler = type("Bound", (_Hub,), {"files": dict(FILES)})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def fetched(address: str, name: str, state: Path) -> str:
    """Fetch in a process of its own, since the hub's client learns its address when it is imported; gives errors."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    environment = kept | {"HF_ENDPOINT": address, "HF_HOME": str(state / "home"), "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-c", FETCH, name, str(state)]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=120, check=False).stderr


def test_a_model_is_fetched_once_and_found_without_a_network(running: str, tmp_path: Path) -> None:
    assert "Error" not in fetched(running, "Org/fine", tmp_path)
    folder = model.locate("Org/fine", tmp_path)
    assert folder == tmp_path / "models" / "Org--fine"
    assert {path.name for path in folder.iterdir()} == FILES.keys() - {"README.md"}
    assert (folder / "model.bin").read_bytes() == FILES["model.bin"]
    assert fetched(NOWHERE, "Org/fine", tmp_path) == ""


@pytest.mark.parametrize("name", ["Org/none", "large-v3"])
def test_a_model_that_the_hub_does_not_have(running: str, tmp_path: Path, name: str) -> None:
    said = fetched(running, name, tmp_path)
    assert f"ModelDamaged: The speech model {name} cannot be fetched" in said
    assert not (tmp_path / "models" / name.replace("/", "--")).exists()


def test_without_a_network_it_says_what_to_do(tmp_path: Path) -> None:
    said = fetched(NOWHERE, "large-v3", tmp_path)
    assert "ModelDamaged: The speech model large-v3 cannot be fetched" in said
    assert f"hf download Systran/faster-whisper-large-v3 --local-dir {tmp_path}/models/large-v3" in said
    assert "copy the folder" in said


def test_the_beginning_of_a_download_is_not_a_model(tmp_path: Path) -> None:
    partial = tmp_path / "models" / "Org--fine.partial"
    partial.mkdir(parents=True)
    (partial / "config.json").write_bytes(b"{}")
    assert "model.bin, tokenizer.json did not come" in fetched(NOWHERE, "Org/fine", tmp_path)
    assert partial.exists()


def test_a_model_that_was_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match="large-v3 is not here") as raised:
        model.locate("large-v3", tmp_path)
    assert "hf download" in raised.value.cure


def test_half_a_model_in_its_place(tmp_path: Path) -> None:
    folder = hub.folder("turbo", tmp_path)
    folder.mkdir(parents=True)
    (folder / "config.json").write_bytes(b"{}")
    with pytest.raises(ModelDamaged, match=r"lacks model\.bin") as raised:
        model.locate("turbo", tmp_path)
    assert f"Delete {folder}" in raised.value.cure


def test_neither_a_folder_nor_a_name(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no speech model enormous") as raised:
        model.locate("enormous", tmp_path)
    assert "large-v3" in raised.value.cure


def test_a_name_that_is_for_english_only(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"base\.en knows only English"):
        model.locate("base.en", tmp_path)


@pytest.mark.parametrize("name", model.BUNDLED)
def test_the_bundled_model_has_names_too(name: str, tmp_path: Path) -> None:
    model.fetch(name, tmp_path)
    assert model.locate(name, tmp_path).name == model.NAME
