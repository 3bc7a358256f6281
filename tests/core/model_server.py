"""A language model's server with OpenAI's protocol, for tests: it answers what a test lets it say."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

from core.outside.chat import Server

MODEL = "valemalli"
KEY = "secret-of-the-model"


class Said(NamedTuple):
    """An answer: what the model writes, or another ``status``; ``endless`` sends on and on, ``mute`` nothing."""

    content: str = ""
    status: int = 200
    endless: bool = False
    mute: bool = False
    body: bytes | None = None
    reason: str = "stop"


Question = dict[str, Any]
Model = Callable[[Question], Said]


class ModelServer:
    """Listens on a free port while it is entered, and keeps the questions. ``model`` answers them."""

    def __init__(self, model: Model, *, knows_schemas: bool = True) -> None:
        self.model = model
        self.knows_schemas = knows_schemas
        self.asked: list[Question] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"owner": self}))
        self._server.daemon_threads = True

    def server(self, **changed: Any) -> Server:
        """How it is reached."""
        url = f"http://127.0.0.1:{self._server.server_port}/v1"
        return Server(url, MODEL, KEY, waits=(0.0, 0.0))._replace(**changed)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: ModelServer

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/v1/chat/completions"
        if self.headers["Authorization"] != f"Bearer {KEY}":
            self._send(Said(f"Wrong key: {self.headers['Authorization']}", status=401))
        elif "response_format" in question and not self.owner.knows_schemas:
            self._send(Said("response_format is not known", status=400))
        else:
            self.owner.asked.append(question)
            self._send(self.owner.model(question))

    def _send(self, said: Said) -> None:
        self.send_response(said.status)
        self.end_headers()
        if said.mute:
            self.owner.closing.wait()
            return
        try:
            for piece in _pieces(said, self.owner.closing):
                self.wfile.write(piece)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:
        pass


def _pieces(said: Said, closing: threading.Event) -> Iterator[bytes]:
    while said.endless and not closing.is_set():
        yield b" " * 65_536
    choice = {"message": {"role": "assistant", "content": said.content}, "finish_reason": said.reason}
    whole = json.dumps({"choices": [choice]}).encode() if said.status == 200 else said.content.encode()
    yield whole if said.body is None else said.body


def lines(*rows: dict[str, Any]) -> Said:
    """An answer of lines as the schema wants them."""
    empty = {"kind": "summary", "text": "", "who": "", "due": "", "by": "", "passages": [1]}
    return Said(json.dumps({"lines": [empty | row for row in rows]}, ensure_ascii=False))


def told(question: Question) -> str:
    """What was said, of a question."""
    return str(question["messages"][1]["content"])
