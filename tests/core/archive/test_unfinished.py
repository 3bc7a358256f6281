"""How far a broadcast is when two recorders follow it."""

import uuid
from datetime import timedelta

import pytest

from config import stores
from core import keys
from core.archive import segments
from core.archive.recordings import RecordingStore
from core.archive.unfinished import Standing, standing
from core.models import Segment
from maaseutu.stack import Stack
from tests.core.capture.test_weaving import BEGAN, take

PATIENCE = timedelta(minutes=6)


@pytest.fixture
def recorders(storage: Stack) -> tuple[RecordingStore, RecordingStore]:
    archive, name = stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}"
    return RecordingStore(archive, name), RecordingStore(archive, name, "b")


def _store(store: RecordingStore, found: list[Segment]) -> None:
    for segment in found:
        store.archive.put(keys.segments(store.id, store.recorder) + segments.name(segment), b"")


def _standing(storage: Stack, store: RecordingStore, minutes: float) -> Standing:
    now = BEGAN + timedelta(minutes=minutes)
    site = stores.site(storage.settings)
    return standing(store.archive, site, store.id, now=now, patience=PATIENCE)


def test_one_has_ended_and_the_other_goes_on(storage: Stack, recorders: tuple[RecordingStore, RecordingStore]) -> None:
    first, other = recorders
    _store(first, take(1, 0, 20))
    first.seal([])
    _store(other, take(1, 0, 60, recorder="b"))
    assert _standing(storage, first, 2).state == "recording"


def test_one_has_ended_and_the_other_has_died(storage: Stack, recorders: tuple[RecordingStore, RecordingStore]) -> None:
    first, other = recorders
    _store(first, take(1, 0, 20))
    _store(other, take(1, 0, 60, recorder="b"))
    other.seal([])
    found = _standing(storage, first, 10)
    assert found.state == "recorded"
    assert len(found.segments) == 30


def test_both_have_died(storage: Stack, recorders: tuple[RecordingStore, RecordingStore]) -> None:
    for store in recorders:
        _store(store, take(1, 0, 20, recorder=store.recorder))
    assert _standing(storage, recorders[0], 10).state == "interrupted"
