"""From spool to store: each file once, in order, whatever happens on the way."""

import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config import stores
from core import storer
from core.errors import Permanent, StorageUnreachable
from core.models import Recording, Segment
from core.recordings import RecordingStore, verify
from core.storer import Closed, Progress, Storer
from maaseutu.stack import Stack
from tests.core.media import make

NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)


class Unsteady(RecordingStore):
    """A real recording whose store fails at the calls that are asked for."""

    failing: dict[str, int]
    error: Exception

    def add(self, segment: Segment, path: Path) -> None:
        self._fail("add")
        super().add(segment, path)

    def write(self, recording: Recording) -> None:
        self._fail("write")
        super().write(recording)

    def _fail(self, call: str) -> None:
        if self.failing.get(call, 0) > 0:
            self.failing[call] -= 1
            raise self.error


@pytest.fixture
def store(storage: Stack) -> Unsteady:
    """A recording of the test's own."""
    found = Unsteady(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")
    found.failing, found.error = {}, StorageUnreachable("It is away.")
    return found


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storer, "RETRY_SECONDS", 0.02)


@pytest.fixture
def pieces(tmp_path: Path) -> list[Path]:
    """Four finished files of two Takes."""
    paths = [tmp_path / f"take-00{take}" / f"00000{number}.ts" for take in (1, 2) for number in (0, 1)]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        make(path, seconds=1)
    return paths


def _take(path: Path) -> int:
    return int(path.parent.name.removeprefix("take-"))


def _stored(store: RecordingStore, pieces: list[Path]) -> list[Progress]:
    told: list[Progress] = []
    working = Storer(store, told.append)
    for path in pieces:
        at = NOON + timedelta(seconds=10 * _take(path) + int(path.stem))
        working.offer(Closed(path, _take(path), at))
        working.offer(Closed(path, _take(path), at))
    working.close()
    working.seal()
    return told


def test_each_file_is_stored_once_and_leaves_the_spool(store: Unsteady, pieces: list[Path]) -> None:
    told = _stored(store, pieces)
    assert [(s.take, s.number) for s in store.segments()] == [(1, 0), (1, 1), (2, 0), (2, 1)]
    assert [progress.segments for progress in told] == [1, 2, 3, 4]
    assert not any(path.exists() for path in pieces)
    assert [(gap.at_ms, gap.lost_ms) for gap in store.recording().gaps] == [(1000, 8000)]
    assert verify(store) == []


@pytest.mark.parametrize("call", ["add", "write"])
def test_a_store_that_is_away_for_a_while(call: str, store: Unsteady, pieces: list[Path]) -> None:
    store.failing = {call: 3}
    _stored(store, pieces)
    assert len(store.recording().segments) == 4
    assert len(store.recording().gaps) == 1
    assert store.recording().sealed


@pytest.mark.parametrize("error", [Permanent("No."), OSError("The disk is broken."), ValueError("Nonsense.")])
def test_what_cannot_be_stored_is_said_and_stays(error: Exception, store: Unsteady, pieces: list[Path]) -> None:
    store.failing, store.error = {"add": 1}, error
    working = Storer(store, lambda _: None)
    working.offer(Closed(pieces[0], 1))
    with pytest.raises(type(error), match=str(error)):
        working.close()
    with pytest.raises(type(error)):
        working.offer(Closed(pieces[1], 1))
    assert all(path.exists() for path in pieces)


def test_a_storer_that_dies_of_its_listener_says_so(store: Unsteady, pieces: list[Path]) -> None:
    """Its thread once died in silence: the recording went on, and nothing more was stored."""
    working = Storer(store, lambda _: sys.exit("Nobody listens."))
    working.offer(Closed(pieces[0], 1))
    with pytest.raises(SystemExit):
        working.close()
    with pytest.raises(SystemExit):
        working.offer(Closed(pieces[1], 1))
    assert pieces[1].exists()


def test_a_broken_file_stays_and_an_empty_one_goes(store: Unsteady, pieces: list[Path]) -> None:
    pieces[0].write_bytes(b"no media")
    pieces[1].write_bytes(b"")
    _stored(store, pieces)
    assert [path.exists() for path in pieces] == [True, False, False, False]
    assert len(store.segments()) == 2


def test_what_an_earlier_run_left_is_found_in_order(store: Unsteady, pieces: list[Path], tmp_path: Path) -> None:
    working = Storer(store, lambda _: None)
    storer.recover(tmp_path, working)
    working.close()
    assert [(s.take, s.number) for s in working.segments] == [(1, 0), (1, 1), (2, 0), (2, 1)]


def test_recovering_where_nothing_is(store: Unsteady, tmp_path: Path) -> None:
    working = Storer(store, lambda _: None)
    storer.recover(tmp_path / "nowhere", working)
    working.close()
    assert working.take == 0
