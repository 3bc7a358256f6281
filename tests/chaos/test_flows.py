"""Kills of a whole stack: which campaigns a seed gives. The campaigns themselves take minutes: ``make chaos``."""

from chaos import flows


def test_a_seed_gives_the_same_campaigns() -> None:
    found = flows.plans(12, 3)
    assert found == flows.plans(12, 3)
    assert found != flows.plans(12, 4)
    assert [plan.kind for plan in found[:6]] == list(flows.BLOWS)
    assert all(3000 <= plan.at_ms <= 0.8 * flows.SECONDS * 1000 for plan in found)
