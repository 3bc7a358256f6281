"""Speech to text of the sample: our way through Parts, beside plain faster-whisper on the whole file.

Both use the same weights, beam, threads, vocabulary and word times; the plain one is otherwise as its authors set it
and decodes in order. The model is loaded before the clock starts; memory is of the whole process.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Figure
from benchmarks.process import alone, peak_bytes
from config.settings import load
from core.speech import whisper
from core.speech.engines import faster
from evaluation import accuracy, sample


class Result(NamedTuple):
    """One way's time by the clock and of the processor, its memory and its text."""

    seconds: float
    processor_seconds: float
    peak: int
    text: str


def run() -> list[Figure]:
    """The figures."""
    return [*_figures("ours", alone(measure, ours)), *_figures("plain faster-whisper", alone(measure, plain))]


def _figures(way: str, found: Result) -> list[Figure]:
    said = sample.said()
    words, letters = accuracy.word_error_rate(said, found.text), accuracy.character_error_rate(said, found.text)
    return [
        Figure(f"speech: real-time factor, {way}", f"{found.seconds / sample.seconds():.3f}"),
        Figure(f"speech: processor, {way}", f"{found.processor_seconds / sample.seconds():.3f} CPU-s per media second"),
        Figure(f"speech: peak memory, {way}", f"{found.peak / 1e6:.0f} MB"),
        Figure(f"speech: WER / CER, {way}", f"{words:.1%} / {letters:.1%}"),
    ]


def measure(way: Callable[[whisper.Options, sample.Cut], str]) -> Result:
    """Run one way in this process."""
    settings = load()
    with tempfile.TemporaryDirectory(prefix="maaseutu-bench-") as name:
        folder = Path(name)
        options, cut = sample.options(settings, folder), sample.cut(settings, folder)
        faster.load(Path(options.model), options.threads, options.compute)
        began, used = time.perf_counter(), time.process_time()
        text = way(options, cut)
        return Result(time.perf_counter() - began, time.process_time() - used, peak_bytes(), text)


def ours(options: whisper.Options, cut: sample.Cut) -> str:
    """The text by way of Parts, their sound decoded and cut as the task does it."""
    heard = (whisper.transcribe_part(part, cut.files, options) for part in cut.parts)
    return " ".join(passage.text for transcript in heard for passage in transcript.passages)


def plain(options: whisper.Options, cut: sample.Cut) -> str:
    """The text of the whole file in one go."""
    found, _ = faster.load(Path(options.model), options.threads, options.compute).transcribe(
        str(sample.FILE),
        language=options.language,
        beam_size=options.beam_size,
        word_timestamps=True,
        hotwords=", ".join(options.vocabulary),
    )
    return " ".join(segment.text for segment in found)
