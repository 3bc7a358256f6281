"""A recording is read again: whole, or what is wrong with it."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import stores
from core import keys
from core.archive import segments
from core.archive.recordings import RecordingStore, digest
from core.capture import recorder
from core.capture.recorder import Options
from core.errors import InvalidInput
from core.models import Broadcast, Gap
from maaseutu import verify
from maaseutu.stack import Stack
from tests.core.made_media import make

NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def store(storage: Stack, tmp_path: Path) -> RecordingStore:
    """A recording of five seconds."""
    made = RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")
    made.announce(Broadcast(id=made.id, programme="maaseutu-live", title="Kokous", starts_at=NOON))
    options = Options(tmp_path / "spool", segment_seconds=1)
    recorder.import_file(make(tmp_path / "a.mp4", seconds=5), made, options, starts_at=NOON, report=lambda _: None)
    return made


def _key(store: RecordingStore, number: int) -> str:
    return keys.segments(store.id) + segments.name(store.recording().segments[number])


def test_a_whole_recording(storage: Stack, store: RecordingStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.run(storage.settings, store.id)
    said = capsys.readouterr().out
    assert f"{store.id}: 0:05 in 5 Segments, digest {digest(store.recording())}" in said
    assert "holds all that was recorded; nothing is missing" in said


def test_what_was_lost_is_listed_and_changes_the_digest(
    storage: Stack, store: RecordingStore, capsys: pytest.CaptureFixture[str]
) -> None:
    before = digest(store.recording())
    store.seal([Gap(at_ms=2000, lost_ms=1500, reason="The source no longer had it.")])
    assert verify.run(storage.settings, store.id)
    said = capsys.readouterr().out
    assert "    0:02  1.5 s were lost: The source no longer had it." in said
    assert "1.5 s are missing, all of it marked above" in said
    assert digest(store.recording()) != before


def test_what_is_wrong_is_named(storage: Stack, store: RecordingStore, capsys: pytest.CaptureFixture[str]) -> None:
    store.archive.delete(_key(store, 1))
    store.archive.put(_key(store, 3), b"other")
    store.archive.put(_key(store, 4).replace("t001-000004", "t001-000009"), b"more")
    store.archive.delete(store.recording().original)
    assert not verify.run(storage.settings, store.id)
    said = capsys.readouterr().out
    assert "WRONG: Segment 1/1 of 2026-11-24 10:00:01 UTC is missing." in said
    assert "WRONG: Segment 1/3 of 2026-11-24 10:00:03 UTC was altered." in said
    assert "WRONG: Segment 1/9 of 2026-11-24 10:00:04 UTC is not in the manifest." in said
    assert f"WRONG: The original, {store.recording().original}, is missing." in said
    assert "is NOT what was recorded" in said


def test_what_cannot_be_verified(storage: Stack) -> None:
    with pytest.raises(InvalidInput, match="There is no recording never-recorded"):
        verify.run(storage.settings, "never-recorded")
    begun = RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")
    begun.announce(Broadcast(id=begun.id, programme="maaseutu-live", title="Kokous", starts_at=NOON))
    with pytest.raises(InvalidInput, match="Nothing was recorded of"):
        verify.run(storage.settings, begun.id)


def test_a_recording_that_has_not_ended(storage: Stack, store: RecordingStore) -> None:
    store.archive.delete(keys.manifest(store.id))
    with pytest.raises(InvalidInput, match="is still being recorded"):
        verify.run(storage.settings, store.id)


def test_an_altered_manifest(storage: Stack, store: RecordingStore, capsys: pytest.CaptureFixture[str]) -> None:
    altered = store.recording().model_copy(update={"gaps": (Gap(at_ms=1, lost_ms=99_000, reason="?"),)})
    store.archive.put_record(keys.manifest(store.id), altered)
    assert not verify.run(storage.settings, store.id)
    assert "WRONG: The manifest was altered" in capsys.readouterr().out


def test_the_manifest_sums_up(store: RecordingStore) -> None:
    gaps = [Gap(at_ms=2000, lost_ms=1500, reason="?"), Gap(at_ms=4000, lost_ms=500, reason="?", doubtful=True)]
    sealed = store.seal(gaps)
    assert store.recording() == sealed
    assert sealed.totals.missing_ms == 2000
    assert sealed.totals.doubtful_ms == 500
    assert sealed.totals.expected_ms == sealed.totals.captured_ms + 2000
    assert sealed.totals.captured_ms == segments.duration_ms(sealed.segments)


def test_each_recorder_of_a_broadcast_is_verified(
    storage: Stack, store: RecordingStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = RecordingStore(store.archive, store.id, "b")
    file = make(tmp_path / "b.mp4", seconds=3)
    recorder.import_file(file, other, Options(tmp_path / "b"), starts_at=NOON, report=lambda _: None)
    assert verify.run(storage.settings, store.id)
    other.archive.delete(keys.segments(store.id, "b") + segments.name(other.segments()[0]))
    assert not verify.run(storage.settings, store.id)
    assert f"{store.id}.b: 0:03" in capsys.readouterr().out
