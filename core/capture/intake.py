"""A sender's connection becomes files: ffmpeg takes in RTMP and SRT, and copies what comes into Segments.

A connection is a Take. ffmpeg writes into the Take's folder ``arriving``; a file that is followed by another is closed,
and gets its place when the disk has it. A lost connection is made, or waited for, again; what was missed meanwhile is
told by the clock of this machine, because each connection counts its timestamps from 0.
"""

import logging
import shutil
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from core import names, sources
from core.capture import disk
from core.capture.gate import Gate
from core.capture.limit import Limit
from core.capture.spool import durably
from core.capture.storer import ARRIVING, INTERRUPTED, Closed, files
from core.child import Child
from core.errors import DiskFull, InvalidMedia, Misconfigured, SourceUnavailable
from core.media import confinement, ffmpeg, probe
from core.models import TICKS_PER_SECOND
from core.outside.addresses import Rules
from core.sources import Source
from core.sources.base import LOOK_MICROSECONDS

POLL_SECONDS = 0.2
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0
LACKING = {"'0:v:0' for option 'map'": "picture", "'0:a:0' for option 'map'": "sound"}
IN_USE = "Address already in use"
SECONDS_IN_USE = 5.0
"""So long a port may be held by what has just ended, or by a chance connection of this machine."""
LOST = "The connection was lost."
REFUSED = "a sender with a wrong stream key was refused"

Write = Callable[[Callable[[], object]], None]
"""Does what needs the disk, when there is room."""

_log = logging.getLogger(__name__)


class Patience(NamedTuple):
    """Seconds of silence: after which a source is given up, a connection is made anew, the first media is given up."""

    give_up: float
    stall: float
    first: float = 0


class Shelf(Protocol):
    """Who takes the files: core.capture.storer.Storer."""

    @property
    def take(self) -> int:
        """Number of the last Take that it has; 0 before the first."""

    def offer(self, closed: Closed) -> None:
        """Take one more file."""


class Intake:
    """Takes in one source until ``stop`` is set, the limit is reached, or nothing has come for too long."""

    lost_at_end = 0.0
    """Seconds that could not be written at the end."""
    why = ""
    """Why they could not."""

    def __init__(
        self,
        source: Source,
        storer: Shelf,
        folder: Path,
        program: str,
        stop: threading.Event,
        patience: Patience,
        *,
        segment_seconds: int,
        rules: Rules,
        room: disk.Room | None = None,
    ) -> None:
        """Without a ``room`` a full disk ends it."""
        self._source = source
        self._rules = rules
        self._reading = sources.READINGS[source.kind](source, rules, 0)
        self._storer = storer
        self._folder = folder
        self._program = program
        self._stop = stop
        self._patience = patience
        self._segment_seconds = segment_seconds
        self._take = max([storer.take, *(int(p.name.removeprefix("take-")) for p in folder.glob("take-*"))])
        self._gate: Gate | None = None
        self._attempts = -1
        self._limit = Limit()
        self._first_at = 0.0
        self._in_use_since = 0.0
        self._room = room
        self._heard_at = time.monotonic()
        self._reason = INTERRUPTED
        self._until = datetime.min.replace(tzinfo=UTC)

    def run(self, limit: Limit) -> str:
        """Record to the end, or to the limit; gives what was wrong last.

        Raises:
            InvalidMedia: the source lacks sound or picture, from its beginning.
            Misconfigured: the port to listen on is in use.
            AddressRefused: the source leads to where we may not go, by now.
            Permanent, OSError: from the spool and from the Storer.
            DiskFull: there is no room, and no Room to wait for.
        """
        self._limit, self._heard_at = limit, time.monotonic()
        if not self._reading.gate:
            return self._run()
        with Gate(*self._reading.gate) as gate:
            self._gate = gate
            return self._run()

    def _run(self) -> str:
        pause, said = FIRST_PAUSE, ""
        while not self._over():
            came, said = self._try()
            pause = FIRST_PAUSE if came or self._source.listens else min(2 * pause, LONGEST_PAUSE)
            if not self._over():
                _log.info("%s: %s", self._source.shown, said or "the connection ended")
                self._stop.wait(pause)
        if self._take and self._reason == disk.FULL:
            self.lost_at_end, self.why = (datetime.now(UTC) - self._until).total_seconds(), disk.FULL
        return said

    def _over(self) -> bool:
        now, patience = time.monotonic(), self._patience
        allowed = patience.give_up if self._first_at else max(patience.give_up, patience.first)
        return self._stop.is_set() or self._limit.is_reached() or now - self._heard_at > allowed

    def _try(self) -> tuple[bool, str]:
        """A connection to where the source is now, if it may be reached there; its addresses take turns."""
        if not self._source.listens:
            self._attempts += 1
            try:
                self._reading = sources.READINGS[self._source.kind](self._source, self._rules, self._attempts)
            except SourceUnavailable as error:
                return False, error.what
        return self._connection()

    def _connection(self) -> tuple[bool, str]:
        """One connection: whether any media came, and what ffmpeg said last."""
        folder = self._folder / f"take-{self._take + 1:03d}"
        arriving = folder / ARRIVING
        log = folder / "ffmpeg.log"
        self._write(lambda: _prepare(arriving, log))
        options = {"f": confinement.LISTS, "safe": 0, "analyzeduration": LOOK_MICROSECONDS}
        options |= confinement.sender_list(self._reading.scheme)
        seconds = self._segment_seconds
        argv = ffmpeg.segmenter(self._program, "pipe:0", arriving, "ts", seconds=seconds, options=options)
        reading = self._reading
        if self._gate:
            reading = reading._replace(url=reading.url.replace("{port}", str(self._gate.new_inner())))
        with Child(argv, log, given=reading.listing(), bound=True) as child:
            take = _Take(folder, self._take + 1, self._storer, self._write, self._reason, self._until)
            self._watch(child, take)
        refused, error = self._is_refused(child), child.error()
        full = error if isinstance(error, DiskFull) else None
        if full and self._room:
            self._room.failed(full)
            self._heard_at = time.monotonic()  # That ffmpeg cannot write is no silence of the source.
        if not refused:
            take.close(broken=bool(full) or (child.poll() or 0) < 0)
        said = self._said(child, refused=refused)
        self._write(lambda: log.write_text(names.without_secrets(log.read_text(errors="replace"), self._source.url)))
        shutil.rmtree(arriving)
        self._end(take, child.tail(), full)
        if full and not self._room:
            raise full
        return take.count > 0, names.without_secrets(said, self._source.url)

    def _write(self, do: Callable[[], object]) -> None:
        if self._room:
            self._room.insist(do)
        else:
            do()

    def _said(self, child: Child, *, refused: bool) -> str:
        if refused or (self._gate and self._gate.refused):
            return REFUSED
        return _last_line(child)

    def _end(self, take: "_Take", said: str, full: DiskFull | None) -> None:
        self._in_use_since = (self._in_use_since or time.monotonic()) if IN_USE in said else 0.0
        if take.count:
            self._take, self._reason, self._until = take.number, disk.FULL if full else LOST, take.until
            return
        shutil.rmtree(take.folder)
        if full:
            self._reason = disk.FULL
            return
        for sign, lacking in LACKING.items():
            if sign in said and not self._take:
                raise InvalidMedia(f"{self._source.shown} has no {lacking}.", "Choose the source that carries both.")
        in_use = time.monotonic() - self._in_use_since if self._in_use_since else 0.0
        if in_use > SECONDS_IN_USE and self._source.listens and not self._first_at:
            raise Misconfigured(
                f"The port of {self._source.shown} is in use.", "Choose another one, here and in the encoder."
            )

    def _is_refused(self, child: Child) -> bool:
        said = child.log.read_text(errors="replace")
        return any(sign in said for sign in self._reading.refused)

    def _watch(self, child: Child, take: "_Take") -> None:
        """Give each file its place when the next has begun; leave when ffmpeg ends, stalls or is not to be believed."""
        grew_at = time.monotonic()
        while child.poll() is None and not self._over():
            grew = take.look()
            if self._is_refused(child):
                return
            if grew:
                grew_at = self._heard_at = time.monotonic()
                self._first_at = self._first_at or grew_at
                self._limit.begin()
                take.settle()
                if self._room and take.count:
                    self._room.wrote()
            elif time.monotonic() - grew_at > self._patience.stall:
                return
            self._stop.wait(POLL_SECONDS)
        take.look()


class _Take:
    """The files of one connection."""

    def __init__(self, folder: Path, number: int, storer: Shelf, write: Write, reason: str, until: datetime) -> None:
        self.folder = folder
        self.number = number
        self.count = 0
        self.until = until
        self._storer = storer
        self._write = write
        self._reason = reason
        self._found: list[Path] = []
        self._newest = ("", 0)
        self._grew_at = datetime.now(UTC)
        self._first: tuple[int, datetime] | None = None

    def look(self) -> bool:
        """See what has come; whether it is more than before."""
        self._found = files(self.folder / ARRIVING)
        newest = (self._found[-1].name, self._found[-1].stat().st_size) if self._found else ("", 0)
        if newest == self._newest or (len(self._found) < 2 and not newest[1]):
            return False
        self._newest, self._grew_at = newest, datetime.now(UTC)
        return True

    def settle(self) -> None:
        """Give the closed files their places."""
        self._place(self._found[:-1], broken=False)

    def close(self, *, broken: bool) -> None:
        """The same for all, when nothing writes any more; ``broken`` when the last was cut off."""
        self._place(files(self.folder / ARRIVING), broken=broken)

    def _place(self, paths: list[Path], *, broken: bool) -> None:
        spans = {path: span for path in paths if (span := _span(path))}
        if spans and self._first is None:
            # What was held back while ffmpeg looked for the streams comes at once, so the newest tells the time best.
            start, end = next(iter(spans.values())).start, list(spans.values())[-1].end
            self._first = start, max(self._grew_at - _time(end - start), self.until)
        for path, span in spans.items():
            assert self._first
            at = self._first[1] + _time(span.start - self._first[0])
            target = self.folder / path.name
            self.until = at + _time(span.end - span.start)
            self._write(partial(durably, path, target, self.until.timestamp()))
            is_cut = broken and path == paths[-1]
            self.count += 1
            closed = Closed(target, self.number, captured_at=at, reason=self._reason, doubtful=True, broken=is_cut)
            self._storer.offer(closed)


def _prepare(arriving: Path, log: Path) -> None:
    arriving.mkdir(parents=True, exist_ok=True)
    log.touch(mode=0o600)


def _span(path: Path) -> probe.Span | None:
    try:
        return probe.extent(path)
    except InvalidMedia as error:
        _log.warning("%s holds no media: %s", path.name, error.what)
        return None


def _last_line(child: Child) -> str:
    return child.tail().rpartition("\n")[2]


def _time(ticks: int) -> timedelta:
    return timedelta(seconds=ticks / TICKS_PER_SECOND)
