"""Something is killed or cancelled while it records: what came is kept, and what is missing is nothing."""

import os
import signal
from pathlib import Path
from uuid import UUID

import pytest
from prefect.states import Cancelling

from config import stores
from core.archive import recordings
from core.archive.recordings import RecordingStore
from maaseutu import demo, progress, runs
from maaseutu.follow import Follower, newest
from maaseutu.stack import Stack
from sample.live_source import LiveSource
from tests.chain.conftest import LONGEST_S, PATIENCE_S, REFERENCE, process_of, until

SPEED = 2.0
WINDOW = 60


@pytest.fixture
def source(small_film: Path, tmp_path: Path) -> LiveSource:
    """The sample, in a hurry."""
    return LiveSource(small_film, tmp_path, speed=SPEED, window=WINDOW, when_asked=True)


def _recording(stack: Stack, source: LiveSource) -> tuple[RecordingStore, str]:
    """A recording that has begun, and its run."""
    broadcast, run = demo.record(stack.settings, source.url)
    store = RecordingStore(stores.archive(stack.settings), broadcast)
    until(store.segments, PATIENCE_S, "recording")
    return store, run.id


def _assert_whole(stack: Stack, store: RecordingStore) -> None:
    card = Follower(stack.settings, store.id, None).wait(LONGEST_S)
    recording = store.recording()
    assert recording.gaps == ()
    assert recordings.verify(store) == []
    assert abs(card.duration_ms - REFERENCE["duration_ms"]) < 2000
    assert all(not run.is_bad for run in newest(runs.of_broadcast(stack.settings, store.id)))


def _killed(run: str) -> None:
    process = process_of(run)
    assert process
    process.kill()


def _newest_capture(stack: Stack, store: RecordingStore) -> str:
    return next(run.id for run in runs.of_broadcast(stack.settings, store.id) if run.flow == "capture_broadcast")


def _goes_on(store: RecordingStore, what: str) -> None:
    had = len(store.segments())
    until(lambda: len(store.segments()) > had + 1, PATIENCE_S, what)


def test_a_killed_recorder_goes_on_by_itself_with_and_without_its_worker(stack: Stack, source: LiveSource) -> None:
    with source:
        store, run = _recording(stack, source)
        until(store.is_followed, PATIENCE_S, "preparing")
        _killed(run)
        _goes_on(store, "going on after a kill")
        first = stack.pids["worker"]
        os.kill(first, signal.SIGKILL)
        _goes_on(store, "going on without a worker")
        assert not source.ended.is_set()
        second = until(lambda: (pid := stack.pids["worker"]) != first and pid, PATIENCE_S, "another worker")
        os.kill(second, signal.SIGKILL)
        _killed(_newest_capture(stack, store))
        _goes_on(store, "going on after a kill of both")
        _assert_whole(stack, store)
    assert len([found for found in runs.of_broadcast(stack.settings, store.id) if found.flow == "prepare_episode"]) == 1


def test_a_cancelled_recording_is_published_as_far_as_it_came(stack: Stack, source: LiveSource) -> None:
    with source:
        store, run = _recording(stack, source)
        with runs.connected(stack.settings) as client:
            client.set_flow_run_state(UUID(run), Cancelling(), force=True)
        until(lambda: store.recording().sealed, PATIENCE_S, "sealing")
        assert not source.ended.is_set()
    card = until(lambda: progress.card(stack.settings, store.id), LONGEST_S, "publishing")
    assert 0 < card.duration_ms < REFERENCE["duration_ms"]
    assert recordings.verify(store) == []
