"""How fast the search answers at 100 000 passages: ``python -m benchmarks.search``.

The texts are made of the words below by a seeded generator, common words more often than rare ones (Zipf's law), so
every run measures the same index and the same queries. The forms are made here too: no analyser runs.
"""

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.index import SearchIndex
from core.models import Passage, SearchDocument, WordForms

PASSAGES = 100_000
PASSAGES_PER_EPISODE = 500
QUERIES = 500
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


def run() -> Figures:
    """Build the index, ask the queries, and give (name, value) of every figure."""
    chance = random.Random(410)
    with tempfile.TemporaryDirectory() as folder, SearchIndex(Path(folder) / "index") as index:
        began = time.perf_counter()
        with index.batch():
            for document in documents(chance):
                index.apply(document, document.episode)
        built = time.perf_counter() - began
        queries = list(_queries(chance))
        index.search(queries[0], _forms)
        times = sorted(_seconds(index, query) for query in queries)
        size = sum(file.stat().st_size for file in Path(folder).rglob("*"))
    return [
        ("search: passages", f"{PASSAGES}"),
        ("search: index built in", f"{built:.1f} s"),
        ("search: index on disk", f"{size / 1e6:.0f} MB"),
        ("search: queries", f"{len(times)}"),
        ("search: P50", f"{times[len(times) // 2] * 1000:.1f} ms"),
        ("search: P99", f"{times[int(len(times) * 0.99)] * 1000:.1f} ms"),
        ("search: slowest", f"{times[-1] * 1000:.1f} ms"),
        ("search: process memory, at most", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"),
    ]


def documents(chance: random.Random) -> Iterator[SearchDocument]:
    """The episodes, a day apart."""
    stems = _stems(chance)
    weights = [1 / rank for rank in range(1, len(stems) + 1)]
    for number in range(PASSAGES // PASSAGES_PER_EPISODE):
        passages = tuple(_passage(chance, at, stems, weights) for at in range(PASSAGES_PER_EPISODE))
        yield SearchDocument(
            episode=f"e{number:04}",
            version="1",
            title=f"Lähetys {number}",
            programme=f"p{number % 7}",
            starts_at=datetime(2020, 1, 1, 12, tzinfo=UTC) + timedelta(days=number),
            passages=passages,
            forms=_forms(word for passage in passages for word in passage.text.split()),
        )


def _stems(chance: random.Random) -> list[str]:
    """Little words, nouns, and compounds of two nouns, the more common first."""
    compounds = [f"{first}{second}" for first in NOUNS for second in NOUNS if first != second]
    chance.shuffle(compounds)
    return [*LITTLE, *NOUNS, *compounds]


def _passage(chance: random.Random, at: int, stems: list[str], weights: list[float]) -> Passage:
    chosen = chance.choices(stems, weights, k=WORDS_PER_PASSAGE)
    text = " ".join(stem if stem in LITTLE else f"{stem}{chance.choice(ENDINGS)}" for stem in chosen)
    return Passage(start_ms=at * 6000, end_ms=at * 6000 + 5900, text=text)


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


def _queries(chance: random.Random) -> Iterator[str]:
    """One noun, two, an inflected compound, quoted words, and a whole question, in turn."""
    for number in range(QUERIES):
        first, second, third = chance.sample(NOUNS, 3)
        yield (
            first,
            f"{first} {second}",
            f"{first}{second}n",
            f'"{first} on" {second}',
            f"voi ko {first} olla jos {second}ssa on {third}a mutta ei {first}{third}a",
        )[number % 5]


def _seconds(index: SearchIndex, query: str) -> float:
    began = time.perf_counter()
    index.search(query, _forms)
    return time.perf_counter() - began


def main() -> None:
    """Print the figures."""
    for name, value in run():
        sys.stdout.write(f"{name:<36} {value}\n")


if __name__ == "__main__":
    main()
