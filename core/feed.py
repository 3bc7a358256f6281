"""An HLS stream becomes files: each of its pieces as the server sent it, in the order of the playlist.

Whether two pieces belong together is decided by what is in them, not by what the playlist says of them: a piece whose
first timestamp follows the last one continues the Take, whatever its number; any other begins a new Take. What was lost
between two Takes is told, in this order, by the dates in the playlist, by the timestamps, by the lengths or numbers of
the pieces that cannot be had any more, and by the clock of this machine.
"""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from core import digests, disk, fetching, playlists, probe
from core.addresses import Rules
from core.errors import AddressRefused, DiskFull, InvalidMedia, SourceMissing, SourceUnavailable
from core.known import Came, Known
from core.limit import LONGEST_SECONDS, Limit
from core.models import TICKS_PER_SECOND, Segment
from core.pieces import Fetched, Format, Pieces, form, remember, remembered, waiting
from core.playlists import Choice, Piece, Playlist
from core.sources import Source
from core.spool import durably
from core.storer import Closed, Storer, describe, files

LARGEST_PLAYLIST = 16 << 20
PLAYLIST_SECONDS = 10.0
SHORTEST_PAUSE = 0.5
PATIENCE_SECONDS = 20.0
TRIES = 3
TOLERANCE = TICKS_PER_SECOND // 4
"""Ticks by which a piece may miss the end of the one before; sound and picture end at different moments."""
SLACK_SECONDS = 10.0
"""By how much timestamps may run ahead of the clock and still be believed."""
FARTHEST_SECONDS = 3600.0
"""Numbers that jump over more than an hour of pieces count something else, not what is lost."""
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


@dataclass(slots=True)
class _Wanted:
    """A piece that a playlist has named, at its ``reading``-th reading.

    It begins ``since`` seconds after the first that was named. ``skipped`` numbers before it were never seen.

    It ``jumps`` when its number does not follow the one before, so that it may be one that came already, and is counted
    ``anew`` when its number goes back, or so far on that it tells nothing.
    """

    piece: Piece
    sound: tuple[Piece, ...]
    jumps: bool
    anew: bool
    skipped: int
    reading: int
    since: float
    tries: int = 0
    first_tried: float = 0.0
    fetched: Fetched | None = None
    lost: str = ""
    cause: str = ""
    """Why it is lost, if it is, whatever the server says later: it could not be written."""


class Feed:
    """Follows one stream until it ends, ``stop`` is set, or nothing has come for ``give_up_seconds``.

    ``due_at``: when the broadcast began, if it was on the air before anyone recorded it.
    """

    def __init__(
        self,
        source: Source,
        storer: Storer,
        folder: Path,
        program: str,
        stop: threading.Event,
        *,
        give_up: float,
        rules: Rules,
        room: disk.Room,
        tallest: int = playlists.TALLEST,
        due_at: datetime | None = None,
    ) -> None:
        self._source = source
        self._headers = dict(source.headers)
        self._storer = storer
        self._folder = folder
        self._rules = rules
        self._room = room
        self._pieces = Pieces(self._headers, folder, program, rules)
        self._stop = stop
        self._give_up = give_up
        self._tallest = tallest
        self._due_at = due_at
        self._choice: Choice | None = None
        self._target = 0.0
        self._filed_at = time.monotonic()
        self._wanted: list[_Wanted] = []
        self._seen: dict[tuple[int, str, int], None] = {}
        self._number: int | None = None
        self._readings = 0
        self._named_seconds = 0.0
        self._lost_seconds = 0.0
        self._why = ""
        _rescue(storer, folder, room)
        self._end, left = _left(storer, folder)
        self._known = Known(left)
        self._limit = Limit()
        self._away = self._end is not None
        self._take = max([storer.take, *(int(p.name.removeprefix("take-")) for p in folder.glob("take-*"))])

    @property
    def lost_at_end(self) -> float:
        """Seconds of media that were announced after the last piece that came."""
        return self._lost_seconds

    @property
    def why(self) -> str:
        """Why they were lost."""
        return self._why

    def run(self, limit: Limit) -> str:
        """Follow the stream to its end, or to the limit; gives what was wrong last, if anything.

        Raises:
            InvalidMedia: the stream is none, or lacks sound or picture, from its beginning.
            AddressRefused: from its beginning it leads where we may not go; later that is a piece lost.
            DiskFull, Permanent, OSError: from the spool and from the Storer.
        """
        self._limit, heard_at = limit, time.monotonic()
        said = ""
        while not self._over():
            asked_at = time.monotonic()
            try:
                over, came = self._turn()
                said = "" if came else said
            except (SourceMissing, SourceUnavailable, InvalidMedia) as error:
                if isinstance(error, InvalidMedia) and self._end is None:
                    raise
                over, came, said = False, False, error.what
                self._choice, self._away = None, True
            heard_at = time.monotonic() if came else heard_at
            if over or time.monotonic() - heard_at > self._give_up:
                break
            pause = max(self._target / 2, SHORTEST_PAUSE)
            self._stop.wait(max(0.0, pause - (time.monotonic() - asked_at)))
        self._settle(last=True)
        return said or self._why

    def _over(self) -> bool:
        return self._stop.is_set() or self._limit.is_reached()

    def _turn(self) -> tuple[bool, bool]:
        """Read the playlist and fetch what it has: whether the stream is over, and whether any came."""
        playlist, sound = self._read()
        self._target = playlist.target_seconds
        self._note(playlist, sound)
        offered = {piece.identity for piece in playlist.pieces}
        came = False
        for wanted in list(self._wanted):
            if self._over():
                break
            came = self._try(wanted, offered) or came
            # At once, so that it is kept, and leaves the disk, whatever happens to those that follow.
            self._settle()
            if wanted.cause and not (wanted.fetched or wanted.lost):
                break  # What room there will be is for this one: those behind it cannot leave the disk before it.
        # A full disk is no silence of the source: the recording goes on when there is room.
        waits = not playlist.ended and any(wanted.cause for wanted in self._wanted)
        return playlist.ended and not self._wanted, came or waits

    def _read(self) -> tuple[Playlist, Playlist | None]:
        if self._choice is None:
            text = self._text(self._source.url)
            self._choice = playlists.choice(text, self._source.url, self._tallest)
        found = playlists.parse(self._text(self._choice.url), self._choice.url)
        apart = self._choice.sound_url
        return found, playlists.parse(self._text(apart), apart) if apart else None

    def _text(self, url: str) -> str:
        data = fetching.content(url, self._headers, self._rules, limit=LARGEST_PLAYLIST, seconds=PLAYLIST_SECONDS)
        return data.decode("utf-8", errors="replace")

    def _note(self, playlist: Playlist, sound: Playlist | None) -> None:
        """Queue what is new."""
        self._readings += 1
        for piece in playlist.pieces:
            if piece.identity in self._seen:
                continue
            self._seen[piece.identity] = None
            step = 0 if self._number is None else piece.number - self._number
            anew = self._number is not None and (step <= 0 or step * self._target > FARTHEST_SECONDS)
            skipped = 0 if anew else max(0, step - 1)
            self._number = piece.number
            since = self._named_seconds + skipped * self._target
            self._named_seconds = since + piece.seconds
            self._wanted.append(_Wanted(piece, _beside(piece, sound), step != 1, anew, skipped, self._readings, since))
        while len(self._seen) > max(1000, 2 * len(playlist.pieces)):
            del self._seen[next(iter(self._seen))]

    def _try(self, wanted: _Wanted, offered: set[tuple[int, str, int]]) -> bool:
        """Fetch a piece, and all that follow meanwhile: whether it came. A failure is final when no try is left."""
        if wanted.fetched or wanted.lost:
            return False
        wanted.first_tried = wanted.first_tried or time.monotonic()
        wanted.tries += 1
        patience = max(PATIENCE_SECONDS, 4 * self._target)
        try:
            wanted.fetched = self._room.write(
                lambda: self._pieces.fetch(wanted.piece, wanted.sound, seconds=patience / 2, since=wanted.since)
            )
        except DiskFull:
            # Tried again as long as the stream offers it; by then what is stored may have made room.
            wanted.cause = disk.FULL
            wanted.lost = "" if wanted.piece.identity in offered else disk.FULL
            self._make_way(wanted, offered)
            return False
        except AddressRefused as error:
            if self._end is None and not any(one.fetched for one in self._wanted):
                raise
            wanted.lost = error.what
            return False
        except (SourceMissing, SourceUnavailable, InvalidMedia) as error:
            in_time = time.monotonic() - wanted.first_tried < patience
            fault_of_server = isinstance(error, SourceUnavailable) and wanted.piece.identity in offered
            if not in_time or not (fault_of_server or wanted.tries < TRIES):
                wanted.lost = wanted.cause or error.what
            _log.info("Piece %d, try %d: %s", wanted.piece.number, wanted.tries, error.what)
            return False
        else:
            return True

    def _make_way(self, wanted: _Wanted, offered: set[tuple[int, str, int]]) -> None:
        """There is no room for a piece: those behind it are not tried, the newest that came is fetched again later."""
        behind = self._wanted[self._wanted.index(wanted) + 1 :]
        for other in behind:
            other.cause = disk.FULL
        for other in reversed(behind):
            if other.fetched and other.piece.identity in offered:
                other.fetched.path.unlink()
                other.fetched = None
                return

    def _settle(self, *, last: bool = False) -> None:
        """Give what came its place, in order, up to the first piece that may still come; the ``last`` time all."""
        while self._wanted and (last or self._wanted[0].fetched or self._wanted[0].lost):
            wanted = self._wanted.pop(0)
            if wanted.fetched:
                self._place(wanted.fetched, wanted)
            elif wanted.tries or wanted.cause:
                self._lose(wanted, wanted.lost or wanted.cause or LOST)
        if last:
            self._put(self._known.rest())

    def _lose(self, wanted: _Wanted, why: str) -> None:
        _log.warning("A piece of %.1f s is lost: %s", wanted.piece.seconds, why)
        self._lost_seconds += wanted.piece.seconds + wanted.skipped * self._target
        self._why = why

    def _place(self, fetched: Fetched, wanted: _Wanted) -> None:
        """Give a piece its place in the recording, unless the recording has it already.

        It may have it where the numbers jump, or where an earlier run ended; elsewhere the same bytes are meant twice.
        """
        digest = digests.of_file(fetched.path)
        jumps = wanted.jumps and not self._comes_later(wanted)
        came = Came(fetched, digest, wanted.reading, jumps, wanted.piece.at, wanted)
        self._put(self._known.judged(came))
        if self._known.has_passed:
            # What is lost before such a piece is marked already.
            self._known.has_passed = False
            self._lost_seconds, self._why = 0.0, ""

    def _comes_later(self, wanted: _Wanted) -> bool:
        """Whether its number says so: it is higher by what can have been shown since, and not by chance."""
        passed = time.monotonic() - self._filed_at
        return 0 < wanted.skipped * wanted.piece.seconds <= passed + SLACK_SECONDS

    def _put(self, new: list[Came]) -> None:
        for came in new:
            assert isinstance(came.wanted, _Wanted)
            self._add(came.fetched, came.wanted, came.digest)

    def _add(self, fetched: Fetched, wanted: _Wanted, digest: str) -> None:
        if None in fetched.format:
            if self._end is None:
                lacking = "sound" if fetched.format.audio is None else "picture"
                raise InvalidMedia(f"{self._source.url} has no {lacking}.", "Choose the source that carries both.")
            self._lose(wanted, NO_TRACK)
            return
        # After an absence, timestamps that fit may fit by chance, as in a film that is shown again and again.
        follows = self._follows(fetched) and not (self._away and wanted.jumps)
        if wanted.skipped and not follows:
            self._lost_seconds += wanted.skipped * self._target
            self._why = self._why or LOST
        self._known.add(digest, self._file(fetched, wanted, follows=follows))

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

    def _file(self, fetched: Fetched, wanted: _Wanted, *, follows: bool) -> datetime:
        """Store it, in the Take it follows or in a new one; gives the time of its first frame."""
        before, reason, is_counted = self._end, "", True
        self._limit.begin()
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

    def _moment(self, fetched: Fetched, wanted: _Wanted) -> tuple[datetime, bool]:
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


def _rescue(storer: Storer, folder: Path, room: disk.Room) -> None:
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


def _beside(piece: Piece, sound: Playlist | None) -> tuple[Piece, ...]:
    """The sound that belongs to a piece: that whose middle lies in it, by dates; else that of the same number."""
    if sound is None:
        return ()
    if piece.at and all(one.at for one in sound.pieces):
        until = piece.at + timedelta(seconds=piece.seconds)
        return tuple(one for one in sound.pieces if piece.at <= _middle(one) < until)
    return tuple(one for one in sound.pieces if one.number == piece.number)


def _middle(piece: Piece) -> datetime:
    assert piece.at
    return piece.at + timedelta(seconds=piece.seconds / 2)


def _time(ticks: int) -> timedelta:
    return timedelta(seconds=ticks / TICKS_PER_SECOND)
