"""Messages to the producer: apprise brings them to e-mail, webhooks and a hundred services more.

They are sent by a thread of their own. One that cannot be sent is tried again and then logged; nothing waits for it.
"""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from apprise import Apprise, NotifyType

from core.errors import Misconfigured

RETRY_SECONDS = (2.0, 10.0, 30.0)
"""Pauses before a message is tried again."""
PATIENCE_SECONDS = 10.0
"""How long the end of a run waits for messages that are not sent yet: a cancelled run is killed after 30 s."""

_log = logging.getLogger(__name__)


class Message(NamedTuple):
    """A subject and a text; ``bad`` says whether something is wrong, or right again."""

    subject: str
    text: str
    bad: bool


class Address(NamedTuple):
    """Where messages go; ``name`` hides the passwords in it, which ``id`` tells apart."""

    name: str
    send: Callable[[Message], bool]
    id: str = ""


def addresses(urls: str) -> list[Address]:
    """The apprise addresses of MAASEUTU_NOTIFY, which are separated by spaces.

    Raises:
        Misconfigured: one of them is none; it is named by its place, for it may hold a password.
    """
    found = []
    for number, url in enumerate(urls.split(), 1):
        service: Any = Apprise()
        if not service.add(url):
            what = f"Address {number} of MAASEUTU_NOTIFY ({url.partition(':')[0]}:…) is none that apprise knows."
            raise Misconfigured(what, "Write it as in docs/operator.md: mailto://…, json://…")
        found.append(Address(service[0].url(privacy=True), _sender(service), service[0].url_id() or ""))
    return found


def _sender(service: Apprise) -> Callable[[Message], bool]:
    def send(message: Message) -> bool:
        kind = NotifyType.WARNING if message.bad else NotifyType.SUCCESS
        # Text, or the e-mail would show a sign of ours such as < as HTML.
        return bool(service.notify(title=message.subject, body=message.text, notify_type=kind, body_format="text"))

    return send


class Notices:
    """Sends messages in order, to each address by a thread of its own, so that a dead one delays no other."""

    def __init__(self, to: list[Address], retry_seconds: tuple[float, ...] = RETRY_SECONDS) -> None:
        self._to = to
        self._retry_seconds = retry_seconds
        self._leaving = threading.Event()
        self._queues: list[queue.Queue[Message | None]] = [queue.Queue() for _ in to]
        self._pool = ThreadPoolExecutor(max(len(to), 1), thread_name_prefix="notices")
        self._work: list[Future[None]] = []

    def send(self, message: Message) -> None:
        """Send it soon; returns at once."""
        if not self._work:
            self._work = [self._pool.submit(self._run, *both) for both in zip(self._to, self._queues, strict=True)]
        for waiting in self._queues:
            waiting.put(message)

    def close(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Send what waits, within ``seconds``; what then waits for another try is given up."""
        for waiting in self._queues:
            waiting.put(None)
        timer = threading.Timer(seconds, self._leaving.set)
        timer.start()
        self._pool.shutdown()
        timer.cancel()
        for work in self._work:
            if error := work.exception():
                _log.error("The sending of messages broke off.", exc_info=error)

    def _run(self, address: Address, waiting: "queue.Queue[Message | None]") -> None:
        while (message := waiting.get()) is not None:
            self._send(address, message)

    def _send(self, address: Address, message: Message) -> None:
        for pause in (*self._retry_seconds, None):
            if address.send(message):
                return
            if pause is None or self._leaving.wait(pause):
                break
        _log.warning("%s was not told: %s", address.name, message.subject)
