"""The sample broadcast as the tasks see it: cut into Segments and Parts, with what is said in it."""

from pathlib import Path
from typing import NamedTuple

from config.settings import Settings
from core import child
from core.archive import segments
from core.capture.storer import Closed, describe, files
from core.media import ffmpeg
from core.models import Part, Segment
from maaseutu.demo import about
from sample import live_source

FILE = Path(live_source.__file__).with_name("broadcast.mp4")
TIMEOUT_S = 600.0
REPEATED = "repeated.mp4"


class Cut(NamedTuple):
    """Parts, and the file of every Segment."""

    parts: list[Part]
    files: dict[Segment, Path]


def seconds() -> float:
    """Its length."""
    return float(about()["duration_ms"]) / 1000


def rounds(seconds: float) -> str:
    """All that is said when it is played again and again, up to a sentence that is cut."""
    known, length = about()["sentences"], float(about()["duration_ms"])
    count = int(seconds * 1000 // length) + 1
    return " ".join(
        each["text"] for number in range(count) for each in known if number * length + each["end_ms"] <= seconds * 1000
    )


def repeated(folder: Path, seconds: float, film: Path = FILE) -> Path:
    """The film again and again up to so many seconds, by stream copy, as ``REPEATED`` in ``folder``."""
    target = folder / REPEATED
    source = ("-stream_loop", "-1", "-i", str(film), "-t", str(seconds))
    argv = [ffmpeg.program(), *ffmpeg.QUIET, *source, "-c", "copy", str(target)]
    child.run(argv, folder / "repeated.log", timeout=TIMEOUT_S)
    return target


def cut(settings: Settings, folder: Path, file: Path = FILE) -> Cut:
    """Split it into Segments in ``folder``, as the recorder does, and these into Parts."""
    folder.mkdir(exist_ok=True)
    program = ffmpeg.program(settings.ffmpeg)
    argv = ffmpeg.segmenter(program, str(file), folder, "ts", seconds=settings.segment_seconds, options={})
    child.run(argv, folder / "ffmpeg.log", timeout=TIMEOUT_S)
    found = {describe(Closed(path, 1)): path for path in files(folder)}
    parts = segments.parts(found, target_ms=settings.part_seconds * 1000, sealed=True)
    return Cut(parts, found)
