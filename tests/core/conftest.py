"""Servers for the tests of what comes over the network."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.core.server import Answer, Handler, Serve


@pytest.fixture
def serve() -> Iterator[Serve]:
    """``serve(path, answer)`` gives the address of that answer."""
    answers: dict[str, Answer] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"answers": answers}))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()

    def add(path: str, answer: Answer | None = None) -> str:
        if answer:
            answers[path] = answer
        return f"http://127.0.0.1:{server.server_address[1]}{path}"

    yield add
    server.shutdown()
    server.server_close()
    thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def folder_server(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """An empty folder, and the address under which its files are served."""
    folder = tmp_path / "served"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()
