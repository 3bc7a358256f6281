"""How well speech is recognised: ``python -m evaluation.speech [--original FILE] [--write DOCS] [SET …]``.

The sets are of evaluation.sets; ours is the way of the flows, mended and written words included. Beside it stand
faster-whisper as its authors set it, with its voice detection, and, with the weights in a file of PyTorch's,
openai-whisper where it is installed: the same weights and beam. Most voices are synthetic: the figures compare ways of
recognising, they do not tell how well people are understood.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import takewhile
from pathlib import Path
from statistics import median

import numpy as np

from config.settings import Settings, load
from core.language.finnish import Analyser
from core.speech import whisper, windows
from core.speech.sounding import Names
from evaluation import accuracy, figures, sets, sounds
from evaluation.figures import Figure, Invented, Row, Unsaid
from evaluation.sets import Spoken
from evaluation.ways import BARE, ORIGINAL, Recogniser, Timed

MINUTES_WITHOUT_SPEECH = 6
WITHOUT_SPEECH = "without speech"
"""Names the second table among the sets."""


def row(title: str, way: str, spoken: Spoken, found: list[Timed]) -> Row:
    """The figures of one way on one set."""
    words = [word for word in found if not word.is_mark]
    heard = " ".join(word.text for word in words)
    named = accuracy.names(spoken.text, heard, sets.STEMS)
    off = list(_off(spoken, words))
    return Row(
        title=title,
        way=way,
        words=accuracy.by_sentence(spoken.sentences, heard),
        letters=accuracy.character_error_rate(spoken.text, heard),
        wrong_names=sum(not name.right for name in named),
        names=len(named),
        silent_s=_without_text(spoken.samples, found),
        marked_s=sum(word.end - word.start for word in found if word.is_mark),
        off_ms=(median(off), float(np.percentile(off, 95))) if off else None,
    )


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


def invented(recogniser: Recogniser) -> Iterator[Invented]:
    """Words that are heard where nobody speaks, by kind of sound and way."""
    minutes = MINUTES_WITHOUT_SPEECH
    for name, make in sounds.NOT_SPEECH.items():
        # openai-whisper, which searches half an hour of nothing for half an hour, is left out.
        for way, found in takewhile(lambda each: each[0] != ORIGINAL, recogniser.recognise(make(minutes * 60))):
            if way != BARE:
                count = sum(not word.is_mark for word in found)
                yield Invented(sound=name, way=way, minutes=minutes, words=count)


def unsaid(title: str, spoken: Spoken, recogniser: Recogniser) -> Iterator[Unsaid]:
    """Names in a set in which nobody says one, by way."""
    for way, found in recogniser.recognise(spoken.samples):
        heard = " ".join(word.text for word in found if not word.is_mark)
        yield Unsaid(
            title=title,
            way=way,
            unsaid=tuple(accuracy.unsaid(spoken.text, heard, partial(_is_name, recogniser.names))),
            of=len(accuracy.words(spoken.text)),
            words=accuracy.by_sentence(spoken.sentences, heard),
        )


def _is_name(names: Names, word: str) -> bool:
    """Whether it is a name as names are written: ``lahden`` is none."""
    return word in names and names.written(word) == word


def _chosen(known: Iterable[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evaluation.speech", description="Measures recognition.")
    parser.add_argument("--original", type=Path, metavar="FILE", help="weights for openai-whisper, to stand beside")
    parser.add_argument("--again", action="store_true", help="decode again what was kept of earlier runs")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="put the figures into the tables and plots there")
    parser.add_argument("--data", type=Path, default=sets.DATA, metavar="FOLDER", help="data of other projects")
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of: {', '.join(known)}; all without any")
    return parser.parse_args()


def measured(settings: Settings, chosen: argparse.Namespace) -> Iterator[Figure]:
    """The figures of all tables, as they come."""
    makers = {**sets.GENERATED, **sets.people(chosen.data)}
    wanted = chosen.sets or [*sets.KNOWN, WITHOUT_SPEECH]
    settings.vocabulary.parent.mkdir(parents=True, exist_ok=True)
    with Analyser(settings.vocabulary) as analyser:
        recogniser = Recogniser(settings, analyser, chosen.original, again=chosen.again)
        for name in wanted:
            if name == WITHOUT_SPEECH:
                yield from invented(recogniser)
            elif name in sets.NAMELESS:
                yield from unsaid(name, sets.NAMELESS[name](), recogniser)
            elif name in makers:
                spoken = makers[name]()
                yield from (row(name, way, spoken, found) for way, found in recogniser.recognise(spoken.samples))
            else:
                sys.stdout.write(f"NOT MEASURED: {name}: there is no such set, or its data is absent.\n")


def main() -> argparse.Namespace:
    """Print the tables; with ``--write`` leave them, and the plots, in a folder. Gives what the command line says."""
    chosen = _chosen((*sets.KNOWN, WITHOUT_SPEECH))
    kind: type[Figure] | None = None
    for found in measured(load(), chosen):
        if type(found) is not kind:
            kind = type(found)
            _line(kind.HEADING)
            _line(["---"] * len(kind.HEADING))
        _line(found.cells)
        if chosen.write:
            figures.put(chosen.write, found)
    return chosen


def _line(cells: Iterable[str]) -> None:
    sys.stdout.write(f"{figures.line(cells)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
