"""Streams that behave and streams that do not: all that was offered is stored, or marked as lost."""

import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import imageio_ffmpeg
import pytest

from config import stores
from core import digests, playlists, recorder, segments
from core.errors import SourceMissing
from core.models import Recording
from core.recorder import Options
from core.recordings import RecordingStore, verify
from core.sources import Source
from maaseutu.stack import Stack
from sample.live_source import PLAYLIST, LiveSource, Reply
from tests.core.media import make

SECONDS = 24
SPEED = 6
PIECES = 12
Start = Callable[..., LiveSource]


@pytest.fixture
def store(storage: Stack) -> RecordingStore:
    """A recording of the test's own."""
    return RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")


@pytest.fixture(scope="module")
def broadcast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Picture and sound in twelve pieces of two seconds."""
    return make(tmp_path_factory.mktemp("broadcast") / "broadcast.mp4", seconds=SECONDS)


@pytest.fixture
def live(broadcast: Path, tmp_path: Path) -> Iterator[LiveSource]:
    """It, on the air as soon as somebody listens."""
    with LiveSource(broadcast, tmp_path / "live", speed=SPEED, window=20, when_asked=True) as source:
        yield source


def _record(url: str, store: RecordingStore, folder: Path) -> Recording:
    options = Options(folder / "spool", give_up_seconds=5)
    return recorder.record(Source(url, live=True), store, options, stop=threading.Event(), report=lambda _: None)


def _whole(done: Recording) -> float:
    """Seconds that are stored or marked."""
    return segments.duration_ms(done.segments) / 1000 + sum(gap.lost_ms for gap in done.gaps) / 1000


def _offered(source: LiveSource) -> list[str]:
    return [digests.of_file(piece.file) for piece in source.segments]


def _on(source: LiveSource, number: int, fault: Callable[[Reply], Reply], times: int = 1000) -> None:
    """Let the first answers for a piece be others."""
    left = [times]

    def faulty(path: str, reply: Reply) -> Reply:
        if path != f"/{source.segments[number].name}" or reply.status != 200 or not left[0]:
            return reply
        left[0] -= 1
        return fault(reply)

    source.faults.append(faulty)


def test_every_piece_is_stored_as_it_was_sent(live: LiveSource, store: RecordingStore, tmp_path: Path) -> None:
    done = _record(live.url, store, tmp_path)
    assert [segment.sha256 for segment in done.segments] == _offered(live)
    assert {segment.take for segment in done.segments} == {1}
    assert done.gaps == ()
    assert verify(store) == []
    told = [segment.captured_at for segment in done.segments]
    assert [round((b - a).total_seconds(), 1) for a, b in zip(told, told[1:], strict=False)] == [2.0] * (PIECES - 1)


@pytest.mark.parametrize(
    "fault",
    [
        lambda reply: Reply(404),
        lambda reply: Reply(500),
        lambda reply: Reply(200, reply.content_type, b"<html>busy</html>"),
        lambda reply: Reply(200, reply.content_type, reply.body[:9]),
    ],
    ids=["404", "500", "page", "stump"],
)
def test_a_piece_that_fails_once_is_tried_again(
    fault: Callable[[Reply], Reply], live: LiveSource, store: RecordingStore, tmp_path: Path
) -> None:
    _on(live, 4, fault, times=1)
    done = _record(live.url, store, tmp_path)
    assert [segment.sha256 for segment in done.segments] == _offered(live)
    assert done.gaps == ()


@pytest.mark.parametrize(
    "fault", [Reply(404), Reply(503), Reply(200, "video/mp2t", b"<html>")], ids=["404", "503", "page"]
)
@pytest.mark.parametrize("dated", [True, False], ids=["dates", "no-dates"])
def test_a_piece_that_cannot_be_had_is_marked(
    dated: bool, fault: Reply, live: LiveSource, store: RecordingStore, tmp_path: Path
) -> None:
    _on(live, 5, lambda reply: fault)
    if not dated:
        live.faults.append(_undated)
    done = _record(live.url, store, tmp_path)
    offered = _offered(live)
    assert [segment.sha256 for segment in done.segments] == offered[:5] + offered[6:]
    assert [(round(gap.at_ms, -2), round(gap.lost_ms, -2)) for gap in done.gaps] == [(10_000, 2_000)]


def _undated(path: str, reply: Reply) -> Reply:
    if path != f"/{PLAYLIST}":
        return reply
    lines = [line for line in reply.body.splitlines(keepends=True) if not line.startswith(b"#EXT-X-PROGRAM")]
    return Reply(reply.status, reply.content_type, b"".join(lines))


@pytest.mark.parametrize("dated", [True, False], ids=["dates", "no-dates"])
def test_an_outage_is_marked_to_the_piece(dated: bool, broadcast: Path, store: RecordingStore, tmp_path: Path) -> None:
    with LiveSource(broadcast, tmp_path / "live", speed=3, window=4, when_asked=True) as live:
        if not dated:
            live.faults.append(_undated)
        threading.Timer(1.5, live.fail, (4.5,)).start()
        done = _record(live.url, store, tmp_path)
    missing = len(set(_offered(live)) - {segment.sha256 for segment in done.segments})
    assert missing > 0
    assert [round(gap.lost_ms, -2) for gap in done.gaps] == [missing * 2000]
    assert _whole(done) == pytest.approx(SECONDS, abs=0.3)


def test_the_last_piece_is_missed_too(live: LiveSource, store: RecordingStore, tmp_path: Path) -> None:
    _on(live, PIECES - 1, lambda reply: Reply(404))
    done = _record(live.url, store, tmp_path)
    assert len(done.segments) == PIECES - 1
    assert [(round(gap.at_ms, -2), round(gap.lost_ms, -2)) for gap in done.gaps] == [(22_000, 2_000)]


def test_numbers_do_not_matter(live: LiveSource, store: RecordingStore, tmp_path: Path) -> None:
    """The server skips a thousand numbers, then goes back to the old ones; no piece is missing or comes twice."""
    asked = [0]

    def renumber(path: str, reply: Reply) -> Reply:
        if path != f"/{PLAYLIST}" or reply.status != 200:
            return reply
        asked[0] += 1
        first, _, rest = reply.body.decode().partition("#EXT-X-MEDIA-SEQUENCE:")
        number, _, rest = rest.partition("\n")
        shift = 1000 if asked[0] in (2, 3) else 0
        return Reply(200, reply.content_type, f"{first}#EXT-X-MEDIA-SEQUENCE:{int(number) + shift}\n{rest}".encode())

    live.faults.append(renumber)
    done = _record(live.url, store, tmp_path)
    assert asked[0] > 3
    assert [segment.sha256 for segment in done.segments] == _offered(live)
    assert done.gaps == ()


def test_a_stale_playlist_stores_nothing_twice(live: LiveSource, store: RecordingStore, tmp_path: Path) -> None:
    kept: list[Reply] = []

    def stale(path: str, reply: Reply) -> Reply:
        if path != f"/{PLAYLIST}" or reply.status != 200:
            return reply
        kept.append(reply)
        return kept[-3] if len(kept) % 2 and len(kept) > 4 and not reply.body.endswith(b"ENDLIST\n") else reply

    live.faults.append(stale)
    done = _record(live.url, store, tmp_path)
    assert [segment.sha256 for segment in done.segments] == _offered(live)
    assert done.gaps == ()


def test_timestamps_that_begin_anew_are_another_take(broadcast: Path, store: RecordingStore, tmp_path: Path) -> None:
    """Nothing is lost where the encoder was started again, and nothing is marked."""
    with LiveSource(broadcast, tmp_path / "live", speed=SPEED, window=20, when_asked=True, loop=True) as source:
        source.segments = source.segments[: 2 * PIECES]
        done = _record(source.url, store, tmp_path)
    assert [segment.take for segment in done.segments] == [1] * PIECES + [2] * PIECES
    assert done.gaps == ()
    assert _whole(done) == pytest.approx(2 * SECONDS, abs=0.3)


def _hls(source: Path, folder: Path, *options: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(source), "-c", "copy", "-f", "hls"]
    command += ["-hls_time", "2", "-hls_playlist_type", "vod", *options, "-master_pl_name", "index.m3u8"]
    subprocess.run([*command, "%v.m3u8"], check=True, cwd=folder)


APART = ("-map", "0:v", "-map", "0:a", "-var_stream_map", "v:0,agroup:s a:0,agroup:s,default:yes")


@pytest.mark.parametrize(
    "options",
    [(), ("-hls_segment_type", "fmp4"), APART, (*APART, "-hls_segment_type", "fmp4"), ("-hls_flags", "single_file")],
    ids=["ts", "fmp4", "sound-apart", "fmp4-sound-apart", "ranges"],
)
def test_shapes_of_streams(
    options: tuple[str, ...],
    broadcast: Path,
    folder_server: tuple[Path, str],
    store: RecordingStore,
    tmp_path: Path,
) -> None:
    folder, url = folder_server
    _hls(broadcast, folder, *options)
    done = _record(f"{url}/index.m3u8", store, tmp_path)
    assert {segment.take for segment in done.segments} == {1}
    assert done.gaps == ()
    assert _whole(done) == pytest.approx(SECONDS, abs=0.3)
    assert verify(store) == []
    again = _record(f"{url}/index.m3u8", RecordingStore(store.archive, f"{store.id}-b"), tmp_path)
    assert [s.sha256 for s in again.segments] == [s.sha256 for s in done.segments]


def test_an_encrypted_stream_is_stored_readable(
    broadcast: Path, folder_server: tuple[Path, str], store: RecordingStore, tmp_path: Path
) -> None:
    folder, url = folder_server
    (tmp_path / "key").write_bytes(bytes(range(16)))
    (tmp_path / "key-info").write_text(f"{url}/key\n{tmp_path / 'key'}\n")
    _hls(broadcast, folder, "-hls_key_info_file", str(tmp_path / "key-info"))
    (folder / "key").write_bytes(bytes(range(16)))
    done = _record(f"{url}/index.m3u8", store, tmp_path)
    assert _whole(done) == pytest.approx(SECONDS, abs=0.3)
    (folder / "key").write_bytes(bytes(16))
    with pytest.raises(SourceMissing, match="cannot be decrypted"):
        _record(f"{url}/index.m3u8", RecordingStore(store.archive, f"{store.id}-b"), tmp_path)


def test_a_finished_stream_recorded_again_is_known(
    broadcast: Path, folder_server: tuple[Path, str], store: RecordingStore, tmp_path: Path
) -> None:
    folder, url = folder_server
    _hls(broadcast, folder)
    whole = playlists.parse((folder / "0.m3u8").read_text(), "http://x.invalid/0.m3u8")
    assert len(whole.pieces) == PIECES
    (folder / "000005.ts").unlink(missing_ok=True)
    first = _record(f"{url}/index.m3u8", store, tmp_path)
    second = _record(f"{url}/index.m3u8", store, tmp_path)
    assert [s.sha256 for s in second.segments] == [s.sha256 for s in first.segments]
    assert second.gaps == first.gaps
