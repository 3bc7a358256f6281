"""One odd file or playlist goes into the archive, in a process of its own: what the flows' tasks do, without Prefect.

What it may raise is a MaaseutuError, which is an answer. Anything else ends the process and is a fault of ours.
"""

import logging
import os
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import av.error
from prefect.logging import disable_run_logger
from pydantic import BaseModel

from config import stores
from config.settings import Settings
from core import sources
from core.archive import recordings
from core.archive.recordings import RecordingStore
from core.capture import recorder
from core.errors import MaaseutuError
from core.media import probe
from core.models import Broadcast, Recording
from tasks import recording

Way = Literal["import", "address", "live", "stand-ins"]


class Job(NamedTuple):
    """What is taken, and how. ``source`` is a path or an address; ``give_up`` in seconds is for streams."""

    way: Way
    name: str
    source: str
    id: str
    give_up: float


class Counted(BaseModel):
    """Packets that a file or recording holds of its first picture and sound, and frames that can be decoded of them."""

    packets: int = 0
    frames: int = 0


class Answer(BaseModel):
    """How it ended. ``error`` is the name of what was raised and ``said`` its text; else there is a recording.

    ``offered`` and ``kept`` are counted for files alone. ``wrong`` is what verifying found.
    """

    error: str = ""
    said: str = ""
    recording: Recording | None = None
    wrong: tuple[str, ...] = ()
    offered: Counted | None = None
    kept: Counted | None = None


def run(job: Job, settings: Settings, folder: Path) -> None:
    """Take it, and write the answer into ``folder``; all that is said on the way goes into a log there."""
    with (folder / "log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", force=True)
    answer = _answer(job, settings, folder)
    partial = folder / "answer.partial"
    partial.write_text(answer.model_dump_json(), encoding="utf-8")
    partial.rename(folder / "answer")


def _answer(job: Job, settings: Settings, folder: Path) -> Answer:
    store = RecordingStore(stores.archive(settings), job.id)
    try:
        with disable_run_logger():
            found = _live(job, settings, store) if job.way in ("live", "stand-ins") else _imported(job, settings)
    except MaaseutuError as error:
        return Answer(error=type(error).__name__, said=error.what)
    answer = Answer(recording=found, wrong=tuple(recordings.verify(store)))
    if job.way == "import":
        answer.offered = counted([Path(job.source)])
        answer.kept = counted(store.fetch(segment, folder) for segment in found.segments)
    return answer


def _imported(job: Job, settings: Settings) -> Recording:
    """As the flow import_recording."""
    asked = Broadcast(id=job.id, programme="chaos", title=job.name, starts_at=datetime.now(UTC), source=job.source)
    broadcast = recording.announce.fn(settings, asked, again=True)
    return recording.import_source.fn(settings, broadcast)


def _live(job: Job, settings: Settings, store: RecordingStore) -> Recording:
    """As the flow capture_broadcast, which looks first what the address is."""
    options = recording.recorder_options(settings)._replace(give_up_seconds=job.give_up)
    source = sources.resolve(job.source, options.rules, options.tallest)
    return recorder.record(source, store, options, stop=threading.Event(), report=lambda _: None)


def counted(files: Iterable[Path]) -> Counted:
    """What is in files: of the first picture and the first sound of each."""
    found = Counted()
    for path in files:
        with probe.opened(path) as file, suppress(av.error.FFmpegError):
            for packet in file.demux([*file.streams.video[:1], *file.streams.audio[:1]]):
                found.packets += packet.size > 0
                found.frames += _decodable(packet)
    return found


def _decodable(packet: Any) -> int:
    try:
        return len(packet.decode())
    except av.error.FFmpegError:
        return 0
