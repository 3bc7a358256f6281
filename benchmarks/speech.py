"""Speech to text: our whole way through Parts, beside others with the same weights, beam and word times, in one run.

faster-whisper is as its authors set it, with its voice detection; openai-whisper takes part where it is installed and
its weights are given. All hear the same file without names to listen for. Models are loaded before the clock starts;
memory is of the whole process.
"""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from faster_whisper import WhisperModel

from benchmarks.figures import Figure
from benchmarks.process import P, R, alone, children_seconds, peak_bytes
from config import catalogue, recognition
from config.settings import Settings, load
from core.language.finnish import Analyser
from core.media import sound
from core.models import Part, Segment, Transcript
from core.speech import model, repair, sounding, terms, towns, whisper, writing
from core.speech.cases import naming
from core.speech.engines import faster, original
from core.speech.whisper import Options
from core.text import mentions
from evaluation import accuracy, sample

SECONDS, LONG_MINUTES, HALF = 240, 60, 15
SHARED_SECONDS = 600
GOAL_ORIGINAL, GOAL_PLAIN, GOAL_SHARED = 8.0, 1.5, 0.6
GOAL_BYTES, GOAL_LINEAR, GOAL_FLAT = 1e9, 0.05, 1.1
TWO_CORES = "2 cores"
"""The goals are for these."""
WEIGHTS = "BENCH_ORIGINAL"
"""Names the file of weights for openai-whisper."""


class Result(NamedTuple):
    """One way's time by the clock and of the processor, its memory and its text."""

    seconds: float
    processor_seconds: float
    peak: int
    text: str


Way = Callable[[Options, sample.Cut, Path], str]


def run(*, quick: bool) -> list[Figure]:
    """The figures; ``quick`` leaves out the hour."""
    ways: dict[str, Way] = {"ours": ours, "faster-whisper": plain}
    if os.environ.get(WEIGHTS):
        ways["openai-whisper"] = openai
    figures: list[Figure] = []
    for threads, cores in ((2, TWO_CORES), (1, "one core")):
        found = {}
        for name, way in ways.items():
            sys.stderr.write(f"speech: {SECONDS} s of sound by {name}, {cores} …\n")
            found[name] = alone(measure, way, SECONDS, threads)
        for name, result in found.items():
            figures += _figures(f"{name}, {cores}", result)
        figures += _ratios(found, cores)
    if "openai-whisper" not in ways:
        figures.append(Figure("speech: beside openai-whisper", f"left out: {WEIGHTS} names no weights"))
    if len(os.sched_getaffinity(0)) > 1:
        figures.append(_shared())
    return figures if quick else [*figures, *_long()]


def _figures(way: str, found: Result) -> Iterator[Figure]:
    rounds = sample.rounds(SECONDS)
    words = accuracy.word_error_rate(rounds, found.text)
    letters = accuracy.character_error_rate(rounds, found.text)
    used = f"{found.seconds / SECONDS:.3f} s and {found.processor_seconds / SECONDS:.3f} CPU-s a second of sound"
    yield Figure(f"speech: {way}", used)
    fits = found.peak < GOAL_BYTES if way.startswith("ours") else None
    yield Figure(
        f"speech: {way}, peak memory", f"{found.peak / 1e6:.0f} MB", "< 1 GB" if fits is not None else "", fits
    )
    yield Figure(f"speech: {way}, words / letters wrong", f"{words:.1%} / {letters:.1%}")


def _ratios(found: dict[str, Result], cores: str) -> Iterator[Figure]:
    for name, goal in (("faster-whisper", GOAL_PLAIN), ("openai-whisper", GOAL_ORIGINAL)):
        if name in found:
            ratio = found[name].seconds / found["ours"].seconds
            aim = (f">= {goal}", ratio >= goal) if cores == TWO_CORES else ()
            yield Figure(f"speech: times {name}, {cores}", f"{ratio:.1f}", *aim)


def measure(way: Way, seconds: float, threads: int) -> Result:
    """Run one way in this process, which may use so many cores."""
    os.sched_setaffinity(0, list(os.sched_getaffinity(0))[:threads])
    settings = load()
    with tempfile.TemporaryDirectory(prefix="maaseutu-bench-") as name:
        folder = Path(name)
        cut = sample.cut(settings, folder / "take", sample.repeated(folder, seconds))
        options = _options(settings, threads)
        way(options, sample.Cut([], {}), folder)
        began, used = time.perf_counter(), _processor()
        text = way(options, cut, folder)
        return Result(time.perf_counter() - began, _processor() - used, peak_bytes(), text)


def _processor() -> float:
    return time.process_time() + children_seconds()


def _options(settings: Settings, threads: int) -> Options:
    located = model.locate(settings.model, settings.state)
    return Options(located, repair.LANGUAGE, (), settings.beam_size, threads, compute=settings.compute_type)


def ours(options: Options, cut: sample.Cut, folder: Path) -> str:
    """The text by way of Parts, as the flow works on them: one is recognised while another is cut, or mended."""
    whisper.warm(options)
    settings = load()
    with Analyser(settings.vocabulary) as analyser, ThreadPoolExecutor(settings.parallel_parts) as pool:
        places = mentions.municipalities(catalogue.MUNICIPALITIES)
        names = sounding.Names(towns.forms(analyser, places))
        table = catalogue.terms()
        weights = terms.known(analyser.weights, table)
        turn = threading.Lock()
        hear = naming(_in(turn, whisper.recognised), _in(turn, whisper.hinted), weights, names)

        def made(part: Part) -> Transcript:
            heard = whisper.transcribe_part(part, cut.files, options, hear)
            return writing.written(repair.mended(heard, weights, names), table)

        return " ".join(passage.text for each in pool.map(made, cut.parts) for passage in each.passages)


def _in(turn: threading.Lock, do: Callable[P, R]) -> Callable[P, R]:
    def done(*args: P.args, **named: P.kwargs) -> R:
        with turn:
            return do(*args, **named)

    return done


def plain(options: Options, cut: sample.Cut, folder: Path) -> str:
    """The text of the whole sound in one go, in order."""
    global _plain
    _plain = _plain or WhisperModel(
        str(options.model), compute_type=faster.compute_type(options.compute), cpu_threads=options.threads
    )
    if not cut.parts:
        return ""
    found, _ = _plain.transcribe(
        str(folder / sample.REPEATED), language=options.language, beam_size=options.beam_size,
        word_timestamps=True, vad_filter=True,
    )  # fmt: skip
    return " ".join(segment.text for segment in found)


_plain: WhisperModel | None = None


def openai(options: Options, cut: sample.Cut, folder: Path) -> str:
    """The same by openai-whisper, whose own loader wants an ffmpeg on the PATH: it is given samples."""
    loaded = original.load(Path(os.environ[WEIGHTS]), options.threads, "auto")
    if not cut.parts:
        return ""
    samples = sound.speech([folder / sample.REPEATED]).samples[0]
    found = loaded.transcribe(
        samples, language=options.language, beam_size=options.beam_size, word_timestamps=True, fp16=False
    )
    return str(found["text"])


def _shared() -> Figure:
    """One process and one core against two of each, which share the Parts of one recording."""
    settings = load()
    with tempfile.TemporaryDirectory(prefix="maaseutu-bench-") as name:
        folder = Path(name)
        cut = sample.cut(settings, folder / "take", sample.repeated(folder, SHARED_SECONDS))
        one, two = (_by_processes(count, cut, _options(settings, 1)) for count in (1, 2))
    ratio = two / one
    return Figure("speech: two workers / one", f"{ratio:.2f} ({two:.1f} / {one:.1f} s)", "<= 0.6", ratio <= GOAL_SHARED)


def _by_processes(count: int, cut: sample.Cut, options: Options) -> float:
    cores = sorted(os.sched_getaffinity(0))[:count]
    pools = [ProcessPoolExecutor(1, get_context("spawn"), _at_core, (core, options)) for core in cores]
    for pool in pools:
        pool.submit(time.time).result()
    began = time.perf_counter()
    work = [(pools[n % count], part) for n, part in enumerate(cut.parts)]
    waiting = [pool.submit(partial(_part, part, cut.files, options)) for pool, part in work]
    for each in waiting:
        each.result()
    taken = time.perf_counter() - began
    for pool in pools:
        pool.shutdown()
    return taken


def _at_core(core: int, options: Options) -> None:
    os.sched_setaffinity(0, [core])
    whisper.warm(options)


def _part(part: Part, files: dict[Segment, Path], options: Options) -> None:
    whisper.transcribe_part(part, {segment: files[segment] for segment in part.heard}, options)


def _long() -> list[Figure]:
    minutes = int(os.environ.get("BENCH_MINUTES", LONG_MINUTES))
    curve = alone(_curve, minutes)
    cut = len(curve) * HALF // 60
    first, whole = curve[cut - 1], curve[-1]
    cost = (whole.processor / whole.seconds) / (first.processor / first.seconds) - 1
    growth = whole.resident / first.resident
    parts = f"{minutes} min beside its first {minutes * HALF // 60}"
    return [
        Figure(f"speech: {parts}, CPU a second", f"{cost:+.1%}", "within 5 %", abs(cost) <= GOAL_LINEAR),
        Figure(
            f"speech: {parts}, memory",
            f"{whole.resident / 1e6:.0f} MB beside {first.resident / 1e6:.0f} MB",
            f"< {GOAL_FLAT} times",
            growth < GOAL_FLAT,
        ),
    ]


class _Moment(NamedTuple):
    """After a Part: seconds of sound and of the processor since the beginning, and memory in bytes."""

    seconds: float
    processor: float
    resident: int


def _curve(minutes: int) -> Sequence[_Moment]:
    settings = load()
    found = []
    with tempfile.TemporaryDirectory(prefix="maaseutu-bench-") as name:
        folder = Path(name)
        cut = sample.cut(settings, folder / "take", sample.repeated(folder, minutes * 60))
        options = _options(settings, recognition.threads(settings))
        whisper.warm(options)
        used = time.process_time()
        for part in cut.parts:
            whisper.transcribe_part(part, cut.files, options)
            found.append(_Moment(part.end_ms / 1000, time.process_time() - used, peak_bytes()))
    return found
