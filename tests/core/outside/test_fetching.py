"""Requests to servers that answer well, badly, or without end."""

import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from core import sources
from core.errors import AddressRefused, DiskFull, InvalidInput, SourceMissing, SourceUnavailable
from core.outside import addresses, fetching, transport
from core.outside.addresses import Rules
from tests.core import server
from tests.core.server import LOCAL, Answer, Serve

MP4 = b"\0\0\0\x18ftypmp42" + bytes(5000)


def test_downloading(serve: Serve, tmp_path: Path) -> None:
    path = fetching.download(serve("/a/kokous.mp4", Answer(MP4, "video/mp4")), {}, tmp_path, LOCAL)
    assert path == tmp_path / "kokous.mp4"
    assert path.read_bytes() == MP4


def test_a_download_that_breaks_off_leaves_no_file_of_that_name(serve: Serve, tmp_path: Path) -> None:
    url = serve("/kokous.mp4", Answer(MP4, "video/mp4", promised=len(MP4) + 1))
    with pytest.raises(SourceUnavailable, match=r"kokous\.mp4 (broke off|does not answer)"):
        fetching.download(url, {}, tmp_path, LOCAL)
    assert not (tmp_path / "kokous.mp4").exists()


def test_content_is_whole_or_an_error(serve: Serve) -> None:
    get = {"headers": {}, "rules": LOCAL, "limit": 9000, "seconds": 5.0}
    assert fetching.content(serve("/a", Answer(MP4)), **get) == MP4
    with pytest.raises(SourceUnavailable, match="broke off|does not answer"):
        fetching.content(serve("/b", Answer(MP4, promised=len(MP4) + 1)), **get)
    with pytest.raises(SourceUnavailable, match="sends more than 9000 bytes"):
        fetching.content(serve("/c", Answer(MP4 * 2)), **get)
    with pytest.raises(SourceMissing, match="answers 410 Gone"):
        fetching.content(serve("/d", Answer(status=410)), **get)
    with pytest.raises(SourceUnavailable, match="answers 503"):
        fetching.content(serve("/e", Answer(status=503)), **get)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/a/..%2f..%2fetc%2fpasswd", "2f..-2fetc-2fpasswd"),
        ("/a/" + "k" * 400 + ".mp4", "k" * 116 + ".mp4"),
        ("/a/", "a"),
        ("/", "download"),
        ("/a/.mp4", "mp4"),
        ("/a/kokous.mp4?name=../../b", "kokous.mp4"),
    ],
)
def test_a_download_gets_a_harmless_name(path: str, name: str, serve: Serve, tmp_path: Path) -> None:
    found = fetching.download(serve(path, Answer(MP4, "video/mp4")), {}, tmp_path, LOCAL)
    assert found == tmp_path / name
    assert list(tmp_path.iterdir()) == [found]


def test_a_download_that_the_disk_cannot_hold(serve: Serve, tmp_path: Path) -> None:
    url = serve("/suuri.mp4", Answer(MP4, "video/mp4", promised=1 << 60))
    with pytest.raises(DiskFull, match=r"suuri\.mp4 has at least 1099511627776 MB") as raised:
        fetching.download(url, {}, tmp_path, LOCAL)
    assert "MAASEUTU_STATE" in raised.value.cure
    assert not list(tmp_path.glob("*.mp4"))


def test_a_download_that_does_not_say_how_long_it_is(tmp_path: Path) -> None:
    """It is ended where the disk must stay free, not where the disk is full."""
    with _raw(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(1 << 16), again=bytes(1 << 16)) as url:
        room = 20 << 20
        spare = shutil.disk_usage(tmp_path).free - room
        with pytest.raises(DiskFull, match="has room for"):
            fetching.download(url, {}, tmp_path, LOCAL, spare=spare)
    assert not (tmp_path / "a").exists()


@contextmanager
def _raw(first: bytes, *, again: bytes) -> Iterator[str]:
    """The address of a server that says ``first``, then ``again`` without end, slowly when it is short."""
    over = threading.Event()

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with closing(connection):
            connection.recv(4096)
            try:
                connection.sendall(first)
                while not over.wait(0.02 if len(again) < 100 else 0):
                    connection.sendall(again)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/a"
        finally:
            over.set()
            thread.join()


def test_headers_that_never_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "HEADERS_SECONDS", 0.3)
    said = pytest.raises(SourceUnavailable, match="does not answer .*headers were not here")
    with _raw(b"HTTP/1.1 200 OK\r\n", again=b"a: b\r\n") as url, said, fetching.opened(url, {}, LOCAL):
        pass


def test_a_page_that_comes_letter_by_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "START_SECONDS", 0.3)
    said = pytest.raises(SourceUnavailable, match="does not answer .*beginning was not here")
    with _raw(b"HTTP/1.1 200 OK\r\n\r\n", again=b"<") as url, said:
        sources.resolve(url, LOCAL)


def test_headers_without_measure() -> None:
    said = pytest.raises(SourceUnavailable, match="broke off")
    with _raw(b"HTTP/1.1 200 OK\r\n", again=b"a: " + b"b" * 1000 + b"\r\n") as url, said:
        fetching.content(url, {}, LOCAL, limit=9000, seconds=5)


def test_redirects_are_followed_five_times(serve: Serve) -> None:
    last = serve("/5", Answer(MP4))
    for number in range(5):
        serve(f"/{number}", Answer(status=(301, 302, 303, 307, 308)[number], location=f"{number + 1}"))
    with fetching.opened(serve("/0"), {}, LOCAL) as answer:
        assert answer.url == last
        assert b"".join(answer.pieces) == MP4
    before = serve("/before", Answer(status=302, location="/0"))
    with pytest.raises(SourceMissing, match=f"{before} redirects more than 5 times, last to {last}"):
        fetching.content(before, {}, LOCAL, limit=9000, seconds=5)
    loop = serve("/loop", Answer(status=302, location="/loop"))
    with pytest.raises(SourceMissing, match="redirects more than 5 times"):
        fetching.content(loop, {}, LOCAL, limit=9000, seconds=5)


@pytest.mark.parametrize("target", ["http://[half/", "http://127.0.0.1:port/"])
def test_a_redirect_to_nowhere(target: str, serve: Serve) -> None:
    url = serve("/a", Answer(status=302, location=target))
    with pytest.raises(InvalidInput, match="is not an address"):
        fetching.content(url, {}, LOCAL, limit=9000, seconds=5)


class _Noting(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, str | None]]]

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("Cookie")))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def _other(
    host: str = "127.0.0.1", context: ssl.SSLContext | None = None, kind: type[_Noting] = _Noting
) -> Iterator[tuple[int, list[Any]]]:
    """Another server: its port, and the paths and cookies of what it is asked for."""
    seen: list[Any] = []
    with ThreadingHTTPServer((host, 0), type("Noting", (kind,), {"seen": seen})) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server.server_address[1], seen
        server.shutdown()
        thread.join()


def test_a_cookie_is_not_for_the_next_host(serve: Serve) -> None:
    with _other() as (port, seen):
        away = serve("/away", Answer(status=302, location=f"http://127.0.0.1:{port}/b"))
        fetching.content(away, {"Cookie": "a=b"}, LOCAL, limit=9000, seconds=5)
        fetching.content(f"http://127.0.0.1:{port}/c", {"Cookie": "a=b"}, LOCAL, limit=9000, seconds=5)
        assert seen == [("/b", None), ("/c", "a=b")]


class _Consent(_Noting):
    """A page that wants a form first, and remembers by a cookie that it was sent."""

    def do_POST(self) -> None:
        self.seen.append((self.rfile.read(int(self.headers["Content-Length"])).decode(), self.headers.get("Cookie")))
        self.send_response(303)
        self.send_header("Set-Cookie", "consent=yes; Path=/")
        self.send_header("Location", "/b")
        self.end_headers()


def test_forms_and_cookies_as_yt_dlp_needs_them() -> None:
    with _other(kind=_Consent) as (port, seen):
        about: dict[str, Any] = {"method": "POST", "data": b"agreed", "jar": CookieJar()}
        with fetching.followed(f"http://127.0.0.1:{port}/a", {}, LOCAL, **about) as answer:
            assert (answer.status, answer.url) == (200, f"http://127.0.0.1:{port}/b")
        assert seen == [("agreed", None), ("/b", "consent=yes")]


def test_a_name_that_leads_elsewhere_when_it_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is made to the address that was looked at; a name server that changes its mind changes nothing."""
    real = socket.getaddrinfo
    asked: list[str] = []

    def changing(host: str, *about: Any, **more: Any) -> Any:
        if host != "kunta.example":
            return real(host, *about, **more)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.2", *about, **more)

    with _other() as (port, seen), _other("127.0.0.2") as (_, private):
        monkeypatch.setattr(socket, "getaddrinfo", changing)
        fetching.content(f"http://kunta.example:{port}/a", {}, LOCAL, limit=9000, seconds=5)
        with pytest.raises(AddressRefused, match=r"kunta\.example:\d+/b leads to 127\.0\.0\.2"):
            fetching.content(f"http://kunta.example:{port}/b", {}, LOCAL, limit=9000, seconds=5)
        assert (seen, private) == ([("/a", None)], [])
    assert asked == ["kunta.example"] * 2


def test_a_name_with_a_private_address_among_others(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    both = [*real("8.8.8.8", 80, type=socket.SOCK_STREAM), *real("10.0.0.1", 80, type=socket.SOCK_STREAM)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *about, **more: both)
    with pytest.raises(AddressRefused, match=r"leads to 10\.0\.0\.1"):
        Rules().require("http://kunta.example/")


def test_proxies_of_the_environment_are_not_used(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    with _other() as (port, seen):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        url = serve("/a", Answer(MP4))
        assert fetching.content(url, {}, LOCAL, limit=9000, seconds=5) == MP4
        assert seen == []


def test_encrypted_addresses(secure: tuple[ssl.SSLContext, Path]) -> None:
    with _other("127.0.0.1", secure[0]) as (port, seen):
        fetching.content(f"https://127.0.0.1:{port}/a", {}, LOCAL, limit=9000, seconds=5)
        with pytest.raises(SourceUnavailable, match="(?i)certificate"):
            fetching.content(f"https://localhost:{port}/b", {}, addresses.parse("localhost"), limit=9000, seconds=5)
        assert seen == [("/a", None)]


def test_a_redirect_out_of_encryption_is_refused(secure: tuple[ssl.SSLContext, Path], serve: Serve) -> None:
    plain = serve("/plain", Answer(MP4))
    answers = {"/a": Answer(status=302, location=plain)}
    handler = type("Handler", (server.Handler,), {"answers": answers})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as secured:
        secured.socket = secure[0].wrap_socket(secured.socket, server_side=True)
        thread = threading.Thread(target=secured.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{secured.server_address[1]}/a"
        with pytest.raises(AddressRefused, match=f"{url} redirects to {plain}, which is not encrypted"):
            fetching.content(url, {}, LOCAL, limit=9000, seconds=5)
        secured.shutdown()
        thread.join()
