"""One HTTP request, made to the very addresses that were looked at. httpcore speaks the protocol.

Proxies that the environment names are not used: a proxy resolves names itself, and reaches what we must not.
"""

import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.message import Message
from functools import cache
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import httpcore

from core.outside.addresses import Address, Rules

TIMEOUT_SECONDS = 10
HEADERS_SECONDS = 30.0
START_SECONDS = 30.0
"""A server that sends its headers, or the beginning of a body, letter by letter is not waited for longer than this."""
TARGET_SIGNS = ":/?#[]@!$&'()*+,;=%~"


class Answer(NamedTuple):
    """What a server said. ``pieces`` is its body, as it comes; to be read before the connection is closed."""

    url: str
    status: int
    headers: Message
    pieces: Iterator[bytes]

    @property
    def kind(self) -> str:
        """Its media type."""
        return self.headers.get_content_type()

    @property
    def said(self) -> str:
        """The status in numbers and words."""
        known = self.status in set(HTTPStatus)
        return f"{self.status} {HTTPStatus(self.status).phrase}" if known else str(self.status)

    @property
    def length(self) -> int:
        """Bytes of the body, when the server tells; else 0."""
        told = self.headers.get("Content-Length", "")
        return int(told) if told.isdecimal() else 0

    def start(self, count: int) -> bytes:
        """The first ``count`` bytes of the body, all of it when it is shorter.

        Raises:
            httpcore.ReadTimeout: they are not here in half a minute.
        """
        until, found = time.monotonic() + START_SECONDS, bytearray()
        for piece in self.pieces:
            found += piece
            if len(found) >= count:
                break
            if time.monotonic() > until:
                raise httpcore.ReadTimeout(f"its beginning was not here in {START_SECONDS:.0f} s")
        return bytes(found[:count])

    def info(self) -> Message:
        """The headers, as http.cookiejar asks for them."""
        return self.headers


@contextmanager
def asked(
    url: str, headers: Mapping[str, str], rules: Rules, *, method: str = "GET", data: bytes | None = None
) -> Iterator[Answer]:
    """The answer to one request. Redirects are answers, too.

    Raises:
        InvalidInput, AddressRefused, SourceUnavailable: as ``Rules.require``.
        httpcore.TimeoutException, NetworkError, ProtocolError: as it goes, here and while the body is read.
    """
    backend = _Pinned(rules.require(url), time.monotonic() + HEADERS_SECONDS)
    limits = dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT_SECONDS)
    with (
        httpcore.ConnectionPool(certificates(), max_keepalive_connections=0, network_backend=backend) as pool,
        pool.stream(
            method, _target(url), headers=_encoded(headers), content=data, extensions={"timeout": limits}
        ) as response,
    ):
        backend.headers_came()
        yield Answer(url, response.status, _message(response.headers), response.iter_stream())


def _target(url: str) -> httpcore.URL:
    """The same address as httpcore wants it: letters that it cannot hold are encoded."""
    parts = urlsplit(url)
    host, query = parts.hostname or "", f"?{parts.query}" if parts.query else ""
    target = quote((parts.path or "/") + query, safe=TARGET_SIGNS).encode("ascii")
    named = host.encode("ascii" if host.isascii() else "idna")
    return httpcore.URL(scheme=parts.scheme.lower().encode(), host=named, port=parts.port, target=target)


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("latin-1", errors="replace")) for name, value in headers.items()]


def _message(headers: Iterable[tuple[bytes, bytes]]) -> Message:
    found = Message()
    for name, value in headers:
        found.add_header(name.decode("ascii"), value.decode("latin-1"))
    return found


@cache
def certificates() -> ssl.SSLContext:
    """The certificates that the machine trusts, as for every program on it."""
    return ssl.create_default_context()


class _Pinned(httpcore.NetworkBackend):
    """Connects to the addresses that were looked at, whatever the name leads to by now."""

    def __init__(self, found: Sequence[Address], until: float) -> None:
        self._found = found
        self._plain = httpcore.SyncBackend()
        self._until: float | None = until

    def headers_came(self) -> None:
        """From now on the reader of the body keeps the time."""
        self._until = None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that answers."""
        failed: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._found:
            try:
                stream = self._plain.connect_tcp(str(address), port, timeout, local_address, socket_options)
                return _Timed(stream, self._left)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = failed or error
        raise failed or httpcore.ConnectError(f"{host} has no address")

    def _left(self) -> float | None:
        return None if self._until is None else self._until - time.monotonic()


class _Timed(httpcore.NetworkStream):
    """A connection on which headers must have come in time."""

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[], float | None]) -> None:
        self._stream = stream
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._left()
        if left is not None and left <= 0:
            raise httpcore.ReadTimeout(f"its headers were not here in {HEADERS_SECONDS:.0f} s")
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, timeout), self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
