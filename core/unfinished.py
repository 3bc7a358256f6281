"""How far a broadcast has come, read from what is stored. Pure but for the reading."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from core import cards, keys
from core.bucket import Bucket
from core.models import TICKS_PER_SECOND, Segment
from core.recordings import RecordingStore, every

State = Literal["announced", "recording", "interrupted", "recorded", "prepared", "published"]


class Standing(NamedTuple):
    """One broadcast: its state, what is stored of it, and the version that is shown, if any."""

    broadcast: str
    state: State
    segments: tuple[Segment, ...]
    sealed: bool
    version: str = ""
    last_beat: datetime | None = None

    @property
    def last_heard(self) -> datetime | None:
        """When the last Segment ended."""
        if not self.segments:
            return None
        last = self.segments[-1]
        return last.captured_at + timedelta(seconds=last.duration / TICKS_PER_SECOND)


def standing(archive: Bucket, site: Bucket, broadcast_id: str, *, now: datetime, patience: timedelta) -> Standing:
    """How far a broadcast has come. ``interrupted``: not ended, and silent for longer than ``patience``."""
    store = RecordingStore(archive, broadcast_id)
    found = tuple(store.segments())
    sealed = store.recording().sealed
    card = cards.shown(site, broadcast_id)
    half = Standing(broadcast_id, "announced", found, sealed, card.version if card else "", store.last_beat())
    return half._replace(state=_state(half, archive.head(keys.episode(broadcast_id)) is not None, now - patience))


def _state(half: Standing, prepared: bool, silent_since: datetime) -> State:
    if half.version:
        return "published"
    if prepared:
        return "prepared"
    if half.sealed:
        return "recorded"
    if half.last_heard is None:
        return "announced"
    return "interrupted" if half.last_heard < silent_since else "recording"


def standings(archive: Bucket, site: Bucket, *, now: datetime, patience: timedelta) -> list[Standing]:
    """All broadcasts in the archive, in order of their ids."""
    return [standing(archive, site, name, now=now, patience=patience) for name in every(archive)]
