"""The worker is killed while it records: its runs live on, and the next worker publishes."""

import os
import signal
from pathlib import Path

import pytest

from config import stores
from core import recordings
from core.recordings import RecordingStore
from maaseutu import demo, runs
from maaseutu.follow import Follower
from maaseutu.stack import Stack
from sample.live_source import LiveSource
from tests.chain.conftest import LONGEST_S, REFERENCE, until

pytestmark = pytest.mark.chain
SPEED = 4.0
WINDOW = 30


def test_a_recording_outlives_its_worker(stack: Stack, tmp_path: Path) -> None:
    with LiveSource(demo.SAMPLE / "broadcast.mp4", tmp_path, speed=SPEED, window=WINDOW, when_asked=True) as source:
        broadcast, _ = demo.record(stack.settings, source.url)
        store = RecordingStore(stores.archive(stack.settings), broadcast)
        until(store.segments, 60, "recording")
        killed = stack.pids["worker"]
        os.kill(killed, signal.SIGKILL)
        assert not source.ended.is_set()
        card = Follower(stack.settings, broadcast, None).wait(LONGEST_S)
    assert stack.pids["worker"] != killed
    recording = store.recording()
    assert recording.gaps == ()
    assert {segment.take for segment in recording.segments} == {1}
    assert recordings.verify(store) == []
    assert abs(card.duration_ms - REFERENCE["duration_ms"]) < 2000
    assert all(not run.is_bad for run in runs.of_broadcast(stack.settings, broadcast))
