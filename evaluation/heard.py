"""How much of what was said the search finds in what was recognised: ``python -m evaluation.heard [SET …]``.

A meeting is cut into stretches of ten seconds. A query is a base form of what was said, and right are all stretches in
which a form of it was said. They are asked of the text as it was written, of ours, and of faster-whisper's, all in our
index: what is missing is missing because it was not recognised.
"""

import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from config.catalogue import MUNICIPALITIES
from config.settings import load
from core.language.finnish import Analyser, fold, tokens
from core.text.mentions import municipalities
from evaluation import sets
from evaluation.search import EVERYTHING, indexed
from evaluation.ways import BARE, Recogniser, Timed

SETS = ("district", "clean", "telephone")
STRETCH_S = 10.0
SHORTEST = 5
"""Letters of a query: shorter words are mostly little ones, which nobody looks for."""
COMMON = 0.2
"""In a larger share of the stretches a word is not looked for either."""
WRITTEN = "as written"

Texts = dict[str, str]


class Coverage(NamedTuple):
    """Mean recall and precision over the queries, 0…1."""

    queries: int
    recall: float
    precision: float


def stretches(words: Iterable[tuple[float, str]]) -> Texts:
    """The words, with when each begins (s), as one text for every ten seconds in which any begins."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for start, text in words:
        texts[str(int(start // STRETCH_S))].append(text)
    return {place: " ".join(said) for place, said in texts.items()}


def questions(texts: Texts, analyser: Analyser) -> dict[str, set[str]]:
    """Base forms of what was said, with the stretches in which any form of each was."""
    right: defaultdict[str, set[str]] = defaultdict(set)
    for place, text in texts.items():
        for forms in analyser.forms(token.text for token in tokens(text)).values():
            for base in forms.bases:
                right[base].add(place)
    most = COMMON * len(texts)
    return {base: places for base, places in right.items() if len(base) >= SHORTEST and len(places) <= most}


def coverage(texts: Texts, right: Mapping[str, set[str]], analyser: Analyser) -> Coverage:
    """How much of what is right the search finds in the texts, and how much of what it finds is."""
    with tempfile.TemporaryDirectory() as folder, indexed(Path(folder) / "index", texts, analyser) as index:
        found = {
            query: {hit.episode for hit in index.search(query, analyser.forms, limit=EVERYTHING).hits}
            for query in right
        }
    recall = statistics.fmean(len(right[query] & found[query]) / len(right[query]) for query in right)
    answered = [query for query in right if found[query]]
    precision = statistics.fmean(len(right[query] & found[query]) / len(found[query]) for query in answered)
    return Coverage(len(right), recall, precision)


def run(names: Iterable[str] = SETS) -> Iterator[tuple[str, str]]:
    """The figures of each set, as (name, value). What was recognised by ``evaluation.speech`` is not decoded again."""
    settings = load()
    settings.vocabulary.parent.mkdir(parents=True, exist_ok=True)
    with Analyser(settings.vocabulary) as analyser:
        recogniser = Recogniser(settings, analyser, None)
        towns = {fold(town.name_fi) for town in municipalities(MUNICIPALITIES)}
        for name in names:
            spoken = sets.GENERATED[name]()
            written = stretches((word.start, word.text) for word in spoken.words)
            asked = questions(written, analyser)
            kinds = {"words": asked, "municipalities": {base: asked[base] for base in asked.keys() & towns}}
            for way, texts in ((WRITTEN, written), *_recognised(recogniser, spoken)):
                for kind, right in kinds.items():
                    found = coverage(texts, right, analyser)
                    value = f"recall {found.recall:.3f}, precision {found.precision:.3f}"
                    yield f"{name}, {found.queries} {kind}, {way}", value


def _recognised(recogniser: Recogniser, spoken: sets.Spoken) -> Iterator[tuple[str, Texts]]:
    for way, found in recogniser.recognise(spoken.samples):
        if way != BARE:
            yield way, stretches(_said(found))


def _said(found: Iterable[Timed]) -> Iterator[tuple[float, str]]:
    return ((word.start, word.text) for word in found if not word.is_mark)


def main(names: Iterable[str] = SETS) -> None:
    """Print the figures."""
    for name, value in run(names):
        sys.stdout.write(f"{name:<44} {value}\n")


if __name__ == "__main__":
    main(sys.argv[1:] or SETS)
