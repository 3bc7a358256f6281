"""How far a broadcast has come, read from what is stored. Pure but for the reading."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from core import keys
from core.archive import cards, recordings, segments
from core.archive.pulse import Pulse
from core.archive.recordings import every
from core.bucket import Bucket
from core.duties import withdrawals
from core.models import Segment

State = Literal["announced", "recording", "interrupted", "recorded", "prepared", "published", "withdrawn"]


class Standing(NamedTuple):
    """One broadcast: its state, what is stored, the version that is shown, and the last sign of who prepares it."""

    broadcast: str
    state: State
    segments: tuple[Segment, ...]
    sealed: bool
    version: str = ""
    pulse: Pulse | None = None

    @property
    def last_heard(self) -> datetime | None:
        """When the last Segment ended."""
        return self.segments[-1].ended_at if self.segments else None


def standing(archive: Bucket, site: Bucket, broadcast_id: str, *, now: datetime, patience: timedelta) -> Standing:
    """How far a broadcast has come. ``interrupted``: not ended, and silent for longer than ``patience``.

    Of several recorders it tells what the one has that has most; how they fit together shows when they are prepared.
    """
    stores = recordings.recorders(archive, broadcast_id)
    begun = [(store, found) for store in stores if (found := tuple(store.segments()))]
    ended = [store for store, _ in begun if store.recording().sealed]
    awaited = [one for store, one in begun if store not in ended and one[-1].ended_at > now - patience]
    most = max((found for _, found in begun), key=segments.duration_ms, default=())
    card = cards.shown(site, broadcast_id)
    half = Standing(
        broadcast_id,
        "announced",
        most,
        sealed=bool(ended) and not awaited,
        version=card.version if card and not card.live else "",
        pulse=stores[0].pulse(),
    )
    if withdrawals.read(archive, broadcast_id).whole:
        return half._replace(state="withdrawn")
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
