"""The watcher: a thread that measures each file the recorder has closed, and tells what is wrong.

It works on hard links of its own, so the Storer may store and delete its files, or wait for a store that is away,
without either knowing of the other. Whatever happens here, the recording does not notice.
"""

import logging
import os
import queue
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from core.capture.storer import OBSERVED, Closed
from core.capture.watching.alarms import Alarm
from core.capture.watching.measures import Measurer
from core.capture.watching.watch import Watch
from core.errors import MaaseutuError

TICK_SECONDS = 1.0
MOST_WAITING = 30
"""So many links at most wait to be measured, so that a slow machine does not fill its disk: two minutes of Segments."""

Tell = Callable[[Alarm], None]

_log = logging.getLogger(__name__)


class _Came(NamedTuple):
    link: Path
    take: int
    captured_at: datetime
    arrived_at: datetime


class Watcher:
    """Watches one recording. ``folder`` is on the disk of the spool; ``tell`` is called in the watcher's thread.

    ``tell`` must return at once: what it takes long to do holds up the watching.
    """

    def __init__(
        self,
        folder: Path,
        tell: Tell,
        *,
        planned_until: datetime | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder / OBSERVED
        self._tell = tell
        self._now = now
        self._watch = Watch(planned_until)
        self._measurer = Measurer()
        self._queue: queue.Queue[_Came | None] = queue.Queue()
        self._count = 0
        self._ended_at: datetime | None = None
        shutil.rmtree(self._folder, ignore_errors=True)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="watcher")
        self._work: Future[None] | None = None

    def offer(self, closed: Closed) -> None:
        """Take note of a file that has just been closed. Never raises for what is wrong with it or the disk."""
        if closed.captured_at is None:
            return  # What an earlier run left is history.
        if self._queue.qsize() >= MOST_WAITING:
            _log.warning("%s is not watched: %d files wait already.", closed.path.name, MOST_WAITING)
            return
        self._count += 1
        link = self._folder / f"{self._count:06d}{closed.path.suffix}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            os.link(closed.path, link)
        except OSError as error:
            _log.warning("%s is not watched (%s).", closed.path.name, error)
            return
        self._work = self._work or self._pool.submit(self._run)
        self._queue.put(_Came(link, closed.take, closed.captured_at, self._now()))

    def plan(self, until: datetime | None) -> None:
        """The recording shall end at another time."""
        self._watch.plan(until)

    def close(self, *, ended: bool) -> None:
        """Measure what waits, and stop. ``ended``: the source ended by itself, or was given up."""
        self._ended_at = self._now() if ended else None
        self._queue.put(None)
        self._pool.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._work and (error := self._work.exception()):
            _log.error("The watching broke off; the recording did not.", exc_info=error)

    def _run(self) -> None:
        while True:
            try:
                came = self._queue.get(timeout=TICK_SECONDS)
            except queue.Empty:
                self._say(self._watch.tick(self._now()))
                continue
            if came is None:
                break
            self._hear(came)
        if self._ended_at:
            self._say(self._watch.end(self._ended_at))

    def _hear(self, came: _Came) -> None:
        try:
            measures = self._measurer.measure(came.link, came.captured_at)
        except MaaseutuError as error:
            _log.warning("A Segment is not watched: %s", error)
            self._say(self._watch.came(came.arrived_at, 0.0))
        else:
            self._say(self._watch.came(came.arrived_at, measures.seconds))
            self._say(self._watch.hear(measures, came.arrived_at, came.take))
        finally:
            came.link.unlink(missing_ok=True)

    def _say(self, alarms: Iterable[Alarm]) -> None:
        for alarm in alarms:
            _log.info("%s", alarm.text)
            self._tell(alarm)
