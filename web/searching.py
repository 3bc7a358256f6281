"""The page of the search: what its address asks, and how the answers are shown. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlencode

from config import catalogue
from core import keys
from core.models import EpisodeCard, Record
from core.search import query
from core.search.entries import Kind
from core.search.passages import NOTES
from core.search.results import MAX_OFFSET, Hit, Results
from core.text import mentions
from core.text.mentions import Municipality
from web import places, render, views
from web.strings import Strings

MAX_QUERY = 200
PAGE_SIZE = 20
LAST_PAGE = MAX_OFFSET // PAGE_SIZE
PARAMETERS = {
    "query": "q",
    "episode": "jakso",
    "programme": "ohjelma",
    "year": "vuosi",
    "municipality": "kunta",
    "part": "osat",
    "order": "jarjestys",
    "typing": "kesken",
    "page": "sivu",
    "lang": "kieli",
}
"""What the fields of a question are called in its address."""
NARROWING = ("episode", "programme", "year", "municipality", "part")
NEWEST = "uusimmat"
PARTS: Mapping[str, tuple[Kind, ...]] = MappingProxyType(
    {
        "puhe": ("passage",),
        "otsikot": ("title", "chapter"),
        "muistio": NOTES,
        "paatokset": ("decision",),
        "toimenpiteet": ("action",),
        "kysymykset": ("question",),
    }
)
"""What of an episode is searched. Without any: all but the notes, which repeat what was said."""
EXAMPLES = 8
SLOTS = 10
"""Marks on a time line have so much room each, since a finger must hit one on the narrowest screen."""
LENGTH = 100 * (SLOTS - 1) / SLOTS
"""Per cent of the time line's width that the episode takes: the mark at its end has its room after it."""
TICK = 0.5
"""Per cent of the width: moments that are nearer to each other are drawn once."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]+")
"""A page must not hold them."""


class Question(Record):
    """What the address asks; an empty text is nothing. ``municipality`` is called as in the address of its page.

    ``typing``: the last word is not finished. ``is_cut``: there was more than MAX_QUERY.
    """

    query: str = ""
    episode: str = ""
    programme: str = ""
    year: str = ""
    municipality: str = ""
    part: str = ""
    order: str = ""
    typing: str = ""
    page: int = 1
    lang: str = ""
    is_cut: bool = False

    @property
    def narrowed(self) -> tuple[str, ...]:
        """The fields that narrow the search."""
        return tuple(name for name in NARROWING if getattr(self, name))

    def but(self, **changes: Any) -> str:
        """The address, with these changes, on its first page unless another is given."""
        told = self.model_dump(exclude={"is_cut"}) | {"page": 1} | changes
        shown = {PARAMETERS[name]: value for name, value in told.items() if value and (name, value) != ("page", 1)}
        return "?" + urlencode(shown)

    def anywhere(self) -> "Question":
        """The same in all of the archive."""
        return self.model_copy(update=dict.fromkeys(NARROWING, "") | {"page": 1})

    def options(self) -> dict[str, Any]:
        """What is asked of ``SearchIndex.search`` besides the words."""
        return {
            "episode": self.episode or None,
            "programme": self.programme or None,
            "year": int(self.year) if self.year else None,
            "municipality": _towns()[self.municipality].code if self.municipality else None,
            "kinds": PARTS.get(self.part),
            "sort": "newest" if self.order else "relevance",
            "typing": bool(self.typing),
            "offset": (self.page - 1) * PAGE_SIZE,
        }


class Choice(NamedTuple):
    """A value that a filter can have, and how many answers have it."""

    value: str
    text: str
    answers: int


class Filter(NamedTuple):
    """A field of the form. ``name`` is that of its parameter."""

    field: str
    name: str
    chosen: str
    choices: Sequence[Choice]


class Mark(NamedTuple):
    """A moment on the time line with those soon after it, ``hits`` in all. ``x`` is in per cent of the width."""

    at_ms: int
    hits: int
    x: float
    ticks: Sequence[float]


class Group(NamedTuple):
    """The hits of an episode on this page, and how many ``more`` there are. ``card`` is None where it is not known."""

    first: Hit
    hits: Sequence[Hit]
    card: EpisodeCard | None
    marks: Sequence[Mark]
    more: int


class Known(NamedTuple):
    """What the page knows of the archive: the cards, newest first, and the titles of programmes by their slugs."""

    cards: Sequence[EpisodeCard] = ()
    programmes: Mapping[str, str] = MappingProxyType({})


def asked(parameters: Mapping[str, str], *, page: int, lang: str) -> Question:
    """The question of an address. What cannot be meant is nothing."""
    told = {name: _CONTROLS.sub(" ", parameters.get(called, "")).strip() for name, called in PARAMETERS.items()}
    year, order = told["year"], told["order"]
    return Question(
        query=told["query"][:MAX_QUERY],
        episode=told["episode"][:MAX_QUERY],
        programme=told["programme"][:MAX_QUERY],
        year=year if re.fullmatch("[0-9]{4}", year) else "",
        municipality=told["municipality"] if told["municipality"] in _towns() else "",
        part=told["part"] if told["part"] in PARTS else "",
        order=order if order == NEWEST else "",
        typing="1" if told["typing"] else "",
        page=page,
        lang=lang,
        is_cut=len(told["query"]) > MAX_QUERY,
    )


def page(
    question: Question,
    results: Results | None,
    strings: Strings,
    known: Known = Known(),  # noqa: B008, it is immutable
    anywhere: int = 0,
) -> str:
    """The page of ``/haku``. ``results`` is None when nothing was asked; ``anywhere`` is how many answers there are
    without the filters, where they leave none that has all the words."""
    found = results or Results()
    return render.rendered(
        "search.html",
        strings,
        "",
        root=strings.folder,
        base="",
        languages=[(lang, name, f"haku{question.but(lang=lang)}") for lang, name, _ in strings.siblings],
        asked=question,
        results=results,
        filters=list(_filters(question, found, strings, known)),
        chips=[
            (_chip(name, question, found, strings, known), question.but(**{name: ""})) for name in question.narrowed
        ],
        groups=list(_groups(found, known.cards)) if results else (),
        titles=known.programmes,
        examples=views.lately(known.cards)[:EXAMPLES],
        anywhere=anywhere,
        one_word=query.is_one_word(question.query),
        pages=pages(found.total),
        newest=NEWEST,
    )


def pages(total: int) -> int:
    """How many pages so many answers have, that can be asked for."""
    return min(-(-total // PAGE_SIZE), LAST_PAGE)


def _filters(question: Question, found: Results, strings: Strings, known: Known) -> Iterator[Filter]:
    """Those that can narrow the search, and those that do."""
    counts = {
        "programme": found.counts.programme,
        "year": found.counts.year,
        "municipality": {
            slug: count for slug, town in _towns().items() if (count := found.counts.municipality.get(town.code))
        },
        "part": {
            part: count
            for part, kinds in PARTS.items()
            if (count := sum(found.counts.kind.get(kind, 0) for kind in kinds))
        },
    }
    for field, each in counts.items():
        chosen = getattr(question, field)
        choices = [Choice(v, _text(field, v, strings, known), n) for v, n in ({chosen: 0} | each).items() if v]
        narrows = len(choices) > 1 if field == "part" else any(choice.answers != found.total for choice in choices)
        if chosen or narrows:
            yield Filter(field, PARAMETERS[field], chosen, _ordered(field, choices, strings))


def _ordered(field: str, choices: list[Choice], strings: Strings) -> list[Choice]:
    if field == "year":
        return sorted(choices, reverse=True)
    if field == "part":
        return sorted(choices, key=lambda choice: list(PARTS).index(choice.value))
    return sorted(choices, key=lambda choice: places.alphabet(choice.text))


def _text(field: str, value: str, strings: Strings, known: Known) -> str:
    """What a value of a filter is called on the page."""
    if field == "municipality":
        return render.called(_towns()[value].name_fi, strings.lang)
    if field == "part":
        return strings(f"search.part_{value}")
    return known.programmes.get(value, value) if field == "programme" else value


def _chip(field: str, question: Question, found: Results, strings: Strings, known: Known) -> str:
    value = getattr(question, field)
    if field == "episode":
        titles = [each.title for each in known.cards if each.id == value] + [hit.title for hit in found.hits[:1]]
        return strings("search.chosen", name=strings("search.episode"), value=next(iter(titles), value))
    return strings("search.chosen", name=strings(f"search.{field}"), value=_text(field, value, strings, known))


def _groups(found: Results, cards: Iterable[EpisodeCard]) -> Iterator[Group]:
    """The hits by episode, in the order of the first of each."""
    by_id = {card.id: card for card in cards}
    totals = {group.episode: group for group in found.groups}
    order = {name: at for at, name in enumerate(dict.fromkeys(hit.episode for hit in found.hits))}
    for name, grouped in groupby(sorted(found.hits, key=lambda hit: order[hit.episode]), key=lambda hit: hit.episode):
        hits, card, group = list(grouped), by_id.get(name), totals.get(name)
        line = marks(group.times, card.duration_ms) if group and card else []
        yield Group(hits[0], hits, card, line, group.total - len(hits) if group else 0)


def marks(times: Iterable[int], length_ms: int) -> list[Mark]:
    """The moments as they stand on the line. Those too near to a mark to be hit with a finger belong to it.

    What is said on the air is found before the length is told: it stands at the end.
    """
    runs: list[list[int]] = []
    for at_ms in sorted(times) if length_ms > 0 else ():
        if runs and min(at_ms, length_ms) - runs[-1][0] < length_ms / (SLOTS - 1):
            runs[-1].append(at_ms)
        else:
            runs.append([at_ms])
    return [
        Mark(run[0], len(run), _x(run[0], length_ms), tuple(dict.fromkeys(_x(each, length_ms) for each in run)))
        for run in runs
    ]


def _x(at_ms: int, length_ms: int) -> float:
    return min(at_ms / length_ms, 1) * LENGTH // TICK * TICK


@cache
def _towns() -> Mapping[str, Municipality]:
    """The municipalities as their pages' addresses call them."""
    return {keys.slug(each.name_fi): each for each in mentions.municipalities(catalogue.MUNICIPALITIES)}
