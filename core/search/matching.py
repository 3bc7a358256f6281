"""Where a text answers a query: the words to be marked, and when the first of them was said. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from core.language.morphology import tokens
from core.search.asking import Asked
from core.search.entries import Entry, unpacked
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
        self._answers = cache(self._is_asked)

    def matches(self, found: Entry) -> list[Match]:
        """The words of the entry that answer, in order."""
        words = tokens(found.text)
        at = {at for at, word in enumerate(words) if self._answers(word.text, found.forms[at])}
        if self._runs:
            places = [_place(word.text, forms) for word, forms in zip(words, found.forms, strict=True)]
            for run in self._runs:
                at.update(_in_row(run, places))
        return [Match(words[place].start, words[place].end, _time(found, place)) for place in sorted(at)]

    def _is_asked(self, written: str, forms: str) -> bool:
        said = term(written)
        if said in self._single or (self._beginnings and said.startswith(self._beginnings)):
            return True
        bases, parts = unpacked(said, forms)
        if not self._single.isdisjoint(bases) or not self._single.isdisjoint(parts):
            return True
        if not self._names:
            return False
        is_named = not self._names.isdisjoint(bases) or not self._names.isdisjoint(parts)
        return is_named and is_written_like_a_name(written)


def _pairs(asked: Asked) -> Iterator[tuple[str, tuple[str, ...]]]:
    return zip(asked.clause.words, asked.readings, strict=True)


def _place(written: str, forms: str) -> _Place:
    said = term(written)
    return _Place(said, unpacked(said, forms).bases)


def _time(found: Entry, place: int) -> int | None:
    after = found.times[place] if place < len(found.times) else None
    return None if after is None else found.start_ms + after


def _in_row(run: _Run, places: Sequence[_Place]) -> Iterator[int]:
    """The words of every place where these follow each other, each in any of its forms."""
    for at in range(len(places) - len(run) + 1):
        piece = places[at : at + len(run)]
        if all(
            place.term in words or not words.isdisjoint(place.bases) for place, words in zip(piece, run, strict=True)
        ):
            yield from range(at, at + len(run))
