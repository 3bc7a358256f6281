"""Until when a recording goes on: counted from its first picture, moved while it runs, kept through a kill."""

from datetime import UTC, datetime, timedelta

import pytest

from core.capture.limit import LONGEST_SECONDS, Limit

NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)


class _Clock:
    """Goes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> datetime:
        return at(self.seconds)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


def _reached(limit: Limit, clock: _Clock, seconds: float) -> bool:
    clock.seconds = seconds
    return limit.is_reached()


def test_it_counts_from_the_first_picture(clock: _Clock) -> None:
    limit = Limit(60, now=clock)
    assert not _reached(limit, clock, 1000)
    assert limit.planned is None
    limit.begin()
    assert limit.planned == at(1060)
    clock.seconds = 1030
    limit.begin()
    assert not _reached(limit, clock, 1059)
    assert _reached(limit, clock, 1060)


def test_without_one_a_recording_is_at_most_a_day_long(clock: _Clock) -> None:
    limit = Limit(now=clock)
    limit.begin()
    assert limit.planned is None
    assert not _reached(limit, clock, LONGEST_SECONDS - 1)
    assert _reached(limit, clock, LONGEST_SECONDS)


def test_an_extension_beyond_a_day_is_none(clock: _Clock) -> None:
    limit = Limit(now=clock)
    limit.begin()
    limit.move(at(2 * LONGEST_SECONDS))
    assert limit.planned == at(LONGEST_SECONDS)
    assert _reached(limit, clock, LONGEST_SECONDS)


@pytest.mark.parametrize("until", [10, 600])
def test_it_can_be_moved_both_ways(clock: _Clock, until: int) -> None:
    limit = Limit(60, now=clock)
    limit.begin()
    assert limit.move(at(until))
    assert limit.planned == at(until)
    assert not _reached(limit, clock, until - 1)
    assert _reached(limit, clock, until)


def test_the_last_order_holds(clock: _Clock) -> None:
    limit = Limit(60, now=clock)
    limit.begin()
    assert all(limit.move(at(until)) for until in (600, 30, 90))
    assert not _reached(limit, clock, 89)
    assert _reached(limit, clock, 90)


def test_a_moment_that_is_past_ends_it_at_once(clock: _Clock) -> None:
    limit = Limit(now=clock)
    limit.move(at(-5))
    assert limit.is_reached()


def test_what_has_ended_cannot_be_extended(clock: _Clock) -> None:
    limit = Limit(60, now=clock)
    limit.begin()
    assert _reached(limit, clock, 61)
    assert not limit.move(at(600))
    assert limit.is_reached()
    assert limit.planned == at(60)


def test_after_a_kill_it_counts_from_the_beginning_of_the_recording(clock: _Clock) -> None:
    limit = Limit(60, now=clock)
    limit.begin()
    limit.resume(at(-50), None)
    assert limit.began_at == at(-50)
    assert not _reached(limit, clock, 9)
    assert _reached(limit, clock, 10)


def test_an_extension_given_before_a_kill_holds(clock: _Clock) -> None:
    limit = Limit(60, now=clock)
    limit.resume(at(-100), at(300))
    limit.begin()
    assert not _reached(limit, clock, 299)
    assert _reached(limit, clock, 300)


def test_an_order_given_meanwhile_is_newer_than_what_was_known(clock: _Clock) -> None:
    limit = Limit(now=clock)
    limit.move(at(50))
    limit.resume(None, at(300))
    assert limit.told == at(50)
