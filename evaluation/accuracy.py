"""How far recognised words are from what was said: word and character error rates, and which names were heard."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

ENDING = 2
"""Letters at the end of a name that its inflected forms may change: Savukoski, Savukosken."""


class Name(NamedTuple):
    """A name as it was said, and what was written in its place."""

    said: str
    heard: str

    @property
    def right(self) -> bool:
        """Whether it was written as it was said."""
        return self.said == self.heard


def words(text: str) -> list[str]:
    """Small letters only, without punctuation; parts of a hyphenated word are words."""
    return re.findall(r"\w+", text.lower())


def word_error_rate(said: str, heard: str) -> float:
    """Words to change, add or remove, for every word that was said."""
    return distance(words(said), words(heard)) / len(words(said))


def character_error_rate(said: str, heard: str) -> float:
    """The same of letters, digits and the spaces between words."""
    first, second = " ".join(words(said)), " ".join(words(heard))
    return distance(first, second) / len(first)


def distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Levenshtein's distance."""
    row = list(range(len(second) + 1))
    for above, left in enumerate(first, start=1):
        before, row = row, [above]
        for at, right in enumerate(second):
            row.append(min(before[at + 1] + 1, row[at] + 1, before[at] + (left != right)))
    return row[-1]


def names(said: str, heard: str, vocabulary: Iterable[str]) -> list[Name]:
    """Every time a word of the vocabulary was said, in any form, and what stands there instead."""
    stems = tuple(word[:-ENDING] for entry in vocabulary for word in words(entry))
    first, second = words(said), words(heard)
    found = []
    for kind, low, high, begin, end in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        for at in range(low, high):
            if first[at].startswith(stems):
                # Where as many words stand as were said, each is compared with its own.
                paired = kind == "equal" or high - low == end - begin
                there = [second[begin + at - low]] if paired else second[begin:end]
                found.append(Name(first[at], " ".join(there)))
    return found
