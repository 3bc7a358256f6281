"""How well speech is recognised: ``python -m evaluation.speech [--original FILE] [--write DOCS] [SET …]``.

The sets are of evaluation.sets; ours is the way of the flows, mended and written words included. Beside it stand
faster-whisper as its authors set it, with its voice detection, and, with the weights in a file of PyTorch's,
openai-whisper where it is installed: the same weights and beam. Most voices are synthetic: the figures compare ways of
recognising, they do not tell how well people are understood.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

from config.settings import Settings, load
from core.finnish import Analyser
from core.speech import whisper, windows
from evaluation import accuracy, plots, sets, sounds
from evaluation.accuracy import Rate
from evaluation.sets import Spoken
from evaluation.ways import BARE, ORIGINAL, Recogniser, Timed

MINUTES_WITHOUT_SPEECH = 6
HEADING = ("set", "way", "words wrong", "letters wrong", "names wrong", "speech without text", "word times off")
TITLE = "# Figures of speech\n\nMade by `make eval`. What they mean: [speech.md](speech.md).\n"
INVENTED = ("sound without speech", "way", "words invented", "an hour")


class Row(NamedTuple):
    """How one way did on one set. ``silent`` is in seconds; ``off`` are the differences of times in milliseconds."""

    title: str
    way: str
    words: Rate
    letters: float
    wrong_names: int
    names: int
    silent: float
    marked: float
    off: tuple[float, ...]

    @property
    def cells(self) -> list[str]:
        """As it stands in the table."""
        share = f"{self.wrong_names} of {self.names} ({self.wrong_names / self.names:.0%})" if self.names else "–"
        off = f"{median(self.off):.0f} ms, P95 {np.percentile(self.off, 95):.0f} ms" if self.off else "–"
        marked = f", {self.marked:.1f} s marked" if self.marked else ""
        return [
            self.title,
            self.way,
            str(self.words),
            f"{self.letters:.1%}",
            share,
            f"{self.silent:.1f} s{marked}",
            off,
        ]


def row(title: str, way: str, spoken: Spoken, found: list[Timed]) -> Row:
    """The figures of one way on one set."""
    words = [word for word in found if not word.is_mark]
    heard = " ".join(word.text for word in words)
    named = accuracy.names(spoken.text, heard, sets.STEMS)
    return Row(
        title, way,
        accuracy.by_sentence(spoken.sentences, heard),
        accuracy.character_error_rate(spoken.text, heard),
        sum(not name.right for name in named), len(named),
        _without_text(spoken.samples, found),
        sum(word.end - word.start for word in found if word.is_mark),
        tuple(_off(spoken, words)),
    )  # fmt: skip


def _without_text(samples: sounds.Samples, found: Iterable[Timed]) -> float:
    spans = [windows.Stretch(word.start, word.end) for word in found]
    left = windows.unheard(windows.speech(samples, whisper.SURE), spans)
    return sum(stretch.end - stretch.start for stretch in left)


def _off(spoken: Spoken, words: list[Timed]) -> Iterator[float]:
    """By how much the beginnings of rightly recognised words differ from when they were spoken."""
    said = [(text, word) for word in spoken.words for text in accuracy.words(word.text)[:1]]
    heard = [(text, word) for word in words for text in accuracy.words(word.text)[:1]]
    for a, b in accuracy.paired([text for text, _ in said], [text for text, _ in heard]):
        yield abs(said[a][1].start - heard[b][1].start) * 1000


def invented(recogniser: Recogniser) -> Iterator[list[str]]:
    """Words that are heard where nobody speaks, by kind of sound and way."""
    minutes = MINUTES_WITHOUT_SPEECH
    for name, make in sounds.NOT_SPEECH.items():
        # openai-whisper, which searches half an hour of nothing for half an hour, is left out.
        for way, found in takewhile(lambda each: each[0] != ORIGINAL, recogniser.recognise(make(minutes * 60))):
            if way != BARE:
                count = sum(not word.is_mark for word in found)
                yield [f"{minutes} min of {name}", way, str(count), f"{count * 60 / minutes:.0f}"]


def _chosen(known: Iterable[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evaluation.speech", description="Measures recognition.")
    parser.add_argument("--original", type=Path, metavar="FILE", help="weights for openai-whisper, to stand beside")
    parser.add_argument("--again", action="store_true", help="decode again what was kept of earlier runs")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write the tables and plots there, too")
    parser.add_argument("--data", type=Path, default=sets.DATA, metavar="FOLDER", help="data of other projects")
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of: {', '.join(known)}; all without any")
    return parser.parse_args()


def measured(settings: Settings, chosen: argparse.Namespace) -> tuple[list[Row], list[list[str]]]:
    """All rows of both tables, printed as they come."""
    makers = {**sets.GENERATED, **sets.people(chosen.data)}
    wanted = chosen.sets or list(sets.KNOWN)
    for name in wanted:
        if name not in makers:
            sys.stdout.write(f"NOT MEASURED: {name}: there is no such set, or its data is absent.\n")
    settings.vocabulary.parent.mkdir(parents=True, exist_ok=True)
    with Analyser(settings.vocabulary) as analyser:
        recogniser = Recogniser(settings, analyser, chosen.original, again=chosen.again)
        _line(HEADING)
        _line(["---"] * len(HEADING))
        rows = [done for name in wanted if name in makers for done in _rows(name, makers[name](), recogniser)]
        if chosen.sets and not chosen.write:
            return rows, []
        _line(INVENTED)
        _line(["---"] * len(INVENTED))
        return rows, [_line(cells) for cells in invented(recogniser)]


def _rows(name: str, spoken: Spoken, recogniser: Recogniser) -> Iterator[Row]:
    for way, found in recogniser.recognise(spoken.samples):
        done = row(name, way, spoken, found)
        _line(done.cells)
        yield done


def main() -> argparse.Namespace:
    """Print two tables; with ``--write`` leave them, and the plots, in a folder. Gives what the command line says."""
    chosen = _chosen(sets.KNOWN)
    rows, without_speech = measured(load(), chosen)
    if chosen.write:
        lines = [_cells(HEADING), _cells(["---"] * len(HEADING)), *(_cells(each.cells) for each in rows), ""]
        lines += [_cells(INVENTED), _cells(["---"] * len(INVENTED)), *map(_cells, without_speech), ""]
        text = "# Figures of speech\n\nMade by `make eval`; what they mean: [speech.md](speech.md).\n\n" + "\n".join(
            lines
        )
        (chosen.write / "speech-figures.md").write_text(text, encoding="utf-8")
        plots.draw(rows, chosen.write / "images")
    return chosen


def _cells(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _line(cells: Iterable[str]) -> list[str]:
    shown = list(cells)
    sys.stdout.write(f"{_cells(shown)}\n")
    sys.stdout.flush()
    return shown


if __name__ == "__main__":
    main()
