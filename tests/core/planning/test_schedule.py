"""Rules of the calendar: the clock on the wall in Finland decides, in summer and in winter."""

from datetime import UTC, date, datetime, time

import pytest
from pydantic import ValidationError

from core.planning.schedule import Schedule, occurrences

FIRST_TUESDAY = "FREQ=MONTHLY;BYDAY=1TU"
YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))


def schedule(repeats: str = FIRST_TUESDAY, at: time = time(9), **more: object) -> Schedule:
    return Schedule.model_validate({"repeats": repeats, "at": at, "minutes": 90} | more)


def test_the_first_tuesday_is_at_nine_in_helsinki_all_the_year() -> None:
    found = occurrences(schedule(), *YEAR)
    days = " ".join(f"{at:%d.%m.}" for at in found)
    assert days == "06.01. 03.02. 03.03. 07.04. 05.05. 02.06. 07.07. 04.08. 01.09. 06.10. 03.11. 01.12."
    # Summer time from 29.3. to 25.10.2026.
    assert [at.hour for at in found] == [7, 7, 7, *[6] * 7, 7, 7]


def test_an_hour_that_does_not_exist_or_comes_twice_is_one_broadcast() -> None:
    spring = occurrences(schedule("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", time(3, 30)), *YEAR)
    autumn = occurrences(schedule("FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", time(3, 30)), *YEAR)
    assert [*spring, *autumn] == [
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    ]


def test_what_has_begun_is_not_to_come_and_the_last_day_counts() -> None:
    begins = datetime(2026, 5, 5, 6, tzinfo=UTC)
    assert occurrences(schedule(), begins, begins) == []
    assert occurrences(schedule(), datetime(2026, 5, 5, 5, 59, tzinfo=UTC), begins) == [begins]


def test_every_other_week_is_counted_from_its_first_day() -> None:
    found = occurrences(schedule("FREQ=WEEKLY;INTERVAL=2", since=date(2026, 1, 8)), YEAR[0], YEAR[0].replace(day=31))
    assert [at.day for at in found] == [8, 22]


@pytest.mark.parametrize("wrong", ["first Tuesday", "BYDAY=1TU", "FREQ=HOURLY", "FREQ=MONTHLY;BYDAY=1XX"])
def test_a_rule_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        schedule(wrong)
