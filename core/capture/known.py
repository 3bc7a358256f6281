"""What a recording has already, and whether a piece that comes is one of that."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from core.capture.pieces import Fetched, Wanted

SAME_MOMENT = timedelta(seconds=1)
"""By its bytes and its date, to this, a piece is one that came before."""

_log = logging.getLogger(__name__)


class Came(NamedTuple):
    """A piece that has come. It was named at the ``reading``-th reading of the playlist; ``at`` is its date there.

    It ``jumps`` when its number does not follow the one before.
    """

    fetched: Fetched
    digest: str
    reading: int
    jumps: bool
    at: datetime | None
    wanted: Wanted


class Known:
    """The digests and dates of all that the recording has, in order; ``left`` is what an earlier run left.

    A server names pieces again at once, when it is started again or when the recorder is; they end with the last that
    came. A film that a stream shows again has the same bytes too. So where dates do not tell, a piece that may be
    either is held until the pieces that follow it in the same reading tell.
    """

    def __init__(self, left: Sequence[tuple[str, datetime]]) -> None:
        self._known = list(left)
        self._places = {digest: place for place, (digest, _) in enumerate(self._known)}
        self._resumed = bool(self._known)
        self._held: list[Came] = []
        self._held_place = 0
        self.has_passed = False
        """Whether a piece that an earlier run has stored came again."""

    def add(self, digest: str, at: datetime) -> None:
        """The recording has got it."""
        self._places[digest] = len(self._known)
        self._known.append((digest, at))

    def judged(self, came: Came) -> list[Came]:
        """Those that are new, in order, as far as it is certain now. The files of those that are not are removed."""
        before = self.rest() if self._held and self._held[0].reading != came.reading else []
        # An old playlist may come first; what it holds is known, and the next one tells.
        self._resumed = self._resumed and not before
        return before + (self._after_restart(came) if self._resumed else self._of_later(came))

    def rest(self) -> list[Came]:
        """Those that were held: they are new, since nothing told that they are not."""
        held, self._held = self._held, []
        return held

    def _after_restart(self, came: Came) -> list[Came]:
        """After a restart all before a known piece is past. What of that is not known was lost, and is marked so."""
        place = self._place(came)
        if place is None:
            self._held.append(came)
            return []
        self.has_passed = True
        self._drop(came)
        if place == len(self._known) - 1:
            self._resumed = False
        return []

    def _of_later(self, came: Came) -> list[Came]:
        place = self._place(came)
        if place is not None and came.at:
            self._drop(came)
            return []
        if self._held:
            self._held_place += 1
            if came.digest != self._known[self._held_place][0]:
                return [*self.rest(), came]
        elif came.jumps and place is not None:
            self._held_place = place
        else:
            return [came]
        self._held.append(came)
        if self._held_place == len(self._known) - 1:
            self._drop(self._held.pop())
        return []

    def _place(self, came: Came) -> int | None:
        """Where the recording has these bytes, unless their date says that they are meant anew."""
        place = self._places.get(came.digest)
        if place is None or (came.at and abs(came.at - self._known[place][1]) >= SAME_MOMENT):
            return None
        return place

    def _drop(self, came: Came) -> None:
        """It is known, and so are or were those that were held before it."""
        for one in self.rest():
            if one.digest not in self._places:
                _log.warning("A piece came too late to be used; it is marked as lost.")
            one.fetched.path.unlink()
        came.fetched.path.unlink()
