"""What RTMP and SRT senders, and pages in parts, may not make us do: the rules hold for them as for all sources."""

import contextlib
import select
import socket
import ssl
import subprocess
import threading
import uuid
from pathlib import Path

import imageio_ffmpeg
import pytest

from config import stores
from core import sources
from core.archive.recordings import RecordingStore
from core.capture import examine, recorder
from core.capture.limit import Limit
from core.capture.recorder import Options
from core.child import Child
from core.errors import AddressRefused
from core.media import confinement, ffmpeg
from core.outside.addresses import Rules, parse
from core.sources import READINGS, Source, page
from maaseutu.stack import Stack
from tests.core.made_media import make
from tests.core.server import LOCAL, Answer, Serve
from tests.core.sources.senders import ESCAPED, RtmpCalled, free_port

NAMED = parse("localhost")
EITHER = parse("localhost, 127.0.0.1")
MANIFEST = """<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT4S">
<Period><AdaptationSet mimeType="video/mp4">
<SegmentTemplate media="$Number$.m4s" initialization="init.mp4" duration="2" startNumber="1" timescale="1"/>
<Representation id="1" codecs="avc1.42c01e" width="160" height="90" bandwidth="9000">
<BaseURL>{base}</BaseURL></Representation>
</AdaptationSet></Period></MPD>
"""


@pytest.fixture
def store(storage: Stack) -> RecordingStore:
    """A recording of the test's own."""
    return RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")


@pytest.mark.parametrize(
    "address",
    [
        "rtmp://127.0.0.1/live/key",
        "rtmps://169.254.169.254/live/key",
        "rtmp://localhost:1936/live/key",
        "srt://10.0.0.1:9000",
        "srt://[::1]:9000?mode=caller",
    ],
)
def test_a_private_address_is_not_called(address: str) -> None:
    with pytest.raises(AddressRefused, match="an address of this machine or of a private network") as raised:
        sources.resolve(address, Rules())
    assert "key" not in raised.value.what
    # Neither when the recording is under way, and the name leads elsewhere by now.
    kind = "srt" if address.startswith("srt") else "rtmp"
    with pytest.raises(AddressRefused):
        READINGS[kind](Source(address, live=True, kind=kind), Rules(), 0)


@pytest.mark.parametrize(
    "address", ["rtmp://127.0.0.1/live/long-enough?mode=listener", "srt://:9000?passphrase=0123456789"]
)
def test_a_private_address_may_be_listened_on(address: str) -> None:
    assert sources.resolve(address, Rules()).listens


def test_ffmpeg_is_given_the_address_that_was_looked_at() -> None:
    found = {str(address) for address in NAMED.require("srt://localhost:9000", ("srt",))}
    source = sources.resolve("rtmps://me:pass@localhost/live/key?a=1", NAMED)
    readings = [READINGS["rtmp"](source, NAMED, attempt) for attempt in range(len(found))]
    assert {r.url for r in readings} == {
        f"rtmps://me:pass@{f'[{address}]' if ':' in address else address}:443/live/key?a=1" for address in found
    }
    assert readings[0].options["rtmp_tcurl"] == "rtmps://localhost:443/live"
    assert readings[0].options["verifyhost"] == "localhost"
    srt = READINGS["srt"](sources.resolve("srt://localhost:9000", NAMED), NAMED, 0)
    assert "localhost" not in srt.url


def test_a_server_is_called_by_its_name(store: RecordingStore, tmp_path: Path) -> None:
    sender = RtmpCalled(make(tmp_path / "film.mp4", seconds=6), tmp_path)
    source = sources.resolve(sender.address.replace("127.0.0.1", "localhost"), NAMED)
    options = Options(tmp_path / "spool", segment_seconds=1, give_up_seconds=6, rules=NAMED)
    sender.start()
    try:
        stop, limit = threading.Event(), Limit(2)
        done = recorder.record(source, store, options, stop=stop, report=lambda _: None, limit=limit)
    finally:
        sender.close()
    assert done.segments


def _greeted(address: str, context: ssl.SSLContext, server: socket.socket, folder: Path) -> bool:
    """Whether ffmpeg, which calls an address, says anything after it has seen the server's certificate."""
    source = sources.resolve(address, EITHER)
    readings = [READINGS["rtmp"](source, EITHER, attempt) for attempt in (0, 1)]
    reading = next(one for one in readings if "@127.0.0.1" in one.url)
    options = {"f": confinement.LISTS, "safe": 0} | confinement.sender_list("rtmps")
    argv = ffmpeg.segmenter(ffmpeg.program(), "pipe:0", folder, "ts", seconds=1, options=options)
    with Child(argv, folder / "log", given=reading.listing()):
        calling, _ = server.accept()
        calling.settimeout(30)
        try:
            with context.wrap_socket(calling, server_side=True) as encrypted:
                return encrypted.recv(9) != b""
        except ssl.SSLError:
            return False


def test_a_certificate_is_that_of_the_host(secure: tuple[ssl.SSLContext, Path], tmp_path: Path) -> None:
    """Though ffmpeg is given an address: the certificate here is for 127.0.0.1, and not for localhost."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        port = server.getsockname()[1]
        assert _greeted(f"rtmps://a:b@127.0.0.1:{port}/live/key", secure[0], server, tmp_path)
        assert not _greeted(f"rtmps://a:b@localhost:{port}/live/key", secure[0], server, tmp_path)


def test_each_sender_has_its_protocols_and_no_list() -> None:
    for scheme in ("rtmp", "rtmps", "srt"):
        given = confinement.sender(scheme)
        assert not {"file", "pipe", "http", "https", "concat"} & set(given["protocol_whitelist"].split(","))
        assert not {"concat", "hls", "sdp", "dash"} & set(given["format_whitelist"].split(","))
        outer = confinement.sender_list(scheme)["protocol_whitelist"].split(",")
        assert not {"file", "http", "https", "concat"} & set(outer)


def _send(text: bytes, target: str, taking: Child, log: Path) -> None:
    """Send a text by SRT, and comments after it, so that the connection lasts until it has been read."""
    send = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "data", "-i", "pipe:0", "-map", "0"]
    send += ["-c", "copy", "-flush_packets", "1", "-f", "data", target]
    with log.open("ab") as errors, subprocess.Popen(send, stdin=subprocess.PIPE, stderr=errors) as sending:
        assert sending.stdin
        with contextlib.suppress(BrokenPipeError):
            sending.stdin.write(text)
            for _ in range(40):
                sending.stdin.write(b"#\n" * 1024)
                sending.stdin.flush()
                if taking.wait(0.05) is not None:
                    break
            sending.stdin.close()
        sending.wait(30)


def test_what_a_sender_sends_is_never_taken_for_a_list(tmp_path: Path) -> None:
    """ffmpeg would go by the content, and read it as the list in which the sender itself is named."""
    port = free_port(socket.SOCK_DGRAM)
    address = f"srt://127.0.0.1:{port}?passphrase={ESCAPED}"
    reading = READINGS["srt"](sources.resolve(f"{address}&mode=listener", LOCAL), LOCAL, 0)
    options = {"f": confinement.LISTS, "safe": 0} | confinement.sender_list("srt")
    argv = ffmpeg.segmenter(ffmpeg.program(), "pipe:0", tmp_path, "ts", seconds=1, options=options)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as named:
        named.bind(("127.0.0.1", 0))
        named.setblocking(False)
        text = f"ffconcat version 1.0\nfile 'srt://127.0.0.1:{named.getsockname()[1]}'\n"
        with Child(argv, tmp_path / "log", given=reading.listing()) as taking:
            while taking.poll() is None:
                _send(text.encode(), address, taking, tmp_path / "sender.log")
        assert not select.select([named], [], [], 0)[0]
    assert "Format not on whitelist 'mpegts'" in (tmp_path / "log").read_text()


def test_a_page_in_parts_leads_nowhere_else(serve: Serve, tmp_path: Path) -> None:
    """Its manifest names fragments on a host that the rules do not allow; yt-dlp asks for them as for all else."""
    with socket.create_server(("127.0.0.2", 0)) as secret:
        secret.setblocking(False)
        base = f"http://127.0.0.2:{secret.getsockname()[1]}/"
        url = serve("/film.mpd", Answer(MANIFEST.format(base=base).encode(), "application/dash+xml"))
        source = sources.resolve(url, LOCAL)
        assert source.kind == "page"
        with pytest.raises(AddressRefused, match="127.0.0.2"):
            page.download(source, tmp_path, ffmpeg.program(), LOCAL, tallest=1080)
        assert not select.select([secret], [], [], 0)[0]
    assert not list(tmp_path.glob("whole*"))


def test_a_probe_goes_through_the_same_door(serve: Serve, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.2", 0)) as secret:
        base = f"http://127.0.0.2:{secret.getsockname()[1]}"
        serve("/moved.mp4", Answer(status=302, location=f"{base}/film.mp4"))
        live = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{base}/a.ts\n"
        playlist = serve("/live.m3u8", Answer(live.encode(), "application/vnd.apple.mpegurl"))
        options = examine.Options(tmp_path, ffmpeg.program(), 1080, wait_seconds=5, rules=LOCAL)
        for address in (f"{base}/film.mp4", serve("/moved.mp4"), playlist, "rtmp://127.0.0.2/live/key"):
            with pytest.raises(AddressRefused, match="127.0.0.2"):
                examine.examine(address, options, lambda _: None)
        secret.setblocking(False)
        assert not select.select([secret], [], [], 0)[0]


def test_a_probe_of_a_file_on_a_web_server(folder_server: tuple[Path, str], tmp_path: Path) -> None:
    folder, base = folder_server
    make(folder / "film.mp4", seconds=3)
    options = examine.Options(tmp_path, ffmpeg.program(), 1080, wait_seconds=5, rules=LOCAL)
    found = examine.examine(f"{base}/film.mp4", options, lambda _: None)
    assert (found.kind, found.going_on) == ("a file on a web server", "finished, 3 s")
