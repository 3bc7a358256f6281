"""When a programme's broadcasts are held, by a rule of the calendar. Pure."""

from datetime import UTC, date, datetime, time, timedelta

from dateutil.rrule import rrulebase, rrulestr
from pydantic import Field, field_validator

from core.helsinki import HELSINKI
from core.models import Record

RULES = ("FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY")


class Schedule(Record):
    """``repeats`` is a rule of RFC 5545 for days: ``FREQ=MONTHLY;BYDAY=1TU`` is each first Tuesday of a month.

    ``at`` is the time in Helsinki. ``since`` is from when ``INTERVAL`` counts.
    """

    repeats: str
    at: time
    minutes: int = Field(ge=1, le=20 * 60)
    source: str = ""
    since: date = date(2026, 1, 5)

    @field_validator("repeats")
    @classmethod
    def _is_a_rule_of_days(cls, text: str) -> str:
        if not any(rule in text.upper().split(";") for rule in RULES):
            raise ValueError(f"repeats must have one of {', '.join(RULES)}")
        _rule(text, date(2026, 1, 5))
        return text

    @property
    def length(self) -> timedelta:
        """How long each broadcast is."""
        return timedelta(minutes=self.minutes)


def occurrences(schedule: Schedule, after: datetime, until: datetime) -> list[datetime]:
    """When broadcasts begin later than ``after`` and not later than ``until``, in UTC."""
    first = datetime.combine(after.astimezone(HELSINKI).date(), time())
    last = datetime.combine(until.astimezone(HELSINKI).date(), time())
    days = [found.date() for found in _rule(schedule.repeats, schedule.since).between(first, last, inc=True)]
    # Only the day is counted without a time zone, so the clock of the wall stays the same when summer time begins.
    begins = [datetime.combine(day, schedule.at, HELSINKI).astimezone(UTC) for day in dict.fromkeys(days)]
    return [at for at in begins if after < at <= until]


def _rule(text: str, since: date) -> rrulebase:
    return rrulestr(text, dtstart=datetime.combine(since, time()))
