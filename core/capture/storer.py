"""From the spool folder to the archive: closed files are stored in order, by their own thread, until it succeeds."""

import logging
import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from core import digests
from core.archive import segments
from core.archive.recordings import RecordingStore
from core.capture.journal import Journal
from core.errors import InvalidMedia, Retryable
from core.media import probe
from core.models import TICKS_PER_MS, Gap, Recording, Segment

RETRY_SECONDS = 2.0
BEGIN_SECONDS = 5.0
"""What the archive has is waited for so long, then the recording begins with what the journal knows."""
MANIFEST_EVERY = 15
SHORTEST_GAP_MS = 100
ARRIVING = "arriving"
"""Folder in a Take's folder of the files that ffmpeg still writes."""
OBSERVED = "watch"
"""Folder beside the Takes in the spool where an observer keeps links; nobody misses it when nothing is recorded."""
INTERRUPTED = "The recorder was interrupted."

Result = TypeVar("Result")

_log = logging.getLogger(__name__)


class Progress(NamedTuple):
    """How a recording stands: Segments stored, seconds of media, gaps, files that wait to be stored."""

    segments: int
    seconds: float
    gaps: int
    waiting: int


class Closed(NamedTuple):
    """A file that the recorder has finished; ``captured_at`` is its first frame's time where that is known.

    ``reason`` says why it begins a new Take, and ``doubtful`` that only the clock of this machine tells when;
    ``broken`` that its end was cut off.
    """

    path: Path
    take: int
    captured_at: datetime | None = None
    reason: str = INTERRUPTED
    doubtful: bool = False
    broken: bool = False


class Observer(Protocol):
    """Who looks at a recording while it is made. Neither call may raise or take long."""

    def offer(self, closed: Closed) -> None:
        """A file has been closed; it is there until this returns."""

    def close(self, *, ended: bool) -> None:
        """Nothing more will come; ``ended`` when the source ended by itself or was given up."""


class Storer:
    """Names, stores and checks Segments; keeps the manifest growing. Files leave the spool only when stored."""

    def __init__(
        self,
        store: RecordingStore,
        folder: Path,
        report: Callable[[Progress], None],
        observer: Observer | None = None,
        begin: Callable[[], object] = lambda: None,
    ) -> None:
        """``folder`` is the recording's in the spool; ``begin`` is called before anything is stored, until it succeeds.

        While the archive is away, ``segments`` and ``gaps`` are what the journal in ``folder`` knows.

        Raises:
            Permanent, OSError: from ``begin`` and from the archive, if they come soon.
        """
        self.store = store
        self._journal = Journal(folder)
        self.segments = list(self._journal.segments)
        self.gaps = _gaps(self.segments, self._journal.gaps)
        self._names: set[str] = set()
        self._folder = folder
        self._report = report
        self._observer = observer
        self._begin = begin
        self._queue: queue.Queue[Closed | None] = queue.Queue()
        self._offered: set[Path] = set()
        self._lock = threading.RLock()
        self._known = threading.Event()
        self._has_found = False
        self._is_closing = False
        self._is_waited_for = True
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="storer")
        self._work = self._pool.submit(self._run)
        self._await_archive()

    def _await_archive(self) -> None:
        self._known.wait(BEGIN_SECONDS)
        with self._lock:
            self._is_waited_for = False
            if not self._known.is_set():
                _log.warning("The archive does not answer. Recording begins, and what comes waits in %s.", self._folder)
        if self._known.is_set() and not self._has_found:
            self._pool.shutdown()
            self._work.result()

    @property
    def take(self) -> int:
        """Number of the last Take of which something is stored; 0 before the first."""
        return self.segments[-1].take if self.segments else 0

    def offer(self, closed: Closed) -> None:
        """Hand over a finished file; a file that was offered before is not taken twice.

        Raises:
            Permanent, OSError: an earlier file could not be stored, and trying again would not help.
        """
        if self._work.done():
            self._work.result()
        if closed.path not in self._offered:
            self._offered.add(closed.path)
            if self._observer:
                self._observer.offer(closed)  # Before it may be stored, and is gone.
            self._queue.put(closed)

    def close(self) -> None:
        """Wait until everything offered is stored.

        Raises:
            Permanent, OSError: a file could not be stored; it is still in the spool folder.
        """
        self._is_closing = True
        self._queue.put(None)
        self._pool.shutdown()
        self._work.result()

    def _run(self) -> None:
        try:
            with suppress(Retryable):  # Nothing came, and so nothing is to be stored.
                _until_done(self._find, self.store.name, self._has_nothing)
        finally:
            self._known.set()
        while (closed := self._queue.get()) is not None:
            self._store_at_last(closed)

    def _find(self) -> None:
        """See what the archive has already."""
        self._begin()
        found, marked = self.store.segments(), self.store.recording().gaps
        with self._lock:
            takes_before = self._journal.takes_before
            if not self._is_waited_for and any(map(self._is_unknown, found)):
                # What is being recorded has been numbered without them.
                takes_before = found[-1].take
            self.segments = found
            self.gaps = _gaps(found, [*marked, *(gap for gap in self.gaps if gap not in marked)])
            self._names = {segments.name(segment) for segment in found}
            self._journal.renew(found, self.gaps, takes_before)
            self._has_found = True
            self._known.set()

    def _has_nothing(self) -> bool:
        return self._is_closing and not self._offered and not self.segments

    def _is_unknown(self, segment: Segment) -> bool:
        """Whether neither the journal nor the spool has it. The spool has what was stored just before a kill."""
        number = segment.take - self._journal.takes_before
        spooled = self._folder / f"take-{number:03d}" / f"{segment.number:06d}.{segment.suffix}"
        is_spooled = spooled.exists() and digests.of_file(spooled) == segment.sha256
        return segment not in self._journal.segments and not is_spooled

    def _store_at_last(self, closed: Closed) -> None:
        _until_done(lambda: self._store(closed), closed.path.name)

    def _store(self, closed: Closed) -> None:
        try:
            segment = describe(closed._replace(take=closed.take + self._journal.takes_before))
        except InvalidMedia as error:
            if closed.path.exists() and closed.path.stat().st_size == 0:
                closed.path.unlink()
                return
            _log.warning("%s holds no media and stays in the spool: %s", closed.path, error)
            return
        self.store.add(segment, closed.path)
        gaps = len(self.gaps)
        if (name := segments.name(segment)) not in self._names:
            self._mark_gap(segment, closed)
            self._names.add(name)
            self.segments.append(segment)
            self._journal.stored(segment)
        closed.path.unlink()
        if len(self.segments) % MANIFEST_EVERY == 1 or len(self.gaps) > gaps:
            self._write_manifest()
        self._report(self.progress())

    def _mark_gap(self, segment: Segment, closed: Closed) -> None:
        if self.segments and segment.take != self.take:
            self.lose(_between(self.segments[-1], segment), closed.reason, doubtful=closed.doubtful)

    def lose(self, lost_ms: int, reason: str, *, doubtful: bool = False) -> None:
        """Mark what was lost after the last stored Segment, unless it is too short to be missed."""
        with self._lock:
            at_ms = segments.duration_ms(self.segments)
            self._mark(Gap(at_ms=at_ms, lost_ms=lost_ms, reason=reason, doubtful=doubtful), len(self.gaps))

    def lose_beginning(self, lost_ms: int, reason: str) -> None:
        """Mark what was lost before the first Segment."""
        self._mark(Gap(at_ms=0, lost_ms=lost_ms, reason=reason), 0)

    def _mark(self, gap: Gap, place: int) -> None:
        if gap.lost_ms >= SHORTEST_GAP_MS:
            with self._lock:
                self.gaps.insert(place, gap)
                self._journal.marked(gap)

    def _write_manifest(self) -> None:
        """The manifest as it stands; if it cannot be written now, the next one says the same and more."""
        try:
            self.store.write(self.segments, self.gaps)
        except Retryable as error:
            _log.warning("The manifest waits to be stored: %s", error)

    def seal(self, original: str = "") -> Recording:
        """Write the last manifest, however long the store does not answer."""
        return _until_done(lambda: self.store.seal(self.gaps, original), "the manifest")

    def progress(self) -> Progress:
        """How the recording stands."""
        seconds = segments.duration_ms(self.segments) / 1000
        return Progress(len(self.segments), seconds, len(self.gaps), self._queue.qsize())


def _between(last: Segment, segment: Segment) -> int:
    """Milliseconds that passed between two Segments."""
    return round((segment.captured_at - last.ended_at).total_seconds() * 1000)


def _gaps(stored: list[Segment], marked: Iterable[Gap]) -> list[Gap]:
    """The gaps of the manifest, and those that a recorder killed before it wrote the manifest could not mark."""
    found: dict[int, list[Gap]] = {}
    for gap in marked:
        found.setdefault(gap.at_ms, []).append(gap)
    for place in range(1, len(stored)):
        last, segment = stored[place - 1], stored[place]
        lost_ms = _between(last, segment)
        if segment.take != last.take and lost_ms >= SHORTEST_GAP_MS:
            at_ms = segments.duration_ms(stored[:place])
            found.setdefault(at_ms, [Gap(at_ms=at_ms, lost_ms=lost_ms, reason=INTERRUPTED)])
    return [gap for at_ms in sorted(found) for gap in found[at_ms]]


def _until_done(store: Callable[[], Result], name: str, is_needless: Callable[[], bool] = lambda: False) -> Result:
    """What ``store`` gives, however long the archive is away; raised is what it raises when that is needless."""
    told = False
    while True:
        try:
            return store()
        except Retryable as error:
            if is_needless():
                raise
            if not told:
                _log.warning("%s waits to be stored: %s", name, error)
            told = True
            threading.Event().wait(RETRY_SECONDS)


def describe(closed: Closed) -> Segment:
    """The record of a finished file.

    Raises:
        InvalidMedia: there is no media in it.
    """
    span = probe.extent(closed.path)
    length = timedelta(milliseconds=(span.end - span.start) / TICKS_PER_MS)
    written = datetime.fromtimestamp(closed.path.stat().st_mtime, UTC)
    return Segment(
        take=closed.take,
        number=int(closed.path.stem),
        captured_at=closed.captured_at or written - length,
        pts=span.start,
        duration=span.end - span.start,
        state="partial" if closed.broken else "full",
        sha256=digests.of_file(closed.path),
        suffix=closed.path.suffix.removeprefix("."),
        size=closed.path.stat().st_size,
    )


def files(folder: Path) -> list[Path]:
    """The media files of one Take, in order."""
    return sorted(path for path in folder.iterdir() if path.stem.isdigit())


def recover(folder: Path, storer: Storer) -> None:
    """Offer what an earlier, killed run left in the spool: a file has its name only when it is whole.

    What was still arriving is offered too: the last file of it has lost its end. Of a Take that arrived, only the clock
    of this machine tells when.
    """
    for take in sorted(folder.glob("take-*")) if folder.exists() else ():
        number, arriving = int(take.name.removeprefix("take-")), take / ARRIVING
        doubtful = arriving.exists()
        for path in files(take):
            storer.offer(Closed(path, number, doubtful=doubtful))
        left = files(arriving) if doubtful else []
        for path in left:
            storer.offer(Closed(path.rename(take / path.name), number, doubtful=True, broken=path == left[-1]))
