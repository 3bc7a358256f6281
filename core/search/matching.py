"""Where a text answers a query: the words to be marked, and when the first of them was said. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from core.language.morphology import words_in
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
        sought = {*self._single, *self._names, *self._beginnings}
        self._initials = {word[:1] for word in sought}
        self._in_whole = re.compile("|".join(map(re.escape, sought)) or "$^").search

    def matches(self, found: Entry) -> list[Match]:
        """The words of the entry that answer, in order."""
        words = list(words_in(found.text))
        said = [term(word.group()) for word in words]
        initials, in_whole = self._initials, self._in_whole
        # A form begins as its word, or is written whole in what is stored: most words need no closer look.
        near = [at for at, word in enumerate(said) if word[:1] in initials or in_whole(found.forms[at])]
        at = {at for at in near if self._answers(said[at], words[at].group(), found.forms[at])}
        if self._runs:
            places = list(map(_place, said, found.forms))
            for run in self._runs:
                at.update(_in_row(run, places))
        return [Match(*words[place].span(), _time(found, place)) for place in sorted(at)]

    def _answers(self, said: str, written: str, forms: str) -> bool:
        if said in self._single or (self._beginnings and said.startswith(self._beginnings)):
            return True
        known = unpacked(said, forms)
        if not self._single.isdisjoint(known.bases + known.parts):
            return True
        is_named = self._names and not self._names.isdisjoint(known.bases + known.parts)
        return bool(is_named) and is_written_like_a_name(written)


def _pairs(asked: Asked) -> Iterator[tuple[str, tuple[str, ...]]]:
    return zip(asked.clause.words, asked.readings, strict=True)


def _place(said: str, forms: str) -> _Place:
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
