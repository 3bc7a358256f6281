"""Texts of the pages, one file a language. Also times and dates, which each language writes in its own way."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date as Day
from datetime import datetime, time
from pathlib import Path
from typing import NamedTuple

from core.errors import Misconfigured
from core.helsinki import HELSINKI

LOCALES = Path(__file__).parent / "locales"
REFERENCE = "fi"
ORDER = ("fi", "sv", "en")
"""Of languages wherever they stand beside each other."""


class Sibling(NamedTuple):
    """A language that the pages are also in: code, its own name, and the folder of the site that they lie in."""

    lang: str
    name: str
    folder: str


@dataclass(frozen=True)
class Strings:
    """The texts of one language by dotted key, such as ``search.button``. Called with a key it fills in the values.

    Pages in it lie under ``folder`` (``sv/``; empty for the site's first language); ``siblings`` are all languages of
    the site, this one with them, and none when there is no other.
    """

    lang: str
    name: str
    locale: str
    texts: Mapping[str, str]
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    folder: str = ""
    siblings: tuple[Sibling, ...] = ()

    def __call__(self, key: str, **values: object) -> str:
        """The text of ``key`` with its ``{places}`` filled. Raises KeyError for an unknown key or a missing value."""
        return self.texts[key].format(**values) if values else self.texts[key]

    def section(self, name: str) -> dict[str, str]:
        """All texts of one section, by the rest of their keys."""
        return {k.removeprefix(f"{name}."): v for k, v in self.texts.items() if k.startswith(f"{name}.")}

    def position(self, ms: int) -> str:
        """A place on the timeline: ``3.20`` or ``1.02.03``."""
        minutes, seconds = divmod(max(ms, 0) // 1000, 60)
        hours, minutes = divmod(minutes, 60)
        figures = [str(hours), f"{minutes:02}", f"{seconds:02}"] if hours else [str(minutes), f"{seconds:02}"]
        return self.texts["time.separator"].join(figures)

    def duration(self, ms: int) -> str:
        """How long something is: ``1 t 23 min``, ``4 min`` or ``12 s``."""
        seconds = round(ms / 1000)
        if seconds < 60:
            return self("time.seconds", seconds=seconds)
        hours, minutes = divmod(round(seconds / 60), 60)
        both = [self("time.hours", hours=hours)] * bool(hours) + [self("time.minutes", minutes=minutes)] * bool(minutes)
        return " ".join(both)

    def number(self, value: int) -> str:
        """A whole number with its thousands apart: ``12 345``."""
        return f"{value:,}".replace(",", self.texts["time.thousands"])

    def when(self, moment: datetime) -> str:
        """A moment as it is read in Finland: ``tiistai 24.11.2026 klo 9.00``.

        Of midnight only the day: that is what a date without a time became, and nobody begins then.
        """
        is_day = moment.astimezone(HELSINKI).time() == time()
        return self._written("time.day" if is_day else "time.when", moment)

    def clock(self, moment: datetime) -> str:
        """The time of day of a moment in Finland, with seconds: ``9.03.20``."""
        return self.texts["time.separator"].join(moment.astimezone(HELSINKI).strftime("%-H %M %S").split())

    def date(self, moment: datetime) -> str:
        """The day of a moment in Finland: ``24.11.2026``."""
        return self.on(moment.astimezone(HELSINKI).date())

    def on(self, day: Day) -> str:
        """A day: ``24.11.2026``."""
        names = {"month_name": self.months[day.month - 1]}
        return self.texts["time.date"].format(day=day.day, month=day.month, year=day.year, **names)

    def _written(self, key: str, moment: datetime) -> str:
        local = moment.astimezone(HELSINKI)
        values = {n: getattr(local, n) for n in ("day", "month", "year", "hour", "minute")}
        names = {"weekday": self.weekdays[local.weekday()], "month_name": self.months[local.month - 1]}
        return self.texts[key].format(**values, **names)


def load(lang: str) -> Strings:
    """The texts of a language.

    Raises:
        Misconfigured: there is no such language, or its file lacks keys that Finnish has, or has others.
    """
    strings = _read(lang)
    wanted = (strings if lang == REFERENCE else _read(REFERENCE)).texts.keys()
    wrong = sorted(wanted ^ strings.texts.keys())
    if wrong:
        raise Misconfigured(f"The texts in {lang}.toml do not match: {', '.join(wrong)}.", "Add or remove them.")
    return strings


def load_all(first: str = REFERENCE) -> dict[str, Strings]:
    """The texts of every language there is a file of, by its code. ``first`` is the one without a folder.

    Raises:
        Misconfigured: as for ``load``.
    """
    languages = sorted(
        {first, *(p.stem for p in LOCALES.glob("*.toml"))}, key=lambda lang: (lang != first, _order(lang))
    )
    texts = [load(lang) for lang in languages]
    siblings = tuple(Sibling(s.lang, s.name, "" if s.lang == first else f"{s.lang}/") for s in texts)
    return {
        s.lang: replace(s, folder=sibling.folder, siblings=siblings) for s, sibling in zip(texts, siblings, strict=True)
    }


def _order(lang: str) -> int:
    return ORDER.index(lang) if lang in ORDER else len(ORDER)


def _read(lang: str) -> Strings:
    path = LOCALES / f"{lang}.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Misconfigured(f"There are no texts for the language {lang!r}.", f"Make {path.name}.") from error
    sections = {name: table for name, table in data.items() if isinstance(table, dict)}
    texts = {f"{n}.{key}": text for n, table in sections.items() for key, text in table.items()}
    weekdays, months = texts.pop("time.weekdays"), texts.pop("time.months")
    return Strings(data["lang"], data["name"], data["locale"], texts, tuple(weekdays), tuple(months))
