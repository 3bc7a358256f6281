"""Which word of one text is which of another: an alignment by likeness (Needleman & Wunsch 1970). Pure."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from core.language.morphology import fold

ALIKE = 0.5
"""Words less alike than this (0…1) are other words."""
DROPPED = 0.7
"""What a word costs that the other text does not have; two words that are alike cost what they lack in likeness."""
OTHER_HERE, OTHER_ELSEWHERE = 0.65, 0.95
"""What other words cost in each other's place: less than a dropped one where they may be meant, more elsewhere."""


class Alignment(NamedTuple):
    """For each word its place in the other text, rising; ``likeness`` is how much of the words is there, 0…1."""

    places: tuple[int | None, ...]
    likeness: float

    def span(self, first: int = 0, end: int | None = None) -> tuple[int, int] | None:
        """The stretch of the other text that these words take; None if they take none."""
        found = [place for place in self.places[first:end] if place is not None]
        return (found[0], found[-1] + 1) if found else None


def align(words: Sequence[str], there: Sequence[str], here: Sequence[bool] = ()) -> Alignment:
    """Align ``words`` with a part of ``there``: what ``there`` has before and after them costs nothing.

    ``here`` tells of each word of ``there`` whether it may be meant though it is another word; without, all may.
    """
    costs = _costs(words, there, here or [True] * len(there))
    at, place = len(words), min(range(len(there) + 1), key=lambda end: costs[-1][end][0])
    places: list[int | None] = [None] * len(words)
    while at:
        way = costs[at][place][1]
        if way == "both":
            at, place = at - 1, place - 1
            places[at] = place
        elif way == "word":
            at -= 1
        else:
            place -= 1
    alike = [likeness(word, there[p]) for word, p in zip(words, places, strict=True) if p is not None]
    return Alignment(tuple(places), sum(one for one in alike if one >= ALIKE) / max(1, len(words)))


_Cell = tuple[float, str]


def _costs(words: Sequence[str], there: Sequence[str], here: Sequence[bool]) -> list[list[_Cell]]:
    rows: list[list[_Cell]] = [[(0.0, "there")] * (len(there) + 1)]
    for at, word in enumerate(words, 1):
        row: list[_Cell] = [(at * DROPPED, "word")]
        for place, other in enumerate(there, 1):
            like = likeness(word, other)
            differ = OTHER_HERE if here[place - 1] else OTHER_ELSEWHERE
            both = rows[-1][place - 1][0] + (1 - like if like >= ALIKE else differ)
            ways = (both, "both"), (rows[-1][place][0] + DROPPED, "word"), (row[-1][0] + DROPPED, "there")
            row.append(min(ways, key=lambda way: way[0]))
        rows.append(row)
    return rows


@lru_cache(maxsize=1 << 16)
def likeness(one: str, other: str) -> float:
    """How alike two words are, 0…1; neither capitals nor punctuation count."""
    return fuzz.ratio(bare(one), bare(other)) / 100


def bare(word: str) -> str:
    """A word without capitals and punctuation; as it is when it is nothing else."""
    folded = fold(word)
    return "".join(sign for sign in folded if sign.isalnum()) or folded
