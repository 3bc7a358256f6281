"""The beginning of the sample broadcast with another sound, recorded as an import is."""

from pathlib import Path
from typing import NamedTuple

import imageio_ffmpeg

from core import child
from core.archive import segments
from core.capture.storer import Closed, describe, files
from core.media import ffmpeg
from core.models import Part, Segment
from evaluation import sample


class Odd(NamedTuple):
    """What ffmpeg does to the sound: options before the input that has it, and after."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


class Cut(NamedTuple):
    """Parts, and the file of every Segment."""

    parts: list[Part]
    files: dict[Segment, Path]


def late(seconds: float, *after: str) -> Odd:
    """Sound that begins so long after the picture."""
    return Odd(("-itsoffset", str(seconds)), after)


def hole(start: float, end: float, odd: Odd | None = None) -> Odd:
    """Sound of which the packets between two moments are missing."""
    whole = odd or Odd()
    return whole._replace(after=(*whole.after, "-bsf:a", f"noise=drop=between(pts*tb\\,{start}\\,{end})"))


def recorded(odd: Odd, folder: Path, *, seconds: float, target_ms: int = 60_000, film: Path = sample.FILE) -> Cut:
    """So many seconds as Segments of four seconds, and as Parts."""
    source, program = folder / "source.mkv", imageio_ffmpeg.get_ffmpeg_exe()
    argv = [program, "-i", str(film), *odd.before, "-i", str(film), "-map", "0:v", "-map", "1:a"]
    child.run(
        [*argv, "-c:v", "copy", "-c:a", "aac", *odd.after, "-t", str(seconds), str(source)], folder / "log", timeout=60
    )
    take = folder / "take-001"
    take.mkdir()
    child.run(
        ffmpeg.segmenter(ffmpeg.program(), str(source), take, "ts", seconds=4, options={}), take / "log", timeout=60
    )
    found = {describe(Closed(path, 1)): path for path in files(take)}
    return Cut(segments.parts(found, target_ms=target_ms, sealed=True), found)
