"""How far a broadcast is, told by what is stored."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from config import stores
from config.settings import Settings
from core import keys
from core.archive import cards, recordings, segments
from core.archive.recordings import RecordingStore
from core.errors import Misconfigured, ModelDamaged
from core.models import EpisodeCard, Part, Segment


class Progress(NamedTuple):
    """A broadcast as the stores have it. ``parts`` are the closed ones, ``prepared`` those encoded and transcribed.

    ``prepared`` is None when the speech model is missing, by whose name the results are found.
    """

    id: str
    segments: tuple[Segment, ...]
    sealed: bool
    parts: int
    prepared: int | None
    card: EpisodeCard | None

    @property
    def recorded_ms(self) -> int:
        """Length of what is recorded."""
        return segments.duration_ms(self.segments)

    @property
    def prepared_text(self) -> str:
        """Prepared and all closed Parts, as "2 of 3"."""
        return f"{'?' if self.prepared is None else self.prepared} of {self.parts}"


def read(settings: Settings, broadcast_id: str, known: Sequence[Segment] = ()) -> Progress:
    """What is stored of a broadcast; of several recorders, what the one has that has most.

    Segments that are ``known`` are not listed again.
    """
    recorders = recordings.recorders(stores.archive(settings), broadcast_id)
    of = known[0].recorder if known else ""
    had = [(store.segments(known if store.recorder == of else ()), store) for store in recorders]
    found, store = max(had, key=lambda one: segments.duration_ms(one[0]))
    sealed = any(store.recording().sealed for store in recorders)
    closed = segments.parts(found, target_ms=settings.part_seconds * 1000, sealed=sealed)
    return Progress(
        id=broadcast_id,
        segments=tuple(found),
        sealed=sealed,
        parts=len(closed),
        prepared=_prepared(settings, store, closed),
        card=card(settings, broadcast_id),
    )


def _prepared(settings: Settings, store: RecordingStore, closed: Sequence[Part]) -> int | None:
    episode = store.episode()
    if episode and len(episode.parts) >= len(closed):
        return len(closed)
    # Loads the speech engine to learn the keys: only for what is unfinished.
    from maaseutu import prepared

    try:
        return prepared.count(settings, store.broadcast(), closed) if closed else 0
    except (ModelDamaged, Misconfigured):
        return None


def card(settings: Settings, broadcast_id: str) -> EpisodeCard | None:
    """The card of the whole episode that viewers see, if any; what is shown of a live broadcast is none."""
    shown = cards.shown(stores.site(settings), broadcast_id)
    return None if shown is None or shown.live else shown


def page_url(settings: Settings, broadcast_id: str) -> str:
    """Address of the episode's page."""
    return f"{settings.site_url}/{keys.page(broadcast_id).removesuffix('index.html')}"


def clock(ms: int) -> str:
    """Media time as 1:02:03 or 2:03."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def since(moment: datetime | None) -> str:
    """How long ago, in words."""
    if moment is None:
        return "-"
    seconds = max(0, int((datetime.now(UTC) - moment).total_seconds()))
    for size, word in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {word} ago"
    return f"{seconds} s ago"
