"""How long the web process waits for a client.

uvicorn has a limit neither for the time in which a request comes, nor for that in which an answer is read.
"""

import asyncio
import resource
import socket

from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_S = 20.0
"""From the connection, or the first byte of a further request, to the end of the request's header."""
UNREAD_S = 60.0
"""Whoever takes nothing of an answer for so long is not there any more, or does not want it."""
FILES = 65_536
OWN_FILES = 128
"""Index, log, the follower's connections, and whatever else is not a client's."""


class Patient(H11Protocol):
    """The protocol of a connection that does not wait for ever."""

    request_s = REQUEST_S
    unread_s = UNREAD_S
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        # Other systems than Linux lack it; there such a connection lasts until the client closes it.
        if hasattr(socket, "TCP_USER_TIMEOUT") and connection.family in {socket.AF_INET, socket.AF_INET6}:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(self.unread_s * 1000))
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Go on waiting, however little comes, until there is a request."""
        super().data_received(data)
        if self.cycle and not self.cycle.response_complete:
            self._stop_waiting()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.request_s, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None


def patient(request_s: float, unread_s: float) -> type[Patient]:
    """The protocol with other times."""
    return type("Patient", (Patient,), {"request_s": request_s, "unread_s": unread_s})


def most_connections() -> int:
    """As many as files may be open, for which the limit is raised, when each may need another one to the store."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return max(1, (files - OWN_FILES) // 2)
