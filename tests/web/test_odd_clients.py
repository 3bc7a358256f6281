"""Slow and odd clients, with real sockets against a real process of the web application."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from config import stores
from core import keys
from maaseutu import services
from maaseutu.stack import Stack
from tests.web import demo

ROOT = Path(__file__).parents[2]
REQUEST_S, UNREAD_S = 3.0, 2.0
PER_MINUTE = 5
LONGEST_S = 60.0
BIG = 32 << 20
SERVER = """
import sys
from pathlib import Path
from config.settings import load
from config.stores import site
from web.patience import patient
from web.server import build, serve
settings = load(state=Path(sys.argv[1]))
app = build(site(settings), settings.index, settings.vocabulary, 1.0, per_minute=int(sys.argv[3]))
serve(app, "127.0.0.1", int(sys.argv[2]), proxies="127.0.0.1", protocol=patient(float(sys.argv[4]), float(sys.argv[5])))
"""


class Server(NamedTuple):
    """The process, and where it listens."""

    process: psutil.Process
    port: int

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=LONGEST_S)

    def ask(self, *lines: str, method: str = "GET") -> tuple[int, bytes]:
        """Send a request as it is written, and read all of the answer; gives its status, and the body."""
        with self.connect() as client:
            head = "\r\n".join([f"{method} {lines[0]} HTTP/1.1", "Host: x", "Connection: close", *lines[1:], "", ""])
            client.sendall(head.encode("latin-1"))
            whole = b"".join(iter(lambda: client.recv(1 << 16), b""))
        first, _, body = whole.partition(b"\r\n\r\n")
        return int(first.split()[1]), body

    def files(self) -> int:
        """How many files and connections it has."""
        return int(self.process.num_fds())

    def is_well(self) -> None:
        """Others are served as ever."""
        assert self.ask("/")[0] == 200


@pytest.fixture(scope="module")
def server(storage: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With little patience, behind a proxy that it trusts."""
    name = "site-odd-clients"
    settings = storage.settings.model_copy(update={"site_bucket": name})
    public = stores.site(settings)
    public.create(public=True)
    public.put(keys.FRONT_PAGE, b"<!doctype html>")
    public.put(keys.media(demo.ID, "big"), bytes(BIG))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    state = tmp_path_factory.mktemp("web")
    environment = os.environ | services.process_environment(settings, "odd clients", ROOT, embedded=False)
    command = [sys.executable, "-c", SERVER, str(state), str(port), str(PER_MINUTE), str(REQUEST_S), str(UNREAD_S)]
    with (state / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=state, stdout=log, stderr=log)
    try:
        yield _ready(Server(psutil.Process(process.pid), port), process)
    finally:
        process.terminate()
        process.wait(LONGEST_S)


def _ready(server: Server, process: "subprocess.Popen[bytes]") -> Server:
    for _ in range(int(LONGEST_S * 10)):
        assert process.poll() is None, "the web application ended"
        try:
            server.is_well()
        except OSError:
            threading.Event().wait(0.1)
        else:
            return server
    raise AssertionError("the web application does not answer")


def _ends(client: socket.socket) -> bytes:
    """What comes until the server ends the connection, which it must within LONGEST_S."""
    try:
        return b"".join(iter(lambda: client.recv(1 << 16), b""))
    except ConnectionResetError:
        return b""


def test_hundreds_who_send_a_byte_at_a_time_or_nothing_are_let_go(server: Server) -> None:
    server.is_well()
    with ExitStack() as stack:
        clients = [stack.enter_context(server.connect()) for _ in range(300)]
        for byte in b"GET / HT":
            for client in clients[:150]:
                client.sendall(bytes([byte]))
            server.is_well()
        for client in clients:
            assert _ends(client) == b""
        server.is_well()


def test_one_who_sends_a_second_request_slowly_is_let_go(server: Server) -> None:
    with server.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /hak")
        assert _ends(client).startswith(b"HTTP/1.1 200")


def test_those_who_never_read_give_back_what_they_hold(server: Server) -> None:
    server.is_well()
    before = server.files()
    head = f"GET /{keys.media(demo.ID, 'big')} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(50):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", server.port))
            client.sendall(head)
        server.is_well()
        assert server.files() > before + 20
        for _ in range(int(LONGEST_S * 10)):
            if server.files() < before + 10:
                break
            threading.Event().wait(0.1)
        assert server.files() < before + 10
    server.is_well()


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=" + "0-0," * 10_000 + "1-1",
        f"bytes=0-{'9' * 30_000}",
        "bytes=" + ",".join(f"{n}-" for n in range(5_000)),
    ],
    ids=["many", "huge", "overlapping"],
)
def test_odd_ranges_are_answered_once_with_no_more_than_the_whole(server: Server, asked: str) -> None:
    status, body = server.ask(f"/{keys.media(demo.ID, 'big')}", f"Range: {asked}")
    assert (status, len(body)) in {(200, BIG), (416, 0)}


@pytest.mark.parametrize(
    "path",
    [
        "/../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/static/../web/server.py",
        "/jaksot/..%2f..%2f..%2fetc%2fpasswd",
        "/x%00",
        "/%ff%fe",
        "/%ed%a0%80",
        "/" + "a" * 4000,
        "/" + "%c3%a4" * 1000,
        "/" + "a/" * 2000,
        "/%0d%0aX-Odd:%20yes",
        "/jaksot/%0d%0aX-Odd:%20yes",
        "/api/v1/%2e%2e/%2e%2e/etc/passwd",
        "http://other.example/../etc/passwd",
    ],
)
def test_paths_that_lead_nowhere_are_told_so(server: Server, path: str) -> None:
    status, body = server.ask(path)
    assert status in {400, 404}, body[:200]
    assert b"root:" not in body


def test_a_header_without_end_is_refused(server: Server) -> None:
    # The rest of it may still be on its way when the server ends the connection, and then the answer is lost.
    with suppress(ConnectionResetError, BrokenPipeError):
        assert server.ask("/", "X: " + "x" * 200_000)[0] == 400
    server.is_well()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE", "BREW"])
def test_other_methods_are_refused_without_their_body(server: Server, method: str) -> None:
    assert server.ask("/", "Content-Length: 1000000000", method=method)[0] == 405


def test_one_client_is_told_to_wait_and_others_are_not(server: Server) -> None:
    """Two behind the trusted proxy; an address that the client itself claims does not count."""
    one, other = "X-Forwarded-For: 192.0.2.7", "X-Forwarded-For: 198.51.100.1"
    asked = [server.ask("/api/v1/search?q=koulu", one) for _ in range(4 * PER_MINUTE)]
    assert [status for status, _ in asked[:PER_MINUTE]] == [200] * PER_MINUTE
    assert any(status == 429 and b"Too many requests in a minute" in body for status, body in asked)
    assert server.ask("/api/v1/search?q=koulu", other)[0] == 200
    pretended = [server.ask("/api/v1/search?q=koulu", f"X-Forwarded-For: 203.0.113.{n}, 192.0.2.7") for n in range(20)]
    assert 429 in [status for status, _ in pretended]
