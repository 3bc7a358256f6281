"""From the spool folder to the archive: closed files are stored in order, by their own thread, until it succeeds."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar

from core import digests, probe, segments
from core.errors import InvalidMedia, Retryable
from core.models import TICKS_PER_MS, TICKS_PER_SECOND, Gap, Recording, Segment
from core.recordings import RecordingStore

RETRY_SECONDS = 2.0
MANIFEST_EVERY = 15
SHORTEST_GAP_MS = 100

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

    ``reason`` says why it begins a new Take.
    """

    path: Path
    take: int
    captured_at: datetime | None = None
    reason: str = "The recorder was interrupted."


class Storer:
    """Names, stores and checks Segments; keeps the manifest growing. Files leave the spool only when stored."""

    def __init__(self, store: RecordingStore, report: Callable[[Progress], None]) -> None:
        self.store = store
        self.segments = store.segments()
        self._names = {segments.name(segment) for segment in self.segments}
        self.gaps = list(store.recording().gaps)
        self._report = report
        self._queue: queue.Queue[Closed | None] = queue.Queue()
        self._offered: set[Path] = set()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="storer")
        self._work = self._pool.submit(self._run)

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
            self._queue.put(closed)

    def close(self) -> None:
        """Wait until everything offered is stored.

        Raises:
            Permanent, OSError: a file could not be stored; it is still in the spool folder.
        """
        self._queue.put(None)
        self._pool.shutdown()
        self._work.result()

    def _run(self) -> None:
        while (closed := self._queue.get()) is not None:
            self._store_at_last(closed)

    def _store_at_last(self, closed: Closed) -> None:
        _until_done(lambda: self._store(closed), closed.path.name)

    def _store(self, closed: Closed) -> None:
        try:
            segment = describe(closed)
        except InvalidMedia as error:
            if closed.path.exists() and closed.path.stat().st_size == 0:
                closed.path.unlink()
                return
            _log.warning("%s holds no media and stays in the spool: %s", closed.path, error)
            return
        self.store.add(segment, closed.path)
        gaps = len(self.gaps)
        if (name := segments.name(segment)) not in self._names:
            self._mark_gap(segment, closed.reason)
            self._names.add(name)
            self.segments.append(segment)
        closed.path.unlink()
        if len(self.segments) % MANIFEST_EVERY == 1 or len(self.gaps) > gaps:
            self._write_manifest()
        self._report(self.progress())

    def _mark_gap(self, segment: Segment, reason: str) -> None:
        if self.segments and segment.take != self.take:
            last = self.segments[-1]
            ended = last.captured_at + timedelta(seconds=last.duration / TICKS_PER_SECOND)
            self.lose(round((segment.captured_at - ended).total_seconds() * 1000), reason)

    def lose(self, lost_ms: int, reason: str) -> None:
        """Mark what was lost after the last stored Segment, unless it is too short to be missed."""
        if lost_ms >= SHORTEST_GAP_MS:
            self.gaps.append(Gap(at_ms=segments.duration_ms(self.segments), lost_ms=lost_ms, reason=reason))

    def _write_manifest(self) -> None:
        """The manifest as it stands; if it cannot be written now, the next one says the same and more."""
        manifest = Recording(broadcast=self.store.id, segments=tuple(self.segments), gaps=tuple(self.gaps))
        try:
            self.store.write(manifest)
        except Retryable as error:
            _log.warning("The manifest waits to be stored: %s", error)

    def seal(self, original: str = "") -> Recording:
        """Write the last manifest, however long the store does not answer."""
        return _until_done(lambda: self.store.seal(self.gaps, original), "the manifest")

    def progress(self) -> Progress:
        """How the recording stands."""
        seconds = segments.duration_ms(self.segments) / 1000
        return Progress(len(self.segments), seconds, len(self.gaps), self._queue.qsize())


def _until_done(store: Callable[[], Result], name: str) -> Result:
    told = False
    while True:
        try:
            return store()
        except Retryable as error:
            if not told:
                _log.warning("%s waits to be stored: %s", name, error)
            told = True
            threading.Event().wait(RETRY_SECONDS)


def describe(closed: Closed) -> Segment:
    """The record of a finished file.

    Raises:
        InvalidMedia: there is no media in it.
    """
    span = probe.span(closed.path)
    length = timedelta(milliseconds=(span.end - span.start) / TICKS_PER_MS)
    written = datetime.fromtimestamp(closed.path.stat().st_mtime, UTC)
    return Segment(
        take=closed.take,
        number=int(closed.path.stem),
        captured_at=closed.captured_at or written - length,
        pts=span.start,
        duration=span.end - span.start,
        sha256=digests.of_file(closed.path),
        suffix=closed.path.suffix.removeprefix("."),
        size=closed.path.stat().st_size,
    )


def files(folder: Path) -> list[Path]:
    """The media files of one Take, in order."""
    return sorted(path for path in folder.iterdir() if path.stem.isdigit())


def recover(folder: Path, storer: Storer) -> None:
    """Offer what an earlier, killed run left in the spool: a file has its name only when it is whole."""
    for take in sorted(folder.glob("take-*")) if folder.exists() else ():
        for path in files(take):
            storer.offer(Closed(path, int(take.name.removeprefix("take-"))))
