"""An HLS stream becomes files: each of its pieces as the server sent it, in the order of the playlist.

Where each belongs in the recording is decided by core.capture.takes.
"""

import logging
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

from core.capture import disk
from core.capture.limit import Limit
from core.capture.pieces import Pieces, Wanted
from core.capture.storer import Storer
from core.capture.takes import LOST, Takes
from core.errors import AddressRefused, DiskFull, InvalidMedia, SourceMissing, SourceUnavailable
from core.outside import fetching
from core.outside.addresses import Rules
from core.sources import Source, playlists
from core.sources.playlists import Choice, Piece, Playlist

LARGEST_PLAYLIST = 16 << 20
PLAYLIST_SECONDS = 10.0
SHORTEST_PAUSE = 0.5
PATIENCE_SECONDS = 20.0
TRIES = 3
FARTHEST_SECONDS = 3600.0
"""Numbers that jump over more than an hour of pieces count something else, not what is lost."""

_log = logging.getLogger(__name__)


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
        self._rules = rules
        self._room = room
        self._pieces = Pieces(self._headers, folder, program, rules)
        self._stop = stop
        self._give_up = give_up
        self._tallest = tallest
        self._choice: Choice | None = None
        self._target = 0.0
        self._wanted: list[Wanted] = []
        self._seen: dict[tuple[int, str, int], None] = {}
        self._number: int | None = None
        self._readings = 0
        self._named_seconds = 0.0
        self._limit = Limit()
        self._takes = Takes(storer, folder, room, source.url, due_at)

    @property
    def lost_at_end(self) -> float:
        """Seconds of media that were announced after the last piece that came."""
        return self._takes.lost_seconds

    @property
    def why(self) -> str:
        """Why they were lost."""
        return self._takes.why

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
                if isinstance(error, InvalidMedia) and not self._takes.begun:
                    raise
                over, came, said = False, False, error.what
                self._choice = None
                self._takes.miss()
            heard_at = time.monotonic() if came else heard_at
            if over or time.monotonic() - heard_at > self._give_up:
                break
            pause = max(self._target / 2, SHORTEST_PAUSE)
            self._stop.wait(max(0.0, pause - (time.monotonic() - asked_at)))
        self._settle(last=True)
        return said or self._takes.why

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
            skipped_seconds = skipped * self._target
            since = self._named_seconds + skipped_seconds
            self._named_seconds = since + piece.seconds
            self._wanted.append(
                Wanted(piece, _beside(piece, sound), step != 1, anew, skipped, skipped_seconds, self._readings, since)
            )
        while len(self._seen) > max(1000, 2 * len(playlist.pieces)):
            del self._seen[next(iter(self._seen))]

    def _try(self, wanted: Wanted, offered: set[tuple[int, str, int]]) -> bool:
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
            if not self._takes.begun and not any(one.fetched for one in self._wanted):
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

    def _make_way(self, wanted: Wanted, offered: set[tuple[int, str, int]]) -> None:
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
                self._takes.place(wanted.fetched, wanted, self._limit)
            elif wanted.tries or wanted.cause:
                self._takes.lose(wanted, wanted.lost or wanted.cause or LOST)
        if last:
            self._takes.close(self._limit)


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
