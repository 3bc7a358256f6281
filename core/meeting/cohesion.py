"""What the passages of a transcript are about, by their words, and where that changes. Pure.

A word counts by its base forms, and less by the parts it is made of: ``koulukuljetus`` is also about a ``kuljetus``.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from core.models import WordForms

SIDE = 6
"""Passages on either side of a border that are compared."""
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


def changes(bags: Sequence[Bag], rare: Mapping[str, float]) -> list[float]:
    """How little the words before and after the beginning of each passage have in common, 0…1.

    It is the depth of the dip in their likeness, as in TextTiling (Hearst 1997), of the deepest one.
    """
    likeness = [_likeness(bags[max(0, at - SIDE) : at], bags[at : at + SIDE], rare) for at in range(len(bags))]
    depths = [_depth(likeness, at) for at in range(len(likeness))]
    deepest = max(depths, default=0.0)
    return [depth / deepest if deepest else 0.0 for depth in depths]


def _likeness(before: Sequence[Bag], after: Sequence[Bag], rare: Mapping[str, float]) -> float:
    """The cosine between the words of two stretches."""
    one, other = _sum(before, rare), _sum(after, rare)
    size = math.sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))
    return sum(weight * other[word] for word, weight in one.items() if word in other) / size if size else 0.0


def _sum(bags: Iterable[Bag], rare: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for each in bags:
        for word, weight in each.items():
            found[word] += weight * rare[word]
    return found


def _depth(likeness: Sequence[float], at: int) -> float:
    """How much lower it is than the nearest peaks before and after."""
    left = right = at
    while left > 1 and likeness[left - 1] >= likeness[left]:
        left -= 1
    while right < len(likeness) - 1 and likeness[right + 1] >= likeness[right]:
        right += 1
    return max(0.0, likeness[left] + likeness[right] - 2 * likeness[at]) if at else 0.0
