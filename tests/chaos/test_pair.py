"""The plan of a campaign of two recorders: each loses three tenths, never both the same."""

import pytest

from chaos import pair


@pytest.mark.parametrize("number", range(20))
def test_outages_are_as_long_as_promised_and_never_of_both(number: int) -> None:
    outages = pair.plan(number, seed=1).outages
    pieces = [[piece for where in own for piece in range(where.first, where.first + where.length)] for own in outages]
    lost = round(pair.SECONDS * pair.LOST_SHARE)
    assert [len(own) for own in pieces] == [lost, lost]
    assert len({*pieces[0], *pieces[1]}) == 2 * lost
    assert max(max(own) for own in pieces) < pair.SECONDS


def test_a_seed_repeats_its_campaign() -> None:
    assert pair.plan(3, seed=2) == pair.plan(3, seed=2)
    assert pair.plan(3, seed=2) != pair.plan(4, seed=2)
