"""Numbers as figures, where a Finnish reader expects them. Pure; docs/speech.md has examples and sources.

One to ten, and ``sata`` and ``tuhat`` alone, stay words but for a unit, a date, a time of day or a decimal. A figure
has its case after a colon only where the next word does not show it. What may be read in two ways stays as it is.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from core.language import numerals
from core.language.numerals import Numeral
from core.models import Word
from core.speech.pieces import Piece, contiguous
from core.speech.units import INVARIABLE, LARGE, MONTH, UNITS, VAGUE, agrees, is_amount, is_counted, shows

NO_BREAK = "\u00a0"
"""Between the thousands of a figure, which is one Word."""
LAST_SMALL = 10
MOST_WORDS = 8
YEARS = range(1900, 2101)
SAME_BREATH_MS = 400
"""Between the groups of one figure; a longer pause makes them two."""

_YEAR = re.compile(r"vuo(si|nna|den|de(ssa|sta|lle|lta|ksi)|te(en|na)|tta|sina|sien|siin)$")
_HALF = {"puoli": "nom", "puolen": "gen", "puolta": "par", "puolessa": "ine", "puolesta": "ela", "puoleen": "ill"} | {
    "puolella": "ade", "puolelta": "abl", "puolelle": "all", "puoleksi": "tra",
}  # fmt: skip
_DAYS = {"päivä": "nom", "päivän": "gen", "päivää": "par", "päivään": "ill", "päivänä": "ess", "päivästä": "ela"}
_LABELS = ("pykälä", "pykälän", "pykälässä", "pykälästä", "pykälään", "sivu", "sivulla")
_UNTIL = ("mennessä", "asti", "saakka")
_GROUP = re.compile(r"\d{3}(,\d+)?(:[a-zäö]+)?$")
_HEAD = re.compile(r"[1-9]\d{0,2}(\u00a0\d{3})*$")
_DAY = re.compile(r"(0?[1-9]|[12]\d|3[01])(:s|:n|:ntena|:ntenä)?$")
_TIME = re.compile(r"([01]?\d|2[0-4])[:,.]([0-5]\d)$")
_HOURS = re.compile(r"(\d{1,2}(?:\.\d\d)?)-(\d{1,2}(?:\.\d\d)?)$")
_RANGE = re.compile(r"(\d+(?:,\d+)?)-(\d+(?:,\d+)?)$")
_SIGN = re.compile(r"(\d)([%€‰])(:?[a-zäö]*)$")
_SIGNS = ("%", "€", "‰")
_WORDS = re.compile(r"[a-zäö]+$")

Change = tuple[int, list[str]]
"""How many pieces to replace, and the texts to put there."""


class _Found(NamedTuple):
    """A numeral and the number of pieces that it takes."""

    size: int
    number: Numeral


def rewritten(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with numbers as they should stand. A piece that was changed remembers what it was made of."""
    done: list[Piece] = []
    rest = list(pieces)
    while rest:
        change = next(filter(None, (rule(done, rest) for rule in _RULES)), None)
        count, texts = change or (1, [rest[0].text])
        done += _replaced(rest[:count], texts)
        rest = rest[count:]
    return done


def _replaced(window: Sequence[Piece], texts: Sequence[str]) -> list[Piece]:
    """One text for all pieces, or a text for each but the last ones, which stay."""
    if len(texts) == len(window):
        return [piece._replace(text=text) for piece, text in zip(window, texts, strict=True)]
    merged = len(window) - len(texts) + 1
    first = window[0]._replace(text=texts[0], after=window[merged - 1].after, origin=_origin(window[:merged]))
    return [first, *(piece._replace(text=text) for piece, text in zip(window[merged:], texts[1:], strict=True))]


def _origin(window: Sequence[Piece]) -> tuple[Word, ...]:
    return tuple(word for piece in window for word in piece.origin)


def grouped(value: int, *, year: bool = False) -> str:
    """The figure, its thousands apart: 2 300. A year has no groups."""
    return str(value) if year else f"{value:,}".replace(",", NO_BREAK)


# What stands around


def _before(done: Sequence[Piece]) -> str:
    return done[-1].lower if done and not done[-1].after else ""


def _next(rest: Sequence[Piece], at: int) -> str:
    """The word at ``at``, small, if no punctuation divides it from the one before."""
    return rest[at].lower if at < len(rest) and contiguous(rest[at - 1 : at + 1]) else ""


def _longest(rest: Sequence[Piece], start: int = 0) -> _Found | None:
    """The longest numeral that begins at ``start``; its words may have been split anywhere."""
    for count in range(min(MOST_WORDS, len(rest) - start), 0, -1):
        window = rest[start : start + count]
        if not contiguous(window) or not all(_WORDS.match(piece.lower) for piece in window):
            continue
        number = numerals.parse("".join(piece.lower for piece in window))
        if number and not _is_other_two(window, _next(rest, start + count)):
            return _Found(count, number)
    return _thousands(rest, start)


def _thousands(rest: Sequence[Piece], start: int) -> _Found | None:
    """``20 tuhatta``."""
    piece = rest[start] if start < len(rest) else None
    if not piece or not re.match(r"[1-9]\d{0,2}$", piece.text) or _next(rest, start + 1) != "tuhatta":
        return None
    return _Found(2, Numeral(int(piece.text) * 1000, frozenset((numerals.NOMINATIVE,)), "", parts=2))


def _is_other_two(window: Sequence[Piece], after: str) -> bool:
    """``kaksi toista`` may be two others, and ``viisi toista mieltä``: only three to nine are surely teens."""
    for left, right in pairwise(window):
        if right.lower.startswith("toist") and (after == "mieltä" or left.lower.startswith(("yksi", "kaksi"))):
            return after not in UNITS
    return False


def _is_number(word: str) -> bool:
    return bool(word) and (word[0].isdigit() or word == "nolla" or numerals.parse(word) is not None)


# Rules: what is done, and the rest; each begins at the first piece of the rest


def _clock(done: Sequence[Piece], rest: Sequence[Piece]) -> Change | None:
    """``kello kaksitoista kolmekymmentä`` is 12.30."""
    if _before(done) not in ("kello", "klo"):
        return None
    if found := _TIME.match(rest[0].text):
        return 1, [f"{found[1]}.{found[2]}"]
    if found := _HOURS.match(rest[0].text):
        return 1, [f"{found[1]}–{found[2]}"]
    hour = _hour(rest, 0)
    if not hour:
        return None
    if _next(rest, hour.size) == "viiva" and (until := _hour(rest, hour.size + 1)):
        return hour.size + 1 + until.size, [f"{hour.number.value}–{until.number.value}"]
    minutes = _minutes(rest, hour.size)
    if minutes:
        count, text = minutes
        return hour.size + count, [f"{hour.number.value}.{text}"]
    after = _next(rest, hour.size)
    is_more = _is_number(after) or after in UNITS or numerals.goes_on_like_one(after)
    return None if is_more else (hour.size, [str(hour.number.value)])


def _hour(rest: Sequence[Piece], at: int) -> _Found | None:
    found = _longest(rest, at) if at == 0 or _next(rest, at) else None
    return found if found and found.number.value <= 24 and found.number.is_nominative else None


def _minutes(rest: Sequence[Piece], at: int) -> tuple[int, str] | None:
    if _next(rest, at) == "nolla":
        return _minutes_below_ten(rest, at)
    found = _longest(rest, at) if _next(rest, at) else None
    if not found or found.number.value not in range(10, 60) or not found.number.is_nominative:
        return None
    after = _next(rest, at + found.size)
    is_usual = found.number.value in (15, 30, 45)
    is_amount_of_something = after in UNITS or (not is_usual and is_amount(after))
    return None if is_amount_of_something or _is_number(after) else (found.size, str(found.number.value))


def _minutes_below_ten(rest: Sequence[Piece], at: int) -> tuple[int, str] | None:
    second = _next(rest, at + 1)
    number = numerals.parse(second)
    if second == "nolla":
        return 2, "00"
    return (2, f"0{number.value}") if number and number.value < 10 and number.is_nominative else None


def _date(done: Sequence[Piece], rest: Sequence[Piece]) -> Change | None:
    """``kolmas joulukuuta`` and ``kolmantena joulukuuta`` are 3. joulukuuta."""
    for count in range(min(4, len(rest) - 1), 0, -1):
        window = rest[:count]
        found = numerals.ordinal("".join(piece.lower for piece in window)) if contiguous(window) else None
        if found and _is_day(found[1], _before(done), rest, count):
            return count, [f"{found[0]}."]
    day = _DAY.match(rest[0].text)
    is_month = MONTH.match(_next(rest, 1)) and _next(rest, 1).endswith("ta")
    return (1, [f"{int(day[1])}."]) if day and is_month and not _is_number(_before(done)) else None


def _is_day(case: str, before: str, rest: Sequence[Piece], at: int) -> bool:
    after = _next(rest, at)
    if MONTH.match(after) and after.endswith("ta"):
        return case in ("nom", "ess") or (case == "ill" and _next(rest, at + 1) in _UNTIL)
    return bool(MONTH.match(before)) and before.endswith("n") and _DAYS.get(after) == case


def _decimal(done: Sequence[Piece], rest: Sequence[Piece]) -> Change | None:
    """``kaksi pilkku viisi`` is 2,5, and so is ``kaksi ja puoli`` before a unit."""
    whole = _whole_number(rest)
    if not whole or _is_number(_before(done)):
        return None
    count, text, cases = whole
    link = _next(rest, count)
    if link == "pilkku" and numerals.NOMINATIVE in cases:
        digits = _digits(rest, count + 1)
        return (count + 1 + digits[0], [f"{text},{digits[1]}"]) if digits else None
    if link == "ja" and (half := _HALF.get(_next(rest, count + 1))):
        after = _next(rest, count + 2)
        is_said = half in cases and agrees(frozenset((half,)), after)
        return (count + 2, [f"{text},5"]) if is_said else None
    return None


def _whole_number(rest: Sequence[Piece]) -> tuple[int, str, frozenset[str]] | None:
    if _HEAD.match(rest[0].text):
        return 1, rest[0].text, frozenset(("nom", *_HALF.values()))
    if rest[0].lower == "nolla":
        return 1, "0", frozenset(("nom",))
    found = _longest(rest)
    return (found.size, grouped(found.number.value), found.number.cases) if found else None


def _digits(rest: Sequence[Piece], at: int) -> tuple[int, str] | None:
    """Spoken digits after the comma: ``viisi``, ``nolla viisi``, ``kaksikymmentäviisi``."""
    zeros = 0
    while _next(rest, at + zeros) == "nolla":
        zeros += 1
    word = _next(rest, at + zeros)
    if word.isdigit():
        return zeros + 1, "0" * zeros + word
    found = _longest(rest, at + zeros) if word else None
    if not found or found.number.value > 99:
        return (zeros, "0" * zeros) if zeros else None
    after = _next(rest, at + zeros + found.size)
    is_whole = found.number.is_nominative or shows(after, found.number.cases)
    return (zeros + found.size, "0" * zeros + str(found.number.value)) if is_whole else None


def _pair(done: Sequence[Piece], rest: Sequence[Piece]) -> Change | None:
    """``kymmenestä kahteenkymmeneen``, ``kymmenen viiva viisitoista``, ``yksitoista vastaan kuusi``."""
    first = _longest(rest)
    if not first or _is_number(_before(done)):
        return None
    link = _next(rest, first.size)
    if first.number.cases == {"ela"}:
        return _from_to(rest, first)
    second = _longest(rest, first.size + 1) if link in ("viiva", "vastaan") else None
    if not second or not contiguous(rest[: first.size + 1 + second.size]):
        return None
    numbers = (first.number, second.number)
    size = first.size + 1 + second.size
    if not all(number.is_nominative for number in numbers) or not _is_large(numbers, _next(rest, size)):
        return None
    if link == "vastaan":
        return first.size, [grouped(first.number.value)]
    is_rising = first.number.value < second.number.value
    return (size, [f"{grouped(first.number.value)}–{grouped(second.number.value)}"]) if is_rising else None


def _from_to(rest: Sequence[Piece], first: _Found) -> Change | None:
    second = _longest(rest, first.size) if _next(rest, first.size) else None
    if not second or second.number.cases != {"ill"}:
        return None
    is_large = _is_large((first.number, second.number), _next(rest, first.size + second.size))
    return (first.size, [f"{grouped(first.number.value)}:{first.number.ending}"]) if is_large else None


def _is_large(numbers: Sequence[Numeral], after: str) -> bool:
    return max(number.value for number in numbers) > LAST_SMALL or agrees(numbers[-1].cases, after)


def _numeral(done: Sequence[Piece], rest: Sequence[Piece]) -> Change | None:
    found = _longest(rest)
    if not found:
        return None
    count, number = found
    before, after = _before(done), _next(rest, count)
    head = _next(rest, count + 1) if after in INVARIABLE else after
    is_year = _is_year(number, before, after)
    is_vote = before == "vastaan" and len(done) > 1 and done[-2].text[:1].isdigit() and number.is_nominative
    if not _is_free(before, after, is_year):
        return None
    if not is_vote and not _is_wanted(number, before, after, _next(rest, count + 1)):
        return None
    shown = number.is_nominative or head in UNITS or shows(head, number.cases) or bool(_YEAR.match(before))
    return count, [grouped(number.value, year=is_year) + ("" if shown else f":{number.ending}")]


def _is_free(before: str, after: str, is_year: bool) -> bool:
    """Whether it is no part of a number that was not understood, nor of an inexact one (``muutama sata tuhatta``)."""
    is_second_year = is_year and before.isdigit() and int(before) in YEARS
    is_neighbour = (
        not is_second_year and _is_number(before) and not re.match(r"\d+:st[aä]$", before) and not before.endswith(".")
    )
    begins_more = numerals.begins_like_one(after) or numerals.goes_on_like_one(after)
    is_vague = before in VAGUE or (before.endswith("isen") and _is_number(f"{before[:-4]}"))
    return not is_neighbour and not is_vague and (is_year or not (_is_number(after) or begins_more))


def _is_wanted(number: Numeral, before: str, after: str, second: str) -> bool:
    if _is_left_over(number, before):
        return False
    if agrees(number.cases, after):
        return after not in LARGE or number.value > LAST_SMALL or second in UNITS
    if number.value > LAST_SMALL:
        return not number.is_bare_round
    return before in _LABELS and number.is_nominative and not number.spoken and not is_amount(after)


def _is_left_over(number: Numeral, before: str) -> bool:
    """Whether ten, a hundred or a thousand may be the rest of more, whose beginning was recognised wrongly."""
    is_round = number.parts == 1 and number.value >= LAST_SMALL and not number.is_nominative
    return is_round and (number.cases == {"par"} or shows(before, number.cases))


def _is_year(number: Numeral, before: str, after: str) -> bool:
    if number.value not in YEARS:
        return False
    return bool(_YEAR.match(before) or MONTH.match(before)) or not (after in UNITS or is_amount(after))


# Figures that the recogniser wrote


def _groups(done: Sequence[Piece], rest: Sequence[Piece]) -> Change | None:
    """``20 000`` is one word."""
    if not _HEAD.match(rest[0].text) or _before(done) in ("kello", "klo", *_LABELS) or _is_number(_before(done)):
        return None
    count = 1
    while _HEAD.match(rest[count - 1].text if count == 1 else "1") and _follows(rest, count):
        count += 1
        if not rest[count - 1].text.isdigit():
            break
    return (count, [NO_BREAK.join(piece.text for piece in rest[:count])]) if count > 1 else None


def _follows(rest: Sequence[Piece], at: int) -> bool:
    is_group = bool(_GROUP.match(_next(rest, at)))
    return is_group and rest[at].start_ms - rest[at - 1].end_ms <= SAME_BREATH_MS


def _figure(done: Sequence[Piece], rest: Sequence[Piece]) -> Change | None:
    """A figure with foreign marks: ``20.000``, ``2.5 miljoonaa``, ``20%``, ``20000``."""
    text, after = rest[0].text, _next(rest, 1)
    if after in _SIGNS and text[-1:].isdigit():
        return 2, [f"{_finnish(text)}{NO_BREAK}{after}"]
    if found := _SIGN.search(text):
        return 1, [f"{_finnish(text[: found.start() + 1])}{NO_BREAK}{found[2]}{found[3]}"]
    if after in UNITS or (_RANGE.match(text) and is_amount(after)):
        return 1, [_finnish(text)]
    if re.match(r"[1-9]\d{0,2}([.,])000(\1000)*$", text):
        return 1, [re.sub(r"[.,]", NO_BREAK, text)]
    return (1, [grouped(int(text))]) if _is_quantity(rest, _before(done)) else None


def _finnish(text: str) -> str:
    """A figure that measures something, with thousands apart, a decimal comma, and a dash in a range."""
    if re.match(r"[1-9]\d{3,}$", text):
        return grouped(int(text))
    if re.match(r"[1-9]\d{0,2}(\.\d{3})+$", text):
        return text.replace(".", NO_BREAK)
    if re.match(r"\d+\.\d{1,2}$", text):
        return text.replace(".", ",")
    found = _RANGE.match(text)
    is_rising = found and float(found[1].replace(",", ".")) < float(found[2].replace(",", "."))
    return f"{found[1]}–{found[2]}" if found and is_rising else text


def _is_quantity(rest: Sequence[Piece], before: str) -> bool:
    """Whether these digits count something. Four may be a year, five a postcode."""
    text, after = rest[0].text, _next(rest, 1)
    if not re.match(r"[1-9]\d{3,}$", text) or _YEAR.match(before) or MONTH.match(before):
        return False
    is_round = len(text) > 4 and text.endswith("000") and is_counted(after)
    return int(text) not in YEARS and len(text) < 7 and (is_round or is_amount(after)) and rest[1].text.islower()


_Rule = Callable[[Sequence[Piece], Sequence[Piece]], Change | None]
_RULES: tuple[_Rule, ...] = (_clock, _date, _decimal, _pair, _numeral, _groups, _figure)


def values(texts: Sequence[str]) -> Iterator[str]:
    """Words as they compare (evaluation.accuracy): as ``rewritten``, and small numbers by their value in any case too.

    ``yhdessä`` is left: it is also "together".
    """
    rest = rewritten([Piece.of(Word(start_ms=0, end_ms=0, text=text, probability=0)) for text in texts])
    while rest:
        found = _longest(rest)
        is_together = found and found.number.value == 1 and not found.number.is_nominative
        count, text = (found.size, str(found.number.value)) if found and not is_together else (1, rest[0].whole)
        yield text
        rest = rest[count:]
