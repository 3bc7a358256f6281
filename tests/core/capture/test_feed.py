"""Streams that behave and streams that do not: all that was offered is stored, or marked as lost."""

import os
import shutil
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import NamedTuple, TypeVar

import imageio_ffmpeg
import pytest

from config import stores
from core import digests
from core.archive import segments
from core.archive.recordings import RecordingStore, verify
from core.capture import pieces, recorder
from core.capture.recorder import Options
from core.errors import SourceMissing
from core.media import ffmpeg
from core.models import Recording
from core.sources import Source, playlists
from maaseutu.stack import Stack
from sample.live_source import PLAYLIST, LiveSource, Reply
from tests.core.filling import fill
from tests.core.made_media import make
from tests.core.server import LOCAL

SECONDS = PIECES = 12
SPEED = 6
CALM = 3
"""Where a short playlist forgets, a busy machine must be able to keep up."""
Case = TypeVar("Case")


@pytest.fixture
def store(storage: Stack) -> RecordingStore:
    """A recording of the test's own."""
    return RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")


@pytest.fixture(scope="module")
def broadcast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Picture and sound in twelve pieces of a second."""
    return make(tmp_path_factory.mktemp("broadcast") / "broadcast.mp4", seconds=SECONDS)


@pytest.fixture
def live(broadcast: Path, tmp_path: Path) -> Iterator[LiveSource]:
    """It, on the air as soon as somebody listens."""
    with LiveSource(broadcast, tmp_path / "live", segment_seconds=1, speed=SPEED, window=20, when_asked=True) as source:
        yield source


class OnAir(NamedTuple):
    """A broadcast and a recording of it that has not begun."""

    live: LiveSource
    store: RecordingStore
    folder: Path
    due_at: datetime | None = None


@pytest.fixture
def on_air(broadcast: Path, storage: Stack, tmp_path: Path) -> Iterator[Callable[[], OnAir]]:
    """Gives one more broadcast; cases that mostly wait do so at the same time."""
    with ExitStack() as closing:

        def another() -> OnAir:
            store = RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")
            folder = tmp_path / store.id
            source = LiveSource(broadcast, folder / "live", segment_seconds=1, speed=SPEED, window=20, when_asked=True)
            return OnAir(closing.enter_context(source), store, folder)

        yield another


def _at_once(broadcasts: Mapping[Case, OnAir]) -> dict[Case, Recording]:
    """Record them all."""
    with ThreadPoolExecutor(len(broadcasts)) as pool:
        # A busy machine may hold one of many up for some seconds.
        done = [
            pool.submit(_record, one.live.url, one.store, one.folder, one.due_at, 10) for one in broadcasts.values()
        ]
        return dict(zip(broadcasts, [one.result() for one in done], strict=True))


def _record(
    url: str, store: RecordingStore, folder: Path, due_at: datetime | None = None, give_up: float = 5
) -> Recording:
    options, stop = Options(folder / "spool", give_up_seconds=give_up, rules=LOCAL), threading.Event()
    return recorder.record(Source(url, live=True), store, options, stop=stop, report=lambda _: None, due_at=due_at)


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
    assert [round((b - a).total_seconds(), 1) for a, b in zip(told, told[1:], strict=False)] == [1.0] * (PIECES - 1)


@pytest.mark.parametrize("is_lost", [False, True], ids=["whole", "first-piece-lost"])
def test_a_late_start_is_marked(is_lost: bool, live: LiveSource, store: RecordingStore, tmp_path: Path) -> None:
    if is_lost:
        _on(live, 0, lambda reply: Reply(404))
    due_at = datetime.now(UTC) - timedelta(minutes=5)
    done = _record(live.url, store, tmp_path, due_at)
    late, *others = done.gaps
    missed = (done.segments[0].captured_at - due_at).total_seconds()
    assert abs(late.lost_ms / 1000 + sum(gap.lost_ms for gap in others) / 1000 - missed) < 0.1
    assert [gap.lost_ms for gap in others] == [1000] * is_lost
    assert (late.at_ms, late.doubtful) == (0, True)
    assert late.reason == f"The recording began {late.lost_ms / 1000:.0f} s after the broadcast."
    assert done.totals.missing_ms == sum(gap.lost_ms for gap in done.gaps)
    assert done.totals.doubtful_ms == late.lost_ms
    assert verify(store) == []


def test_who_is_not_late_has_missed_nothing(on_air: Callable[[], OnAir]) -> None:
    late_by = {"no": timedelta(), "early": timedelta(hours=-1), "absurd": timedelta(days=2)}
    broadcasts = {name: on_air()._replace(due_at=datetime.now(UTC) - late) for name, late in late_by.items()}
    for name, done in _at_once(broadcasts).items():
        assert done.gaps == (), name


def test_who_goes_on_after_a_kill_is_not_late(live: LiveSource, store: RecordingStore, tmp_path: Path) -> None:
    options, stop = Options(tmp_path / "spool", give_up_seconds=5, rules=LOCAL), threading.Event()
    source, due_at = Source(live.url, live=True), datetime.now(UTC) - timedelta(minutes=5)
    first = recorder.record(source, store, options, stop=stop, report=lambda _: stop.set())
    done = _record(live.url, store, tmp_path, due_at)
    assert len(done.segments) > len(first.segments)
    assert [gap for gap in done.gaps if gap.at_ms == 0] == []


FAILS: dict[str, Callable[[Reply], Reply]] = {
    "404": lambda reply: Reply(404),
    "500": lambda reply: Reply(500),
    "page": lambda reply: Reply(200, reply.content_type, b"<html>busy</html>"),
    "stump": lambda reply: Reply(200, reply.content_type, reply.body[:9]),
}


def test_a_piece_that_fails_once_is_tried_again(on_air: Callable[[], OnAir]) -> None:
    broadcasts = {name: on_air() for name in FAILS}
    for name, one in broadcasts.items():
        _on(one.live, 4, FAILS[name], times=1)
    for name, done in _at_once(broadcasts).items():
        assert [segment.sha256 for segment in done.segments] == _offered(broadcasts[name].live), name
        assert done.gaps == (), name


def test_a_piece_that_cannot_be_had_is_marked(on_air: Callable[[], OnAir]) -> None:
    """With dates in the playlist, and without."""
    broadcasts = {(name, dated): on_air() for name in ("404", "500", "page") for dated in (True, False)}
    for (name, dated), one in broadcasts.items():
        _on(one.live, 5, FAILS[name])
        if not dated:
            one.live.faults.append(_undated)
    for case, done in _at_once(broadcasts).items():
        offered = _offered(broadcasts[case].live)
        assert [segment.sha256 for segment in done.segments] == offered[:5] + offered[6:], case
        assert [(round(gap.at_ms, -2), round(gap.lost_ms, -2)) for gap in done.gaps] == [(5_000, 1_000)], case


@pytest.mark.parametrize("dated", [True, False], ids=["dates", "no-dates"])
def test_the_first_pieces_that_cannot_be_had_are_marked(
    dated: bool, live: LiveSource, store: RecordingStore, tmp_path: Path
) -> None:
    for number in (0, 1):
        _on(live, number, lambda reply: Reply(404))
    if not dated:
        live.faults.append(_undated)
    done = _record(live.url, store, tmp_path)
    assert [segment.sha256 for segment in done.segments] == _offered(live)[2:]
    assert [(gap.at_ms, round(gap.lost_ms, -2)) for gap in done.gaps] == [(0, 2_000)]


def _undated(path: str, reply: Reply) -> Reply:
    if path != f"/{PLAYLIST}":
        return reply
    lines = [line for line in reply.body.splitlines(keepends=True) if not line.startswith(b"#EXT-X-PROGRAM")]
    return Reply(reply.status, reply.content_type, b"".join(lines))


def _fail_when_begun(live: LiveSource, store: RecordingStore) -> None:
    """Nothing is known of what an undated stream had before its first piece: an outage then is a late start."""
    while not store.segments():
        threading.Event().wait(0.05)
    live.fail(4.5)


@pytest.mark.parametrize("dated", [True, False], ids=["dates", "no-dates"])
def test_an_outage_is_marked_to_the_piece(dated: bool, broadcast: Path, store: RecordingStore, tmp_path: Path) -> None:
    with LiveSource(broadcast, tmp_path / "live", segment_seconds=1, speed=CALM / 2, window=4, when_asked=True) as live:
        if not dated:
            live.faults.append(_undated)
        threading.Thread(target=_fail_when_begun, args=(live, store)).start()
        done = _record(live.url, store, tmp_path)
    missing = len(set(_offered(live)) - {segment.sha256 for segment in done.segments})
    assert missing > 0
    assert sum(round(gap.lost_ms, -2) for gap in done.gaps) == missing * 1000
    assert _whole(done) == pytest.approx(SECONDS, abs=0.3)


def test_the_last_piece_is_missed_too(live: LiveSource, store: RecordingStore, tmp_path: Path) -> None:
    _on(live, PIECES - 1, lambda reply: Reply(404))
    done = _record(live.url, store, tmp_path)
    assert len(done.segments) == PIECES - 1
    assert [(round(gap.at_ms, -2), round(gap.lost_ms, -2)) for gap in done.gaps] == [(11_000, 1_000)]


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
    with LiveSource(
        broadcast, tmp_path / "live", segment_seconds=1, speed=SPEED, window=20, when_asked=True, loop=True
    ) as source:
        source.segments = source.segments[: 2 * PIECES]
        done = _record(source.url, store, tmp_path)
    assert [segment.take for segment in done.segments] == [1] * PIECES + [2] * PIECES
    assert done.gaps == ()
    assert _whole(done) == pytest.approx(2 * SECONDS, abs=0.3)


@pytest.mark.parametrize("until", [22, 27], ids=["part-of-it", "as-long-as-it"])
@pytest.mark.parametrize("dated", [True, False], ids=["dates", "no-dates"])
def test_a_film_that_is_shown_again_is_new_also_after_an_outage(
    dated: bool, until: int, broadcast: Path, store: RecordingStore, tmp_path: Path
) -> None:
    """Its pieces have the same bytes as those that came, and after an outage as long as it they even end with the last;
    where numbers jump they were once taken for these."""
    with LiveSource(
        broadcast, tmp_path / "live", segment_seconds=1, speed=CALM, window=4, when_asked=True, loop=True
    ) as source:
        source.segments = source.segments[: 3 * PIECES]
        if not dated:
            source.faults.append(_undated)
        source.faults.append(_between(source, 15, until))
        done = _record(source.url, store, tmp_path)
    assert done.gaps
    assert _whole(done) == pytest.approx(3 * SECONDS, abs=0.3)


def _between(source: LiveSource, start: float, end: float) -> Callable[[str, Reply], Reply]:
    """No answer between two seconds of the broadcast."""
    return lambda path, reply: Reply(503) if start <= source.now_ms / 1000 < end else reply


def test_pieces_that_are_named_again_after_a_restart_come_once(
    live: LiveSource, store: RecordingStore, tmp_path: Path
) -> None:
    """A recorder that is killed and started again finds all pieces of before, without dates."""
    live.faults.append(_undated)
    _on(live, 8, lambda reply: Reply(404))
    first = _record(live.url, store, tmp_path)
    live.faults.pop()
    second = _record(live.url, store, tmp_path)
    assert [s.sha256 for s in first.segments] == [s.sha256 for s in second.segments][: PIECES - 1]


def test_what_a_killed_recorder_had_fetched_is_kept(on_air: Callable[[], OnAir]) -> None:
    """Piece 3 could not be had when it was killed, so those behind waited; then the stream has it no more, nor them."""
    broadcasts = {case: on_air() for case in product((0, 3), (4, 6), (True, False))}
    for (recorded, slid, dated), one in broadcasts.items():
        _leave(one, recorded)
        if not dated:
            one.live.faults.append(_undated)
        one.live.start()
        for number in range(slid):
            _on(one.live, number, lambda reply: Reply(404))
    for one in broadcasts.values():
        while one.live.now_ms < one.live.segments[7].end_ms:
            threading.Event().wait(0.05)
    for case, done in _at_once(broadcasts).items():
        recorded, offered = case[0], _offered(broadcasts[case].live)
        assert [s.sha256 for s in done.segments] == offered[:recorded] + offered[4:], case
        assert sum(gap.lost_ms for gap in done.gaps) == pytest.approx(1000 * (4 - recorded), abs=150), case


def _leave(broadcast: OnAir, recorded: int) -> None:
    """What is in the spool after a kill: so many pieces, and three that wait."""
    folder = broadcast.folder / "spool" / broadcast.store.id
    (folder / "take-001").mkdir(parents=True)
    began = datetime.now(UTC)
    for number in (*range(recorded), 4, 5, 6):
        piece = broadcast.live.segments[number]
        waits = folder / f"waiting-{piece.start_ms:012d}.ts"
        name = folder / "take-001" / f"{number:06d}.ts" if number < recorded else waits
        shutil.copy(piece.file, name)
        os.utime(name, times=((began + timedelta(milliseconds=piece.end_ms)).timestamp(),) * 2)


@pytest.mark.parametrize("changed", [False, True], ids=["same-codec", "another-codec"])
def test_a_take_goes_on_after_a_kill_only_with_what_it_is_made_of(
    changed: bool, live: LiveSource, store: RecordingStore, tmp_path: Path
) -> None:
    """The first piece after the kill has the timestamps that follow, and perhaps another codec."""
    take = tmp_path / "spool" / store.id / "take-001"
    take.mkdir(parents=True)
    began = datetime.now(UTC)
    for number, piece in enumerate(live.segments[:3]):
        shutil.copy(piece.file, take / f"{number:06d}.ts")
        os.utime(take / f"{number:06d}.ts", times=((began + timedelta(milliseconds=piece.end_ms)).timestamp(),) * 2)
    pieces.remember(take, pieces.form(live.segments[0].file))
    if changed:
        other = tmp_path / "other.ts"
        argv = [ffmpeg.program(), *ffmpeg.QUIET, "-copyts", "-i", str(live.segments[3].file), "-c:a", "copy"]
        subprocess.run([*argv, "-c:v", "mpeg2video", "-muxdelay", "0", "-muxpreload", "0", str(other)], check=True)
        live.segments[3] = replace(live.segments[3], file=other)
    live.faults.append(_undated)
    done = _record(live.url, store, tmp_path)
    takes = [segment.take for segment in done.segments]
    assert takes == ([1, 1, 1, 2] + [3] * (PIECES - 4) if changed else [1] * PIECES)
    assert done.gaps == ()


def test_an_old_playlist_after_a_restart_stores_nothing_twice(
    live: LiveSource, store: RecordingStore, tmp_path: Path
) -> None:
    """The first that the new recorder reads ends before what is stored; the next one does not."""
    live.faults.append(_undated)
    live.start()
    while live.now_ms < live.segments[7].end_ms:
        threading.Event().wait(0.05)
    take = tmp_path / "spool" / store.id / "take-001"
    take.mkdir(parents=True)
    for number, piece in enumerate(live.segments[:7]):
        shutil.copy(piece.file, take / f"{number:06d}.ts")
    asked = [0]

    def stale(path: str, reply: Reply) -> Reply:
        if path != f"/{PLAYLIST}" or reply.status != 200:
            return reply
        asked[0] += 1
        lines = reply.body.splitlines(keepends=True)
        return replace(reply, body=b"".join(lines[: lines.index(b"000003.ts\n") + 1])) if asked[0] < 4 else reply

    live.faults.append(stale)
    done = _record(live.url, store, tmp_path)
    assert asked[0] >= 4
    assert [s.sha256 for s in done.segments] == _offered(live)


def _hls(source: Path, folder: Path, *options: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(source), "-c", "copy", "-f", "hls"]
    command += ["-hls_time", "1", "-hls_playlist_type", "vod", *options, "-master_pl_name", "index.m3u8"]
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


def test_a_stream_of_subtitles_alone(folder_server: tuple[Path, str], store: RecordingStore, tmp_path: Path) -> None:
    folder, url = folder_server
    (folder / "a.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\nHei\n")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", "a.srt", "-c:s", "mov_text", "a.mp4"]
    subprocess.run(command, check=True, cwd=folder)
    (folder / "index.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na.mp4\n#EXT-X-ENDLIST\n")
    with pytest.raises(SourceMissing, match="neither picture nor sound"):
        _record(f"{url}/index.m3u8", store, tmp_path)


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


def test_more_pieces_at_once_than_the_disk_holds(
    folder_server: tuple[Path, str], small_disk: Path, store: RecordingStore, tmp_path: Path
) -> None:
    """A recorder that is behind goes on: what it has fetched makes room for the rest."""
    folder, url = folder_server
    noise = ("-vf", "noise=alls=100:allf=t", "-crf", "10")
    _hls(make(tmp_path / "noise.mp4", seconds=2 * SECONDS, options=noise), folder)
    sizes = [path.stat().st_size for path in folder.glob("*.ts")]
    assert max(sizes) < (1 << 20)
    assert sum(sizes) > (2 << 20)
    done = _record(f"{url}/index.m3u8", store, small_disk)
    assert len(done.segments) == len(sizes)
    assert done.gaps == ()


def test_a_disk_that_stays_full_to_the_end(
    broadcast: Path, folder_server: tuple[Path, str], small_disk: Path, store: RecordingStore, tmp_path: Path
) -> None:
    """All that the stream named is marked, also what was not tried any more."""
    folder, url = folder_server
    _hls(broadcast, folder)
    options = Options(small_disk / "spool", give_up_seconds=5, rules=LOCAL)
    source = Source(f"{url}/index.m3u8", live=True)
    fill(small_disk / "first", leave=2 * max(path.stat().st_size for path in folder.glob("*.ts")))
    done = recorder.record(
        source, store, options, stop=threading.Event(), report=lambda _: fill(small_disk / "ballast")
    )
    assert done.sealed
    assert 0 < len(done.segments) < PIECES
    assert _whole(done) == pytest.approx(SECONDS, abs=0.3)
    assert {gap.reason for gap in done.gaps} == {"The disk was full."}


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
