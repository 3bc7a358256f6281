"""Recording and following recordings."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from prefect import task
from prefect.exceptions import TerminationSignal
from prefect.logging import get_run_logger

from config import stores
from config.settings import Settings
from core import fetching, keys, probe, recorder, segments, sources
from core.errors import InvalidInput, Retryable, SourceMissing, SourceUnavailable
from core.models import Broadcast, Part, Recording, Segment
from core.recordings import RecordingStore
from core.storer import Progress
from tasks.policies import STEP, work_folder

TELL_EVERY_SECONDS = 5.0
LOOK_EVERY_SECONDS = 2.0
REMIND_EVERY_SECONDS = 60.0
FIRST_SECONDS = 10.0
BEAT_EVERY_SECONDS = 20.0


@task(name="announce", task_run_name="announce {broadcast.id}", **STEP)
def announce(settings: Settings, broadcast: Broadcast, *, again: bool = False) -> Broadcast:
    """Store what is known of the broadcast before anything is recorded; what is recorded keeps its description.

    Raises:
        InvalidInput: the id belongs to a finished recording, and this is not an import of the same source ``again``.
    """
    store = RecordingStore(stores.archive(settings), broadcast.id)
    if store.recording().sealed and not (again and store.broadcast().source == broadcast.source):
        raise InvalidInput(f"{broadcast.id} is already recorded.", "Give this broadcast an id of its own.")
    if not store.segments():
        # An attempt that failed leaves the id free, whatever its source was.
        store.archive.put_record(keys.broadcast(broadcast.id), broadcast)
    return store.announce(broadcast)


@task(name="find the source", task_run_name="find {broadcast.source}", **(STEP | {"retries": 0}))
def await_source(broadcast: Broadcast, wait_minutes: int) -> None:
    """Return when the broadcast is on the air.

    Raises:
        InvalidInput: the address is not one of media.
        SourceMissing, SourceUnavailable: it is not there in ``wait_minutes``; a few seconds are always given.
    """
    until = time.monotonic() + max(wait_minutes * 60, FIRST_SECONDS)
    told_at = float("-inf")
    while True:
        try:
            sources.resolve(broadcast.source)
        except (SourceMissing, SourceUnavailable) as error:
            if time.monotonic() >= until:
                raise
            if time.monotonic() - told_at >= REMIND_EVERY_SECONDS:
                told_at = time.monotonic()
                get_run_logger().info("Not on air yet: %s", error.what)
            threading.Event().wait(LOOK_EVERY_SECONDS)
        else:
            return


@task(name="record", task_run_name="record {broadcast.id}", **STEP)
def record(settings: Settings, broadcast: Broadcast, minutes: int) -> Recording:
    """Record a stream to its end, or for ``minutes``."""
    source = sources.resolve(broadcast.source)
    store = RecordingStore(stores.archive(settings), broadcast.id)
    stop = threading.Event()
    options = recorder_options(settings, limit_seconds=minutes * 60)
    try:
        return recorder.record(source, store, options, stop=stop, report=_teller())
    except (KeyboardInterrupt, TerminationSignal):
        # The producer stopped it: what came is a whole recording.
        store.seal(store.recording().gaps)
        raise


@task(name="import", task_run_name="import {broadcast.id}", **STEP)
def import_source(settings: Settings, broadcast: Broadcast) -> Recording:
    """Bring a finished file, or what is behind an address, into the archive as a recording."""
    store = RecordingStore(stores.archive(settings), broadcast.id)
    if store.recording().sealed:
        get_run_logger().info("%s is in the archive already.", broadcast.id)
        return store.recording()
    path = Path(broadcast.source)
    if "://" not in broadcast.source:
        return _import_file(settings, broadcast, path, store)
    source = sources.resolve(broadcast.source)
    if source.live:
        return recorder.record(source, store, recorder_options(settings), stop=threading.Event(), report=_teller())
    with work_folder(settings) as folder:
        return _import_file(settings, broadcast, fetching.download(source.url, dict(source.headers), folder), store)


def _import_file(settings: Settings, broadcast: Broadcast, path: Path, store: RecordingStore) -> Recording:
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}.", "Give a path that the worker's machine can read.")
    probe.require_both(probe.media(path), path.name)
    options = recorder_options(settings)
    return recorder.import_file(path, store, options, starts_at=broadcast.starts_at, report=_teller())


def recorder_options(settings: Settings, limit_seconds: float = 0) -> recorder.Options:
    return recorder.Options(
        spool=settings.spool,
        ffmpeg=settings.ffmpeg,
        segment_seconds=settings.segment_seconds,
        give_up_seconds=settings.give_up_seconds,
        limit_seconds=limit_seconds,
        min_free_bytes=settings.min_free_mb << 20,
    )


def _teller() -> Callable[[Progress], None]:
    """Tells the run's log how the recording stands, at most every five seconds."""
    logger = get_run_logger()
    told = [0.0]

    def tell(progress: Progress) -> None:
        if time.monotonic() - told[0] >= TELL_EVERY_SECONDS:
            told[0] = time.monotonic()
            minutes, seconds = divmod(round(progress.seconds), 60)
            text = "%d min %02d s in the archive, %d Segments, %d gaps, %d waiting"
            logger.info(text, minutes, seconds, progress.segments, progress.gaps, progress.waiting)

    return tell


class Followed:
    """A recording as prepare_episode follows it: what is closed, and whether more may come."""

    def __init__(self, settings: Settings, broadcast_id: str) -> None:
        self._store = RecordingStore(stores.archive(settings), broadcast_id)
        self._target_ms = settings.part_seconds * 1000
        self._segments: list[Segment] = []
        self.grew_at = time.monotonic()
        self.sealed = False
        self._beaten_at = float("-inf")

    def broadcast(self) -> Broadcast:
        """Who, what and when."""
        return self._store.broadcast()

    def recording(self) -> Recording:
        """The manifest."""
        return self._store.recording()

    def look(self) -> list[Part]:
        """All Parts that are closed by now; sets ``sealed``."""
        sealed = self._store.recording().sealed
        found = self._store.segments(self._segments)
        if len(found) > len(self._segments):
            self.grew_at = time.monotonic()
        self._segments, self.sealed = found, sealed
        return segments.parts(found, target_ms=self._target_ms, sealed=self.sealed)

    def beat(self) -> None:
        """Leave a sign of life, twice a minute; one that cannot be left is not missed."""
        if time.monotonic() - self._beaten_at > BEAT_EVERY_SECONDS:
            self._beaten_at = time.monotonic()
            with suppress(Retryable):
                self._store.beat()

    @property
    def silent_seconds(self) -> float:
        """How long nothing new has come."""
        return time.monotonic() - self.grew_at
