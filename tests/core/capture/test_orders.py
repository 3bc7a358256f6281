"""Orders: what a recording knows survives as tags, and the newest order holds in whatever order they are heard."""

from datetime import datetime, timedelta

import pytest

from core.capture import orders
from core.capture.limit import Limit
from core.capture.orders import Action, Order, Told
from tests.core.capture.test_limit import at


def _limit(now: float = 0, seconds: float = 60) -> Limit:
    limit = Limit(seconds, now=lambda: at(now))
    limit.begin()
    return limit


def _go_on(minutes: int, given: float) -> Order:
    return Order(Action.GO_ON, at(given), minutes)


@pytest.mark.parametrize(
    "known",
    [
        Told(),
        Told(at(0)),
        Told(at(0), at(60.25)),
        Told(at(0), at(60), at(1.000001)),
        Told(until=at(90), ends=at(60)),
        Told(until=datetime.fromisoformat("2026-11-24T13:40:00+02:00")),
    ],
)
def test_what_is_known_survives_as_tags(known: Told) -> None:
    assert orders.told(["again-2", *known.tags(), "producer"]) == known


def test_a_run_without_tags_knows_nothing() -> None:
    assert orders.told(["again-2", "producer"]) == Told()


def test_an_extension_counts_from_the_moment_at_which_it_was_given() -> None:
    limit = _limit(now=50)
    assert orders.carry_out(_go_on(10, given=40), limit, Told()) == Told(at(50), at(640), at(40))
    assert limit.planned == at(640)


def test_a_stream_should_go_on_to_its_planned_end_or_as_long_as_was_ordered() -> None:
    planned = Told(until=at(90), ends=at(60))
    assert planned.expected == at(60)
    assert orders.carry_out(_go_on(10, given=40), _limit(now=50), planned).expected == at(640)


def test_an_order_that_was_heard_is_not_heard_again() -> None:
    limit = _limit()
    known = orders.carry_out(_go_on(10, given=0), limit, Told())
    limit.move(at(999))
    assert orders.carry_out(_go_on(10, given=0), limit, known) == known
    assert limit.planned == at(999)


def test_an_older_order_that_comes_late_changes_nothing() -> None:
    limit = _limit()
    known = orders.carry_out(_go_on(30, given=20), limit, Told())
    assert orders.carry_out(Order(Action.STOP, at(10)), limit, known) == known
    assert not limit.is_reached()


def test_a_stop_ends_it_though_it_was_given_before_the_clock_of_this_machine_began() -> None:
    limit = _limit(now=-3, seconds=0)
    known = orders.carry_out(Order(Action.STOP, at(-3)), limit, Told())
    assert known.until == at(-3)
    assert limit.is_reached()


def test_a_mark_is_no_order_to_the_recorder() -> None:
    limit = _limit()
    assert orders.carry_out(Order(Action.MARK, at(10)), limit, Told()) == Told()
    assert limit.planned == at(60)


def test_what_has_ended_hears_no_order() -> None:
    limit = _limit()
    limit.move(at(0))
    assert limit.is_reached()
    assert orders.carry_out(_go_on(30, given=1), limit, Told()) == Told()


def test_nobody_can_order_more_than_a_day() -> None:
    known = orders.carry_out(_go_on(24 * 60, given=3600), _limit(now=3600), Told(at(0)))
    assert known.until
    assert known.until - at(3600) == timedelta(days=1)
    limit = _limit()
    assert orders.carry_out(_go_on(24 * 60, given=3600), limit, Told()).until == at(24 * 3600)
