"""Pieces of a stream become Takes: each continues one or begins another, and what is lost between them is marked.

Whether two pieces belong together is decided by what is in them, not by what the playlist says of them: a piece whose
first timestamp follows the last one continues the Take, whatever its number; any other begins a new Take. What was lost
between two Takes is told, in this order, by the dates in the playlist, by the timestamps, by the lengths or numbers of
the pieces that cannot be had any more, and by the clock of this machine.
"""

import logging
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from core import digests
from core.capture.disk import Room
from core.capture.known import Came, Known
from core.capture.limit import LONGEST_SECONDS, Limit
from core.capture.pieces import Fetched, Format, Wanted, form, remember, remembered, waiting
from core.capture.spool import durably
from core.capture.storer import Closed, Storer, describe, files
from core.errors import InvalidMedia
from core.media import probe
from core.models import TICKS_PER_SECOND, Segment

TOLERANCE = TICKS_PER_SECOND // 4
"""Ticks by which a piece may miss the end of the one before; sound and picture end at different moments."""
SLACK_SECONDS = 10.0
"""By how much timestamps may run ahead of the clock and still be believed."""
LATE_SECONDS = 5.0
"""Who begins no later than this has missed nothing that counts."""
LOST = "The source no longer had it."
JUMPED = "The source's timestamps jumped."
NO_TRACK = "The source sent no sound or no picture."

_log = logging.getLogger(__name__)


class _End(NamedTuple):
    """Where what is stored ends: the Take, the number of the next Segment, the next tick, the time of it."""

    take: int
    number: int
    tick: int
    at: datetime
    format: Format


class Takes:
    """The Takes of a recording in the spool, to which pieces are given in order.

    ``due_at``: when the broadcast began, if it was on the air before anyone recorded it.
    """

    def __init__(self, storer: Storer, folder: Path, room: Room, address: str, due_at: datetime | None) -> None:
        """Go on where an earlier run ended. ``address`` is the source's, for errors."""
        self._storer = storer
        self._folder = folder
        self._room = room
        self._address = address
        self._due_at = due_at
        self._filed_at = time.monotonic()
        self._lost_seconds = 0.0
        self._why = ""
        _rescue(storer, folder, room)
        self._end, left = _left(storer, folder)
        self._known = Known(left)
        self._away = self._end is not None
        self._take = max([storer.take, *(int(p.name.removeprefix("take-")) for p in folder.glob("take-*"))])

    @property
    def begun(self) -> bool:
        """Whether anything has its place."""
        return self._end is not None

    @property
    def lost_seconds(self) -> float:
        """Seconds of media that were announced after the last piece that came."""
        return self._lost_seconds

    @property
    def why(self) -> str:
        """Why they were lost."""
        return self._why

    def miss(self) -> None:
        """The source is away: nobody knows what it shows meanwhile."""
        self._away = True

    def lose(self, wanted: Wanted, why: str) -> None:
        """A piece, and those before it that were never seen, cannot be had."""
        _log.warning("A piece of %.1f s is lost: %s", wanted.piece.seconds, why)
        self._lost_seconds += wanted.piece.seconds + wanted.skipped_seconds
        self._why = why

    def place(self, fetched: Fetched, wanted: Wanted, limit: Limit) -> None:
        """Give a piece its place in the recording, unless the recording has it already.

        It may have it where the numbers jump, or where an earlier run ended; elsewhere the same bytes are meant twice.
        """
        digest = digests.of_file(fetched.path)
        jumps = wanted.jumps and not self._comes_later(wanted)
        came = Came(fetched, digest, wanted.reading, jumps, wanted.piece.at, wanted)
        self._put(self._known.judged(came), limit)
        if self._known.has_passed:
            # What is lost before such a piece is marked already.
            self._known.has_passed = False
            self._lost_seconds, self._why = 0.0, ""

    def close(self, limit: Limit) -> None:
        """Nothing more comes: what was held for the pieces that would follow gets its place."""
        self._put(self._known.rest(), limit)

    def _comes_later(self, wanted: Wanted) -> bool:
        """Whether its number says so: it is higher by what can have been shown since, and not by chance."""
        passed = time.monotonic() - self._filed_at
        return 0 < wanted.skipped * wanted.piece.seconds <= passed + SLACK_SECONDS

    def _put(self, new: list[Came], limit: Limit) -> None:
        for came in new:
            self._add(came, limit)

    def _add(self, came: Came, limit: Limit) -> None:
        fetched, wanted = came.fetched, came.wanted
        if None in fetched.format:
            if self._end is None:
                lacking = "sound" if fetched.format.audio is None else "picture"
                raise InvalidMedia(f"{self._address} has no {lacking}.", "Choose the source that carries both.")
            self.lose(wanted, NO_TRACK)
            return
        # After an absence, timestamps that fit may fit by chance, as in a film that is shown again and again.
        follows = self._follows(fetched) and not (self._away and wanted.jumps)
        if wanted.skipped and not follows:
            self._lost_seconds += wanted.skipped_seconds
            self._why = self._why or LOST
        limit.begin()
        self._known.add(came.digest, self._file(fetched, wanted, follows=follows))

    def _mark_late(self, at: datetime) -> None:
        """Mark what the broadcast showed before the first piece that came, ``at``. Only clocks say how much."""
        if self._due_at is None:
            return
        # A stream's dates may be wrong, but nothing is recorded that has not been yet.
        late = (min(at, datetime.now(UTC)) - self._due_at).total_seconds() - self._lost_seconds
        if LATE_SECONDS < late < LONGEST_SECONDS:
            reason = f"The recording began {late:.0f} s after the broadcast."
            self._storer.lose(round(late * 1000), reason, doubtful=True)

    def _follows(self, fetched: Fetched) -> bool:
        before = self._end
        return before is not None and before.format == fetched.format and _is_next(fetched, before)

    def _file(self, fetched: Fetched, wanted: Wanted, *, follows: bool) -> datetime:
        """Store it, in the Take it follows or in a new one; gives the time of its first frame."""
        before, reason, is_counted = self._end, "", True
        if before and follows:
            take, number = before.take, before.number
            at = before.at + _time(fetched.span.start - before.tick)
        else:
            self._take += 1
            take, number = self._take, 0
            at, is_counted = self._moment(fetched, wanted)
            reason = self._why or (LOST if self._away else JUMPED)
            if before is None:
                # No Take is before it whose end would tell.
                self._mark_late(at)
                self._storer.lose(round(self._lost_seconds * 1000), reason)
        length = _time(fetched.span.end - fetched.span.start)
        folder = self._folder / f"take-{take:03d}"
        path = folder / f"{number:06d}{fetched.path.suffix}"
        self._room.insist(lambda: durably(fetched.path, path, (at + length).timestamp()))
        if number == 0:
            remember(folder, fetched.format)
        self._end = _End(take, number + 1, fetched.span.end, at + length, fetched.format)
        self._filed_at = time.monotonic()
        self._lost_seconds, self._why, self._away = 0.0, "", False
        self._storer.offer(Closed(path, take, captured_at=at, reason=reason, doubtful=not is_counted))
        return at

    def _moment(self, fetched: Fetched, wanted: Wanted) -> tuple[datetime, bool]:
        """When the first frame of a new Take was captured, and whether the source tells that itself."""
        before, piece = self._end, wanted.piece
        now = datetime.now(UTC) - timedelta(seconds=piece.seconds)
        if piece.at:
            return piece.at.astimezone(UTC), True
        if before is None:
            return now, False
        if _is_next(fetched, before) and not (self._away and wanted.jumps):
            return before.at, True  # Another format, or none is known of the Take before.
        ahead = _time(fetched.span.start - before.tick)
        believed = now - before.at + timedelta(seconds=SLACK_SECONDS)
        is_new_count = self._away and wanted.anew
        if not (piece.discontinuity or is_new_count) and timedelta(0) < ahead <= believed:
            return before.at + ahead, True
        if self._lost_seconds:
            return before.at + timedelta(seconds=self._lost_seconds), True
        # Nobody has counted what was missed while the source or the recorder was away.
        return (max(before.at, now), False) if self._away else (before.at, True)


def _is_next(fetched: Fetched, before: _End) -> bool:
    return abs(fetched.span.start - before.tick) <= TOLERANCE


def _rescue(storer: Storer, folder: Path, room: Room) -> None:
    """Pieces that an earlier run had fetched, and not yet given their places, become Takes of their own.

    They waited for one before them, which is lost by now.
    """
    end, _ = _left(storer, folder)
    begins_late = end is None
    take = max([storer.take, *(int(p.name.removeprefix("take-")) for p in folder.glob("take-*"))])
    number, before = 0, None
    for since, path in waiting(folder):
        format_ = form(path)
        if None in format_:
            path.unlink()
            continue
        span = probe.span(path)
        length = _time(span.end - span.start)
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC) - length
        ahead = _time(span.start - end.tick) if end else timedelta(0)
        if end and timedelta(0) <= ahead <= at - end.at + timedelta(seconds=SLACK_SECONDS):
            at = end.at + ahead
        if begins_late:
            storer.lose_beginning(round(since * 1000), LOST)
            begins_late = False
        follows = before is not None and before == format_ and ahead < _time(TOLERANCE)
        take, number = (take, number + 1) if follows else (take + 1, 0)
        target = folder / f"take-{take:03d}" / f"{number:06d}{path.suffix}"
        room.insist(partial(durably, path, target, (at + length).timestamp()))
        remember(target.parent, format_)
        end, before = _End(take, number + 1, span.end, at + length, format_), format_


def _left(storer: Storer, folder: Path) -> tuple[_End | None, list[tuple[str, datetime]]]:
    """Where an earlier run ended, by what it stored and by what it left in the spool; and what all that is."""
    left = [_described(path) for take in sorted(folder.glob("take-*")) for path in files(take)]
    found = {(s.take, s.number): s for s in [*storer.segments, *(segment for segment in left if segment)]}
    whole = [segment for _, segment in sorted(found.items())]
    known = [(segment.sha256, segment.captured_at) for segment in whole]
    if not whole:
        return None, known
    last = whole[-1]
    made_of = remembered(folder / f"take-{last.take:03d}")
    return _End(last.take, last.number + 1, last.pts + last.duration, last.ended_at, made_of), known


def _described(path: Path) -> Segment | None:
    try:
        return describe(Closed(path, int(path.parent.name.removeprefix("take-"))))
    except InvalidMedia:
        return None


def _time(ticks: int) -> timedelta:
    return timedelta(seconds=ticks / TICKS_PER_SECOND)
