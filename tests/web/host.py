"""An application on a port of this machine, in a thread."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette


@contextmanager
def served(app: Starlette, listening: socket.socket | None = None) -> Iterator[str]:
    """Its address, on any free port unless it is ``listening`` already."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    listening = listening or server.config.bind_socket()
    listening.listen()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
