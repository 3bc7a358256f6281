"""A real web server that answers well, badly, or not at all."""

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar, NamedTuple

import pytest

from core import sources
from core.errors import InvalidInput, InvalidMedia, SourceMissing, SourceUnavailable
from core.sources import Source

MASTER = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow/index.m3u8\n"
LIVE = b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na.ts\n"
VOD = LIVE + b"#EXT-X-ENDLIST\n"
PAGE = b"<!doctype html><html><title>Kokous</title><p>No video here.</p></html>"
MP4 = b"\0\0\0\x18ftypmp42" + bytes(5000)
HLS_TYPE = "application/vnd.apple.mpegurl"


class Answer(NamedTuple):
    """What the server says; ``promised`` is the length it announces, by default the true one."""

    body: bytes = b""
    kind: str = "text/plain"
    status: int = 200
    promised: int | None = None


class _Handler(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, Answer]]

    def do_GET(self) -> None:
        answer = self.answers.get(self.path, Answer(status=404))
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body) if answer.promised is None else answer.promised))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """``serve(path, answer)`` gives the address of that answer."""
    answers: dict[str, Answer] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"answers": answers}))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()

    def add(path: str, answer: Answer | None = None) -> str:
        if answer:
            answers[path] = answer
        return f"http://127.0.0.1:{server.server_address[1]}{path}"

    yield add
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("answer", "live"),
    [
        (Answer(LIVE, HLS_TYPE), True),
        (Answer(MASTER, "text/plain"), True),
        (Answer(MP4, "video/mp4"), False),
        (Answer(MP4, "application/octet-stream"), False),
    ],
)
def test_streams_and_files(answer: Answer, live: bool, serve: Serve) -> None:
    url = serve("/there", answer)
    assert sources.resolve(url) == Source(url, live=live)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_server_that_has_it_not(status: int, serve: Serve) -> None:
    url = serve("/x.m3u8", Answer(status=status))
    with pytest.raises(SourceMissing, match=f"{url} answers {status}") as raised:
        sources.resolve(url)
    assert raised.value.cure


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_fails_may_be_asked_again(status: int, serve: Serve) -> None:
    url = serve("/x.m3u8", Answer(status=status))
    with pytest.raises(SourceUnavailable, match=f"answers {status}"):
        sources.resolve(url)


def test_no_server_at_all() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/live.m3u8"
        with pytest.raises(SourceUnavailable, match="does not answer .*refused"):
            sources.resolve(url)


def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "TIMEOUT_SECONDS", 0.3)
    said = pytest.raises(SourceUnavailable, match="does not answer .*timed out")
    with socket.create_server(("127.0.0.1", 0)) as silent, said:
        sources.resolve(f"http://127.0.0.1:{silent.getsockname()[1]}/live.m3u8")


def test_a_page_without_a_video(serve: Serve) -> None:
    url = serve("/kokous", Answer(PAGE, "text/html"))
    with pytest.raises(InvalidMedia, match="is a web page in which no video was found") as raised:
        sources.resolve(url)
    assert "\n" not in raised.value.what
    assert "\x1b" not in raised.value.what


def test_a_page_with_a_video_gives_the_stream_and_the_title(serve: Serve) -> None:
    stream = serve("/live/index.m3u8", Answer(VOD, HLS_TYPE))
    page = f'<html><head><title>Kunnanvaltuusto</title></head><video src="{stream}"></video></html>'
    found = sources.resolve(serve("/kokous", Answer(page.encode(), "text/html")))
    assert (found.url, found.live) == (stream, True)
    assert found.title.startswith("Kunnanvaltuusto")


def test_what_is_neither(serve: Serve) -> None:
    url = serve("/report.pdf", Answer(b"%PDF-1.7", "application/pdf"))
    with pytest.raises(InvalidMedia, match="is application/pdf, not media"):
        sources.resolve(url)


@pytest.mark.parametrize("address", ["", "kokous.mp4", "ftp://example.invalid/a", "rtmp://example.invalid/a"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(InvalidInput, match="is not the address of a stream"):
        sources.resolve(address)


@pytest.mark.parametrize("address", ["http://[half/a.m3u8", "http://127.0.0.1:port/a.m3u8"])
def test_an_address_that_is_mistyped(address: str) -> None:
    with pytest.raises((InvalidInput, SourceUnavailable)) as raised:
        sources.resolve(address)
    assert raised.value.cure


def test_letters_that_an_address_cannot_hold_are_encoded(serve: Serve) -> None:
    serve("/p%C3%B6yt%C3%A4%20kirja.mp4", Answer(MP4, "video/mp4"))
    assert not sources.resolve(serve("/pöytä kirja.mp4")).live


def test_downloading(serve: Serve, tmp_path: Path) -> None:
    path = sources.download(Source(serve("/a/kokous.mp4", Answer(MP4, "video/mp4")), live=False), tmp_path)
    assert path == tmp_path / "kokous.mp4"
    assert path.read_bytes() == MP4


def test_a_download_that_breaks_off_leaves_no_file_of_that_name(serve: Serve, tmp_path: Path) -> None:
    url = serve("/kokous.mp4", Answer(MP4, "video/mp4", promised=len(MP4) + 1))
    with pytest.raises(SourceUnavailable, match=r"kokous\.mp4 (broke off|does not answer)"):
        sources.download(Source(url, live=False), tmp_path)
    assert not (tmp_path / "kokous.mp4").exists()


@pytest.mark.parametrize(("body", "ended"), [(LIVE, False), (VOD, True), (b"", False)])
def test_whether_a_stream_has_ended(body: bytes, ended: bool, serve: Serve) -> None:
    serve("/low/index.m3u8", Answer(body, HLS_TYPE))
    assert Source(serve("/index.m3u8", Answer(MASTER, HLS_TYPE)), live=True).has_ended() is ended


@pytest.mark.parametrize("status", [404, 503])
def test_a_lost_stream_has_not_ended(status: int, serve: Serve) -> None:
    assert not Source(serve("/index.m3u8", Answer(status=status)), live=True).has_ended()
