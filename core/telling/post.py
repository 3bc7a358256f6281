"""E-mail to members, by the SMTP server of the settings.

A message is claimed in the last moment: when all of it is sent but the dot that ends it. Until then the server must not
deliver it (RFC 5321, 4.1.1.4), so whatever goes wrong before is tried again; what goes wrong after is in doubt.
"""

import re
import selectors
import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import policy
from email.message import EmailMessage
from typing import NamedTuple

from core.errors import MaybeDelivered, NotDelivered
from core.outside.transport import certificates

TIMEOUT_SECONDS = 15.0
"""How long the server may be silent."""
LONGEST_SECONDS = 60.0
"""How long one message may take in all: a server that answers letter by letter is not waited for."""
POLICY = policy.SMTP.clone(max_line_length=998)
"""The longest line of RFC 5322: a shorter limit would break and encode the addresses in headers."""
PORTS = {"starttls": 587, "tls": 465, "none": 25}
_DOT = re.compile(rb"(?m)^\.")


class Server(NamedTuple):
    """A server that takes our mail. ``security``: starttls, tls or none; ``sender``: an address, or a name with one."""

    host: str
    port: int = 0
    security: str = "starttls"
    user: str = ""
    password: str = ""
    sender: str = ""
    timeout: float = TIMEOUT_SECONDS
    longest: float = LONGEST_SECONDS

    @property
    def domain(self) -> str:
        """What our messages and we are called by."""
        return self.sender.rpartition("@")[2].rstrip(">") or "localhost"


class Letter(NamedTuple):
    """What somebody gets: subject and text, the same as HTML; ``leave`` is the address by which they leave."""

    subject: str
    text: str
    html: str
    language: str = "fi"
    leave: str = ""


def message(server: Server, to: str, letter: Letter, message_id: str) -> EmailMessage:
    """The letter as an e-mail. Pure but for the date, which the sending puts in."""
    made = EmailMessage(policy=POLICY)
    made["From"], made["To"], made["Subject"] = server.sender, to, letter.subject
    made["Message-ID"] = message_id
    made["Content-Language"] = letter.language
    # Nobody's holiday notice answers to it (RFC 3834).
    made["Auto-Submitted"] = "auto-generated"
    if letter.leave:
        made["List-Unsubscribe"] = f"<{letter.leave}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(letter.text, cte="quoted-printable")
    made.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return made


def send(server: Server, mail: EmailMessage, claim: Callable[[], bool] = lambda: True) -> bool:
    """Send it, unless it is not ours to ``claim``; gives whether it was taken.

    Raises:
        NotDelivered: it was not taken, which is certain.
        MaybeDelivered: the server went away before it said whether it took it.
    """
    with _connected(server) as smtp:
        _offer(smtp, server, mail)
        _require_there(smtp)
        if not claim():
            return False
        _require_there(smtp)
        _finish(smtp, server)
    return True


def check(server: Server) -> None:
    """Nothing, if the server lets us in.

    Raises:
        NotDelivered: it does not.
    """
    with _connected(server):
        pass


@contextmanager
def _connected(server: Server) -> Iterator[smtplib.SMTP]:
    smtp = _client(server)
    timer = threading.Timer(server.longest, _cut, [smtp])
    timer.start()
    try:
        _sign_in(smtp, server)
        yield smtp
        with suppress(OSError):
            smtp.quit()
    finally:
        timer.cancel()
        with suppress(OSError):
            smtp.close()


def _client(server: Server) -> smtplib.SMTP:
    name = server.domain
    if server.security == "tls":
        return smtplib.SMTP_SSL(timeout=server.timeout, local_hostname=name, context=certificates())
    return smtplib.SMTP(timeout=server.timeout, local_hostname=name)


def _cut(smtp: smtplib.SMTP) -> None:
    with suppress(OSError):
        if smtp.sock:
            smtp.sock.shutdown(socket.SHUT_RDWR)


def _sign_in(smtp: smtplib.SMTP, server: Server) -> None:
    port = server.port or PORTS[server.security]
    # What starttls compares with the certificate; only the constructor would set it, which connects at once.
    smtp._host = server.host  # type: ignore[attr-defined]
    try:
        smtp.connect(server.host, port)
        if server.security == "starttls":
            smtp.starttls(context=certificates())
        if server.user:
            smtp.login(server.user, server.password)
    except (OSError, ValueError) as error:
        what = f"The mail server {server.host}:{port} does not let us in ({_said(error)})."
        raise NotDelivered(what, "Check MAASEUTU_SMTP_HOST and what is set beside it.", is_ours=True) from error


def _offer(smtp: smtplib.SMTP, server: Server, mail: EmailMessage) -> None:
    """All of the message but the dot that ends it."""
    sender, receiver = (str(mail[name].addresses[0].addr_spec) for name in ("From", "To"))
    try:
        smtp.ehlo_or_helo_if_needed()
        _require(smtp.mail(sender), "sender", is_ours=True)
        _require(smtp.rcpt(receiver), "receiver", wanted=(250, 251))
        _require(smtp.docmd("DATA"), "message", wanted=(354,))
        smtp.send(_DOT.sub(b"..", mail.as_bytes(policy=POLICY)))
    except OSError as error:
        raise NotDelivered(f"The mail server {server.host} broke off ({_said(error)}).") from error


def _require(answer: tuple[int, bytes], what: str, *, wanted: tuple[int, ...] = (250,), is_ours: bool = False) -> None:
    code, text = answer
    if code not in wanted:
        raise NotDelivered(
            f"The mail server refused the {what}: {code} {text.decode(errors='replace')}", is_ours=is_ours
        )


def _require_there(smtp: smtplib.SMTP) -> None:
    """A server has nothing to say before the dot, unless it goes away."""
    with selectors.DefaultSelector() as selector:
        if smtp.sock:
            selector.register(smtp.sock, selectors.EVENT_READ)
        if smtp.sock is None or selector.select(0):
            raise NotDelivered("The mail server broke off in the middle of the message.")


def _finish(smtp: smtplib.SMTP, server: Server) -> None:
    try:
        smtp.send(b".\r\n")
        answer = smtp.getreply()
    except OSError as error:
        raise MaybeDelivered(f"The mail server {server.host} broke off at the end ({_said(error)}).") from error
    _require(answer, "message")


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
