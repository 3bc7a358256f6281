"""What every live source must do, whatever its protocol: the same tests for all of them, with real senders."""

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from config import stores
from core.archive import segments
from core.archive.recordings import RecordingStore, verify
from core.capture import recorder
from core.capture.limit import Limit
from core.capture.recorder import Options
from core.capture.storer import Closed, Progress
from core.errors import InvalidMedia, SourceMissing
from core.models import Recording
from maaseutu.stack import Stack
from tests.core.made_media import make
from tests.core.server import LOCAL
from tests.core.sources.senders import ALL, SOME, Hls, Sender

SECONDS = 10
AWAY_SECONDS = 4.0


@pytest.fixture
def store(storage: Stack) -> RecordingStore:
    """A recording of the test's own."""
    return RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """Impatient ones."""
    return Options(tmp_path / "spool", segment_seconds=1, give_up_seconds=6, stall_seconds=4, rules=LOCAL)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Picture and sound, a keyframe each second."""
    return make(tmp_path_factory.mktemp("film") / "film.mp4", seconds=SECONDS)


SOME_OF_THEM = pytest.mark.parametrize("sender", SOME, ids=lambda kind: kind.__name__, indirect=True)


@pytest.fixture(params=ALL, ids=lambda kind: kind.__name__)
def sender(request: pytest.FixtureRequest, film: Path, tmp_path: Path) -> Iterator[Sender]:
    """One of each kind, not yet on the air."""
    made: Sender = request.param(film, tmp_path)
    yield made
    made.close()


class Seen:
    """Who looks at a recording while it is made."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.ended: list[bool] = []

    def offer(self, closed: Closed) -> None:
        self.sizes.append(closed.path.stat().st_size)

    def close(self, *, ended: bool) -> None:
        self.ended.append(ended)


class Running:
    """A recorder at work in a thread."""

    def __init__(self, sender: Sender, store: RecordingStore, options: Options, limit: Limit | None = None) -> None:
        self.store = store
        self.stop = threading.Event()
        self.seen = Seen()
        self._changed = threading.Condition()
        self._stored = 0
        self._pool = ThreadPoolExecutor(1)
        self._future = self._pool.submit(
            recorder.record,
            sender.source,
            store,
            options,
            stop=self.stop,
            report=self._report,
            observer=self.seen,
            limit=limit,
        )
        self._future.add_done_callback(lambda _: self._report(None))

    def _report(self, progress: Progress | None) -> None:
        with self._changed:
            self._stored = progress.segments if progress else self._stored
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        """Until so many Segments are stored."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._stored >= count or self._future.done(), timeout=60)
        assert self._stored >= count, self.result()

    def wait_for_more(self) -> None:
        """Until something more is stored."""
        with self._changed:
            assert self._changed.wait(timeout=60)
        assert not self._future.done(), self.result()

    def result(self) -> Recording:
        """The recording, when it has ended."""
        with self._pool:
            return self._future.result(timeout=90)


def _seconds(recording: Recording) -> float:
    return segments.duration_ms(recording.segments) / 1000


def _at_once(
    kinds: Iterable[type[Sender]], storage: Stack, options: Options, film: Path, work: Path, seconds: float = 0
) -> Iterator[tuple[Sender, Running]]:
    """A sender of each kind with a recorder of its own, all at the same time, since they mostly wait."""
    for kind in kinds:
        folder = work / kind.__name__
        folder.mkdir()
        store = RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")
        # Ten recorders at once are slow: what a playlist of two seconds forgets meanwhile is no fault of theirs.
        sender = Hls(film, folder, SECONDS) if kind is Hls else kind(film, folder)
        yield sender, Running(sender, store, options, Limit(seconds))


@pytest.fixture
def sending(storage: Stack, options: Options, tmp_path: Path) -> Iterator[Callable[..., list[Running]]]:
    """Puts a film on the air by each protocol; gives the recorders, which take at most so many ``seconds``."""
    patient = options._replace(stall_seconds=12, give_up_seconds=14)
    with ExitStack() as closing:

        def start(film: Path, seconds: float = 0) -> list[Running]:
            found = []
            for sender, running in _at_once(SOME, storage, patient, film, tmp_path, seconds):
                closing.callback(sender.close)
                sender.start()
                found.append(running)
            return found

        yield start


def test_all_kinds_are_recorded_whole(storage: Stack, options: Options, film: Path, tmp_path: Path) -> None:
    # A busy machine that holds ten processes up for three seconds is no fault of a source's.
    patient = options._replace(stall_seconds=12, give_up_seconds=14)
    with ExitStack() as closing:
        running = []
        for sender, recording in _at_once(ALL, storage, patient, film, tmp_path):
            closing.callback(sender.close)
            sender.start()
            running.append(recording)
        for recording in running:
            _is_whole(recording, options)


def _is_whole(running: Running, options: Options) -> None:
    done = running.result()
    assert done.sealed
    assert done.gaps == ()
    assert {segment.take for segment in done.segments} == {1}
    # Who stops sending does not wait for what is still on its way: up to a second of SRT.
    assert SECONDS - 1.2 < _seconds(done) < SECONDS + 0.3
    assert running.seen.sizes == [segment.size for segment in done.segments]
    assert running.seen.ended == [True]
    assert verify(running.store) == []
    assert not (options.spool / running.store.name).exists()


def test_stopped_by_the_producer_they_keep_what_came(sending: Callable[..., list[Running]], film: Path) -> None:
    def stopped(running: Running) -> Recording:
        running.wait_for(3)
        running.stop.set()
        return running.result()

    recorders = sending(film)
    with ThreadPoolExecutor() as pool:
        for running, done in zip(recorders, pool.map(stopped, recorders), strict=True):
            assert done.sealed
            assert 2.5 < _seconds(done) < SECONDS
            assert verify(running.store) == []


def test_what_never_comes_is_given_up(storage: Stack, options: Options, film: Path, tmp_path: Path) -> None:
    for sender, running in list(_at_once(ALL, storage, options._replace(give_up_seconds=2), film, tmp_path)):
        with pytest.raises(SourceMissing, match="Nothing came from .* in 2 s") as raised:
            running.result()
        assert raised.value.cure
        assert "\n" not in raised.value.what
        assert not running.store.recording().sealed
        sender.close()


@SOME_OF_THEM
def test_one_that_goes_away_and_comes_back_leaves_a_gap(
    sender: Sender, store: RecordingStore, options: Options
) -> None:
    sender.start()
    running = Running(sender, store, options._replace(give_up_seconds=12))
    running.wait_for(3)
    sender.away(AWAY_SECONDS)
    while store.segments()[-1].take == 1:
        running.wait_for_more()
    heard_at = time.monotonic()
    if sender.source.is_taken_in:
        running.stop.set()
    done = running.result()
    assert done.sealed
    assert len(done.gaps) == 1
    assert done.gaps[0].doubtful or not sender.source.is_taken_in
    least, most = sender.lost_seconds(done, heard_at)
    assert least <= done.gaps[0].lost_ms / 1000 <= most
    assert done.gaps[0].reason
    assert verify(store) == []


def test_they_are_recorded_for_as_long_as_wanted(sending: Callable[..., list[Running]], film: Path) -> None:
    for running in sending(film, 4):
        done = running.result()
        assert done.sealed
        assert 1 < _seconds(done) < SECONDS - 2


def test_those_without_sound_are_refused(sending: Callable[..., list[Running]], tmp_path: Path) -> None:
    for running in sending(make(tmp_path / "mute.mp4", seconds=5, sound=False)):
        with pytest.raises(InvalidMedia, match="has no sound"):
            running.result()
