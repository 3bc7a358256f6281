"""Measures of a ranked answer, of texts that are right or wrong. All are 0…1."""

from collections.abc import Collection, Sequence
from math import log2


def reciprocal_rank(ranked: Sequence[str], right: Collection[str]) -> float:
    """1 divided by the rank of the first right answer."""
    return next((1 / rank for rank, name in enumerate(ranked, start=1) if name in right), 0.0)


def average_precision(ranked: Sequence[str], right: Collection[str]) -> float:
    """The mean, over all right answers, of the precision at the rank of each; MAP is its mean over queries."""
    found, total = 0, 0.0
    for rank, name in enumerate(ranked, start=1):
        if name in right:
            found += 1
            total += found / rank
    return total / len(right)


def gain(ranked: Sequence[str], right: Collection[str]) -> float:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002) at the length of ``ranked``, which for
    nDCG@10 holds the first ten."""
    got = sum(1 / log2(rank + 1) for rank, name in enumerate(ranked, start=1) if name in right)
    best = sum(1 / log2(rank + 1) for rank in range(1, min(len(right), 10) + 1))
    return got / best
