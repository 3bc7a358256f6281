"""Finnish dates and deadlines in speech, as days: from the day on which they were said. Pure.

``15.3.``, ``kolmanteen joulukuuta``, ``joulukuun 3. päivään``, ``tammikuun loppuun``, ``ensi kuussa``, ``viikolla 12``,
``ensi viikon perjantaina``, ``maanantaihin``, ``ylihuomenna``, ``kahden viikon kuluessa``, ``ensi vuoden loppuun``.

A day without a year, and a day of the week, are the next one from the day on which they were said. Of a longer time
(a week, a month, a year) the last day counts, since all of it is left; the end of a week is its Sunday (ISO 8601).
``ennen`` means the day before. A time has no day where it is not certain which one is meant:

- ``ensi keskiviikkona`` is this week's to some and next week's to others, and the Institute for the Languages of
  Finland calls neither wrong; it is a day only where both mean the same one. ``ensi viikonloppuna`` is never;
- ``seuraava`` and ``edellinen`` count from something else, ``viime`` is past, ``joka`` is none of them;
- about so much (``parin viikon päästä``), or from something else (``14 päivän kuluessa tiedoksisaannista``);
- without a year, when it would be the next one only in ten months or more: it is likelier past;
- ``ensi keväänä``, ``alussa``.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple, TypeAlias

from core.language import days, numerals, timewords
from core.language.timewords import (
    ABOUT,
    AFTER,
    BEFORE,
    LAST_WORDS,
    MONTH,
    MONTHS,
    MOST_WEEKS,
    NEXT,
    WEEKDAYS,
    YEAR,
    Which,
    end_after,
    index,
    is_week,
    number,
    numbered,
    weekday,
    which,
    word_at,
    year_after,
)

MOST_DAYS = 999

_FIGURES = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}|\d{2}))?")
_JOINED = re.compile(r"ensi?(viikolla|viikon|vuonna|vuoden|kuussa)")
_ELATIVE = re.compile(r"siitä|(?!tästä).{2,}st[aä]")


class Time(NamedTuple):
    """A time among words: its first word, the one after its last, and the day that it means, if that is certain."""

    first: int
    end: int
    day: date | None


class Dated(NamedTuple):
    """A time that is a day."""

    first: int
    end: int
    day: date


_Found: TypeAlias = "tuple[int, date | None] | None"
_Rule: TypeAlias = "Callable[[Sequence[str], int, date], _Found]"


def found(words: Sequence[str], said_on: date) -> tuple[Dated, ...]:
    """All dates in a text's words (core.language.morphology, folded), in order. ``said_on`` is the day in Finland."""
    return tuple(Dated(each.first, each.end, each.day) for each in times(words, said_on) if each.day)


def times(words: Sequence[str], said_on: date) -> tuple[Time, ...]:
    """The same with the times of which it is not certain which day they mean."""
    return tuple(_times(words, said_on))


def _times(words: Sequence[str], said_on: date) -> Iterator[Time]:
    at = 0
    while at < len(words):
        read = _read(words, at, said_on)
        if read:
            end, day = read
            is_before = at > 0 and words[at - 1] == BEFORE
            yield Time(at, end, _before(words[at:end], day) if day and is_before else day)
        at = read[0] if read else at + 1


def _read(words: Sequence[str], at: int, said_on: date) -> _Found:
    """The longest reading. What counts from something else is read like ``ensi`` and has no day."""
    if not timewords.is_other(words[at]):
        return _longest(words, at, said_on)
    read = _longest([*words[:at], NEXT[0], *words[at + 1 :]], at, said_on)
    if not read and words[at] != timewords.EACH and at + 1 < len(words):
        read = _longest(words, at + 1, said_on)
    return (read[0], None) if read else None


def _longest(words: Sequence[str], at: int, said_on: date) -> _Found:
    return max(filter(None, (rule(words, at, said_on) for rule in _RULES)), default=None, key=lambda one: one[0])


def _before(words: Sequence[str], day: date) -> date | None:
    """The day before; ``ennen kuun loppua`` is still its last day, and when a longer time begins is not known here."""
    if words[-1] in LAST_WORDS:
        return day
    is_long = any(timewords.is_long(word) for word in words)
    return None if is_long else day - timedelta(days=1)


# Days


def _day_of(words: Sequence[str], end: int, month: int, day: int, said_on: date) -> _Found:
    after, year = year_after(words, end)
    return after, (days.made(year, month, day) if year else days.coming(month, day, said_on))


def _in_figures(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``15.3``, ``15.3.2027``; not ``kello 12.10`` nor ``2.5 miljoonaa``."""
    match = _FIGURES.fullmatch(words[at])
    if not match or timewords.is_figure(words, at):
        return None
    day, month, year = int(match[1]), int(match[2]), int(match[3] or 0)
    if year:
        return at + 1, days.made(year + 2000 * (year < 100), month, day)
    return _day_of(words, at + 1, month, day, said_on) if days.made(said_on.year, month, 1) else None


def _day_then_month(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``3 joulukuuta``, ``kolmas päivä joulukuuta``, ``kolmas kahdettatoista``; ``3. päivään`` is of any month."""
    day = number(words[at])
    if not day or day > numerals.LAST_DAY:
        return None
    has_word = word_at(words, at + 1).startswith("päiv") and words[at + 1] != "päivää"
    end = at + 1 + has_word
    month = timewords.of_month(words, end, is_ordinal=numerals.ordinal(words[at]) is not None)
    if month:
        return _day_of(words, end + 1, month, day, said_on)
    is_of_month = words[at].isdigit() or (numerals.ordinal(words[at]) and words[end - 1] == "päivään")
    return (end, days.coming_number(day, said_on)) if has_word and is_of_month else None


def _near(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``tänään``, ``huomiseen``, ``huomenna keskiviikkona``."""
    day = next((said_on + timedelta(days=n) for start, n in timewords.DAYS if words[at].startswith(start)), None)
    if not day:
        return None
    also = weekday(words, at + 1)
    return at + 1 + (also > 0), (None if also and also != day.isoweekday() else day)


# Weekdays


def _weekday(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``maanantaina``, ``tulevana maanantaina``: the next one after the day on which it was said."""
    told = which(words[at])
    place = at + bool(told)
    wanted = weekday(words, place)
    return (place + 1, _that(told, wanted, said_on)) if wanted else None


def _that(told: Which, wanted: int, said_on: date) -> date | None:
    """Of ``tänä perjantaina`` this week's, if it is not past; of ``ensi`` the next, if next week's is no other one.

    Nobody surely calls the next day ``ensi``.
    """
    if told == "this":
        day = said_on + timedelta(days=wanted - said_on.isoweekday())
        return day if day >= said_on else None
    coming, days_left = days.coming_weekday(wanted, said_on), 7 - said_on.isoweekday()
    return coming if told != "next" or (coming - said_on).days > max(days_left, 1) else None


def _weekday_and_date(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``perjantaina 27. marraskuuta``: the date, if it is that day of the week."""
    place = at + bool(which(words[at]))
    wanted = weekday(words, place)
    dated = (rule(words, place + 1, said_on) for rule in (_in_figures, _day_then_month, _month))
    read = next(filter(None, dated), None) if wanted and place + 1 < len(words) else None
    return (read[0], read[1] if read[1] and read[1].isoweekday() == wanted else None) if read else None


def _weekday_of_week(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``perjantaina ensi viikolla``, ``perjantaina viikolla 50``."""
    wanted = weekday(words, at)
    if not wanted or at + 1 == len(words):
        return None
    read = _relative(words, at + 1, said_on) or _numbered_week(words, at + 1, said_on)
    if not read or not any(is_week(word) for word in words[at + 1 : read[0]]):
        return None
    return read[0], read[1] and read[1] + timedelta(days=wanted - 7)


def _weekday_after(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``viikon päästä perjantaina``, ``perjantaina kahden viikon päästä``: of that week, if it is later in it."""
    before = weekday(words, at)
    span = _span(words, at + (before > 0), said_on) if at + 1 < len(words) else None
    wanted = before or (weekday(words, span[0]) if span else 0)
    if not span or not wanted:
        return None
    end, day = span
    later = wanted - said_on.isoweekday()
    is_sure = day and (day - said_on).days % 7 == 0 and later > 0
    return end + (not before), (day + timedelta(days=later) if day and is_sure else None)


def _weekdays(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``maanantaista perjantaihin``: a time whose last day counts."""
    first, last = weekday(words, at), weekday(words, at + 1)
    if not (first and last and words[at].endswith("sta")):
        return None
    return at + 2, days.coming_weekday(first, said_on) + timedelta(days=(last - first) % 7)


# Weeks, months and years


def _month(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``joulukuun 3. päivään``, ``tammikuun loppuun``, ``maaliskuun puoliväliin``, ``tammikuussa``."""
    month = index(words[at], MONTHS)
    if not month:
        return None
    if words[at].endswith("ta") and word_at(words, at - 1) == BEFORE:
        return at + 1, days.coming(month, 1, said_on)
    end, year = year_after(words, at + 1)
    read = _in_month(words, at, end)
    if not read:
        return None
    after, day = read
    if year:
        return after, days.in_month(year, month, day)
    # "Tilikautta seuraavan vuoden kesäkuun": of which year is not told here.
    if word_at(words, at - 1).endswith("vuoden"):
        return after, None
    return after, days.coming(month, day, said_on) if day else days.last_of_coming(month, said_on)


def _in_month(words: Sequence[str], at: int, end: int) -> tuple[int, int] | None:
    """What the words from ``end`` tell of the month at ``at``: the place after them, and the day; 0 for the last."""
    after = end_after(words, end)
    if words[at].endswith("ssa") or (after > end and words[at].endswith("n")):
        return after, 0
    if not words[at].endswith("n"):
        return None
    if word_at(words, end).startswith("puolivä"):
        return end + 1, 15
    day = number(word_at(words, end))
    return (end + 2, day) if day and word_at(words, end + 1).startswith("päiv") else None


def _next_month(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``tulevan tammikuun loppuun``; ``ensi maaliskuussa`` is sure only where it is not this year's."""
    told = which(words[at])
    read = _month(words, at + 1, said_on) if told and at + 1 < len(words) else None
    if not read or not read[1]:
        return read
    return read[0], None if told == "next" and read[1].year == said_on.year else read[1]


def _numbered_week(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``viikolla 12``, ``viikon kaksitoista loppuun``, ``viikon 50 perjantaina``, ``viikoilla 48 49``."""
    if not is_week(words[at]) or words[at].endswith("oon"):
        return None
    end, week = numbered(words, at + 1)
    if words[at].startswith("viikoi"):
        end, week = max((end, week), numbered(words, end + (word_at(words, end) in {"ja", "tai"})))
    if not 0 < week <= MOST_WEEKS or timewords.is_count(words, end):
        return None
    wanted, after = weekday(words, end), end_after(words, end)
    is_whole = after > end or not words[at].endswith("n")
    last = days.last_of_week(week, said_on) if wanted or is_whole else None
    return max(after, end + (wanted > 0)), last and last + timedelta(days=(wanted or 7) - 7)


def _relative(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``ensi viikolla``, ``tämän viikon loppuun``, ``ensi viikon perjantaina``, ``ensi kuussa``, ``vuoden loppuun``."""
    joined = _JOINED.fullmatch(words[at])
    if joined:
        read = _relative([*words[:at], NEXT[0], joined[1], *words[at + 1 :]], at, said_on)
        return (read[0] - 1, read[1]) if read else None
    told = which(words[at])
    if not told:
        return _end_of_unit(words, at, said_on)
    read = _of_unit(words, at + 1, is_next=told == "next", said_on=said_on)
    return (read[0], None if told == "coming" else read[1]) if read else None


def _end_of_unit(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``kuun loppuun``, ``vuodenvaihteeseen``. "Viikon" and "vuoden" alone mostly tell how long something takes."""
    if words[at] in timewords.TURNS:
        return at + 1, days.last_of_this(said_on, is_month=words[at].startswith("kuu"), is_next=False)
    after = end_after(words, at + 1, during=False)
    read = _of_unit(words, at, is_next=False, said_on=said_on) if after > at + 1 else None
    return (after, read[1]) if read else None


def _of_unit(words: Sequence[str], at: int, *, is_next: bool, said_on: date) -> _Found:
    """The day that a week, month or year and the words after it tell, of this one or the next."""
    unit, end = word_at(words, at), at + 1
    if unit.startswith("viikonlop") or (timewords.is_long(unit) and unit.endswith(timewords.INTO)):
        return end, None
    if is_week(unit):
        return _in_week(words, end, is_next=is_next, said_on=said_on)
    if not timewords.is_long(unit):
        return None
    last, after = days.last_of_this(said_on, is_month=unit in MONTH, is_next=is_next), end_after(words, end)
    if after > end or not unit.endswith("n"):
        return after, last
    month = index(word_at(words, end), MONTHS) if unit in YEAR else 0
    read = _in_month(words, end, end + 1) if month else _in_month(words, at, end) if unit in MONTH else None
    return (read[0], days.in_month(last.year, month or last.month, read[1])) if read else None


def _in_week(words: Sequence[str], end: int, *, is_next: bool, said_on: date) -> _Found:
    wanted, after = index(word_at(words, end), WEEKDAYS), end_after(words, end)
    if not wanted and after == end and words[end - 1].endswith("n"):
        return None
    day = said_on + timedelta(days=7 * is_next + (wanted or 7) - said_on.isoweekday())
    return max(after, end + (wanted > 0)), day if day >= said_on else None


def _whole_year(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``vuoden 2027 loppuun``, ``vuonna 2027``, ``vuoden 2027 maaliskuussa``."""
    end, year = year_after(words, at) if words[at] in {"vuoden", "vuonna"} else (at, 0)
    if not year:
        return None
    month = index(word_at(words, end), MONTHS)
    if month:
        read = _in_month(words, end, end + 1)
        return (read[0], days.in_month(year, month, read[1])) if read else None
    after = end_after(words, end)
    return (after, date(year, 12, 31)) if after > end or words[at] == "vuonna" else None


# Spans


def _span(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``kahden viikon kuluessa``, ``kahdessa viikossa``, ``14 päivän kuluttua``; ``parin viikon päästä`` is no day."""
    is_about = words[at] in ABOUT
    place, count = numbered(words, at + is_about)
    end, more = numbered(words, place + (word_at(words, place) == "tai")) if count else (place, 0)
    place = end if more else place
    after = timewords.end_of_span(words, place, is_counted=count > 0 or is_about)
    if not after:
        return None
    is_about = is_about or more > 0 or _is_of_something(words, place, after)
    return after, None if is_about or count > MOST_DAYS else _later(words[place], count or 1, said_on)


def _is_of_something(words: Sequence[str], at: int, end: int) -> bool:
    """``kuluessa tiedoksisaannista``; and of ``kuukauden päästä`` nobody means a day."""
    is_rough = words[at] in MONTH and words[end - 1] in AFTER
    return is_rough or any(_ELATIVE.fullmatch(word) for word in words[end : end + 2])


def _later(unit: str, count: int, said_on: date) -> date:
    if unit.startswith("kuu"):
        return days.months_later(said_on, count)
    return said_on + timedelta(days=count * (7 if is_week(unit) else 1))


def _ago(words: Sequence[str], at: int, said_on: date) -> _Found:
    """``kaksi viikkoa sitten``, also with a day of the week."""
    end, _ = numbered(words, at)
    if word_at(words, end) not in timewords.UNITS_AGO or word_at(words, end + 1) != "sitten":
        return None
    return end + 2 + (weekday(words, end + 2) > 0), None


_RULES: tuple[_Rule, ...] = (
    _weekday_and_date, _weekday_of_week, _weekday_after, _weekdays, _in_figures, _day_then_month, _month, _next_month,
    _numbered_week, _weekday, _near, _relative, _span, _ago, _whole_year,
)  # fmt: skip
