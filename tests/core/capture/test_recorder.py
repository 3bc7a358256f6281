"""Real streams and files, a real store, and everything that can break between them."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config import stores
from core import digests, keys
from core.archive import segments
from core.archive.recordings import RecordingStore, verify
from core.capture import recorder, storer
from core.capture.limit import Limit
from core.capture.recorder import Options
from core.capture.storer import Closed, Progress, files
from core.capture.watching.alarms import Alarm, Kind
from core.errors import DiskFull, InvalidInput, InvalidMedia, SourceMissing, StorageDenied
from core.models import Recording
from core.sources import Source
from maaseutu.stack import Stack
from sample.live_source import LiveSource
from tests.core.filling import fill
from tests.core.made_media import cut, make
from tests.core.server import LOCAL

NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)
SECONDS = 24
SPEED = 8
CALM = 4
"""Where the broadcast must last until something has happened."""
HUGE = 1 << 60


@pytest.fixture
def store(storage: Stack) -> RecordingStore:
    """A recording of the test's own."""
    return RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """Impatient ones."""
    return Options(tmp_path / "spool", segment_seconds=1, give_up_seconds=10, rules=LOCAL)


@pytest.fixture(scope="module")
def broadcast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-four seconds of picture and sound."""
    return make(tmp_path_factory.mktemp("broadcast") / "broadcast.mp4", seconds=SECONDS)


@pytest.fixture
def live(broadcast: Path, tmp_path: Path) -> Iterator[LiveSource]:
    """It, on the air; nothing slides out of its playlist, however slow the machine is."""
    with LiveSource(broadcast, tmp_path / "live", segment_seconds=1, speed=SPEED, window=100) as source:
        source.wait_until_live()
        yield source


@pytest.fixture
def calm(broadcast: Path, tmp_path: Path) -> Iterator[LiveSource]:
    """The same, in less of a hurry."""
    with LiveSource(broadcast, tmp_path / "live", segment_seconds=1, speed=CALM, window=100) as source:
        source.wait_until_live()
        yield source


def _record(source: Source, store: RecordingStore, options: Options, told: list[Progress] | None = None) -> Recording:
    report = [] if told is None else told
    return recorder.record(source, store, options, stop=threading.Event(), report=report.append)


def _import(path: Path, store: RecordingStore, options: Options) -> Recording:
    return recorder.import_file(path, store, options, starts_at=NOON, report=lambda _: None)


def _seconds(recording: Recording) -> float:
    return segments.duration_ms(recording.segments) / 1000


def _until(true: object, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    assert callable(true)
    while not true():
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)


def test_a_file_becomes_segments(store: RecordingStore, options: Options, tmp_path: Path) -> None:
    path = make(tmp_path / "kokous.mp4", seconds=5)
    done = _import(path, store, options)
    assert done.sealed
    assert _seconds(done) == pytest.approx(5, abs=0.1)
    assert verify(store) == []
    assert store.archive.get(done.original) == path.read_bytes()
    assert (done.segments[0].captured_at, done.segments[1].captured_at.second) == (NOON, 1)
    assert not any(options.spool.iterdir())


def test_an_import_that_broke_off_is_completed(store: RecordingStore, options: Options, tmp_path: Path) -> None:
    path = make(tmp_path / "kokous.mp4", seconds=5)
    whole = _import(path, store, options)
    for segment in whole.segments[2:]:
        store.archive.delete(keys.segments(store.id) + segments.name(segment))
    again = _import(path, store, options)
    assert [s.sha256 for s in again.segments] == [s.sha256 for s in whole.segments]
    assert again.gaps == ()


def test_a_file_is_not_mixed_into_what_was_recorded_live(
    store: RecordingStore, options: Options, tmp_path: Path
) -> None:
    take = options.spool / store.id / "take-001"
    take.mkdir(parents=True)
    waiting = make(take / "000001.ts", seconds=1)
    piece = make(tmp_path / "000000.ts", seconds=1)
    store.add(storer.describe(Closed(piece, 1, captured_at=NOON)), piece)
    with pytest.raises(InvalidInput, match=f"{store.id} was recorded live"):
        _import(make(tmp_path / "kokous.mp4", seconds=2), store, options)
    assert len(store.segments()) == 1
    assert waiting.exists()


def test_a_bad_file_leaves_nothing(store: RecordingStore, options: Options, tmp_path: Path) -> None:
    path = cut(make(tmp_path / "kokous.mp4", seconds=2), 0.5)
    with pytest.raises(InvalidMedia, match="kokous.mp4 is a truncated or damaged MP4"):
        _import(path, store, options)
    assert store.segments() == []
    assert not options.spool.exists()


def _without_sound_packets(path: Path) -> Path:
    """The MPEG-TS still announces its sound, of which nothing comes."""
    data = path.read_bytes()
    packets = [data[at : at + 188] for at in range(0, len(data), 188)]
    path.write_bytes(b"".join(one for one in packets if (one[1] & 0x1F) << 8 | one[2] != 0x101))
    return path


def _without_sound_header(path: Path) -> Path:
    """The FLV's AAC lacks what tells how it is coded: MPEG-TS cannot take it."""
    data, at = path.read_bytes(), 13
    kept = data[:at]
    while at < len(data):
        end = at + 15 + int.from_bytes(data[at + 1 : at + 4])
        if not (data[at] == 8 and data[at + 12] == 0):
            kept += data[at:end]
        at = end
    path.write_bytes(kept)
    return path


def _only_index(path: Path) -> Path:
    """A fragmented MP4 that ends before its first fragment."""
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"moof") - 4])
    return path


FRAGMENTED = ("-movflags", "frag_keyframe+empty_moov")


@pytest.mark.parametrize(
    ("name", "options", "spoil", "said"),
    [
        ("a.ts", (), _without_sound_packets, "a.ts has no sound"),
        ("a.flv", (), _without_sound_header, "a.flv cannot be copied: nothing comes of its sound"),
        ("a.mp4", FRAGMENTED, _only_index, "a.mp4 cannot be copied: nothing comes of its sound or of its picture"),
    ],
)
def test_sound_that_is_only_announced_is_refused(
    name: str,
    options: tuple[str, ...],
    spoil: Callable[[Path], Path],
    said: str,
    store: RecordingStore,
    tmp_path: Path,
) -> None:
    path = spoil(make(tmp_path / name, seconds=2, options=options))
    with pytest.raises(InvalidMedia, match=said) as raised:
        _import(path, store, Options(tmp_path / "spool"))
    assert raised.value.cure
    assert store.segments() == []


def test_a_live_stream_to_its_end(live: LiveSource, store: RecordingStore, options: Options) -> None:
    told: list[Progress] = []
    done = _record(Source(live.url, live=True), store, options, told)
    assert done.sealed
    assert done.gaps == ()
    assert _seconds(done) == pytest.approx(SECONDS, abs=0.3)
    assert verify(store) == []
    assert told[-1].segments == len(done.segments)
    assert not (options.spool / store.id).exists()


def test_a_recording_is_stopped(live: LiveSource, store: RecordingStore, options: Options) -> None:
    stop = threading.Event()
    done = recorder.record(
        Source(live.url, live=True), store, options, stop=stop, report=lambda p: stop.set() if p.segments > 3 else None
    )
    assert done.sealed
    assert 3 < _seconds(done) < SECONDS


def test_a_limit_that_moves_ends_it(live: LiveSource, store: RecordingStore, options: Options) -> None:
    limit = Limit()

    def stop(progress: Progress) -> None:
        if progress.segments > 3:
            limit.move(datetime.now(UTC))

    source, never = Source(live.url, live=True), threading.Event()
    done = recorder.record(source, store, options, stop=never, report=stop, limit=limit)
    assert done.sealed
    assert done.gaps == ()
    assert 3 < _seconds(done) < SECONDS


def test_it_is_said_when_it_was_stopped_before_anything_came(
    live: LiveSource, store: RecordingStore, options: Options
) -> None:
    limit = Limit()
    limit.move(datetime.now(UTC) - timedelta(seconds=1))
    source, never = Source(live.url, live=True), threading.Event()
    with pytest.raises(SourceMissing, match="It was stopped before anything came"):
        recorder.record(source, store, options, stop=never, report=lambda _: None, limit=limit)


def test_a_stream_that_is_not_there(live: LiveSource, store: RecordingStore, options: Options) -> None:
    live.fail(60)
    with pytest.raises(SourceMissing, match=f"Nothing came from {live.url} in 1 s .*503") as raised:
        _record(Source(live.url, live=True), store, options._replace(give_up_seconds=1))
    assert "\n" not in raised.value.what
    assert not store.recording().sealed


def test_a_stream_without_sound(store: RecordingStore, options: Options, tmp_path: Path) -> None:
    make(tmp_path / "mute.mp4", seconds=4, sound=False)
    with LiveSource(tmp_path / "mute.mp4", tmp_path / "live", speed=SPEED) as source:
        source.wait_until_live()
        with pytest.raises(InvalidMedia, match=f"{source.url} has no sound"):
            _record(Source(source.url, live=True), store, options)


KILLED = """
import json, sys, threading
from pathlib import Path
from core.bucket import Bucket
from core.outside import addresses
from core.capture import recorder
from core.archive.recordings import RecordingStore
from core.sources import Source
given = json.loads(sys.stdin.read())
store = RecordingStore(Bucket(given["bucket"], **given["store"]), given["id"])
options = recorder.Options(Path(given["spool"]), segment_seconds=1, rules=addresses.parse("127.0.0.1"))
recorder.record(Source(given["url"], True), store, options, stop=threading.Event(), report=lambda _: None)
"""


def _killed(storage: Stack, store: RecordingStore, url: str, spool: Path, when: Callable[[], object]) -> None:
    """A recorder in a process of its own, killed at a moment."""
    settings = storage.settings
    access = {"access_key": settings.s3_access_key, "secret_key": settings.s3_secret_key.get_secret_value()}
    given = {"bucket": settings.archive_bucket, "store": {"endpoint": settings.s3_endpoint, **access}}
    with subprocess.Popen([sys.executable, "-c", KILLED], stdin=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdin
        process.stdin.write(json.dumps(given | {"id": store.id, "spool": str(spool), "url": url}).encode())
        process.stdin.close()
        try:
            _until(when)
        finally:
            os.kill(process.pid, signal.SIGKILL)


@contextmanager
def _paused(storage: Stack) -> Iterator[None]:
    """The store answers nothing meanwhile."""
    group = os.getpgid(storage.pids["storage"])
    os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(group, signal.SIGCONT)


def test_what_a_killed_recorder_left_is_stored(
    storage: Stack, calm: LiveSource, store: RecordingStore, options: Options
) -> None:
    take = options.spool / store.id / "take-001"
    with ExitStack() as until_killed:

        def left_behind() -> bool:
            if len(store.segments()) > 2:
                until_killed.enter_context(_paused(storage))
                _until(lambda: take.exists() and len(files(take)) > 1)
                return True
            return False

        _killed(storage, store, calm.url, options.spool, left_behind)
    before = store.segments()
    left = files(take)
    assert left
    known = {digests.of_file(path) for path in left}
    done = recorder.seal_interrupted(store, options)
    assert done.sealed
    assert known & {segment.sha256 for segment in done.segments}
    assert len(done.segments) > len(before)
    assert verify(store) == []


def test_a_killed_recorder_goes_on_where_it_was(
    storage: Stack, calm: LiveSource, store: RecordingStore, options: Options
) -> None:
    _killed(storage, store, calm.url, options.spool, lambda: len(store.segments()) > 2)
    done = _record(Source(calm.url, live=True), store, options)
    # A piece that was fetched, and had no place yet when the recorder was killed, begins a Take of its own.
    assert {segment.take for segment in done.segments} <= {1, 2}
    assert done.gaps == ()
    assert _seconds(done) == pytest.approx(SECONDS, abs=0.3)
    assert verify(store) == []


def test_a_store_that_is_away_for_a_while_loses_nothing(
    storage: Stack, calm: LiveSource, store: RecordingStore, options: Options
) -> None:
    pid = storage.pids["storage"]
    away = threading.Timer(1, os.killpg, (os.getpgid(pid), signal.SIGKILL))
    away.start()
    done = _record(Source(calm.url, live=True), store, options)
    away.join()
    _until(lambda: storage.pids["storage"] != pid)
    assert done.sealed
    assert done.gaps == ()
    assert _seconds(done) == pytest.approx(SECONDS, abs=0.3)
    assert verify(store) == []


def test_a_store_that_refuses_leaves_the_files_in_the_spool(
    storage: Stack, live: LiveSource, store: RecordingStore, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Progress] = []
    wrong = storage.settings.model_copy(update={"s3_access_key": "nobody"})

    def change(progress: Progress) -> None:
        told.append(progress)
        monkeypatch.setattr(store, "archive", stores.archive(wrong))

    with pytest.raises(StorageDenied, match="refused our credentials"):
        recorder.record(Source(live.url, live=True), store, options, stop=threading.Event(), report=change)
    monkeypatch.setattr(store, "archive", stores.archive(storage.settings))
    stored = len(store.segments())
    left = files(options.spool / store.id / "take-001")
    assert left
    recorder.seal_interrupted(store, options)
    assert len(store.segments()) == stored + len(left)


def test_on_a_full_disk_no_import_is_begun_but_a_recording(
    live: LiveSource, store: RecordingStore, options: Options, tmp_path: Path
) -> None:
    full = options._replace(min_free_bytes=HUGE)
    with pytest.raises(DiskFull, match=f"are free in {options.spool}"):
        _import(make(tmp_path / "a.mp4", seconds=1), store, full)
    told: list[Alarm] = []
    done = recorder.record(
        Source(live.url, live=True), store, full, stop=threading.Event(), report=lambda _: None, tell=told.append
    )
    assert done.sealed
    assert done.gaps == ()
    assert [alarm.kind for alarm in told] == [Kind.DISK]


class _Filled:
    """A small disk that is filled until the recorder notices, and emptied ``after`` it could not write any more."""

    def __init__(self, folder: Path, *, after: Callable[[], object] = lambda: None) -> None:
        self.told: list[tuple[Kind, bool]] = []
        self._ballast = folder / "ballast"
        self._after = after
        self._emptied: list[threading.Thread] = []

    def report(self, _: Progress) -> None:
        if not self.told:
            fill(self._ballast, enough=lambda: self.told)

    def tell(self, alarm: Alarm) -> None:
        self.told.append((alarm.kind, alarm.cleared_at is not None))
        if alarm.kind is Kind.FULL and not self._emptied:
            self._emptied = [threading.Thread(target=self._empty)]
            self._emptied[0].start()

    def _empty(self) -> None:
        self._after()
        self._ballast.unlink()

    def record(self, live: LiveSource, store: RecordingStore, options: Options) -> Recording:
        source = Source(live.url, live=True)
        try:
            return recorder.record(source, store, options, stop=threading.Event(), report=self.report, tell=self.tell)
        finally:
            for thread in self._emptied:
                thread.join()


def _has_played(live: LiveSource, seconds: int) -> None:
    until = live.now_ms + seconds * 1000
    _until(lambda: live.now_ms > until)


def test_a_disk_that_is_full_for_a_moment_loses_nothing(
    small_disk: Path, live: LiveSource, store: RecordingStore, options: Options
) -> None:
    filled = _Filled(small_disk)
    done = filled.record(live, store, options._replace(spool=small_disk / "spool"))
    assert done.sealed
    assert done.gaps == ()
    assert _seconds(done) == pytest.approx(SECONDS, abs=0.3)
    assert filled.told[:2] == [(Kind.FULL, False), (Kind.FULL, True)]
    assert verify(store) == []
    assert list((small_disk / "spool").iterdir()) == []


def test_a_reserve_saves_what_a_full_disk_would_lose(
    small_disk: Path, live: LiveSource, store: RecordingStore, options: Options
) -> None:
    """The ballast stays; the reserve is room enough, because what is stored leaves the disk."""
    filled = _Filled(small_disk)
    done = filled.record(live, store, options._replace(spool=small_disk / "spool", reserve_bytes=768 << 10))
    assert done.sealed
    assert done.gaps == ()
    assert filled.told == [(Kind.RESERVE, False)]
    assert (small_disk / "ballast").exists()


def test_what_a_full_disk_loses_is_marked_and_the_recording_goes_on(
    broadcast: Path, small_disk: Path, store: RecordingStore, options: Options, tmp_path: Path
) -> None:
    """It is full for longer than a silent source would be waited for."""
    with LiveSource(broadcast, tmp_path / "live", segment_seconds=1, speed=CALM / 2, window=3) as live:
        live.wait_until_live()
        filled = _Filled(small_disk, after=lambda: _has_played(live, 8))
        impatient = options._replace(spool=small_disk / "spool", give_up_seconds=2)
        done = filled.record(live, store, impatient)
    assert done.sealed
    assert [gap.reason for gap in done.gaps] == ["The disk was full."]
    assert _seconds(done) + done.gaps[0].lost_ms / 1000 == pytest.approx(SECONDS, abs=0.5)
    assert {segment.take for segment in done.segments} == {1, 2}
    assert filled.told[:2] == [(Kind.FULL, False), (Kind.FULL, True)]
    assert verify(store) == []


def test_a_file_that_does_not_fit(small_disk: Path, broadcast: Path, store: RecordingStore, options: Options) -> None:
    (small_disk / "ballast").write_bytes(bytes(1800 << 10))
    with pytest.raises(DiskFull):
        _import(broadcast, store, options._replace(spool=small_disk / "spool"))
    assert not list(small_disk.glob("spool/*/take-*"))
    (small_disk / "ballast").unlink()
    assert _import(broadcast, store, options).sealed
