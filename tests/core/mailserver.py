"""A real SMTP server that does to each receiver what the name says: refuses, hangs, or drops in the middle."""

import asyncio
import ssl
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from core.telling.post import Server

SILENT_SECONDS = 2.0
"""How long the tests wait for a server that hangs."""


class Mail(NamedTuple):
    """A message that was taken, for whom, and as it came."""

    to: str
    message: EmailMessage
    raw: bytes


class _Odd(SMTP):
    """Drops the connection after the first line of a message for ``drops@``."""

    async def smtp_DATA(self, arg: str) -> None:
        if self.envelope.rcpt_tos[0].startswith("drops") and not self.event_handler.is_well:
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
            asyncio.get_running_loop().call_later(0.05, self.event_handler.dropped.set)
            await asyncio.get_running_loop().create_future()
        else:
            await super().smtp_DATA(arg)


class MailServer(Controller):
    """``taken`` is all that was taken, in order; events are set when a message was broken off, or waits.

    While ``is_well`` is false, receivers are met by their names.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None) -> None:
        self.taken: list[Mail] = []
        self.is_well = False
        self.dropped, self.hung, self.held = threading.Event(), threading.Event(), threading.Event()
        self._tls, self._login = tls, login
        super().__init__(self, hostname="127.0.0.1", port=0)

    def factory(self) -> SMTP:
        """What speaks with one client."""
        more: dict[str, Any] = {}
        if self._tls:
            more = {"tls_context": self._tls, "require_starttls": True}
        if self._login:
            more |= {"authenticator": self._known, "auth_required": True}
        return _Odd(self, hostname="test", **more)

    def _known(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        assert self._login
        success = (data.login.decode(), data.password.decode()) == self._login
        return AuthResult(success=success, handled=False)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def named(self, **more: Any) -> Server:
        """As our settings name it."""
        given = {"security": "none", "sender": "Maaseutu LIVE <live@example.org>", "timeout": SILENT_SECONDS}
        return Server("127.0.0.1", self.port, **(given | more))

    def got(self, to: str) -> list[EmailMessage]:
        """What somebody got."""
        return [mail.message for mail in self.taken if mail.to.partition("@")[0] == to]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """What aiosmtpd asks of each receiver."""
        if not self.is_well and address.startswith("refused"):
            return "550 no such user"
        if not self.is_well and address.startswith("hangs"):
            self.hung.set()
            await asyncio.get_running_loop().create_future()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """What aiosmtpd calls for each message."""
        [to] = envelope.rcpt_tos
        if not self.is_well and to.startswith("later"):
            return "451 try later"
        message: Any = message_from_bytes(envelope.content or b"", policy=policy.default)
        self.taken.append(Mail(to, message, envelope.original_content or b""))
        if not self.is_well and to.startswith("holds"):
            self.held.set()
            await asyncio.get_running_loop().create_future()
        if not self.is_well and to.startswith("quiet"):
            server.transport.abort()
        return "250 OK"
