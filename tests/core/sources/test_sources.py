"""A real web server that answers well, badly, or not at all."""

import socket

import pytest

from core import sources
from core.errors import InvalidInput, InvalidMedia, SourceMissing, SourceUnavailable
from core.outside import transport
from core.sources import Source
from tests.core.server import LOCAL, Answer, Serve

MASTER = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow/index.m3u8\n"
LIVE = b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na.ts\n"
VOD = LIVE + b"#EXT-X-ENDLIST\n"
PAGE = b"<!doctype html><html><title>Kokous</title><p>No video here.</p></html>"
MP4 = b"\0\0\0\x18ftypmp42" + bytes(5000)
HLS_TYPE = "application/vnd.apple.mpegurl"


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
    assert sources.resolve(url, LOCAL) == Source(url, live=live, kind="hls" if live else "file")


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_server_that_has_it_not(status: int, serve: Serve) -> None:
    url = serve("/x.m3u8", Answer(status=status))
    with pytest.raises(SourceMissing, match=f"{url} answers {status}") as raised:
        sources.resolve(url, LOCAL)
    assert raised.value.cure


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_fails_may_be_asked_again(status: int, serve: Serve) -> None:
    url = serve("/x.m3u8", Answer(status=status))
    with pytest.raises(SourceUnavailable, match=f"answers {status}"):
        sources.resolve(url, LOCAL)


def test_no_server_at_all() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/live.m3u8"
        with pytest.raises(SourceUnavailable, match="does not answer .*refused"):
            sources.resolve(url, LOCAL)


def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TIMEOUT_SECONDS", 0.3)
    said = pytest.raises(SourceUnavailable, match="does not answer .*timed out")
    with socket.create_server(("127.0.0.1", 0)) as silent, said:
        sources.resolve(f"http://127.0.0.1:{silent.getsockname()[1]}/live.m3u8", LOCAL)


def test_a_page_without_a_video(serve: Serve) -> None:
    url = serve("/kokous", Answer(PAGE, "text/html"))
    with pytest.raises(InvalidMedia, match="is a web page in which no video was found") as raised:
        sources.resolve(url, LOCAL)
    assert "\n" not in raised.value.what
    assert "\x1b" not in raised.value.what


def test_a_page_with_a_video_gives_the_stream_and_the_title(serve: Serve) -> None:
    stream = serve("/live/index.m3u8", Answer(VOD, HLS_TYPE))
    page = f'<html><head><title>Kunnanvaltuusto</title></head><video src="{stream}"></video></html>'
    found = sources.resolve(serve("/kokous", Answer(page.encode(), "text/html")), LOCAL)
    assert (found.url, found.live) == (stream, True)
    assert found.title.startswith("Kunnanvaltuusto")


def test_what_is_neither(serve: Serve) -> None:
    url = serve("/report.pdf", Answer(b"%PDF-1.7", "application/pdf"))
    with pytest.raises(InvalidMedia, match="is application/pdf, not media"):
        sources.resolve(url, LOCAL)


@pytest.mark.parametrize("address", ["", "kokous.mp4", "ftp://example.invalid/a", "gopher://example.invalid/a"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(InvalidInput, match="is not the address of a stream"):
        sources.resolve(address, LOCAL)


@pytest.mark.parametrize("address", ["http://[half/a.m3u8", "http://127.0.0.1:port/a.m3u8"])
def test_an_address_that_is_mistyped(address: str) -> None:
    with pytest.raises((InvalidInput, SourceUnavailable)) as raised:
        sources.resolve(address, LOCAL)
    assert raised.value.cure


def test_letters_that_an_address_cannot_hold_are_encoded(serve: Serve) -> None:
    serve("/p%C3%B6yt%C3%A4%20kirja.mp4", Answer(MP4, "video/mp4"))
    assert not sources.resolve(serve("/pöytä kirja.mp4"), LOCAL).live
