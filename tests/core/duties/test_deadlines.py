"""The 14-day clock, also when clocks are set forward or back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.duties import deadlines
from core.duties.signing import Signing, Step
from core.helsinki import HELSINKI


def local(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=HELSINKI).astimezone(UTC)


def published(at: datetime, *later: Step) -> Signing:
    return Signing("a", (Step(at=at, kind="published", machine="a"), *later))


def signed(at: datetime, kind: str = "signed", machine: str = "a") -> Step:
    return Step.model_validate({"at": at, "kind": kind, "by": "Anna", "machine": machine})


@pytest.mark.parametrize(
    ("at", "due_at"),
    [
        (local(2026, 11, 3, 14), local(2026, 11, 17, 14)),
        # The night to 25.10.2026 has 25 hours, that to 28.3.2027 has 23.
        (local(2026, 10, 20, 14), local(2026, 11, 3, 14)),
        (local(2027, 3, 20, 14), local(2027, 4, 3, 14)),
        (local(2027, 3, 14, 3, 30), local(2027, 3, 28, 4, 30)),
        (local(2026, 10, 11, 3, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_recording_is_due_at_the_same_hour_of_the_fourteenth_day(at: datetime, due_at: datetime) -> None:
    # As it comes from the archive, whose times may bear another zone.
    known = Step.model_validate_json(Step(at=at.astimezone(HELSINKI), kind="published").model_dump_json()).at
    assert deadlines.due(at) == deadlines.due(known) == due_at
    assert deadlines.notice_at(known, 7) < due_at


@pytest.mark.parametrize(
    ("now", "notice", "left"),
    [
        (local(2026, 10, 20, 15), 0, 14),
        (local(2026, 10, 27, 7, 59), 0, 7),
        (local(2026, 10, 27, 8), 7, 7),
        (local(2026, 10, 30, 8), 10, 4),
        (local(2026, 11, 2, 7, 59), 10, 1),
        (local(2026, 11, 2, 8), 13, 1),
        (local(2026, 11, 3, 13, 59), 13, 0),
        (local(2026, 11, 3, 14), 14, 0),
        (local(2026, 11, 4, 8), 14, -1),
    ],
)
def test_the_newest_notice_is_due_and_whole_days_are_left(now: datetime, notice: int, left: int) -> None:
    found = deadlines.deadline(published(local(2026, 10, 20, 14)), now)
    assert found
    assert (found.notice, found.days_left) == (notice, left)


@given(st.integers(0, 2 * 365 * 24 * 60))
def test_notices_come_in_order_and_before_the_time_is_over(minutes: int) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    moments = [deadlines.notice_at(at, day) for day in (*deadlines.NOTICES, deadlines.OVERDUE)]
    assert moments == sorted(moments)
    assert all(moment.astimezone(HELSINKI).hour == 8 for moment in moments[:-1])
    assert timedelta(days=13, hours=23) <= deadlines.due(at) - at <= timedelta(days=14, hours=1)


def test_the_clock_stands_while_a_person_stands_behind_the_text() -> None:
    at, now = local(2026, 11, 3, 14), local(2026, 11, 30, 8)
    for kind in ("checked", "signed"):
        assert deadlines.deadline(published(at, signed(at, kind)), now) is None
    for step in (signed(at, "returned"), signed(at, "released"), signed(at, "rejected"), signed(at, machine="b")):
        assert deadlines.deadline(published(at, step), now)
    assert deadlines.deadline(Signing("a"), now) is None
