"""Processor time of encoding the sample: one command for all renditions, beside a command for each.

All use the same options and make the same stills, of which there are few: what differs is that one command decodes
the picture once and not three times.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.process import alone, children_seconds
from config import catalogue
from config.settings import Settings, load
from core import child
from core.media import encode, ffmpeg, probe
from core.models import Part, Rung
from evaluation import sample

TIMEOUT_S = 1800.0


def run() -> list[Figure]:
    """The figures."""
    ladder = catalogue.ladder()
    together, apart = alone(processor_seconds, [ladder]), alone(processor_seconds, [(rung,) for rung in ladder])
    return [
        Figure("transcode: one command", f"{together / sample.seconds():.3f} CPU-s per media second"),
        Figure(f"transcode: {len(ladder)} commands", f"{apart / sample.seconds():.3f} CPU-s per media second"),
        Figure("transcode: one command / separate", f"{together / apart:.2f}", "< 1", together < apart),
    ]


def processor_seconds(commands: Sequence[tuple[Rung, ...]]) -> float:
    """Of all the commands, each of which makes some rungs of every Part."""
    settings = load()
    with tempfile.TemporaryDirectory(prefix="maaseutu-bench-") as name:
        folder = Path(name)
        parts, files = sample.cut(settings, folder)
        began = children_seconds()
        for part in parts:
            joined = encode.join([files[segment] for segment in part.needed], folder / "joined.ts")
            for rungs in commands:
                _encode(settings, part, joined, rungs, folder)
        return children_seconds() - began


def _encode(settings: Settings, part: Part, joined: Path, rungs: Sequence[Rung], folder: Path) -> None:
    video = probe.media(joined).video
    assert video is not None
    rate = probe.standard_rate(video.rate)
    job = ffmpeg.VideoJob(joined, part.start_pts, part.end_pts, part.start_ticks, rate, part.number == 0)
    fitting = ffmpeg.fitting(rungs, video.height)
    argv = ffmpeg.video_encoder(ffmpeg.program(settings.ffmpeg), job, fitting, folder, settings.encode_threads)
    child.run(argv, folder / "ffmpeg.log", timeout=TIMEOUT_S)
