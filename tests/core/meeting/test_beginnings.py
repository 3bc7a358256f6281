"""The probabilities of beginnings, against the sum over all ways of dividing a very short broadcast."""

from itertools import product

import numpy as np
import pytest

from core.meeting import beginnings


def _by_hand(about, begins):
    """Every way is an item (or -1: none yet) for each Passage; one that goes on with its item does not begin it."""
    passages, items = about.shape
    costs = beginnings._costs(items)
    total, found = 0.0, np.zeros(about.shape)
    for way in product(range(-1, items), repeat=passages):
        before = (-1, *way[:-1])
        if any(now == -1 and last != -1 for last, now in zip(before, way, strict=True)):
            continue
        taken = [at for at in range(passages) if way[at] != before[at]]
        score = sum(about[at, item] for at, item in enumerate(way) if item >= 0)
        score += sum(begins[at, way[at]] - costs[before[at], way[at]] for at in taken)
        weight = np.exp(beginnings.SHARPNESS * score)
        total += weight
        for at in taken:
            found[at, way[at]] += weight
    return found / total


def test_beginnings_are_summed_over_all_ways():
    chance = np.random.default_rng(613)
    about, begins = chance.random((4, 3)), 2 * chance.random((4, 3))
    assert beginnings.likely(about, begins) == pytest.approx(_by_hand(about, begins))


def test_a_long_broadcast_and_strong_evidence_overflow_nothing():
    about, begins = np.full((4_000, 30), 0.9), np.full((4_000, 30), 3.0)
    likely = beginnings.likely(about, begins)
    assert np.isfinite(likely).all()
    assert likely.max() <= 1.0 + 1e-9
