"""The sample broadcast as the tasks see it: cut into Segments and Parts, with what is said in it."""

from pathlib import Path
from typing import NamedTuple

from config import recognition
from config.settings import Settings
from core import child, ffmpeg, segments
from core.models import Part, Segment
from core.speech import model, whisper
from core.storer import Closed, describe, files
from maaseutu.demo import about
from sample import live_source

FILE = Path(live_source.__file__).with_name("broadcast.mp4")
TIMEOUT_S = 600.0


class Cut(NamedTuple):
    """Parts, and the file of every Segment."""

    parts: list[Part]
    files: dict[Segment, Path]


def said() -> str:
    """All that is said in it."""
    return " ".join(sentence["text"] for sentence in about()["sentences"])


def seconds() -> float:
    """Its length."""
    return float(about()["duration_ms"]) / 1000


def cut(settings: Settings, folder: Path) -> Cut:
    """Split it into Segments in ``folder``, as the recorder does, and these into Parts."""
    program = ffmpeg.program(settings.ffmpeg)
    argv = ffmpeg.segmenter(program, str(FILE), folder, "ts", seconds=settings.segment_seconds, options={})
    child.run(argv, folder / "ffmpeg.log", timeout=TIMEOUT_S)
    found = {describe(Closed(path, 1)): path for path in files(folder)}
    parts = segments.parts(found, target_ms=settings.part_seconds * 1000, sealed=True)
    return Cut(parts, found)


def options(settings: Settings, folder: Path) -> whisper.Options:
    """How speech is recognised in it. The bundled model is put together in ``folder``."""
    known = about()
    return whisper.Options(
        model.locate(settings.model, folder),
        known["language"],
        tuple(known["vocabulary"]),
        settings.beam_size,
        recognition.threads(settings),
    )
