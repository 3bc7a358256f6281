"""An HLS stream becomes files: each of its pieces as the server sent it, in the order of the playlist.

Whether two pieces belong together is decided by what is in them, not by what the playlist says of them: a piece whose
first timestamp follows the last one continues the Take, whatever its number; any other begins a new Take. What was lost
between two Takes is told, in this order, by the dates in the playlist, by the timestamps, by the lengths or numbers of
the pieces that cannot be had any more, and by the clock of this machine.
"""

import logging
import os
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from core import digests, fetching, playlists
from core.errors import InvalidMedia, SourceMissing, SourceUnavailable
from core.models import TICKS_PER_SECOND, Segment
from core.pieces import Fetched, Format, Pieces
from core.playlists import Choice, Piece, Playlist
from core.sources import Source
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
    format: Format | None


@dataclass(slots=True)
class _Wanted:
    """A piece that the playlist has named. ``skipped`` numbers before it were never seen.

    It ``jumps`` when its number does not follow the one before, so that it may be one that came already, and is counted
    ``anew`` when its number goes back, or so far on that it tells nothing.
    """

    piece: Piece
    sound: tuple[Piece, ...]
    jumps: bool
    anew: bool
    skipped: int
    tries: int = 0
    first_tried: float = 0.0
    fetched: Fetched | None = None
    lost: str = ""


class Feed:
    """Follows one stream until it ends, ``stop`` is set, or nothing has come for ``give_up_seconds``."""

    def __init__(
        self, source: Source, storer: Storer, folder: Path, program: str, stop: threading.Event, *, give_up: float
    ) -> None:
        self._source = source
        self._headers = dict(source.headers)
        self._storer = storer
        self._folder = folder
        self._pieces = Pieces(self._headers, folder, program)
        self._stop = stop
        self._give_up = give_up
        self._choice: Choice | None = None
        self._target = 0.0
        self._wanted: list[_Wanted] = []
        self._seen: dict[tuple[int, str, int], None] = {}
        self._number: int | None = None
        self._overlaps = False
        self._lost_seconds = 0.0
        self._why = ""
        self._end, self._known = _left(storer, folder)
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

    def run(self, *, seconds: float = 0) -> str:
        """Follow the stream, at most ``seconds`` (0: to its end); gives what was wrong last, if anything.

        Raises:
            InvalidMedia: the stream is none, or lacks sound or picture, from its beginning.
            DiskFull, Permanent, OSError: from the spool and from the Storer.
        """
        began = heard_at = time.monotonic()
        said = ""
        while not self._stop.is_set() and not (seconds and time.monotonic() - began >= seconds):
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

    def _turn(self) -> tuple[bool, bool]:
        """Read the playlist and fetch what it has: whether the stream is over, and whether any came."""
        playlist, sound = self._read()
        self._target = playlist.target_seconds
        self._note(playlist, sound)
        offered = {piece.identity for piece in playlist.pieces}
        came = sum(self._try(wanted, offered) for wanted in list(self._wanted) if not self._stop.is_set())
        self._settle()
        return playlist.ended and not self._wanted, came > 0

    def _read(self) -> tuple[Playlist, Playlist | None]:
        if self._choice is None:
            text = self._text(self._source.url)
            self._choice = playlists.choice(text, self._source.url)
        found = playlists.parse(self._text(self._choice.url), self._choice.url)
        apart = self._choice.sound_url
        return found, playlists.parse(self._text(apart), apart) if apart else None

    def _text(self, url: str) -> str:
        data = fetching.content(url, self._headers, limit=LARGEST_PLAYLIST, seconds=PLAYLIST_SECONDS)
        return data.decode("utf-8", errors="replace")

    def _note(self, playlist: Playlist, sound: Playlist | None) -> None:
        """Queue what is new."""
        for piece in playlist.pieces:
            if piece.identity in self._seen:
                continue
            self._seen[piece.identity] = None
            step = 0 if self._number is None else piece.number - self._number
            anew = self._number is not None and (step <= 0 or step * self._target > FARTHEST_SECONDS)
            skipped = 0 if anew else max(0, step - 1)
            self._number = piece.number
            self._wanted.append(_Wanted(piece, _beside(piece, sound), step != 1, anew, skipped))
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
            wanted.fetched = self._pieces.fetch(wanted.piece, wanted.sound, seconds=patience / 2)
        except (SourceMissing, SourceUnavailable, InvalidMedia) as error:
            in_time = time.monotonic() - wanted.first_tried < patience
            fault_of_server = isinstance(error, SourceUnavailable) and wanted.piece.identity in offered
            if not in_time or not (fault_of_server or wanted.tries < TRIES):
                wanted.lost = error.what
            _log.info("Piece %d, try %d: %s", wanted.piece.number, wanted.tries, error.what)
            return False
        else:
            return True

    def _settle(self, *, last: bool = False) -> None:
        """Give what came its place, in order, up to the first piece that may still come; the ``last`` time all."""
        while self._wanted and (last or self._wanted[0].fetched or self._wanted[0].lost):
            wanted = self._wanted.pop(0)
            if wanted.fetched:
                self._place(wanted.fetched, wanted)
            elif wanted.tries:
                self._lose(wanted, wanted.lost or LOST)

    def _lose(self, wanted: _Wanted, why: str) -> None:
        _log.warning("A piece of %.1f s is lost: %s", wanted.piece.seconds, why)
        self._lost_seconds += wanted.piece.seconds + wanted.skipped * self._target
        self._why = why

    def _place(self, fetched: Fetched, wanted: _Wanted) -> None:
        """Give a piece its place in the recording, unless the recording has it already.

        It may have it where the numbers jump, or where an earlier run ended; elsewhere the same bytes are meant twice.
        """
        digest = digests.of_file(fetched.path)
        self._overlaps = (self._overlaps or wanted.jumps) and digest in self._known
        if self._overlaps:
            fetched.path.unlink()
            return
        if None in fetched.format:
            if self._end is None:
                lacking = "sound" if fetched.format.audio is None else "picture"
                raise InvalidMedia(f"{self._source.url} has no {lacking}.", "Choose the source that carries both.")
            self._lose(wanted, NO_TRACK)
            return
        self._known.add(digest)
        # After an absence, timestamps that fit may fit by chance, as in a film that is shown again and again.
        follows = self._follows(fetched) and not (self._away and wanted.jumps)
        if wanted.skipped and not follows:
            self._lost_seconds += wanted.skipped * self._target
            self._why = self._why or LOST
        self._file(fetched, wanted, follows=follows)

    def _follows(self, fetched: Fetched) -> bool:
        before = self._end
        if before is None or before.format not in (None, fetched.format):
            return False
        return abs(fetched.span.start - before.tick) <= TOLERANCE

    def _file(self, fetched: Fetched, wanted: _Wanted, *, follows: bool) -> None:
        before, reason = self._end, ""
        if before and follows:
            take, number = before.take, before.number
            at = before.at + _time(fetched.span.start - before.tick)
        else:
            self._take += 1
            take, number, at = self._take, 0, self._moment(fetched, wanted)
            reason = self._why or (LOST if self._away else JUMPED)
        length = _time(fetched.span.end - fetched.span.start)
        folder = self._folder / f"take-{take:03d}"
        folder.mkdir(exist_ok=True)
        path = folder / f"{number:06d}{fetched.path.suffix}"
        _durably(fetched.path, path, (at + length).timestamp())
        self._end = _End(take, number + 1, fetched.span.end, at + length, fetched.format)
        self._lost_seconds, self._why, self._away = 0.0, "", False
        self._storer.offer(Closed(path, take, captured_at=at, reason=reason))

    def _moment(self, fetched: Fetched, wanted: _Wanted) -> datetime:
        """When the first frame of a new Take was captured."""
        before, piece = self._end, wanted.piece
        now = datetime.now(UTC) - timedelta(seconds=piece.seconds)
        if piece.at:
            return piece.at.astimezone(UTC)
        if before is None:
            return now
        ahead = _time(fetched.span.start - before.tick)
        believed = now - before.at + timedelta(seconds=SLACK_SECONDS)
        is_new_count = self._away and wanted.anew
        if not (piece.discontinuity or is_new_count) and timedelta(0) < ahead <= believed:
            return before.at + ahead
        if self._lost_seconds:
            return before.at + timedelta(seconds=self._lost_seconds)
        # Nobody has counted what was missed while the source or the recorder was away.
        return max(before.at, now) if self._away else before.at


def _left(storer: Storer, folder: Path) -> tuple[_End | None, set[str]]:
    """Where an earlier run ended, by what it stored and by what it left in the spool; and the digests of all that."""
    known = list(storer.segments)
    left = [_described(path) for take in sorted(folder.glob("take-*")) for path in files(take)]
    whole: list[Segment] = [*known, *(segment for segment in left if segment)]
    digests_of_all = {segment.sha256 for segment in whole}
    if not whole:
        return None, digests_of_all
    last = max(whole, key=lambda segment: (segment.take, segment.number))
    length = _time(last.duration)
    return _End(last.take, last.number + 1, last.pts + last.duration, last.captured_at + length, None), digests_of_all


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


def _durably(source: Path, target: Path, modified: float) -> None:
    """Move a file to its name only when the disk has it. Its date is the end of what it holds (core.storer)."""
    with source.open("rb") as file:
        os.fsync(file.fileno())
    os.utime(source, (modified, modified))
    source.rename(target)
