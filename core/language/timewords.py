"""The Finnish words of time, in the forms in which they say when something is, and what one of them says. Pure.

``words`` are a text's (core.language.morphology, folded); ``at`` may be beyond them.
"""

import re
from collections.abc import Sequence
from typing import Literal

from core.language import numerals

MONTHS = (
    "tammikuu", "helmikuu", "maaliskuu", "huhtikuu", "toukokuu", "kesäkuu",
    "heinäkuu", "elokuu", "syyskuu", "lokakuu", "marraskuu", "joulukuu",
)  # fmt: skip
WEEKDAYS = ("maanantai", "tiistai", "keskiviik", "torstai", "perjantai", "lauantai", "sunnuntai")
WEEKDAY_FORMS = ("na", "nä", "hin", "oon", "taan", "uun", "vään", "sta", "lle", "ksi")
DAYS = (("ylihuomenn", 2), ("ylihuomis", 2), ("huomenn", 1), ("huomis", 1), ("tänään", 0))
WITHIN, AFTER = ("kuluessa", "sisällä", "sisään"), ("kuluttua", "päästä", "päähän")
DURING = ("aikana", "kuluessa", "mittaan")
NEXT = ("ensi", "ens")
THIS = ("tämä", "tämän", "tän", "tänä", "tällä", "tässä", "tähän", "tätä", "kuluva", "kuluvan", "kuluvana", "kuluvalla")
COMING = "tulev"
EACH = "joka"
OTHER, OTHER_BEGINNINGS = ("viime", EACH), ("seuraav", "edelli", "edeltäv", "jokais", "kunkin")
NOT_OTHER = "seuraavaksi"
ABOUT = (
    "pari", "parin", "parissa", "muutaman", "muutamassa", "noin", "puolen", "puolentoista", "reilun", "vajaan", "usean",
    "useamman", "koko",
)  # fmt: skip
TIMES_A = ("kerran", "kertaa")
CLOCK = ("klo", "kl", "kello", "kohta", "kohda", "luku", "luvu", "liit", "versi", "pykälä")
COUNTED = ("prosent", "miljoon", "miljard", "tuha", "euro", "kilo", "metri", "tonni", "hehtaar", "astetta")
LAST_WORDS = ("loppua", "loppu", "loppuun", "lopussa", "lopulla")
BEFORE, SINCE = "ennen", ("alkaen", "lähtien", "lukien", "jälkeen")
SECOND = "toista"
"""It is also "another", and a part of other numerals."""
UNITS = ("päivän", "vuorokauden", "viikon", "kuukauden")
UNITS_AGO = ("päivää", "vuorokautta", "viikkoa", "kuukautta", "vuotta")
UNITS_WITHIN = ("päivässä", "vuorokaudessa", "viikossa", "kuukaudessa")
MONTH = ("kuun", "kuussa", "kuuta", "kuuhun", "kuukauden", "kuukautena", "kuukautta")
YEAR = ("vuoden", "vuonna", "vuotta", "vuoteen")
TURNS = ("vuodenvaihteeseen", "kuunvaihteeseen")
INTO = ("oon", "uuhun", "een")
MOST_WEEKS, MOST_IN_WEEK = 53, 10

_YEAR = re.compile(r"20\d\d")
_WEEK = re.compile(r"viik(?:o|k)(?!nlop).*")
_PARTITIVE = re.compile(r"[aeiouyäöt][aä]$")
Which = Literal["next", "this", "coming", ""]


def word_at(words: Sequence[str], at: int) -> str:
    """The word, or nothing."""
    return words[at] if 0 <= at < len(words) else ""


def number(word: str) -> int | None:
    """A whole number in figures or as a word, also as an ordinal."""
    bare = word.partition(":")[0]
    if bare.isdigit():
        return int(bare)
    ordinal, cardinal = numerals.ordinal(word), numerals.parse(word)
    return ordinal[0] if ordinal else cardinal.value if cardinal else None


def numbered(words: Sequence[str], at: int) -> tuple[int, int]:
    """The place after a number of one word or two (``neljäkymmentä kahdeksan``), and the number; 0 for none."""
    joined = numerals.parse("".join(words[at : at + 2])) if at + 1 < len(words) else None
    value = joined.value if joined else number(word_at(words, at))
    return (at + 1 + bool(joined), value) if value else (at, 0)


def index(word: str, beginnings: Sequence[str]) -> int:
    """Which of the beginnings a word has, from 1; 0 for none."""
    return next((at for at, start in enumerate(beginnings, 1) if word.startswith(start)), 0)


def which(word: str) -> Which:
    """Which of its kind a word tells."""
    if word in NEXT:
        return "next"
    return "this" if word in THIS else "coming" if word.startswith(COMING) else ""


def is_other(word: str) -> bool:
    """Whether the time after it counts from another day, or is past, or each of its kind."""
    return word in OTHER or (word.startswith(OTHER_BEGINNINGS) and word != NOT_OTHER)


def is_figure(words: Sequence[str], at: int) -> bool:
    """Whether a figure with a point is a time of the day, a part of something or an amount, and no day."""
    return word_at(words, at - 1).startswith(CLOCK) or word_at(words, at + 1).startswith(COUNTED)


def of_month(words: Sequence[str], at: int, *, is_ordinal: bool) -> int:
    """Of ``kolmas joulukuuta`` the month, and of ``kolmas kahdettatoista``; 0 for none."""
    word = word_at(words, at)
    if word.endswith("ta") and index(word, MONTHS):
        return index(word, MONTHS)
    value, case = numerals.ordinal(word) or (0, "")
    return value if is_ordinal and case == "par" and value <= len(MONTHS) and word != SECOND else 0


def year_after(words: Sequence[str], at: int) -> tuple[int, int]:
    """A year at this word, or after ``vuonna``: the place after it and the year; 0 for none."""
    skip = word_at(words, at) in {"vuonna", "vuoden"}
    year = word_at(words, at + skip)
    return (at + skip + 1, int(year)) if _YEAR.fullmatch(year) else (at, 0)


def end_after(words: Sequence[str], at: int, *, during: bool = True) -> int:
    """The place after words that say the end of a time, or all of it: ``loppuun``, ``viimeinen päivä``, ``aikana``."""
    word = word_at(words, at)
    if word.startswith("viimei") and word_at(words, at + 1).startswith("päiv"):
        return at + 2
    return at + (word in LAST_WORDS or word == "vaihteeseen" or (during and word in DURING))


def weekday(words: Sequence[str], at: int) -> int:
    """Which day of the week a word says that something is on, to or from, from Monday (1); 0 for none."""
    word, before = word_at(words, at), word_at(words, at - 1)
    is_time = word.endswith(WEEKDAY_FORMS) or bool(which(before)) or before == BEFORE
    return index(word, WEEKDAYS) if is_time else 0


def is_week(word: str) -> bool:
    """``viikolla``, ``viikkoa``; not ``viikonloppuna``."""
    return bool(_WEEK.fullmatch(word))


def is_long(word: str) -> bool:
    """Whether it is a week, a month or a year."""
    return is_week(word) or word in (*MONTH, *YEAR)


def is_count(words: Sequence[str], at: int) -> bool:
    """Whether the number before this word tells how many it are: ``viikolla kaksi kokousta``."""
    word, before = word_at(words, at), number(word_at(words, at - 1)) or 0
    return before <= MOST_IN_WEEK and bool(_PARTITIVE.search(word)) and word not in LAST_WORDS


def end_of_span(words: Sequence[str], at: int, *, is_counted: bool) -> int:
    """The place after ``viikon kuluessa`` or ``viikossa``; 0 if there is neither."""
    unit = word_at(words, at)
    if unit in UNITS_WITHIN:
        return at + 1 if is_counted and not set(words[max(at - 2, 0) : at]).intersection(TIMES_A) else 0
    return at + 2 if unit in UNITS and word_at(words, at + 1) in (*WITHIN, *AFTER) else 0
