"""Following a recording while it grows: what its recorders have, as one timeline."""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from config import stores
from config.settings import Settings
from core.archive import recordings, segments
from core.archive.recordings import RecordingStore
from core.capture import weaving
from core.capture.weaving import Woven
from core.errors import Retryable
from core.media import listening
from core.models import Broadcast, Gap, Part, Segment
from tasks.policies import require_room, work_folder

BEAT_EVERY_SECONDS = 20.0
FIND_EVERY_SECONDS = 10.0
PATIENCE_SECONDS = 30.0
"""After this much silence a recorder is not waited for while another goes on."""


class _Recorder:
    """One recorder's recording, as far as it has been seen."""

    def __init__(self, store: RecordingStore) -> None:
        self.store = store
        self.segments: list[Segment] = []
        self.gaps: tuple[Gap, ...] = ()
        self.sealed = False
        self.grew_at = time.monotonic()

    def look(self) -> None:
        manifest = self.store.recording()
        found = self.store.segments(self.segments)
        if len(found) > len(self.segments):
            self.grew_at = time.monotonic()
        self.segments, self.gaps, self.sealed = found, manifest.gaps, manifest.sealed

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be waited for from it while others go on."""
        return self.sealed or time.monotonic() - self.grew_at > PATIENCE_SECONDS


class Followed:
    """A recording as prepare_episode follows it: what is closed, and whether more may come."""

    def __init__(self, settings: Settings, broadcast_id: str) -> None:
        self._archive = stores.archive(settings)
        self._store = RecordingStore(self._archive, broadcast_id)
        self._settings = settings
        self._recorders = [_Recorder(self._store)]
        self._sought_at = float("-inf")
        self._beaten_at = float("-inf")
        self._heard: dict[tuple[object, ...], int | None] = {}
        self._woven = Woven((), ())
        self.sealed = False

    def __enter__(self) -> Self:
        """Whoever prepares it enters, so that all others know when that is over."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Leave the last sign of life; without it we seem to live a minute and a half longer."""
        with suppress(Retryable):
            self._store.beat(rests=True)

    def broadcast(self) -> Broadcast:
        """Who, what and when."""
        return self._store.broadcast()

    @property
    def is_live(self) -> bool:
        """Whether it is recorded from the air, and not imported."""
        return not self._store.is_import()

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What no recorder has, as of the last look."""
        return self._woven.gaps

    @property
    def segments(self) -> Sequence[Segment]:
        """All that is recorded, as of the last look."""
        return self._woven.segments

    def look(self) -> list[Part]:
        """All Parts that are closed by now; sets ``sealed``."""
        self._seek()
        for one in self._recorders:
            one.look()
        begun = [one for one in self._recorders if one.segments]
        self.sealed = any(one.sealed for one in begun) and all(one.is_over for one in begun)
        missed = [sum(gap.lost_ms for gap in one.gaps if gap.at_ms == 0) for one in begun]
        self._woven = weaving.weave(self._trusted(begun), self._recorders[0].gaps, self._listen, missed)
        target_ms = self._settings.part_seconds * 1000
        return segments.parts(self._woven.segments, target_ms=target_ms, sealed=self.sealed)

    def _seek(self) -> None:
        """Take in recorders that have begun since; looked for again before the end is believed."""
        if time.monotonic() - self._sought_at < FIND_EVERY_SECONDS and not self.sealed:
            return
        self._sought_at = time.monotonic()
        known = {one.store.recorder for one in self._recorders}
        found = recordings.recorders(self._archive, self._store.id)
        self._recorders += [_Recorder(store) for store in found if store.recorder not in known]

    def _trusted(self, begun: list[_Recorder]) -> list[Sequence[Segment]]:
        """Each recorder's Segments, up to the moment to which all that are at work have come."""
        reached = [weaving.reach(one.segments) for one in begun if not one.is_over]
        if self.sealed or not reached or len(begun) == 1:
            return [one.segments for one in begun]
        return [weaving.until(one.segments, min(reached)) for one in begun]

    def _listen(self, clip: Sequence[Segment], start: int, end: int, within: Sequence[Segment]) -> int | None:
        key = (tuple(clip), start, end, tuple(within))
        if key not in self._heard:
            require_room(self._settings)
            with work_folder(self._settings) as folder:
                one, other = ([self._store.fetch(s, folder) for s in part] for part in (clip, within))
                found = listening.find(one, start, end, other)
            self._heard[key] = found.tick if found else None
        return self._heard[key]

    def beat(self) -> None:
        """Leave a sign of life, twice a minute; one that cannot be left is not missed."""
        if time.monotonic() - self._beaten_at > BEAT_EVERY_SECONDS:
            self._beaten_at = time.monotonic()
            with suppress(Retryable):
                self._store.beat()

    @property
    def silent_seconds(self) -> float:
        """How long nothing new has come from anyone."""
        return time.monotonic() - max(one.grew_at for one in self._recorders)
