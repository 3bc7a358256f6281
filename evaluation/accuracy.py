"""How far recognised words are from what was said: words, letters, names and times, with how sure the figures are.

A word counts as it is written but for capital letters, punctuation and numbers, which count by their value: ``20 000``,
``20000`` and ``kaksikymmentätuhatta`` are one and the same word, and so are the cases of a number. Intervals are
bootstrapped: sentences are drawn again, as often as there are, a thousand times (Bisani and Ney, "Bootstrap estimates
for confidence intervals in ASR performance evaluation", ICASSP 2004).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import Levenshtein

from core.speech import figures
from core.text.differences import aligned, places

ENDING = 2
"""Letters at the end of a name that its inflected forms may change: Savukoski, Savukosken."""
SIGNS = {"%": " prosenttia ", "€": " euroa ", "klo": "kello"}
DRAWS, SEED = 1000, 20261124
CONFIDENCE = 95


class Name(NamedTuple):
    """A name as it was said, and what was written in its place."""

    said: str
    heard: str

    @property
    def right(self) -> bool:
        """Whether it was written as it was said."""
        return self.said == self.heard


class Rate(NamedTuple):
    """A share of what was said, and between which bounds it is with 95 % confidence."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%})"


def words(text: str) -> list[str]:
    """Small letters only, without punctuation, numbers as figures; parts of a hyphenated word are words."""
    said = " ".join(figures.values(text.lower().split()))
    for sign, word in SIGNS.items():
        said = re.sub(rf"(?<!\w){sign}(?!\w)", word, said)
    return re.findall(r"\w+", re.sub(rf"(?<=\d)({figures.NO_BREAK}(?=\d\d\d)|:[a-zäö]+)", "", said))


def word_error_rate(said: str, heard: str) -> float:
    """Words to change, add or remove, for every word that was said."""
    return Levenshtein.distance(words(said), words(heard)) / len(words(said))


def character_error_rate(said: str, heard: str) -> float:
    """The same of letters, digits and the spaces between words."""
    first, second = " ".join(words(said)), " ".join(words(heard))
    return Levenshtein.distance(first, second) / len(first)


def errors(said: Sequence[str], heard: Sequence[str]) -> list[int]:
    """Errors at each word of ``said``. A word too many belongs to the word before it, or to the first one."""
    found = [0] * len(said)
    for kind, low, high, begin, end in aligned(said, heard):
        if kind == "insert":
            found[max(low - 1, 0)] += end - begin
        elif kind != "equal":
            for at in range(low, high):
                found[at] += 1
    return found


def interval(failures: Sequence[int], sizes: Sequence[int]) -> Rate:
    """The rate of failures over sentences of these sizes, and its bounds."""
    counts, of = np.asarray(failures, dtype=float), np.asarray(sizes, dtype=float)
    drawn = np.random.default_rng(SEED).integers(0, len(of), (DRAWS, len(of)))
    rates = counts[drawn].sum(axis=1) / of[drawn].sum(axis=1)
    low, high = np.percentile(rates, [(100 - CONFIDENCE) / 2, (100 + CONFIDENCE) / 2])
    return Rate(float(counts.sum() / of.sum()), float(low), float(high))


def by_sentence(sentences: Sequence[str], heard: str) -> Rate:
    """The word error rate of all sentences, with its bounds."""
    sizes = [len(words(sentence)) for sentence in sentences]
    failures = errors([word for sentence in sentences for word in words(sentence)], words(heard))
    ends = np.cumsum(sizes)
    return interval([sum(failures[end - size : end]) for size, end in zip(sizes, ends, strict=True)], sizes)


def stems(vocabulary: Iterable[str]) -> tuple[str, ...]:
    """What the forms of each word of the vocabulary begin with."""
    return tuple(word[:-ENDING] for entry in vocabulary for word in words(entry))


def names(said: str, heard: str, begin_with: tuple[str, ...]) -> list[Name]:
    """Every time a word that begins with one of these was said, and what stands there instead."""
    first, second = words(said), words(heard)
    found = []
    for _, low, high, begin, end in places(aligned(first, second)):
        for at in range(low, high):
            if first[at].startswith(begin_with):
                # Where as many words stand as were said, each is compared with its own; else it may be among them.
                there = [second[begin + at - low]] if high - low == end - begin else second[begin:end]
                found.append(Name(first[at], first[at] if first[at] in there else " ".join(there)))
    return found


def unsaid(said: str, heard: str, is_name: Callable[[str], bool]) -> list[str]:
    """The names that stand where no such word was said. The capital counts: ``Lahden`` was not said in ``lahden``."""
    first, second = (re.findall(r"\w+", text) for text in (said, heard))
    steps = places(aligned([word.lower() for word in first], [word.lower() for word in second]))
    return [
        word
        for _, low, high, begin, end in steps
        for word in second[begin:end]
        if is_name(word) and word not in first[low:high]
    ]


def paired(said: Sequence[str], heard: Sequence[str]) -> list[tuple[int, int]]:
    """The words that were recognised as they were said: their numbers in both."""
    return [
        (at, begin + at - low)
        for kind, low, high, begin, _ in aligned(said, heard)
        if kind == "equal"
        for at in range(low, high)
    ]
