"""What the passages of a transcript are about, by their words. Pure.

A word counts by its base forms, and less by the parts it is made of: ``koulukuljetus`` is also about a ``kuljetus``.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from core.models import WordForms

PART = 0.45
SHORTEST, SHORTEST_PART = 3, 4
USUAL = 0.1
"""A word in at most this share of the passages is as rare as any."""
FEW = 40
"""In fewer passages than this, words are as rare as if there were so many."""

Bag = Mapping[str, float]


def bag(words: Iterable[str], forms: Mapping[str, WordForms]) -> Bag:
    """What the words (as forms are keyed) can be about, and how much each is."""
    found: dict[str, float] = {}
    for word in words:
        known = forms.get(word, WordForms())
        for part in known.parts:
            if len(part) >= SHORTEST_PART:
                found[part] = max(found.get(part, 0.0), PART)
        for base in known.bases or (word,):
            found[base] = 1.0
    return {word: weight for word, weight in found.items() if len(word) >= SHORTEST and word[0].isalpha()}


def rarity(bags: Sequence[Bag]) -> dict[str, float]:
    """How rare each word is among the passages: 1 up to USUAL, 0 for one that all have."""
    count = Counter(word for each in bags for word in each)
    whole = max(len(bags), FEW)
    return {word: min(1.0, math.log(whole / number) / -math.log(USUAL)) for word, number in count.items()}
