"""The recorder: a source becomes Segments in the archive. What came is kept, whatever happens after.

ffmpeg copies the stream into files; the Storer's thread stores each closed file. So a slow or absent store never holds
up the recording, and a lost source never holds up the storing.
"""

import shutil
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from core import ffmpeg, probe
from core.child import Child, run
from core.errors import DiskFull, InvalidMedia, MaaseutuError, SourceMissing, writing
from core.models import TICKS_PER_SECOND, Recording
from core.recordings import RecordingStore
from core.sources import Source
from core.storer import Closed, Progress, Storer, files, recover

POLL_SECONDS = 0.25
RETRY_SECONDS = 2.0
IMPORT_TIMEOUT_SECONDS = 4 * 3600
LACKING = {"'0:v:0' for option 'map'": "picture", "'0:a:0' for option 'map'": "sound"}


class Options(NamedTuple):
    """How to record. All times in seconds; ``limit_seconds`` 0 means to the end of the source."""

    spool: Path
    ffmpeg: str = ""
    segment_seconds: int = 4
    stall_seconds: float = 30
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

    A lost connection begins a new Take and marks a gap. Interrupted in any way, what came is stored before leaving.

    Raises:
        InvalidMedia: the source lacks sound or picture.
        SourceMissing: nothing could be recorded at all.
        DiskFull: there is no room in the spool folder.
        StorageDenied: the store refuses; the files stay in the spool folder.
    """
    folder = _spool(options, store)
    storer = Storer(store, report)
    try:
        recover(folder, storer)
        said = _Takes(source, storer, folder, options, stop).run()
    finally:
        storer.close()
    what = f"Nothing came from {source.url} in {options.give_up_seconds:.0f} s ({said or 'it does not say why'})."
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


class _Takes:
    """Runs ffmpeg, one Take after the other, until the source has ended."""

    def __init__(self, source: Source, storer: Storer, folder: Path, options: Options, stop: threading.Event) -> None:
        self.source = source
        self.storer = storer
        self.folder = folder
        self.options = options
        self.stop = stop
        self.began = time.monotonic()
        self.take = max([storer.take, *(int(p.name.removeprefix("take-")) for p in folder.glob("take-*"))])
        self.ended = False

    def run(self) -> str:
        """Record to the end; gives the last words of ffmpeg."""
        first, heard_at, said = self.take == 0, time.monotonic(), ""
        while not self._over():
            with writing(self.folder):
                grew, said = self._record(from_start=first)
            first = False
            heard_at = time.monotonic() if grew else heard_at
            self.ended = not self.source.live or self.source.has_ended() or self._lost_since(heard_at)
            if not self._over():
                self.stop.wait(RETRY_SECONDS)
        return said

    def _lost_since(self, heard_at: float) -> bool:
        return time.monotonic() - heard_at > self.options.give_up_seconds

    def _over(self) -> bool:
        limit = self.options.limit_seconds
        return self.ended or self.stop.is_set() or bool(limit and time.monotonic() - self.began >= limit)

    def _record(self, *, from_start: bool) -> tuple[bool, str]:
        """One Take: whether anything came, and what ffmpeg said last."""
        self.take += 1
        folder = self.folder / f"take-{self.take:03d}"
        folder.mkdir()
        program = ffmpeg.program(self.options.ffmpeg)
        options = self.source.input_options(from_start=from_start)
        seconds = self.options.segment_seconds
        argv = ffmpeg.segmenter(program, self.source.url, folder, "ts", seconds=seconds, options=options)
        with Child(argv, folder / "ffmpeg.log") as child:
            grew = self._watch(child, folder)
        left = files(folder)
        for path in left:
            self.storer.offer(Closed(path, self.take, broken=path == left[-1] and child.poll() != 0))
        came = grew or bool(left)
        if isinstance(error := child.error(), DiskFull):
            raise error
        if not came:
            self._require_streams(child.tail())
        return came, child.tail().rpartition("\n")[2]

    def _require_streams(self, said: str) -> None:
        for sign, lacking in LACKING.items():
            if sign in said:
                raise InvalidMedia(f"{self.source.url} has no {lacking}.", "Choose the source that carries both.")

    def _watch(self, child: Child, folder: Path) -> bool:
        """Hand on each file when the next one has begun; leave when ffmpeg ends or stalls, or it is time to stop."""
        newest, grew_at = (0, 0), time.monotonic()
        while child.poll() is None and not self._over():
            found = files(folder)
            for path in found[:-1]:
                self.storer.offer(Closed(path, self.take))
            now = (int(found[-1].stem), found[-1].stat().st_size) if found else (0, 0)
            grew_at = time.monotonic() if now != newest else grew_at
            newest = now
            if time.monotonic() - grew_at > self.options.stall_seconds:
                break
            self.stop.wait(POLL_SECONDS)
        return newest != (0, 0)
