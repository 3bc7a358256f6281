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

from core.archive.recordings import RecordingStore
from core.capture import disk
from core.capture.feed import Feed
from core.capture.intake import Intake, Patience
from core.capture.limit import LONGEST_SECONDS, Limit
from core.capture.storer import OBSERVED, Closed, Observer, Progress, Storer, files, recover
from core.child import run
from core.errors import InvalidInput, InvalidMedia, MaaseutuError, SourceMissing, writing
from core.media import ffmpeg, probe
from core.models import TICKS_PER_SECOND, Recording
from core.outside.addresses import Rules
from core.sources import Source
from core.sources.playlists import TALLEST

IMPORT_TIMEOUT_SECONDS = 4 * 3600


class Options(NamedTuple):
    """How to record. All times in seconds.

    ``rules`` say which addresses may be reached: public ones, unless they allow more. A connection on which nothing
    comes for ``stall_seconds`` is made anew. ``wait_seconds`` is how long the first media of an RTMP or SRT sender is
    waited for, if that is longer than ``give_up_seconds``. ``tallest`` is the most lines of picture that are chosen
    where a stream offers several. An import is refused below ``min_free_bytes``; a live recording raises an alarm then,
    and keeps ``reserve_bytes`` for the last moment.
    """

    spool: Path
    ffmpeg: str = ""
    segment_seconds: int = 4
    give_up_seconds: float = 120
    min_free_bytes: int = 0
    reserve_bytes: int = 0
    rules: Rules = Rules()
    stall_seconds: float = 20
    wait_seconds: float = 0
    tallest: int = TALLEST


def record(
    source: Source,
    store: RecordingStore,
    options: Options,
    *,
    stop: threading.Event,
    report: Callable[[Progress], None],
    observer: Observer | None = None,
    begin: Callable[[], object] = lambda: None,
    tell: disk.Tell | None = None,
    limit: Limit | None = None,
    due_at: datetime | None = None,
) -> Recording:
    """Record until the source ends, ``stop`` is set or the ``limit`` is reached (a day); then store the rest and seal.

    What cannot be had any more is marked as a gap. Interrupted in any way, what came is stored before leaving.
    The ``observer`` is offered each file before it is stored, and closed when nothing more comes. ``begin`` is called
    before anything is stored. While the archive is away all this waits, and the recording goes on. A full disk does not
    end it either: ``tell`` gets the alarms about it, and what could not be written is marked.
    ``due_at`` is when the broadcast began, if it was on the air before it was recorded: what was missed is marked.

    Raises:
        InvalidMedia: the source lacks sound or picture.
        SourceMissing: nothing could be recorded at all.
        DiskFull: ``stop`` was set while there was no room in the spool folder.
        StorageDenied: the store refuses; the files stay in the spool folder.
    """
    folder = options.spool / store.name
    room = disk.Room(folder, stop, disk.Budget(options.min_free_bytes, options.reserve_bytes), tell)
    room.insist(lambda: folder.mkdir(parents=True, exist_ok=True))
    storer = Storer(store, folder, report, observer, begin)
    ended, limit = False, limit or Limit()
    try:
        program = ffmpeg.program(options.ffmpeg)
        with room, writing(folder):
            feed = _follower(source, storer, room, folder, program, stop, options, due_at)
            recover(folder, storer)
            said = feed.run(limit)
        ended = not (stop.is_set() or limit.is_reached())
    finally:
        try:
            if observer:
                observer.close(ended=ended)
        finally:
            storer.close()
    storer.lose(round(feed.lost_at_end * 1000), feed.why)
    if limit.is_reached():
        return _sealed(storer, folder, SourceMissing(f"It was stopped before anything came from {source.shown}."))
    why = said.rstrip(".") or "it does not say why"
    waited = max(options.give_up_seconds, options.wait_seconds if source.is_taken_in else 0)
    what = f"Nothing came from {source.shown} in {waited:.0f} s ({why})."
    return _sealed(storer, folder, SourceMissing(what, "Try the address in a player."))


def _follower(
    source: Source,
    storer: Storer,
    room: disk.Room,
    folder: Path,
    program: str,
    stop: threading.Event,
    options: Options,
    due_at: datetime | None,
) -> Feed | Intake:
    give_up, rules, tallest = options.give_up_seconds, options.rules, options.tallest
    if source.is_taken_in:
        patience = Patience(give_up, options.stall_seconds, options.wait_seconds)
        seconds = options.segment_seconds
        return Intake(source, storer, folder, program, stop, patience, segment_seconds=seconds, rules=rules, room=room)
    return Feed(
        source,
        storer,
        folder,
        program,
        stop,
        give_up=give_up,
        rules=rules,
        room=room,
        tallest=tallest,
        due_at=due_at,
    )


def import_file(
    path: Path, store: RecordingStore, options: Options, *, starts_at: datetime, report: Callable[[Progress], None]
) -> Recording:
    """Split a finished file into Segments by stream copy, keep the original, and seal.

    Repeated after an interruption, it makes and stores the same Segments; so nothing is left in the spool.

    Raises:
        InvalidMedia: as ``importable``.
        InvalidInput: the broadcast was recorded live.
        DiskFull: there is no room in the spool folder.
    """
    found = importable(path)
    if store.segments() and not store.is_import():
        raise InvalidInput(f"{store.name} was recorded live.", "Give the file an id of its own; what came is kept.")
    folder = _spool(options, store, path.stat().st_size)
    original = store.keep_original(path)
    storer = Storer(store, folder, report)
    try:
        with writing(folder):
            _split(path, folder, found, options, storer, starts_at)
    finally:
        try:
            storer.close()
        finally:
            shutil.rmtree(folder)
    return _sealed(storer, folder, InvalidMedia(f"{path.name} holds no frames.", "Try it in a player."), original)


def importable(path: Path) -> probe.Media:
    """What is in a file that can be imported.

    Raises:
        InvalidMedia: it is empty, truncated, not media, longer than a day, lacks a picture, or has a sound that cannot
            be read.
    """
    found = probe.media(path).told
    if found.audio is None and probe.is_mute(path):
        probe.require_picture(found, path.name)
    else:
        probe.require_both(found, path.name)
    if found.duration_ms > LONGEST_SECONDS * 1000:
        hours = found.duration_ms / 3_600_000
        what = f"{path.name} is {hours:.0f} hours long; a broadcast has at most {LONGEST_SECONDS / 3600:.0f}."
        raise InvalidMedia(what, "Cut it into broadcasts, and import each.")
    return found


def seal_interrupted(store: RecordingStore, options: Options) -> Recording:
    """End a recording whose recorder was killed: what is left in this machine's spool is stored first."""
    folder = options.spool / store.name
    original = store.recording().original
    with writing(options.spool):
        folder.mkdir(parents=True, exist_ok=True)
    storer = Storer(store, folder, lambda _: None)
    shutil.rmtree(folder / OBSERVED, ignore_errors=True)
    disk.remove_left(options.spool)
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
    source, seconds = f"file:{path.absolute()}", options.segment_seconds
    argv = ffmpeg.segmenter(program, source, take, suffix, seconds=seconds, options={}, mute=found.audio is None)
    run(argv, take / "ffmpeg.log", timeout=IMPORT_TIMEOUT_SECONDS)
    pieces = files(take)
    if not any(_is_readable(piece, mute=found.audio is None) for piece in pieces):
        what = f"{path.name} cannot be copied: nothing comes of its sound or of its picture."
        raise InvalidMedia(what, "Try it in a player, and export it anew.")
    origin: int | None = None
    for piece in pieces:
        span = probe.span(piece)
        origin = span.start if origin is None else origin
        at = starts_at + timedelta(seconds=(span.start - origin) / TICKS_PER_SECOND)
        storer.offer(Closed(piece, 1, captured_at=at))


def _is_readable(piece: Path, *, mute: bool) -> bool:
    """Whether sound and picture can be read of it; of a ``mute`` one the picture.

    What MPEG-TS cannot hold, ffmpeg leaves out without a word.
    """
    try:
        require = probe.require_picture if mute else probe.require_both
        require(probe.media(piece).told, piece.name)
        probe.span(piece)
    except InvalidMedia:
        return False
    return True


def _spool(options: Options, store: RecordingStore, needed: int) -> Path:
    """The folder of an import in the spool.

    Raises:
        DiskFull: less room than the settings ask for, or than is ``needed``.
    """
    # What a live recorder of the same name has left is not touched.
    folder = options.spool / f"{store.name}+import"
    with writing(options.spool):
        folder.mkdir(parents=True, exist_ok=True)
    disk.require(folder, options.min_free_bytes + needed)
    return folder


def _sealed(storer: Storer, folder: Path, nothing: MaaseutuError, original: str = "") -> Recording:
    """The ended recording; ``nothing`` is raised when it is empty."""
    if not storer.segments:
        raise nothing
    if not any(files(take) for take in folder.glob("take-*")):
        shutil.rmtree(folder, ignore_errors=True)
    return storer.seal(original)
