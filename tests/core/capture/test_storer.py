"""From spool to store: each file once, in order, whatever happens on the way."""

import sys
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config import stores
from core.archive.recordings import RecordingStore, verify
from core.capture import storer
from core.capture.storer import Closed, Progress, Storer
from core.errors import Permanent, StorageUnreachable
from core.models import Gap, Segment
from maaseutu.stack import Stack
from tests.core.made_media import make

NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)


class Unsteady(RecordingStore):
    """A real recording whose store fails at the calls that are asked for."""

    failing: dict[str, int]
    error: Exception

    def add(self, segment: Segment, path: Path) -> None:
        self._fail("add")
        super().add(segment, path)

    def write(self, found: Sequence[Segment], gaps: Iterable[Gap]) -> None:
        self._fail("write")
        super().write(found, gaps)

    def segments(self, known: Iterable[Segment] = ()) -> list[Segment]:
        self._fail("segments")
        return super().segments(known)

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
    working = Storer(store, pieces[0].parents[1], told.append)
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
def test_what_cannot_be_stored_is_said_and_stays(
    error: Exception, store: Unsteady, pieces: list[Path], tmp_path: Path
) -> None:
    store.failing, store.error = {"add": 1}, error
    working = Storer(store, tmp_path, lambda _: None)
    working.offer(Closed(pieces[0], 1))
    with pytest.raises(type(error), match=str(error)):
        working.close()
    with pytest.raises(type(error)):
        working.offer(Closed(pieces[1], 1))
    assert all(path.exists() for path in pieces)


def test_a_storer_that_dies_of_its_listener_says_so(store: Unsteady, pieces: list[Path], tmp_path: Path) -> None:
    """Its thread once died in silence: the recording went on, and nothing more was stored."""
    working = Storer(store, tmp_path, lambda _: sys.exit("Nobody listens."))
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
    working = Storer(store, tmp_path, lambda _: None)
    storer.recover(tmp_path, working)
    working.close()
    assert [(s.take, s.number) for s in working.segments] == [(1, 0), (1, 1), (2, 0), (2, 1)]


def test_what_was_still_arriving_is_stored_and_its_last_file_is_partial(
    store: Unsteady, pieces: list[Path], tmp_path: Path
) -> None:
    arriving = tmp_path / "take-002" / storer.ARRIVING
    arriving.mkdir()
    for path in pieces[2:]:
        path.rename(arriving / path.name)
    half = arriving / pieces[3].name
    half.write_bytes(half.read_bytes()[:-1000])
    working = Storer(store, tmp_path, lambda _: None)
    storer.recover(tmp_path, working)
    working.close()
    found = [(s.take, s.number, s.state) for s in working.segments]
    assert found == [(1, 0, "full"), (1, 1, "full"), (2, 0, "full"), (2, 1, "partial")]
    working.seal()
    assert verify(store) == []
    assert not list(arriving.iterdir())


def test_recovering_where_nothing_is(store: Unsteady, tmp_path: Path) -> None:
    working = Storer(store, tmp_path, lambda _: None)
    storer.recover(tmp_path / "nowhere", working)
    working.close()
    assert working.take == 0


def test_a_gap_is_marked_also_when_the_recorder_was_killed_before_the_manifest(
    store: Unsteady, pieces: list[Path], tmp_path: Path
) -> None:
    """Killed between storing a Segment and writing the manifest. The timestamps of a Take overlap here."""
    for place, (path, seconds) in enumerate(zip(pieces, (0, 1, 7, 8), strict=True)):
        closed = Closed(path, _take(path), captured_at=NOON + timedelta(seconds=seconds))
        store.add(storer.describe(closed), path)
        if place == 1:
            store.write(store.segments(), [])
    again = Storer(store, tmp_path, lambda _: None)
    again.close()
    assert [(gap.at_ms, gap.lost_ms) for gap in again.seal().gaps] == [(1000, 5000)]
    once_more = Storer(store, tmp_path, lambda _: None)
    once_more.close()
    assert len(once_more.seal().gaps) == 1


def _offered(working: Storer, paths: list[Path], *, later: int = 0) -> None:
    """Offer files whose Take, number and second of their first frame their names tell; at last ``later`` seconds on."""
    for path in paths:
        at = NOON + timedelta(seconds=later + 10 * _take(path) + int(path.stem))
        working.offer(Closed(path, _take(path), at))


AWAY = 1_000_000
"""More calls than a test makes."""


@pytest.fixture
def blind(store: Unsteady, monkeypatch: pytest.MonkeyPatch) -> Unsteady:
    """The archive is away, and is waited for but a moment."""
    monkeypatch.setattr(storer, "BEGIN_SECONDS", 0.01)
    store.failing = {"segments": AWAY}
    return store


def test_recording_begins_while_the_archive_is_away(blind: Unsteady, pieces: list[Path], tmp_path: Path) -> None:
    begun: list[str] = []
    working = Storer(blind, tmp_path, lambda _: None, begin=lambda: begun.append("begun"))
    _offered(working, pieces)
    assert all(path.exists() for path in pieces)
    blind.failing = {}
    working.close()
    assert begun
    assert len(working.seal().segments) == 4
    assert verify(blind) == []


def test_the_journal_knows_what_the_archive_has(blind: Unsteady, pieces: list[Path], tmp_path: Path) -> None:
    blind.failing = {}
    first = Storer(blind, tmp_path, lambda _: None)
    first.lose_beginning(500, "It began late.")
    _offered(first, pieces[:3])
    first.close()
    blind.failing = {"segments": AWAY}
    again = Storer(blind, tmp_path, lambda _: None)
    assert again.segments == first.segments
    assert again.gaps == first.gaps
    assert [gap.reason for gap in again.gaps] == ["It began late.", storer.INTERRUPTED]
    _offered(again, pieces[3:])
    blind.failing = {}
    again.close()
    assert [(s.take, s.number) for s in again.seal().segments] == [(1, 0), (1, 1), (2, 0), (2, 1)]
    assert len(blind.recording().gaps) == 2


def test_what_was_stored_just_before_a_kill_is_not_stored_twice(
    blind: Unsteady, pieces: list[Path], tmp_path: Path
) -> None:
    """Killed between storing and noting it in the journal: the file is still in the spool."""
    blind.add(storer.describe(Closed(pieces[0], 1, NOON + timedelta(seconds=10))), pieces[0])
    working = Storer(blind, tmp_path, lambda _: None)
    _offered(working, pieces[:2])
    blind.failing = {}
    working.close()
    assert [(s.take, s.number) for s in working.seal().segments] == [(1, 0), (1, 1)]


def test_what_another_machine_had_recorded_comes_first(blind: Unsteady, pieces: list[Path], tmp_path: Path) -> None:
    """The spool knew nothing of it, and began with Take 1 while the archive was away."""
    other = tmp_path / "other"
    other.mkdir()
    blind.failing = {}
    elsewhere = Storer(blind, other, lambda _: None)
    _offered(elsewhere, pieces[:2])
    elsewhere.close()
    blind.failing = {"segments": AWAY}
    again = [make(path.parents[1] / "take-001" / path.name, seconds=2) for path in pieces[2:]]
    working = Storer(blind, tmp_path, lambda _: None)
    _offered(working, again, later=5)
    blind.failing = {}
    working.close()
    assert [(s.take, s.number) for s in working.seal().segments] == [(1, 0), (1, 1), (2, 0), (2, 1)]
    assert [gap.lost_ms for gap in working.gaps] == [3000]
    assert Storer(blind, tmp_path, lambda _: None).segments == working.segments


def test_nothing_is_waited_for_when_nothing_came(blind: Unsteady, tmp_path: Path) -> None:
    working = Storer(blind, tmp_path, lambda _: None)
    working.close()
    assert not working.segments


def test_a_full_disk_does_not_end_the_storing_for_want_of_a_journal(
    store: Unsteady, pieces: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal.new").mkdir()
    _offered(working := Storer(store, tmp_path, lambda _: None), pieces)
    working.close()
    assert len(working.segments) == 4
