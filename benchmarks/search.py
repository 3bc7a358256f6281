"""How fast the search answers at a million passages: ``python -m benchmarks.search [PASSAGES]``.

The texts are made of the words below by a seeded generator, common words more often than rare ones (Zipf's law), so
every run measures the same index and the same queries; ``kunta`` is the most common noun. The forms are made here too:
no analyser runs. Beside it the same texts are asked in SQLite's FTS5 and in tantivy with its Finnish stemmer.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from benchmarks.process import peak_bytes
from core.models import Passage, SearchDocument, WordForms
from core.search.index import SearchIndex
from evaluation.rivals import FullText, Rival, Stemmed

PASSAGES = 1_000_000
PASSAGES_PER_EPISODE = 500
QUERIES = 1000
RIVAL_PASSAGES = 100_000
"""The others are measured on a tenth: they are asked the same, and FTS5 would take minutes."""
WORDS_PER_PASSAGE = 14

_NOUNS = (
    "kunta valtuusto hallitus palvelu talous koulu kirjasto terveys alue kylä maatila metsä vesi tie silta"
    " linja-auto päätös esitys kokous jäsen johtaja asukas lapsi nuori vanhus perhe opettaja lääkäri sairaala"
    " hoitaja vero tulo meno velka laina avustus tuki raha budjetti tilinpäätös säästö hanke suunnitelma kaava"
    " rakennus asunto tontti yritys työ työpaikka elinkeino matkailu luonto järvi joki meri saari ranta kalastus"
    " metsästys energia sähkö tuuli aurinko lämpö jäte kierrätys liikenne juna lento satama posti kauppa pankki"
    " apteekki neuvola päiväkoti lukio opisto yliopisto tutkimus kulttuuri museo teatteri musiikki urheilu liikunta"
    " uimahalli jäähalli kenttä seura yhdistys järjestö seurakunta kirkko yhteistyö liitos sopimus laki asetus"
    " ministeriö eduskunta vaali äänestys"
)
_LITTLE = "ja on ei se että myös kun niin mutta tämä olla voi pitää me he nyt vielä jo tai sekä kuin jos"
NOUNS, LITTLE = _NOUNS.split(), _LITTLE.split()
ENDINGS = ("", "n", "a", "ssa", "sta", "lla", "lta", "lle", "t", "kin")

Figures = list[tuple[str, str]]


class Times(NamedTuple):
    """Milliseconds that the queries took, in order: by the clock, and of the processor alone."""

    clock: list[float]
    processor: list[float]

    @property
    def told(self) -> str:
        """P50, P99 and the slowest of both."""
        return f"{_told(self.clock)} ms, processor {_told(self.processor)}"


def _told(times: list[float]) -> str:
    return " / ".join(f"{times[place]:.1f}" for place in (len(times) // 2, int(len(times) * 0.99), -1))


def run(passages: int = PASSAGES, *, served: bool = True) -> Figures:
    """Build the index, ask the queries, and give (name, value) of every figure; ``served``: also of a web process."""
    with tempfile.TemporaryDirectory() as folder, SearchIndex(Path(folder) / "index") as index:
        made, indexing = 0, 0.0
        with index.batch():
            for document in documents(random.Random(410), passages):
                began = time.perf_counter()
                index.apply(document, document.episode)
                indexing += time.perf_counter() - began
                made += len(document.passages)
        began = time.perf_counter()
        index.close()
        indexing += time.perf_counter() - began
        size = sum(file.stat().st_size for file in Path(folder).rglob("*"))
        found = [
            ("search: passages", f"{made}"),
            ("search: indexed", f"{made / indexing:.0f} passages a second, {size / made:.0f} bytes each"),
            *_asked(index),
            ("search: memory of the process that made it", f"{peak_bytes() / 1e6:.0f} MB at most"),
        ]
        return [*found, *_served(Path(folder) / "index")] if served else found


def _served(index: Path) -> Iterator[tuple[str, str]]:
    # Here, so that what it loads is not in the memory of the process that made the index.
    from benchmarks import replica

    asked = [query for _, query in queries(random.Random(411), QUERIES)]
    words = {word.strip('"') for query in asked for word in query.split()}
    known = {word: WordForms(bases=(word,)) for word in words} | _forms(words)
    found = replica.measure(index, known, asked)
    yield "search: a snapshot of it is written", f"{found.written_s:.1f} s"
    yield "search: a new web process answers from it", f"after {found.ready_s:.1f} s"
    yield f"search: over HTTP, {replica.CLIENTS} clients", f"{_told(list(found.times_ms))} ms"
    yield "search: memory of that web process", f"{found.resident / 1e6:.0f} MB"


def _asked(index: SearchIndex) -> Iterator[tuple[str, str]]:
    def search(query: str) -> None:
        index.search(query, _forms)

    search("kunta")
    kinds: dict[str, list[str]] = {}
    for kind, query in queries(random.Random(411), QUERIES):
        kinds.setdefault(kind, []).append(query)
    everything = [query for asked in kinds.values() for query in asked]
    yield "search: all, P50 / P99 / slowest", _times(search, everything).told
    for kind, asked in kinds.items():
        yield f"search: {kind}", _times(search, asked).told
    yield "search: the most common word (kunta)", _times(search, ["kunta"] * 50).told
    yield "search: the same with groups", _times(lambda q: index.search(q, _forms, grouped=True), ["kunta"] * 20).told
    yield (
        "search: as its page asks",
        _times(lambda q: index.search(q, _forms, grouped=True, counted=True), ["kunta"] * 20).told,
    )
    yield "search: newest first", _times(lambda q: index.search(q, _forms, sort="newest"), ["kunta"] * 20).told
    yield "search: suggested words for kun", _times(index.suggest, ["kun"] * 50).told
    yield "search: a misspelt word", _times(search, ["kirjaastoo", "valtuuusto", "terveyss"]).told


def rivals(passages: int = RIVAL_PASSAGES) -> Figures:
    """Other engines, and ours, on the same texts and queries: P50, P99 and the slowest, the bytes of a passage."""
    asked = [query for _, query in queries(random.Random(411), QUERIES // 5)]
    found = [(f"search: ours at {passages}", dict(run(passages, served=False))["search: all, P50 / P99 / slowest"])]
    for kind in (FullText, Stemmed):
        with tempfile.TemporaryDirectory() as folder:
            rival: Rival = kind(Path(folder) / "index")
            rival.add((f"{d.episode}:{at}", p.text) for d in documents(random.Random(410), passages)
                      for at, p in enumerate(d.passages))  # fmt: skip
            told = _times(lambda query, rival=rival: rival.found(query, 20), asked).told  # type: ignore[misc]
            size = sum(file.stat().st_size for file in Path(folder).rglob("*"))
            found.append((f"search: {rival.name} at {passages}", f"{told}, {size / passages:.0f} bytes each"))
    return found


def documents(chance: random.Random, passages: int) -> Iterator[SearchDocument]:
    """The episodes, a day apart."""
    stems = _stems(chance)
    weights = list(accumulate(1 / rank for rank in range(1, len(stems) + 1)))
    for number in range(passages // PASSAGES_PER_EPISODE):
        texts = [_text(chance, stems, weights) for _ in range(PASSAGES_PER_EPISODE)]
        yield SearchDocument(
            episode=f"e{number:04}",
            version="1",
            title=f"Lähetys {number}",
            programme=f"p{number % 7}",
            starts_at=datetime(2020, 1, 1, 12, tzinfo=UTC) + timedelta(days=number),
            passages=tuple(
                Passage(start_ms=at * 6000, end_ms=at * 6000 + 5900, text=text) for at, text in enumerate(texts)
            ),
            forms=_forms(word for text in texts for word in text.split()),
        )


def _stems(chance: random.Random) -> list[str]:
    """Little words, nouns, and compounds of two nouns, the more common first."""
    compounds = [f"{first}{second}" for first in NOUNS for second in NOUNS if first != second]
    chance.shuffle(compounds)
    return [*LITTLE, *NOUNS, *compounds]


def _text(chance: random.Random, stems: list[str], weights: list[float]) -> str:
    chosen = chance.choices(stems, cum_weights=weights, k=WORDS_PER_PASSAGE)
    return " ".join(stem if stem in LITTLE else f"{stem}{chance.choice(ENDINGS)}" for stem in chosen)


_known: dict[str, WordForms] = {}


def _forms(words: Iterable[str]) -> dict[str, WordForms]:
    """The forms of generated words, as the analyser's vocabulary would have them."""
    if not _known:
        inflected = {f"{noun}{ending}": noun for noun in NOUNS for ending in ENDINGS}
        _known.update({word: WordForms(bases=(noun,)) for word, noun in inflected.items()})
        for first in NOUNS:
            second = {f"{first}{word}": (first, noun) for word, noun in inflected.items() if noun != first}
            _known.update({word: WordForms(bases=("".join(parts),), parts=parts) for word, parts in second.items()})
    return {word: _known[word] for word in words if word in _known}


def queries(chance: random.Random, number: int) -> Iterator[tuple[str, str]]:
    """One noun, two, an inflected compound, quoted words, and a whole question, in turn, with the kind of each."""
    for turn in range(number):
        first, second, third = chance.sample(NOUNS, 3)
        yield (
            ("one word", first),
            ("two words", f"{first} {second}"),
            ("a compound", f"{first}{second}n"),
            ("quoted words and one more", f'"{first} on" {second}'),
            ("a question of 14 words", f"voi ko {first} olla jos {second}ssa on {third}a mutta ei {first}{third}a"),
        )[turn % 5]


def _times(ask: Callable[[str], object], asked: list[str]) -> Times:
    clock, processor = zip(*(_milliseconds(ask, query) for query in asked), strict=True)
    return Times(sorted(clock), sorted(processor))


def _milliseconds(ask: Callable[[str], object], query: str) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    ask(query)
    return (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000


def main() -> None:
    """Print the figures. A number of passages may be given; then only ours is measured."""
    figures = run(int(sys.argv[1])) if len(sys.argv) > 1 else run() + rivals()
    for name, value in figures:
        sys.stdout.write(f"{name:<42} {value}\n")


if __name__ == "__main__":
    main()
