"""Recording and following recordings."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import Flow, task
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging import get_run_logger

from config import settings as configuration
from config import stores
from config.settings import Settings
from core import identifiers, keys, sources
from core.archive.recordings import RecordingStore
from core.capture import recorder
from core.capture.limit import Limit
from core.capture.storer import Progress
from core.errors import InvalidInput, Retryable, SourceMissing, SourceUnavailable
from core.media import ffmpeg
from core.models import Broadcast, Recording
from core.names import masked
from core.outside import addresses, fetching
from core.planning import plans
from core.sources import page
from core.speech import learning
from tasks.alarms import Watching
from tasks.announcements import announce_recording
from tasks.orders import Listener
from tasks.policies import STEP, work_folder

TELL_EVERY_SECONDS = 5.0
LOOK_EVERY_SECONDS = 2.0
REMIND_EVERY_SECONDS = 60.0
FIRST_SECONDS = 10.0
BEAT_EVERY_SECONDS = 20.0


@task(name="announce", task_run_name="announce {broadcast.id}", **STEP)
def announce(
    settings: Settings,
    broadcast: Broadcast,
    *,
    recorder: str = "",
    again: bool = False,
    live: bool = False,
    made_up: bool = False,
) -> Broadcast:
    """Store what is known of the broadcast before anything is recorded; what is recorded keeps its description.

    To what is known belong the names that corrections of earlier broadcasts taught.

    A ``live`` broadcast does not wait for an archive that is away: then this is left to ``record``.

    Raises:
        InvalidInput: the id belongs to a finished recording, and this is not the same source ``again``; or it is
            ``made_up`` of the title, and a planned broadcast has it.
    """
    archive = stores.archive(settings, hurried=live)
    try:
        if made_up:
            plans.require_free(archive, broadcast.id, datetime.now(UTC))
        taught = broadcast.model_copy(update={"learned": learning.learned(archive, broadcast.programme)})
        return _announced(RecordingStore(archive, broadcast.id, recorder), taught, again=again)
    except Retryable as error:
        if not live:
            raise
        get_run_logger().warning("%s is recorded all the same, and stored when the archive answers.", error.what)
        return broadcast


def _announced(store: RecordingStore, broadcast: Broadcast, *, again: bool) -> Broadcast:
    shown = broadcast.model_copy(update={"source": masked(broadcast.source)})
    if store.recording().sealed and not (again and (store.recorder or store.broadcast().source == shown.source)):
        raise InvalidInput(f"{broadcast.id} is already recorded.", "Give this broadcast an id of its own.")
    known = store.announce(shown)
    if known != shown and not store.recorder and not store.segments():
        # An attempt that failed leaves the id free, whatever its source was.
        store.archive.put_record(keys.broadcast(broadcast.id), known := shown)
    # Stream keys, passphrases and passwords are for this run only.
    return known.model_copy(update={"source": broadcast.source}) if known.source == shown.source else known


def is_over(settings: Settings, broadcast: Broadcast, recorder: str = "") -> bool:
    """Whether the recording was ended, as when its run was killed after that; unknown is no."""
    with suppress(Retryable):
        archive = stores.archive(settings, hurried=True)
        return RecordingStore(archive, broadcast.id, recorder).recording().sealed
    return False


def is_followed(settings: Settings, broadcast: Broadcast) -> bool:
    """Whether somebody prepares the recording already, as when its own run was killed and goes on; unknown is no."""
    with suppress(Retryable):
        return RecordingStore(stores.archive(settings, hurried=True), broadcast.id).is_followed()
    return False


@task(name="find the source", task_run_name="find the source", **(STEP | {"retries": 0}))
def await_source(settings: Settings, address: str, wait_minutes: int) -> bool:
    """Return when the broadcast is on the air: whether it was at the first look.

    For an RTMP or SRT sender it is the recorder that waits: False.

    Raises:
        InvalidInput: the address is not one of media, or may not be reached.
        SourceMissing, SourceUnavailable: it is not there in ``wait_minutes``; a few seconds are always given.
    """
    rules = addresses.parse(settings.private_sources)
    until = time.monotonic() + max(wait_minutes * 60, FIRST_SECONDS)
    told_at, is_first = float("-inf"), True
    while True:
        try:
            is_taken_in = sources.resolve(address, rules, settings.tallest).is_taken_in
        except (SourceMissing, SourceUnavailable) as error:
            is_first = False
            if time.monotonic() >= until:
                raise
            if time.monotonic() - told_at >= REMIND_EVERY_SECONDS:
                told_at = time.monotonic()
                get_run_logger().info("Not on air yet: %s", error.what)
            threading.Event().wait(LOOK_EVERY_SECONDS)
        else:
            return is_first and not is_taken_in


@task(name="record", task_run_name="record {broadcast.id}", **STEP)
def record(
    settings: Settings,
    broadcast: Broadcast,
    address: str,
    minutes: int,
    recorder_name: str = "",
    wait_minutes: int = 0,
    *,
    again: bool = False,
    due_at: datetime | None = None,
) -> Recording:
    """Record a stream to its end, for ``minutes``, or as long as is ordered meanwhile.

    That there is a recording is told when something is stored. ``due_at`` is when the broadcast began, if it was on the
    air before anyone looked: what was missed is marked.
    """
    options = recorder_options(settings)._replace(wait_seconds=wait_minutes * 60)
    source = sources.resolve(address, options.rules, options.tallest)
    store = RecordingStore(stores.archive(settings), broadcast.id, recorder_name)
    stop, limit = threading.Event(), Limit(minutes * 60)
    with (
        Watching(settings, broadcast, options.spool / store.name, minutes) as watching,
        Listener(store.name, limit, watching.plan),
    ):
        return recorder.record(
            source,
            store,
            options,
            stop=stop,
            report=_announcer(settings, broadcast),
            observer=watching,
            begin=lambda: _announced(store, broadcast, again=again),
            tell=watching.tell,
            limit=limit,
            due_at=due_at,
        )


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
    options = recorder_options(settings)
    source = sources.resolve(broadcast.source, options.rules, options.tallest)
    if source.live:
        return recorder.record(source, store, options, stop=threading.Event(), report=_teller())
    with work_folder(settings) as folder:
        spare = options.min_free_bytes
        if source.kind == "page":
            program = ffmpeg.program(settings.ffmpeg)
            fetched = page.download(source, folder, program, options.rules, tallest=options.tallest, spare=spare)
        else:
            fetched = fetching.download(source.url, dict(source.headers), folder, options.rules, spare=spare)
        return _import_file(settings, broadcast, fetched, store)


def _import_file(settings: Settings, broadcast: Broadcast, path: Path, store: RecordingStore) -> Recording:
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}.", "Give a path that the worker's machine can read.")
    if recorder.importable(path).audio is None:
        get_run_logger().warning("%s has no sound. It is published without text.", path.name)
    options = recorder_options(settings)
    return recorder.import_file(path, store, options, starts_at=broadcast.starts_at, report=_teller())


def recorder_options(settings: Settings) -> recorder.Options:
    return recorder.Options(
        spool=settings.spool,
        ffmpeg=settings.ffmpeg,
        segment_seconds=settings.segment_seconds,
        give_up_seconds=settings.give_up_seconds,
        stall_seconds=settings.stall_seconds,
        tallest=settings.tallest,
        min_free_bytes=settings.min_free_mb << 20,
        reserve_bytes=settings.reserve_mb << 20,
        rules=addresses.parse(settings.private_sources),
    )


def _announcer(settings: Settings, broadcast: Broadcast) -> Callable[[Progress], None]:
    """Tells as ``_teller``, and at the first Segment all who wait for the recording, unless somebody follows it."""
    tell, told = _teller(), threading.Event()

    def report(progress: Progress) -> None:
        if not told.is_set():
            told.set()
            if not is_followed(settings, broadcast):
                announce_recording(broadcast)
        tell(progress)

    return report


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


def seal(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """For ``on_cancellation``: what was recorded until now is the recording."""
    with get_client(sync_client=True) as client:
        name = client.read_flow_run(flow_run.id).name
    settings = configuration.load()
    store = RecordingStore(stores.archive(settings), *identifiers.of_run(name))
    if store.segments() and not store.recording().sealed:
        recorder.seal_interrupted(store, recorder_options(settings))
