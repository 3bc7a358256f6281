"""Where a text answers a query: the words to be marked, and when the first of them was said. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from core.language.morphology import unknown
from core.search.asking import Asked
from core.search.passages import Entry
from core.search.query import is_written_like_a_name, term

_Run = Sequence[frozenset[str]]


class Match(NamedTuple):
    """A word that answers: its place in characters (``end`` is the one after the last), and when it was said (ms)."""

    start: int
    end: int
    time: int | None


class _Place(NamedTuple):
    """A word of the text: its term and its bases."""

    term: str
    bases: Sequence[str]


class Matcher:
    """What is marked in the texts that answer one query."""

    def __init__(self, asked: Iterable[Asked], *, relaxed: bool) -> None:
        wanted = [each for each in asked if not each.clause.negative]
        words = [each for each in wanted if each.clause.kind == "word"]
        self._single = {word for each in words if not each.name for word in (each.word, *each.bases)}
        self._single |= {part for each in words for part in each.parts if relaxed}
        self._names = {base for each in words if each.name for base in each.readings[0]}
        self._beginnings = tuple(each.word for each in wanted if each.clause.kind == "prefix")
        self._runs: list[_Run] = [
            [frozenset((word, *bases, *each.stems[at : at + 1])) for at, (word, bases) in enumerate(_pairs(each))]
            for each in wanted
            if each.clause.kind == "phrase"
        ]
        self._runs += [[frozenset((base,)) for base in phrase] for each in wanted for phrase in each.same]

    def matches(self, found: Entry) -> list[Match]:
        """The words of the entry that answer, in order."""
        spans = list(zip(found.places[::2], found.places[1::2], strict=True))
        written = [found.text[start:end] for start, end in spans]
        said = [term(word) for word in written]
        at = {at for at, word in enumerate(said) if self._answers(word, written[at], found)}
        if self._runs:
            places = [_place(word, found) for word in said]
            for run in self._runs:
                at.update(_in_row(run, places))
        times = found.times
        return [Match(*spans[place], times[place] if place < len(times) else None) for place in sorted(at)]

    def _answers(self, said: str, written: str, found: Entry) -> bool:
        if said in self._single or (self._beginnings and said.startswith(self._beginnings)):
            return True
        bases, parts = _known(said, found)
        if not self._single.isdisjoint(bases) or not self._single.isdisjoint(parts):
            return True
        if not self._names:
            return False
        is_named = not self._names.isdisjoint(bases) or not self._names.isdisjoint(parts)
        return is_named and is_written_like_a_name(written)


def _pairs(asked: Asked) -> Iterator[tuple[str, tuple[str, ...]]]:
    return zip(asked.clause.words, asked.readings, strict=True)


def _place(said: str, found: Entry) -> _Place:
    return _Place(said, _known(said, found)[0])


def _known(said: str, found: Entry) -> tuple[Sequence[str], Sequence[str]]:
    """The bases and the parts of a word."""
    if kept := found.forms.get(said):
        return kept
    if "-" in said or ":" in said:
        return unknown(said).bases, unknown(said).parts
    return (said,), ()


def _in_row(run: _Run, places: Sequence[_Place]) -> Iterator[int]:
    """The words of every place where these follow each other, each in any of its forms."""
    for at in range(len(places) - len(run) + 1):
        piece = places[at : at + len(run)]
        if all(
            place.term in words or not words.isdisjoint(place.bases) for place, words in zip(piece, run, strict=True)
        ):
            yield from range(at, at + len(run))
