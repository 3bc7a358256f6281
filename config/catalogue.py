"""The tables that an operator may change, as records: programmes, the encoding ladder, written forms."""

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from rapidfuzz import fuzz, process

from core.errors import InvalidInput, Misconfigured
from core.models import AgendaItem, Programme, Rung
from core.planning.schedule import Schedule
from core.search.thesaurus import Thesaurus
from core.search.thesaurus import load as load_thesaurus
from core.speech import terms as written_terms
from core.speech.terms import Term
from core.text import mentions
from core.text.mentions import Municipality

HERE = Path(__file__).parent
MUNICIPALITIES = HERE / "municipalities.csv"
SEATS = HERE / "seats.csv"
WRITING = HERE / "writing.toml"
SYNONYMS = HERE / "synonyms.toml"
R = TypeVar("R", Rung, Programme, Schedule)


def ladder() -> tuple[Rung, ...]:
    """The renditions, highest first.

    Raises:
        Misconfigured: the table is not valid.
    """
    return tuple(_checked(Rung, rung, "ladder.toml") for rung in _table("ladder.toml")["rung"])


def terms() -> tuple[Term, ...]:
    """Abbreviations and names as they are written.

    Raises:
        Misconfigured: the table is not valid.
    """
    return written_terms.load(WRITING.read_text(encoding="utf-8"))


def thesaurus() -> Thesaurus:
    """What the search knows of words: names of municipalities, and words that mean the same.

    Raises:
        Misconfigured: the table of synonyms is not valid.
    """
    names = [name for town in mentions.municipalities(MUNICIPALITIES) for name in (town.name_fi, town.name_sv)]
    return load_thesaurus(SYNONYMS.read_text(encoding="utf-8"), names)


def programmes() -> dict[str, Programme]:
    """All series by their slugs.

    Raises:
        Misconfigured: the table is not valid.
    """
    rows = _table("programmes.toml").items()
    return {
        slug: _checked(Programme, {"slug": slug} | {k: v for k, v in row.items() if k != "schedule"}, "programmes.toml")
        for slug, row in rows
    }


def schedules() -> dict[str, Schedule]:
    """When broadcasts of a series are held, by its slug, of those that are held by a rule.

    Raises:
        Misconfigured: the table is not valid.
    """
    rows = _table("programmes.toml").items()
    return {slug: _checked(Schedule, row["schedule"], "programmes.toml") for slug, row in rows if "schedule" in row}


def programme(slug: str) -> Programme:
    """One series.

    Raises:
        InvalidInput: there is none of that name.
    """
    known = programmes()
    if slug not in known:
        raise InvalidInput(f"There is no programme {slug!r}.", f"Choose one of: {', '.join(known)}.")
    return known[slug]


def municipality(name: str) -> Municipality:
    """One of Finland, by its Finnish or Swedish name.

    Raises:
        InvalidInput: there is none of that name; says the one that is spelled most like it.
    """
    if found := _by_name().get(name.casefold()):
        return found
    raise InvalidInput(f"There is no municipality {name!r}.", f"Is it {nearest_municipality(name).name_fi}?")


def nearest_municipality(name: str) -> Municipality:
    """The one whose name is spelled most like this."""
    known = _by_name()
    near, *_ = process.extractOne(name.casefold(), list(known), scorer=fuzz.ratio)
    return known[near]


def _by_name() -> dict[str, Municipality]:
    every = mentions.municipalities(MUNICIPALITIES)
    return {each.casefold(): town for town in every for each in (town.name_sv, town.name_fi)}


def agenda(titles: list[str]) -> tuple[AgendaItem, ...]:
    """Agenda items of plain titles; words after a colon, separated by commas, announce the item when spoken."""
    # The colon of "EU:n rahoitus" separates nothing.
    items = [re.split(r":(?:\s+|$)", title.strip(), maxsplit=1) for title in titles if title.strip()]
    return tuple(AgendaItem(title=title.strip(), cues=_words("".join(cues))) for title, *cues in items)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _table(name: str) -> dict[str, Any]:
    try:
        return tomllib.loads((HERE / name).read_text())
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"config/{name} cannot be read: {error}.", "Correct it.") from error


def _checked(kind: type[R], row: object, name: str) -> R:
    try:
        return kind.model_validate(row)
    except ValidationError as error:
        raise Misconfigured(f"config/{name} is not valid: {error}.", "Correct it.") from error
