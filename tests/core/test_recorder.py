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
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import stores
from core import digests, keys, recorder, segments
from core.errors import DiskFull, InvalidMedia, SourceMissing, StorageDenied
from core.models import Recording
from core.recorder import Options
from core.recordings import RecordingStore, verify
from core.sources import Source
from core.storer import Progress, files
from maaseutu.stack import Stack
from sample.live_source import LiveSource
from tests.core.media import cut, make

NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)
SPEED = 8
HUGE = 1 << 60


@pytest.fixture
def store(storage: Stack) -> RecordingStore:
    """A recording of the test's own."""
    return RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """Impatient ones."""
    return Options(tmp_path / "spool", segment_seconds=1, give_up_seconds=10)


@pytest.fixture(scope="module")
def broadcast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty-eight seconds of picture and sound."""
    return make(tmp_path_factory.mktemp("broadcast") / "broadcast.mp4", seconds=48)


@pytest.fixture
def live(broadcast: Path, tmp_path: Path) -> Iterator[LiveSource]:
    """It, on the air."""
    with LiveSource(broadcast, tmp_path / "live", speed=SPEED, window=20) as source:
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
    assert not (options.spool / store.id).exists()


def test_an_import_that_broke_off_is_completed(store: RecordingStore, options: Options, tmp_path: Path) -> None:
    path = make(tmp_path / "kokous.mp4", seconds=5)
    whole = _import(path, store, options)
    for segment in whole.segments[2:]:
        store.archive.delete(keys.segments(store.id) + segments.name(segment))
    again = _import(path, store, options)
    assert [s.sha256 for s in again.segments] == [s.sha256 for s in whole.segments]
    assert again.gaps == ()


def test_a_bad_file_leaves_nothing(store: RecordingStore, options: Options, tmp_path: Path) -> None:
    path = cut(make(tmp_path / "kokous.mp4", seconds=2), 0.5)
    with pytest.raises(InvalidMedia, match="kokous.mp4 is a truncated or damaged MP4"):
        _import(path, store, options)
    assert store.segments() == []
    assert not options.spool.exists()


def test_a_live_stream_to_its_end(live: LiveSource, store: RecordingStore, options: Options) -> None:
    told: list[Progress] = []
    done = _record(Source(live.url, live=True), store, options, told)
    assert done.sealed
    assert done.gaps == ()
    assert _seconds(done) == pytest.approx(48, abs=0.3)
    assert verify(store) == []
    assert told[-1].segments == len(done.segments)
    assert not (options.spool / store.id).exists()


def test_a_recording_is_stopped(live: LiveSource, store: RecordingStore, options: Options) -> None:
    stop = threading.Event()
    done = recorder.record(
        Source(live.url, live=True), store, options, stop=stop, report=lambda p: stop.set() if p.segments > 3 else None
    )
    assert done.sealed
    assert 3 < _seconds(done) < 48


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
from core import recorder
from core.recordings import RecordingStore
from core.sources import Source
given = json.loads(sys.stdin.read())
store = RecordingStore(Bucket(given["bucket"], **given["store"]), given["id"])
options = recorder.Options(Path(given["spool"]), segment_seconds=1)
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
    storage: Stack, live: LiveSource, store: RecordingStore, options: Options
) -> None:
    take = options.spool / store.id / "take-001"
    with ExitStack() as until_killed:

        def left_behind() -> bool:
            if len(store.segments()) > 2:
                until_killed.enter_context(_paused(storage))
                _until(lambda: take.exists() and len(files(take)) > 1)
                return True
            return False

        _killed(storage, store, live.url, options.spool, left_behind)
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
    storage: Stack, live: LiveSource, store: RecordingStore, options: Options
) -> None:
    _killed(storage, store, live.url, options.spool, lambda: len(store.segments()) > 2)
    done = _record(Source(live.url, live=True), store, options)
    assert {segment.take for segment in done.segments} == {1}
    assert done.gaps == ()
    assert _seconds(done) == pytest.approx(48, abs=0.3)
    assert verify(store) == []


def test_a_store_that_is_away_for_a_while_loses_nothing(
    storage: Stack, live: LiveSource, store: RecordingStore, options: Options
) -> None:
    pid = storage.pids["storage"]
    away = threading.Timer(1, os.killpg, (os.getpgid(pid), signal.SIGKILL))
    away.start()
    done = _record(Source(live.url, live=True), store, options)
    away.join()
    _until(lambda: storage.pids["storage"] != pid)
    assert done.sealed
    assert done.gaps == ()
    assert _seconds(done) == pytest.approx(48, abs=0.3)
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


def test_nothing_is_begun_on_a_full_disk(
    live: LiveSource, store: RecordingStore, options: Options, tmp_path: Path
) -> None:
    full = options._replace(min_free_bytes=HUGE)
    with pytest.raises(DiskFull, match=f"are free in {options.spool}") as raised:
        _record(Source(live.url, live=True), store, full)
    assert "MAASEUTU_STATE" in raised.value.cure
    with pytest.raises(DiskFull):
        _import(make(tmp_path / "a.mp4", seconds=1), store, full)


if os.geteuid() == 0:

    def test_a_disk_that_fills_while_recording(
        small_disk: Path, live: LiveSource, store: RecordingStore, options: Options
    ) -> None:
        def fill(_: Progress) -> None:
            ballast = small_disk / "ballast"
            if not ballast.exists():
                with ballast.open("wb", buffering=0) as file:
                    while _some(file.fileno()):
                        pass

        with pytest.raises(DiskFull, match="is full"):
            recorder.record(
                Source(live.url, live=True),
                store,
                options._replace(spool=small_disk / "spool"),
                stop=threading.Event(),
                report=fill,
            )
        assert store.segments()
        (small_disk / "ballast").unlink()
        done = _record(Source(live.url, live=True), store, options._replace(spool=small_disk / "spool"))
        assert done.sealed
        assert verify(store) == []

    def test_a_file_that_does_not_fit(
        small_disk: Path, broadcast: Path, store: RecordingStore, options: Options
    ) -> None:
        (small_disk / "ballast").write_bytes(bytes(1800 << 10))
        with pytest.raises(DiskFull):
            _import(broadcast, store, options._replace(spool=small_disk / "spool"))
        assert not list(small_disk.glob("spool/*/take-*"))
        (small_disk / "ballast").unlink()
        assert _import(broadcast, store, options).sealed


def _some(file: int) -> int:
    """Bytes of a filling write; 0 when the disk is full."""
    try:
        return os.write(file, bytes(4096))
    except OSError:
        return 0
