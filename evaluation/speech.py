"""How well speech is recognised: ``python -m evaluation.speech [--original FILE] [SET …]``.

The sets are of evaluation.sets; ours is the way of the flows, mended and written words included. Beside it stands
faster-whisper as its authors set it, with its voice detection, and, with the weights in a file of PyTorch's,
openai-whisper where it is installed: the same weights, beam and threads. Synthetic voices: the figures compare ways of
recognising, they do not tell how well people are understood.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

from config import catalogue, recognition
from config.catalogue import MUNICIPALITIES
from config.settings import load
from core import mentions, transcript
from core.finnish import Analyser
from core.models import Transcript
from core.speech import model, repair, whisper, windows, writing
from core.speech.engines import faster, original
from evaluation import accuracy, sets
from evaluation.sets import Samples, Spoken

OURS, BARE, PLAIN, ORIGINAL = "ours", "ours, not mended", "plain faster-whisper", "openai-whisper"
MINUTES_WITHOUT_SPEECH = 6
HEADING = (
    "set",
    "way",
    "words wrong",
    "letters wrong",
    "names wrong",
    "speech without text",
    "word times off",
    "seconds",
)


class _Timed(NamedTuple):
    """A word as it was recognised, in seconds."""

    text: str
    start: float
    end: float


class _Recogniser:
    """The ways of recognising, with one model for all."""

    def __init__(self, folder: Path, analyser: Analyser, weights: Path | None) -> None:
        settings = load()
        self._weights = weights
        self._options = whisper.Options(
            model.locate(settings.model, folder), "fi", (), settings.beam_size, recognition.threads(settings)
        )
        self._model = faster.load(Path(self._options.model), self._options.threads, self._options.compute)
        self._analyser = analyser
        self._terms = catalogue.terms()
        places = mentions.municipalities(MUNICIPALITIES)
        self._names = repair.Names(analyser.inflected(place.name_fi for place in places))

    def recognise(self, samples: Samples) -> dict[str, tuple[list[_Timed], float]]:
        """What each way makes of it, and in how many seconds."""
        began = time.perf_counter()
        heard = whisper.transcribe(samples, self._options)
        bare = time.perf_counter() - began
        mended = writing.written(repair.mended(heard, self._analyser.weights, self._names), self._terms)
        whole = time.perf_counter() - began
        began = time.perf_counter()
        plain = self._plain(samples)
        found = {
            OURS: (_timed(mended), whole),
            BARE: (_timed(heard), bare),
            PLAIN: (plain, time.perf_counter() - began),
        }
        if self._weights:
            began = time.perf_counter()
            found[ORIGINAL] = self._original(samples, self._weights), time.perf_counter() - began
        return found

    def _plain(self, samples: Samples) -> list[_Timed]:
        options = self._options
        found, _ = self._model.transcribe(
            samples, language=options.language, beam_size=options.beam_size, word_timestamps=True, vad_filter=True
        )
        return [_Timed(word.word.strip(), word.start, word.end) for each in found for word in each.words or ()]

    def _original(self, samples: Samples, weights: Path) -> list[_Timed]:
        options = self._options
        loaded = original.load(weights, options.threads, options.compute)
        found = loaded.transcribe(
            samples, language=options.language, beam_size=options.beam_size, word_timestamps=True, fp16=False
        )
        words = (word for segment in found["segments"] for word in segment["words"])
        return [_Timed(word["word"].strip(), float(word["start"]), float(word["end"])) for word in words]


def _timed(heard: Transcript) -> list[_Timed]:
    words = (word for passage in heard.passages for word in transcript.timed_words(passage))
    return [_Timed(word.text, word.start_ms / 1000, word.end_ms / 1000) for word in words]


def row(spoken: Spoken, words: list[_Timed]) -> list[str]:
    """The figures of one way on one set."""
    heard = " ".join(word.text for word in words)
    named = accuracy.names(spoken.text, heard, tuple(sets.NAMES.values()))
    wrong = sum(not name.right for name in named)
    return [
        str(accuracy.by_sentence(spoken.sentences, heard)),
        f"{accuracy.character_error_rate(spoken.text, heard):.1%}",
        f"{wrong} of {len(named)} ({wrong / len(named):.0%})",
        f"{_without_text(spoken.samples, words):.1f} s",
        _off(spoken, words),
    ]


def _without_text(samples: Samples, words: Iterable[_Timed]) -> float:
    spans = [windows.Stretch(word.start, word.end) for word in words]
    left = windows.unheard(windows.speech(samples, whisper.SURE), spans)
    return sum(stretch.end - stretch.start for stretch in left)


def _off(spoken: Spoken, words: list[_Timed]) -> str:
    """By how much the beginnings of rightly recognised words differ from when they were spoken."""
    said = [(text, word) for word in spoken.words for text in accuracy.words(word.text)[:1]]
    heard = [(text, word) for word in words for text in accuracy.words(word.text)[:1]]
    pairs = accuracy.paired([text for text, _ in said], [text for text, _ in heard])
    off = [abs(said[a][1].start - heard[b][1].start) * 1000 for a, b in pairs]
    return f"{median(off):.0f} ms, P95 {np.percentile(off, 95):.0f} ms" if off else "no word"


def invented(recogniser: _Recogniser) -> list[list[str]]:
    """Words that are heard where nobody speaks, by kind of sound and way."""
    minutes = MINUTES_WITHOUT_SPEECH
    rows = []
    for name, make in sets.NOT_SPEECH.items():
        for way, (words, _) in recogniser.recognise(make(minutes * 60)).items():
            if way != BARE:
                said = [word for word in words if word.text != transcript.NOT_RECOGNISED]
                rows.append([f"{minutes} min of {name}", way, f"{len(said)} words"])
    return rows


def main() -> None:
    """Print a table."""
    known = (*sets.CONDITIONS, sets.OVERLAPPING)
    parser = argparse.ArgumentParser(prog="python -m evaluation.speech", description="Measures recognition.")
    parser.add_argument("--original", type=Path, metavar="FILE", help="weights for openai-whisper, to stand beside")
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of: {', '.join(known)}; all without any")
    chosen = parser.parse_args()
    wanted = tuple(chosen.sets) or known
    _line(HEADING)
    _line(["---"] * len(HEADING))
    with (
        tempfile.TemporaryDirectory(prefix="maaseutu-eval-") as name,
        Analyser(Path(name) / "vocabulary.sqlite") as analyser,
    ):
        recogniser = _Recogniser(Path(name), analyser, chosen.original)
        for title, spoken in sets.made(wanted):
            for way, (words, seconds) in recogniser.recognise(spoken.samples).items():
                _line([title, way, *row(spoken, words), f"{seconds:.0f} of {spoken.seconds:.0f}"])
        for cells in invented(recogniser):
            _line(cells)


def _line(cells: Iterable[str]) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
