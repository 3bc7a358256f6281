"""``maaseutu verify``: read a recording again, and say that it is whole or what is wrong with it."""

from time import monotonic

from config import stores
from config.settings import Settings
from core import recordings, segments
from core.recordings import RecordingStore
from maaseutu import progress
from maaseutu.console import say

TELL_EVERY_S = 5.0


def run(settings: Settings, broadcast_id: str) -> bool:
    """Print it; whether the recording is what its manifest says.

    Raises:
        InvalidInput: there is no such recording, or it has not ended.
    """
    store = RecordingStore(stores.archive(settings), broadcast_id)
    wrong = recordings.verify(store, _Teller())
    recording = store.recording()
    length = progress.clock(segments.duration_ms(recording.segments))
    say(f"{broadcast_id}: {length} in {len(recording.segments)} Segments, digest {recordings.digest(recording)}")
    for gap in recording.gaps:
        say(f"  {progress.clock(gap.at_ms):>8}  {gap.lost_ms / 1000:.1f} s were lost: {gap.reason}")
    for line in wrong:
        say(f"  WRONG: {line}")
    lost = sum(gap.lost_ms for gap in recording.gaps) / 1000
    what = f"{lost:.1f} s are missing, all of it marked above" if lost else "nothing is missing"
    say("The archive is NOT what was recorded." if wrong else f"The archive holds all that was recorded; {what}.")
    return not wrong


class _Teller:
    """Says how far it is, at most every five seconds."""

    def __init__(self) -> None:
        self._told_at = monotonic()

    def __call__(self, done: int, of: int) -> None:
        if monotonic() - self._told_at >= TELL_EVERY_S:
            self._told_at = monotonic()
            say(f"  {done} of {of} Segments read")
