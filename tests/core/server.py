"""A web server that answers what a test tells it to."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import ClassVar, NamedTuple

from core.outside.addresses import Rules, parse

LOCAL: Rules = parse("127.0.0.1")
"""Rules by which the servers of the tests may be reached; all else that is not public is refused."""


class Answer(NamedTuple):
    """What the server says; ``promised`` is the length it announces, by default the true one."""

    body: bytes = b""
    kind: str = "text/plain"
    status: int = 200
    promised: int | None = None
    location: str = ""


class Handler(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, Answer]]

    def do_GET(self) -> None:
        answer = self.answers.get(self.path, Answer(status=404))
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body) if answer.promised is None else answer.promised))
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


Serve = Callable[..., str]
