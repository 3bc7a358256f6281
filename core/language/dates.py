"""Finnish dates and deadlines in speech, as days: from the day on which they were said. Pure.

``15.3.``, ``kolmanteen joulukuuta``, ``joulukuun 3. päivään``, ``tammikuun loppuun``, ``ensi kuussa``, ``viikolla 12``,
``ensi viikon perjantaina``, ``maanantaihin``, ``ylihuomenna``, ``kahden viikon kuluessa``, ``ensi vuoden loppuun``.

A day without a year, and a day of the week, are the next one from the day on which they were said. Of a longer time
(a week, a month, a year) the last day counts, since all of it is left; the end of a week is its Sunday (ISO 8601).
``ennen`` means the day before. A time whose end is not certain (``ensi keväänä``, ``alussa``) is none.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple, TypeAlias

from core.language import numerals

MONTHS = (
    "tammikuu", "helmikuu", "maaliskuu", "huhtikuu", "toukokuu", "kesäkuu",
    "heinäkuu", "elokuu", "syyskuu", "lokakuu", "marraskuu", "joulukuu",
)  # fmt: skip
WEEKDAYS = ("maanantai", "tiistai", "keskiviik", "torstai", "perjantai", "lauantai", "sunnuntai")
DAYS = (("ylihuomen", 2), ("ylihuomis", 2), ("huomen", 1), ("huomis", 1), ("tänään", 0), ("tähän päivään", 0))
WITHIN = ("kuluessa", "sisällä", "kuluttua", "päästä", "päähän")
NEXT, THIS = ("ensi", "seuraav"), ("tämä", "tällä", "tässä", "kuluva")
LAST_WORDS = ("loppu", "lopu")
BEFORE = "ennen"
WEEK, MONTH, YEAR, DAY = ("viiko", "viikk"), ("kuun", "kuussa", "kuukau"), ("vuode", "vuonna", "vuote"), ("päivä",)
WEEKDAY_FORMS = ("na", "nä", "hin", "an", "ta", "sta", "ksi", "tai")
MOST_WEEKS = 53

_FIGURES = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}|\d{2}))?")
_YEAR = re.compile(r"20\d\d")


class Dated(NamedTuple):
    """A date among words: its first word, the one after its last, and the day that it means."""

    first: int
    end: int
    day: date


_Found: TypeAlias = "tuple[int, date] | None"
_Rule: TypeAlias = "Callable[[Sequence[str], int, date], _Found]"


def found(words: Sequence[str], said_on: date) -> tuple[Dated, ...]:
    """All dates in a text's words (core.language.morphology, folded), in order. ``said_on`` is the day in Finland."""
    return tuple(_found(words, said_on))


def _found(words: Sequence[str], said_on: date) -> Iterator[Dated]:
    at = 0
    while at < len(words):
        read = max(filter(None, (rule(words, at, said_on) for rule in _RULES)), default=None, key=lambda one: one[0])
        if read:
            end, day = read
            is_before = at > 0 and words[at - 1] == BEFORE
            yield Dated(at, end, day - timedelta(days=1) if is_before else day)
        at = read[0] if read else at + 1


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""


def _number(word: str) -> int | None:
    """A whole number in figures or as a word, also as an ordinal."""
    bare = word.partition(":")[0]
    if bare.isdigit():
        return int(bare)
    ordinal, cardinal = numerals.ordinal(word), numerals.parse(word)
    return ordinal[0] if ordinal else cardinal.value if cardinal else None


def _index(word: str, beginnings: Sequence[str]) -> int:
    """Which of the beginnings a word has, from 1; 0 for none."""
    return next((at for at, start in enumerate(beginnings, 1) if word.startswith(start)), 0)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _next(month: int, day: int, said_on: date) -> date | None:
    """The next day of that name. 29 February is looked for no longer than leap years need."""
    years = range(said_on.year, said_on.year + 9)
    return next((made for year in years if (made := _made(year, month, day)) and made >= said_on), None)


def _year_after(words: Sequence[str], at: int) -> tuple[int, int]:
    """A year at this word, or after ``vuonna``: the place after it and the year; 0 for none."""
    skip = _word(words, at) in {"vuonna", "vuoden"}
    year = _word(words, at + skip)
    return (at + skip + 1, int(year)) if _YEAR.fullmatch(year) else (at, 0)


def _day_of(words: Sequence[str], end: int, month: int, day: int, said_on: date) -> _Found:
    after, year = _year_after(words, end)
    made = _made(year, month, day) if year else _next(month, day, said_on)
    return (after, made) if made else None


def _in_figures(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``15.3``, ``15.3.2027``."""
    match = _FIGURES.fullmatch(words[at])
    if not match:
        return None
    day, month, year = int(match[1]), int(match[2]), int(match[3] or 0)
    made = _made(year + 2000 * (year < 100), month, day) if year else None
    if year:
        return (at + 1, made) if made else None
    return _day_of(words, at + 1, month, day, said_on) if month <= len(MONTHS) else None


def _day_then_month(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``3 joulukuuta``, ``kolmas päivä joulukuuta``; ``3. päivään`` is the next one of any month."""
    day = _number(words[at])
    if not day or day > numerals.LAST_DAY:
        return None
    has_word = _word(words, at + 1).startswith(DAY) and words[at + 1] != "päivää"
    end = at + 1 + has_word
    month = _index(_word(words, end), MONTHS)
    if month and words[end].endswith(("ta", "tä")):
        return _day_of(words, end + 1, month, day, said_on)
    is_ordinal = words[at].isdigit() or numerals.ordinal(words[at])
    return (end, made) if has_word and is_ordinal and (made := _coming_day(day, said_on)) else None


def _coming_day(day: int, said_on: date) -> date | None:
    """The next day of any month with this number."""
    days = (said_on + timedelta(days=more) for more in range(62))
    return next((each for each in days if each.day == day), None)


def _month(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``joulukuun 3. päivään``, ``tammikuun loppuun``, ``maaliskuun puoliväliin``, ``tammikuussa``."""
    month = _index(words[at], MONTHS)
    if not month:
        return None
    if words[at].endswith("ssa"):
        return _end_of_month(words, at + 1, month, said_on)
    if words[at].endswith("ta") and at and words[at - 1] == BEFORE:
        return at + 1, date(_year_of(month, said_on), month, 1)
    if not words[at].endswith("n"):
        return None
    end, year = _year_after(words, at + 1)
    if _word(words, end).startswith(LAST_WORDS):
        return end + 1, _last_day(year or _year_of(month, said_on), month)
    if _word(words, end).startswith("puolivä"):
        return end + 1, date(year or _year_of(month, said_on), month, 15)
    day = _number(_word(words, end))
    if not day or not _word(words, end + 1).startswith(DAY):
        return None
    made = _made(year, month, day) if year else _next(month, day, said_on)
    return (end + 2, made) if made else None


def _end_of_month(words: Sequence[str], at: int, month: int, said_on: date) -> _Found:
    end, year = _year_after(words, at)
    return end, _last_day(year or _year_of(month, said_on), month)


def _year_of(month: int, said_on: date) -> int:
    return said_on.year + (month < said_on.month)


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _numbered_week(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``viikolla 12``, ``viikon kaksitoista loppuun``."""
    number = _number(_word(words, at + 1)) if words[at].startswith(WEEK) else None
    if not number or number > MOST_WEEKS:
        return None
    ends = [end for year in (said_on.year, said_on.year + 1) if (end := _sunday_of(year, number))]
    day = next((end for end in ends if end >= said_on), None)
    return (at + 2 + _word(words, at + 2).startswith(LAST_WORDS), day) if day else None


def _sunday_of(year: int, week: int) -> date | None:
    try:
        return date.fromisocalendar(year, week, 7)
    except ValueError:
        return None


def _weekday(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``maanantaina``, ``ensi maanantaihin``: the next one after the day on which it was said."""
    has_next = words[at].startswith((*NEXT, *THIS))
    number = _index(_word(words, at + has_next), WEEKDAYS)
    if not number or not words[at + has_next].endswith(WEEKDAY_FORMS):
        return None
    ahead = (number - said_on.isoweekday() - 1) % 7 + 1
    return at + has_next + 1, said_on + timedelta(days=ahead)


def _near(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``tänään``, ``huomiseen``, ``ylihuomenna``."""
    return next(((at + 1, said_on + timedelta(days=n)) for start, n in DAYS if words[at].startswith(start)), None)


def _relative(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``ensi viikolla``, ``tämän viikon loppuun``, ``ensi viikon perjantaina``, ``ensi kuussa``, ``vuoden loppuun``."""
    is_next, is_this = words[at].startswith(NEXT), words[at].startswith((*THIS, "tämän"))
    unit = _word(words, at + (is_next or is_this))
    end = at + (is_next or is_this) + 1
    has_end = _word(words, end).startswith(LAST_WORDS)
    # "viikon" and "vuoden" alone mostly tell how long something takes.
    if not (is_next or is_this or has_end):
        return None
    if unit.startswith(WEEK):
        return _in_week(words, end, is_next, said_on)
    day = _end_of(unit, is_next, said_on)
    return (end + has_end, day) if day and (has_end or not unit.endswith("n")) else None


def _in_week(words: Sequence[str], end: int, is_next: bool, said_on: date) -> _Found:
    monday = said_on + timedelta(days=1 - said_on.isoweekday() + 7 * is_next)
    number = _index(_word(words, end), WEEKDAYS)
    has_end = _word(words, end).startswith(LAST_WORDS)
    if not (number or has_end) and words[end - 1].endswith("n"):
        return None
    return end + (number > 0 or has_end), monday + timedelta(days=(number or 7) - 1)


def _end_of(unit: str, is_next: bool, said_on: date) -> date | None:
    if unit.startswith(MONTH) and not unit.startswith(("kuunt", "kuunn")):
        months = said_on.year * 12 + said_on.month - 1 + is_next
        return _last_day(months // 12, months % 12 + 1)
    return date(said_on.year + is_next, 12, 31) if unit.startswith(YEAR) else None


def _span(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``kahden viikon kuluessa``, ``kuukauden sisällä``, ``14 päivän kuluttua``."""
    number = _number(words[at])
    unit, after = _word(words, at + (number is not None)), at + (number is not None) + 1
    if _word(words, after) not in WITHIN:
        return None
    count = 1 if number is None else number
    if unit.startswith("kuukau"):
        months = said_on.year * 12 + said_on.month - 1 + count
        year, month = months // 12, months % 12 + 1
        return after + 1, date(year, month, min(said_on.day, monthrange(year, month)[1]))
    days = 7 if unit.startswith(WEEK) else 1 if unit.startswith(DAY) else 0
    return (after + 1, said_on + timedelta(days=count * days)) if days and count < 1000 else None


def _whole_year(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``vuoden 2027 loppuun``, ``vuonna 2027``."""
    if words[at] not in {"vuoden", "vuonna"} or not _YEAR.fullmatch(_word(words, at + 1)):
        return None
    has_end = _word(words, at + 2).startswith(LAST_WORDS)
    return (at + 2 + has_end, date(int(words[at + 1]), 12, 31)) if has_end or words[at] == "vuonna" else None


_RULES: tuple[_Rule, ...] = (
    _in_figures, _day_then_month, _month, _numbered_week, _weekday, _near, _relative, _span, _whole_year,
)  # fmt: skip
