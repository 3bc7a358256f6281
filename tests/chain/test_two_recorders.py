"""Two recorders of one broadcast in the real system: one of them ends too early, and nobody sees it."""

from pathlib import Path
from uuid import UUID

from prefect.states import Cancelling

from config import stores
from core.archive.recordings import RecordingStore
from maaseutu import demo, requests, runs
from maaseutu.follow import Follower
from maaseutu.stack import Stack
from sample.live_source import LiveSource
from tests.chain.conftest import LONGEST_S, PATIENCE_S, REFERENCE, until


def test_what_one_recorder_ends_the_other_goes_on_with(stack: Stack, small_film: Path, tmp_path: Path) -> None:
    archive = stores.archive(stack.settings)
    with LiveSource(small_film, tmp_path / "live", window=60, when_asked=True) as source:
        broadcast, run = demo.record(stack.settings, source.url)
        about = requests.Description(title=REFERENCE["title"], broadcast=broadcast)
        asked = requests.capture(source.url, about, wait_minutes=1, recorder="b")
        runs.start(stack.settings, requests.CAPTURE, asked, f"capture {broadcast}.b")
        first, other = RecordingStore(archive, broadcast), RecordingStore(archive, broadcast, "b")
        until(lambda: first.segments() and other.segments(), PATIENCE_S, "recording")
        with runs.connected(stack.settings) as client:
            client.set_flow_run_state(UUID(run.id), Cancelling(), force=True)
        until(lambda: first.recording().sealed, PATIENCE_S, "sealing")
        until(lambda: len(other.segments()) > len(first.segments()) + 1, PATIENCE_S, "going on")
        assert not source.ended.is_set()
        source.end()
        card = Follower(stack.settings, broadcast, None).wait(LONGEST_S)
    assert abs(card.duration_ms - source.segments[-1].end_ms) < 2000
    episode = first.episode()
    assert episode
    assert episode.gaps == ()
    assert first.recording().totals.captured_ms < other.recording().totals.captured_ms
