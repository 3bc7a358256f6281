"""The days that come after one, by the calendar. Pure."""

from calendar import monthrange
from datetime import date, timedelta

FAR = timedelta(days=300)
"""A day without a year that comes as late as this was likelier meant as the last one of its name."""


def made(year: int, month: int, day: int) -> date | None:
    """That day, if there is one."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def in_month(year: int, month: int, day: int) -> date | None:
    """That day, if there is one; 0 is the last day of the month."""
    return made(year, month, day) if day else last_of_month(year, month)


def _soon(day: date | None, said_on: date) -> date | None:
    """The day, if it is not so far away that the last one of its name is likelier meant."""
    return day if day and day - said_on < FAR else None


def coming(month: int, day: int, said_on: date) -> date | None:
    """The next day of that name."""
    days = [made(year, month, day) for year in (said_on.year, said_on.year + 1)]
    return _soon(next((each for each in days if each and each >= said_on), None), said_on)


def last_of_month(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def last_of_coming(month: int, said_on: date) -> date | None:
    """The last day of the next month of that name, this one among them."""
    return _soon(last_of_month(said_on.year + (month < said_on.month), month), said_on)


def last_of_this(said_on: date, *, is_month: bool, is_next: bool) -> date:
    """The last day of this year or month, or of the next one."""
    if not is_month:
        return date(said_on.year + is_next, 12, 31)
    return last_of_month(*_months_after(said_on, int(is_next)))


def _months_after(said_on: date, count: int) -> tuple[int, int]:
    months = said_on.year * 12 + said_on.month - 1 + count
    return months // 12, months % 12 + 1


def months_later(said_on: date, count: int) -> date:
    """The same day of a later month, or its last one."""
    last = last_of_month(*_months_after(said_on, count))
    return last.replace(day=min(said_on.day, last.day))


def coming_weekday(number: int, said_on: date) -> date:
    """The next day after this one that is so many in its week, from Monday (1)."""
    return said_on + timedelta(days=(number - said_on.isoweekday() - 1) % 7 + 1)


def last_of_week(week: int, said_on: date) -> date | None:
    """The Sunday of the next week of that number (ISO 8601), this one among them."""
    ends = [end for year in (said_on.year, said_on.year + 1) if (end := _sunday(year, week))]
    return _soon(next((end for end in ends if end >= said_on), None), said_on)


def _sunday(year: int, week: int) -> date | None:
    try:
        return date.fromisocalendar(year, week, 7)
    except ValueError:
        return None


def coming_number(day: int, said_on: date) -> date | None:
    """The next day of any month with this number."""
    days = (said_on + timedelta(days=more) for more in range(62))
    return next((each for each in days if each.day == day), None)
