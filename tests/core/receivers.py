"""Who receives messages in the tests: a real SMTP server and a real HTTP server on the loopback interface."""

import json
import threading
from datetime import UTC, datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Received(NamedTuple):
    """A message: when and how it came, its subject and its text."""

    at: datetime
    by: str
    subject: str
    text: str


class _AnyPort(Controller):
    """aiosmtpd tries its port once it listens, so it must know which one it was given."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Receivers:
    """Both; ``received`` holds what came, in order, ``posted`` headers and body of what is no alarm.

    The first ``refuse`` requests to the webhook are answered 503."""

    def __init__(self, refuse: int = 0) -> None:
        self.received: list[Received] = []
        self.posted: list[tuple[Any, bytes]] = []
        self.refused = 0
        self._refuse = refuse
        self._came = threading.Condition()
        self._mail = _AnyPort(self, hostname="127.0.0.1", port=0)
        handler = type("Handler", (_Hook,), {"receivers": self})
        self._web = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._web.serve_forever, args=(0.05,), daemon=True)

    @property
    def urls(self) -> str:
        """Their addresses for apprise."""
        mail = f"mailto://127.0.0.1:{self._mail.port}?from=live@example.org&to=tuottaja@example.org&mode=insecure&format=text"
        return f"{mail} {self.hook}"

    @property
    def hook(self) -> str:
        """The webhook's address for apprise."""
        return f"json://127.0.0.1:{self._web.server_address[1]}/alarm"

    def __enter__(self) -> Self:
        self._mail.start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mail.stop()
        self._web.shutdown()
        self._web.server_close()
        self._thread.join()

    def take(self, by: str, subject: str, text: str) -> None:
        """Keep a message."""
        with self._came:
            self.received.append(Received(datetime.now(UTC), by, subject, text.strip()))
            self._came.notify_all()

    def refuses(self) -> bool:
        """Whether this request to the webhook is refused."""
        with self._came:
            refused = self.refused < self._refuse
            self.refused += refused
            return refused

    def wait_for(self, count: int, seconds: float = 30) -> list[Received]:
        """The messages, when there are so many."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.received) >= count, seconds), self.received
            return list(self.received)

    def by(self, way: str) -> list[Received]:
        """Those that came by ``mail`` or by ``hook``."""
        return [one for one in self.received if one.by == way]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """What aiosmtpd calls for each message."""
        mail: Any = message_from_bytes(envelope.content or b"", policy=policy.default)
        body = mail.get_body(("plain",))
        self.take("mail", mail["Subject"], body.get_content() if body else "")
        return "250 OK"


class _Hook(BaseHTTPRequestHandler):
    receivers: Receivers

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        data = json.loads(body)
        refused = self.receivers.refuses()
        if not refused and "message" not in data:
            self.receivers.posted.append((self.headers, body))
        elif not refused:
            self.receivers.take("hook", data["title"], data["message"])
        self.send_response(503 if refused else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass
