"""The recorder: a source becomes Segments in the archive. What came is kept, whatever happens after.

The Feed makes files of a stream; the Storer's thread stores each closed file. So a slow or absent store never holds up
the recording, and a lost source never holds up the storing.
"""

import shutil
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from core import ffmpeg, probe
from core.child import run
from core.errors import DiskFull, InvalidMedia, MaaseutuError, SourceMissing, writing
from core.feed import Feed
from core.models import TICKS_PER_SECOND, Recording
from core.recordings import RecordingStore
from core.sources import Source
from core.storer import Closed, Progress, Storer, files, recover

IMPORT_TIMEOUT_SECONDS = 4 * 3600


class Options(NamedTuple):
    """How to record. All times in seconds; ``limit_seconds`` 0 means to the end of the source."""

    spool: Path
    ffmpeg: str = ""
    segment_seconds: int = 4
    give_up_seconds: float = 120
    limit_seconds: float = 0
    min_free_bytes: int = 0


def record(
    source: Source,
    store: RecordingStore,
    options: Options,
    *,
    stop: threading.Event,
    report: Callable[[Progress], None],
) -> Recording:
    """Record until the source ends, ``stop`` is set or the limit is reached; then store the rest and seal.

    What cannot be had any more is marked as a gap. Interrupted in any way, what came is stored before leaving.

    Raises:
        InvalidMedia: the source lacks sound or picture.
        SourceMissing: nothing could be recorded at all.
        DiskFull: there is no room in the spool folder.
        StorageDenied: the store refuses; the files stay in the spool folder.
    """
    folder = _spool(options, store)
    storer = Storer(store, report)
    try:
        program = ffmpeg.program(options.ffmpeg)
        feed = Feed(source, storer, folder, program, stop, give_up=options.give_up_seconds)
        recover(folder, storer)
        with writing(folder):
            said = feed.run(seconds=options.limit_seconds)
    finally:
        storer.close()
    storer.lose(round(feed.lost_at_end * 1000), feed.why)
    why = said.rstrip(".") or "it does not say why"
    what = f"Nothing came from {source.url} in {options.give_up_seconds:.0f} s ({why})."
    return _sealed(storer, folder, SourceMissing(what, "Try the address in a player."))


def import_file(
    path: Path, store: RecordingStore, options: Options, *, starts_at: datetime, report: Callable[[Progress], None]
) -> Recording:
    """Split a finished file into Segments by stream copy, keep the original, and seal.

    Repeated after an interruption, it makes and stores the same Segments; so nothing is left in the spool.

    Raises:
        InvalidMedia: the file is empty, truncated, not media, or lacks sound or picture.
        DiskFull: there is no room in the spool folder.
    """
    found = probe.require_both(probe.media(path), path.name)
    folder = _spool(options, store, path.stat().st_size)
    original = store.keep_original(path)
    storer = Storer(store, report)
    try:
        with writing(folder):
            _split(path, folder, found, options, storer, starts_at)
    finally:
        try:
            storer.close()
        finally:
            shutil.rmtree(folder)
    return _sealed(storer, folder, InvalidMedia(f"{path.name} holds no frames.", "Try it in a player."), original)


def seal_interrupted(store: RecordingStore, options: Options) -> Recording:
    """End a recording whose recorder was killed: what is left in this machine's spool is stored first."""
    folder = options.spool / store.id
    original = store.recording().original
    storer = Storer(store, lambda _: None)
    try:
        recover(folder, storer)
    finally:
        storer.close()
    return storer.seal(original)


def _split(path: Path, folder: Path, found: probe.Media, options: Options, storer: Storer, starts_at: datetime) -> None:
    shutil.rmtree(folder / "take-001", ignore_errors=True)
    take = folder / "take-001"
    take.mkdir()
    suffix = probe.segment_suffix(found)
    program = ffmpeg.program(options.ffmpeg)
    argv = ffmpeg.segmenter(program, str(path.absolute()), take, suffix, seconds=options.segment_seconds, options={})
    run(argv, take / "ffmpeg.log", timeout=IMPORT_TIMEOUT_SECONDS)
    origin: int | None = None
    for piece in files(take):
        span = probe.span(piece)
        origin = span.start if origin is None else origin
        at = starts_at + timedelta(seconds=(span.start - origin) / TICKS_PER_SECOND)
        storer.offer(Closed(piece, 1, captured_at=at))


def _spool(options: Options, store: RecordingStore, needed: int = 0) -> Path:
    """The recording's folder in the spool.

    Raises:
        DiskFull: less room than the settings ask for, or than is ``needed``.
    """
    folder = options.spool / store.id
    with writing(options.spool):
        folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < options.min_free_bytes + needed:
        raise DiskFull(
            f"Only {free >> 20} MB are free in {options.spool}; {(options.min_free_bytes + needed) >> 20} are needed.",
            "Make room, or set MAASEUTU_STATE to a larger disk.",
        )
    return folder


def _sealed(storer: Storer, folder: Path, nothing: MaaseutuError, original: str = "") -> Recording:
    """The ended recording; ``nothing`` is raised when it is empty."""
    if not storer.segments:
        raise nothing
    if not any(files(take) for take in folder.glob("take-*")):
        shutil.rmtree(folder, ignore_errors=True)
    return storer.seal(original)
