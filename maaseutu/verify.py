"""``maaseutu verify``: read a recording again, and say that it is whole or what is wrong with it."""

from collections.abc import Sequence
from time import monotonic

from config import stores
from config.settings import Settings
from core.archive import recordings, segments
from core.archive.recordings import RecordingStore
from core.models import Gap
from maaseutu import progress
from maaseutu.console import say

TELL_EVERY_S = 5.0


def run(settings: Settings, broadcast_id: str) -> bool:
    """Print it, for each of its recorders; whether what they recorded is what their manifests say.

    Raises:
        InvalidInput: there is no such recording, or it has not ended.
    """
    stores_of_all = recordings.recorders(stores.archive(settings), broadcast_id)
    begun = [store for store in stores_of_all if store.recording().segments or store.segments()]
    whole = [_one(store) for store in begun or stores_of_all]
    episode = stores_of_all[0].episode()
    if len(begun) > 1 and episode:
        say(f"Together they give {progress.clock(episode.duration_ms)}; {_missing(episode.gaps)}.")
    return all(whole)


def _one(store: RecordingStore) -> bool:
    wrong = recordings.verify(store, _Teller())
    recording = store.recording()
    length = progress.clock(segments.duration_ms(recording.segments))
    say(f"{store.name}: {length} in {len(recording.segments)} Segments, digest {recordings.digest(recording)}")
    for gap in recording.gaps:
        length = f"{'about ' if gap.doubtful else ''}{gap.lost_ms / 1000:.1f} s"
        say(f"  {progress.clock(gap.at_ms):>8}  {length} were lost: {gap.reason}")
    for line in wrong:
        say(f"  WRONG: {line}")
    good = f"The archive holds all that was recorded; {_missing(recording.gaps)}."
    say("The archive is NOT what was recorded." if wrong else good)
    return not wrong


def _missing(gaps: Sequence[Gap]) -> str:
    lost = sum(gap.lost_ms for gap in gaps) / 1000
    return f"{lost:.1f} s are missing, all of it marked above" if lost else "nothing is missing"


class _Teller:
    """Says how far it is, at most every five seconds."""

    def __init__(self) -> None:
        self._told_at = monotonic()

    def __call__(self, done: int, of: int) -> None:
        if monotonic() - self._told_at >= TELL_EVERY_S:
            self._told_at = monotonic()
            say(f"  {done} of {of} Segments read")
