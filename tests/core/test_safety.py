"""Hostile sources, from the address to the recording: what they point at is neither opened nor asked."""

import shutil
import subprocess
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import imageio_ffmpeg
import pytest

from config import stores
from core import child, sources
from core.archive.recordings import RecordingStore
from core.capture import recorder
from core.capture.pieces import Pieces
from core.capture.recorder import Options
from core.errors import AddressRefused, ChildFailed, InvalidInput, InvalidMedia, SourceUnavailable
from core.media import confinement, ffmpeg, probe
from core.models import Recording
from core.sources.playlists import Key, Piece
from maaseutu.stack import Stack
from sample.live_source import PLAYLIST, LiveSource, Reply
from tests.core.capture.test_recorder import NOON
from tests.core.made_media import make
from tests.core.server import LOCAL, Answer, Serve

HLS = "application/vnd.apple.mpegurl"
PASSWD = "file:///etc/passwd"
METADATA = "http://169.254.169.254/latest/meta-data/"
BEGIN = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"
PIECE = "#EXTINF:2,\n{}\n"
END = "#EXT-X-ENDLIST\n"
HOSTILE = {
    "piece": BEGIN + PIECE + END,
    "key": BEGIN + '#EXT-X-KEY:METHOD=AES-128,URI="{}"\n#EXTINF:2,\na.ts\n' + END,
    "initial": BEGIN + '#EXT-X-MAP:URI="{}"\n#EXTINF:2,\na.m4s\n' + END,
    "variant": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{}\n",
    "sound": '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="s",NAME="fi",URI="{}"\n'
    '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="s"\nvideo.m3u8\n',
}


class Secret(ThreadingHTTPServer):
    """A server that the rules do not allow, and what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.2", 0), _Telling)

    @property
    def url(self) -> str:
        return f"http://127.0.0.2:{self.server_address[1]}"


class _Telling(BaseHTTPRequestHandler):
    server: Secret

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write((BEGIN + PIECE.format("a.ts")).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def secret() -> Iterator[Secret]:
    """Such a server; that nobody asked it is checked at the end."""
    with Secret() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
        assert server.asked == []


@pytest.fixture
def store(storage: Stack) -> RecordingStore:
    """A recording of the test's own; that nothing was stored of a refused source is checked by the tests."""
    return RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of picture and sound: what a text may name."""
    return make(tmp_path_factory.mktemp("film") / "film.ts", seconds=1)


def _record(url: str, store: RecordingStore, folder: Path) -> Recording:
    """What ``maaseutu record`` and ``import`` do with an address."""
    options = Options(folder / "spool", give_up_seconds=20, rules=LOCAL)
    source = sources.resolve(url, options.rules)
    return recorder.record(source, store, options, stop=threading.Event(), report=lambda _: None)


@pytest.mark.parametrize("named", [PASSWD, "data:video/mp2t;base64,R0==", "concat:a.ts|b.ts", "ftp://127.0.0.1/a"])
@pytest.mark.parametrize("where", HOSTILE)
def test_a_playlist_that_names_what_is_no_web_address(
    where: str, named: str, serve: Serve, store: RecordingStore, tmp_path: Path
) -> None:
    url = serve("/live.m3u8", Answer(HOSTILE[where].format(named).encode(), HLS))
    serve("/video.m3u8", Answer((BEGIN + PIECE.format("a.ts")).encode(), HLS))
    with pytest.raises(AddressRefused) as raised:
        _record(url, store, tmp_path)
    assert raised.value.what == (
        f"The playlist {url} is not followed: {named} is not opened: only http:// and https:// are."
    )
    assert raised.value.cure
    assert store.segments() == []


@pytest.mark.parametrize("where", HOSTILE)
@pytest.mark.parametrize("far", [True, False], ids=["metadata", "loopback"])
def test_a_playlist_that_names_a_private_address(
    where: str, far: bool, serve: Serve, secret: Secret, store: RecordingStore, tmp_path: Path
) -> None:
    named = METADATA if far else f"{secret.url}/secret"
    serve("/a.ts", Answer(bytes(16)))
    serve("/a.m4s", Answer(bytes(16)))
    serve("/video.m3u8", Answer((BEGIN + PIECE.format("a.ts")).encode(), HLS))
    url = serve("/live.m3u8", Answer(HOSTILE[where].format(named).encode(), HLS))
    with pytest.raises(AddressRefused, match="an address of this machine or of a private network") as raised:
        _record(url, store, tmp_path)
    assert named in raised.value.what
    assert raised.value.cure == "If that is meant, allow it with MAASEUTU_PRIVATE_SOURCES."
    assert store.segments() == []


@pytest.mark.parametrize("target", ["{secret}/live.m3u8", METADATA, "http://[::1]:{port}/live.m3u8", PASSWD])
def test_an_address_that_redirects_to_where_we_may_not_go(
    target: str, serve: Serve, secret: Secret, store: RecordingStore, tmp_path: Path
) -> None:
    target = target.format(secret=secret.url, port=secret.server_address[1])
    url = serve("/live.m3u8", Answer(status=302, location=target))
    with pytest.raises(AddressRefused) as raised:
        _record(url, store, tmp_path)
    assert raised.value.what.startswith(f"{url} redirects to where we do not go: {target} ")
    assert raised.value.cure
    assert store.segments() == []


@pytest.mark.parametrize("where", HOSTILE)
def test_an_entry_that_redirects_to_a_private_address(
    where: str, serve: Serve, secret: Secret, store: RecordingStore, tmp_path: Path
) -> None:
    serve("/a.ts", Answer(bytes(16)))
    serve("/a.m4s", Answer(bytes(16)))
    serve("/video.m3u8", Answer((BEGIN + PIECE.format("a.ts")).encode(), HLS))
    entry = serve("/entry", Answer(status=307, location=f"{secret.url}/secret"))
    url = serve("/live.m3u8", Answer(HOSTILE[where].format(entry).encode(), HLS))
    with pytest.raises(AddressRefused, match=f"{secret.url}/secret leads to 127.0.0.2"):
        _record(url, store, tmp_path)
    assert store.segments() == []


def test_a_stream_that_turns_hostile_loses_a_piece_and_goes_on(
    secret: Secret, store: RecordingStore, tmp_path: Path
) -> None:
    film = make(tmp_path / "film.mp4", seconds=12)
    with LiveSource(film, tmp_path / "live", speed=6, window=20) as live:
        live.wait_until_live()
        away = live.segments[3].name

        def hostile(path: str, reply: Reply) -> Reply:
            if path != f"/{PLAYLIST}":
                return reply
            text = reply.body.decode().replace(f"\n{away}\n", f"\n{secret.url}/{away}\n")
            return Reply(reply.status, reply.content_type, text.encode())

        live.faults.append(hostile)
        done = _record(live.url, store, tmp_path)
    assert len(done.segments) == len(live.segments) - 1
    assert [round(gap.lost_ms, -2) for gap in done.gaps] == [2000]
    assert "private network" in done.gaps[0].reason


@pytest.mark.parametrize("name", ["live.m3u8", "film.mp4"])
def test_a_page_that_shows_a_private_video(
    name: str, serve: Serve, secret: Secret, store: RecordingStore, tmp_path: Path
) -> None:
    page = f'<html><head><title>Kokous</title></head><video src="{secret.url}/{name}"></video></html>'
    url = serve("/kokous", Answer(page.encode(), "text/html"))
    with pytest.raises(AddressRefused, match="127.0.0.2"):
        _record(url, store, tmp_path)
    assert store.segments() == []


def test_a_page_that_leads_yt_dlp_astray(serve: Serve, secret: Secret) -> None:
    """What yt-dlp itself asks for goes through the same door."""
    refresh = f'<html><head><meta http-equiv="refresh" content="0; url={secret.url}/video"></head></html>'
    with pytest.raises(InvalidMedia):
        sources.resolve(serve("/kokous", Answer(refresh.encode(), "text/html")), LOCAL)
    inner = serve("/inner.m3u8", Answer(status=302, location=f"{secret.url}/live.m3u8"))
    page = f'<html><head><title>Kokous</title></head><video src="{inner}"></video></html>'
    with pytest.raises(AddressRefused, match="127.0.0.2"):
        sources.resolve(serve("/toinen", Answer(page.encode(), "text/html")), LOCAL)


def test_nothing_private_is_reached_without_a_rule(serve: Serve, store: RecordingStore, tmp_path: Path) -> None:
    url = serve("/live.m3u8", Answer((BEGIN + PIECE.format("a.ts")).encode(), HLS))
    source = sources.resolve(url, LOCAL)
    options = Options(tmp_path / "spool", give_up_seconds=20)
    with pytest.raises(AddressRefused, match=f"{url} leads to 127.0.0.1"):
        sources.resolve(url, options.rules)
    with pytest.raises(AddressRefused, match=f"{url} leads to 127.0.0.1"):
        recorder.record(source, store, options, stop=threading.Event(), report=lambda _: None)


SDP = "o=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5000 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
TEXTS = {
    "ffconcat": ("ffconcat version 1.0\nfile film.ts\n", "a list for ffmpeg"),
    "hls": (BEGIN + "#EXTINF:2,\n{film}\n" + END, "an HLS playlist"),
    "hls-http": (BEGIN + "#EXTINF:2,\n{secret}/a.ts\n" + END, "an HLS playlist"),
    "sdp": ("v=0\n" + SDP, "an SDP description"),
    "sdp-hidden": ("G\n" + SDP, "an SDP description"),
    "dash": (
        '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg"><BaseURL>{secret}/</BaseURL>',
        "a DASH",
    ),
    "pls": ("[playlist]\nFile1={secret}/a\n", "a playlist"),
    "rtsp": ("RTSPtext\nrtsp://127.0.0.2/a\n", "an address"),
    "image": ("P6 1 1 255 abc", "not media"),
    "script": ('Import("{film}")\n', "not media"),
    "svg": ('<svg xmlns="http://www.w3.org/2000/svg"><image href="{film}"/></svg>', "not media"),
}


@pytest.mark.parametrize("suffix", ["mp4", "m3u8"])
@pytest.mark.parametrize("kind", TEXTS)
def test_a_file_that_only_names_others_is_not_imported(
    kind: str, suffix: str, film: Path, secret: Secret, store: RecordingStore, tmp_path: Path
) -> None:
    shutil.copy(film, tmp_path)
    text, said = TEXTS[kind]
    path = tmp_path / f"kokous.{suffix}"
    path.write_text(text.format(film=film, secret=secret.url))
    with pytest.raises(InvalidMedia, match=f"kokous.{suffix} is .*{said}") as raised:
        recorder.import_file(path, store, Options(tmp_path / "spool"), starts_at=NOON, report=lambda _: None)
    assert raised.value.cure
    assert store.segments() == []


def test_a_name_that_is_a_pattern_means_one_file(film: Path, tmp_path: Path) -> None:
    (tmp_path / "%03d.png").write_bytes(b"")
    for name in ("%03d.mp4", "concat:a.mp4", "pipe:0", "a|b.mp4"):
        assert probe.media(Path(shutil.copy(film, tmp_path / name))).video


@pytest.mark.parametrize("kind", ["ffconcat", "hls", "sdp", "sdp-hidden"])
def test_ffmpeg_itself_opens_nothing_else(kind: str, film: Path, secret: Secret, tmp_path: Path) -> None:
    """Should a file come so far, the command lines would still refuse it."""
    program = ffmpeg.program()
    shutil.copy(film, tmp_path)
    path = tmp_path / "kokous.ts"
    path.write_text(TEXTS[kind][0].format(film=film, secret=secret.url))
    for argv in (
        ffmpeg.segmenter(program, str(path), tmp_path, "ts", seconds=1, options={}),
        ffmpeg.muxer(program, path, path, tmp_path / "out.ts"),
    ):
        with pytest.raises(ChildFailed):
            child.run(argv, tmp_path / "log", timeout=30)
    assert not list(tmp_path.glob("0*.ts"))
    plain = [program, "-loglevel", "error", "-safe", "0", "-i", str(tmp_path / "list.ffconcat"), "-f", "null", "-"]
    (tmp_path / "list.ffconcat").write_text(TEXTS["ffconcat"][0].format(film=film))
    assert subprocess.run(plain, check=False).returncode == 0, "unconfined, ffmpeg follows such a list"


def test_ffmpeg_reads_no_other_protocol(film: Path, serve: Serve, tmp_path: Path) -> None:
    url = serve("/film.ts", Answer(film.read_bytes(), "video/mp2t"))
    argv = ffmpeg.segmenter(ffmpeg.program(), url, tmp_path, "ts", seconds=1, options={})
    with pytest.raises(ChildFailed, match="whitelist"):
        child.run(argv, tmp_path / "log", timeout=30)


def test_a_piece_that_is_a_description_of_a_stream(serve: Serve, tmp_path: Path) -> None:
    """It begins as a transport stream does; ffmpeg would listen on the ports that it names."""
    url = serve("/a.ts", Answer(TEXTS["sdp-hidden"][0].encode(), "video/mp2t"))
    pieces = Pieces({}, tmp_path, imageio_ffmpeg.get_ffmpeg_exe(), LOCAL)
    with pytest.raises(InvalidMedia, match="is an SDP description"):
        pieces.fetch(Piece(0, url, 2.0), (), seconds=5, since=0)


def test_a_key_without_end_is_not_read_to_its_end(serve: Serve, tmp_path: Path) -> None:
    key = Key(serve("/key", Answer(bytes(1 << 20))), bytes(16))
    pieces = Pieces({}, tmp_path, imageio_ffmpeg.get_ffmpeg_exe(), LOCAL)
    with pytest.raises(SourceUnavailable, match="/key sends more than 4096 bytes"):
        pieces.fetch(Piece(0, serve("/a.ts", Answer(bytes(16))), 2.0, key=key), (), seconds=5, since=0)


def test_a_file_of_more_than_a_day(store: RecordingStore, tmp_path: Path) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "lavfi", "-t", "90000"]
    command += ["-i", "testsrc=size=160x90:rate=1/3600", "-f", "lavfi", "-t", "1", "-i", "sine"]
    subprocess.run([*command, "-c:v", "mpeg4", "-c:a", "aac", str(tmp_path / "pitka.mkv")], check=True)
    options = Options(tmp_path / "spool")
    with pytest.raises(InvalidMedia, match=r"pitka\.mkv is 25 hours long; a broadcast has at most 24"):
        recorder.import_file(tmp_path / "pitka.mkv", store, options, starts_at=NOON, report=lambda _: None)
    assert store.segments() == []


def test_the_original_gets_a_harmless_key(film: Path, store: RecordingStore, tmp_path: Path) -> None:
    path = Path(shutil.copy(film, tmp_path / "..\x1b[31m\n kokous?.mp4"))
    done = recorder.import_file(path, store, Options(tmp_path / "spool"), starts_at=NOON, report=lambda _: None)
    assert done.original.rpartition("/")[2].partition("-")[2] == "31m- kokous.mp4"


@pytest.mark.parametrize("address", [PASSWD, "concat:http://a/|http://b/", "data:,a", "javascript:a", "//kunta.fi/a"])
def test_what_a_person_may_not_give(address: str) -> None:
    with pytest.raises(InvalidInput, match="is not the address of a stream"):
        sources.resolve(address, LOCAL)


def test_each_scheme_has_its_protocols() -> None:
    assert confinement.options()["protocol_whitelist"] == "file"
    assert not {"hls", "concat", "dash", "sdp", "rtsp", "image2", "lavfi"} & set(confinement.FORMATS.split(","))
