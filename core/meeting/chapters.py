"""Where each agenda item was really taken up.

Every passage is about one item, or about none before the first. All ways of dividing the broadcast are weighed
together (meeting.beginnings): the words of an item count, by base form and by parts of compounds, the rarer the more,
and words that belong to the same subject; taking another item up costs, the more the less it follows the agenda, and
is paid back where the item is named or called by its number (meeting.announcing), by a formula of the chair's
("siirrytään seuraavaan asiaan") and what is said after it, by a pause, and where the item goes on. Where items are
named in a row close together, the agenda is only read out. An item that does not begin somewhere with a high
probability gets no chapter: what was said on it stays with the one before.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.language.cues import AgendaCues
from core.language.morphology import tokens
from core.meeting import announcing, beginnings, cohesion
from core.meeting.announcing import NAMED, Mark, Named, Spoken
from core.meeting.beginnings import Floats
from core.meeting.divisions import OPENING_MS
from core.models import AgendaItem, Chapter, Passage, Transcript, WordForms

LONG_MS = 8_000
"""In a passage longer than this the item begins at the words that name it, not at the passage's start."""

FORMULA, LEAD, LEADING, PAUSE, PAUSE_MS = 0.4, 0.8, 2, 0.3, 2_500
ORDINAL, OTHER_ORDINAL, LISTING, NEW, LEAD_TO, OPENING = 0.8, 0.4, 0.9, 0.25, 1.2, 1.0
LEAD_ON, LED_ON, GOES_ON, GOING_ON = 0.8, 2, 0.2, 3
WORD, RELATED, MOST = 0.5, 0.8, 0.9
"""What speaks for a border, for an item's beginning, and for an item: found on evaluation.meetings. A lead is among so
many words of a passage, and leads to so many passages after it; an item goes on in so many."""

SURE, SURE_AGAIN, NEAR_MS = 0.75, 0.95, 10_000
"""How likely an item must begin so near to a passage to be a chapter, and to be one again."""

MANY_NAMED, IS_NAMED = 3, 0.3
"""A passage with words of so many items, each to this much, lists them."""

NO_CUES = AgendaCues()
_Bools = NDArray[np.bool_]


class _Item(NamedTuple):
    """The words of an item's title and cues, and those of their subjects."""

    own: cohesion.Bag
    related: cohesion.Bag


class _Talk(NamedTuple):
    """What was said, passage by passage: words, clearly named items, formulas, leads, and where items are listed."""

    spoken: Spoken
    bags: Sequence[cohesion.Bag]
    named: Sequence[Sequence[Named]]
    marks: Sequence[Mark]
    leads: Sequence[bool]
    listing: set[tuple[int, int]]

    @property
    def is_led(self) -> list[bool]:
        """Whether each passage begins with a lead or has a formula."""
        return [lead or mark.weight > 0 for lead, mark in zip(self.leads, self.marks, strict=True)]


def chapters(
    transcript: Transcript,
    agenda: tuple[AgendaItem, ...],
    forms: Mapping[str, WordForms],
    duration_ms: int,
    *,
    cues: AgendaCues = NO_CUES,
    stopwords: tuple[str, ...] = (),
    opening: str = "Avaus",
) -> tuple[Chapter, ...]:
    """The chapters in order, without holes, from the first item found (or from ``opening``) to ``duration_ms``.

    ``stopwords`` say nothing of any item.
    """
    passages = transcript.passages
    if not passages or not agenda:
        return ()
    items = [_item(each, forms, cues, stopwords) for each in agenda]
    talk = _talk(passages, agenda, items, forms, cues)
    likely = beginnings.likely(*_evidence(talk, items, is_opening=not items[0].own.keys().isdisjoint(cues.openings)))
    places = _sure(likely, [passage.start_ms for passage in passages], talk.is_led)
    starts = [_start(talk.spoken, at, talk.marks[at], talk.named[item][at]) for at, item in places]
    return _chapters([agenda[item].title for _, item in places], starts, duration_ms, opening)


def _chapters(titles: list[str], starts: list[int], duration_ms: int, opening: str) -> tuple[Chapter, ...]:
    if not starts:
        return ()
    if starts[0] > OPENING_MS:
        titles, starts = [opening, *titles], [0, *starts]
    else:
        starts = [0, *starts[1:]]
    ends = [*starts[1:], max(duration_ms, starts[-1])]
    rows = zip(titles, starts, ends, strict=True)
    return tuple(Chapter(start_ms=start, end_ms=end, title=title) for title, start, end in rows)


# Evidence


def _item(item: AgendaItem, forms: Mapping[str, WordForms], cues: AgendaCues, stopwords: tuple[str, ...]) -> _Item:
    """A title of stopwords only ("Muut asiat") is all words."""
    words = cohesion.bag((token.folded for text in (item.title, *item.cues) for token in tokens(text)), forms)
    own = {word: weight for word, weight in words.items() if word not in stopwords} or words
    related = {word: 1.0 for row in cues.subjects if not own.keys().isdisjoint(row) for word in row if word not in own}
    return _Item(own, related)


def _talk(
    passages: Sequence[Passage],
    agenda: tuple[AgendaItem, ...],
    items: Sequence[_Item],
    forms: Mapping[str, WordForms],
    cues: AgendaCues,
) -> _Talk:
    spoken = Spoken(passages, forms)
    bags = [cohesion.bag(each.words, forms) for each in spoken.texts]
    named = announcing.clearest([spoken.named(item) for item in agenda])
    own = _about(bags, cohesion.rarity(bags), [item.own for item in items])
    clear = np.array([[one.weight for one in row] for row in named]).T
    marks = announcing.counted(spoken.marks(cues.formulas), np.maximum(own, clear))
    return _Talk(
        spoken=spoken,
        bags=bags,
        named=named,
        marks=marks,
        leads=[not set(each.words[:LEADING]).isdisjoint(cues.leads) for each in spoken.texts],
        listing=announcing.listed(passages, named, marks),
    )


def _evidence(talk: _Talk, items: Sequence[_Item], *, is_opening: bool) -> tuple[Floats, Floats]:
    """How much each passage speaks for each item, and for its beginning there (passages, items)."""
    rare = cohesion.rarity(talk.bags)
    own = _about(talk.bags, rare, [item.own for item in items])
    related = _about(talk.bags, rare, [item.related for item in items])
    is_listed = _is_listed(own, talk.listing)
    about = np.where(is_listed, 0.0, np.minimum(own + RELATED * related, MOST))
    begins = _borders(talk)[:, None] + _named(talk) + NEW * _new(talk.bags, rare, items, is_listed)
    is_led = np.array(talk.is_led)[:, None]
    begins += LEAD_TO * about * is_led + LEAD_ON * _after(about, LED_ON).max(axis=0) * is_led
    begins += GOES_ON * _after(about, GOING_ON).sum(axis=0)
    begins[0, 0] += OPENING * is_opening
    return about, begins


def _after(about: Floats, passages: int) -> Floats:
    """Of each passage the so many after it (passages after, passages, items); 0 after the last one."""
    rows, items = about.shape
    longer = np.vstack([about, np.zeros((passages, items))])
    return np.stack([longer[step : step + rows] for step in range(1, passages + 1)])


def _borders(talk: _Talk) -> Floats:
    """What speaks for any item's beginning with each passage; nothing where the agenda is read out."""
    leading = np.maximum(FORMULA * np.array([mark.weight for mark in talk.marks]), LEAD * np.array(talk.leads))
    found = leading + PAUSE * _pauses(talk.spoken)
    found[[at for _, at in talk.listing]] = 0.0
    return np.asarray(found)


def _about(bags: Sequence[cohesion.Bag], rare: Mapping[str, float], items: Sequence[cohesion.Bag]) -> Floats:
    """The words of each passage that are each item's; those of several items count less."""
    owners: dict[str, list[int]] = defaultdict(list)
    for item, words in enumerate(items):
        for word in words:
            owners[word].append(item)
    found = np.zeros((len(bags), len(items)))
    for at, words in enumerate(bags):
        for word in words.keys() & owners.keys():
            for item in owners[word]:
                found[at, item] += WORD * rare[word] * words[word] * items[item][word] / len(owners[word])
    return np.minimum(found, MOST)


def _is_listed(own: Floats, listing: set[tuple[int, int]]) -> _Bools:
    """Where items are only told in a row (passages, items)."""
    found = np.zeros(own.shape, dtype=bool)
    for item, at in listing:
        found[at, item] = True
    found[(np.where(found, 0.0, own) >= IS_NAMED).sum(axis=1) >= MANY_NAMED] = True
    return found


def _new(bags: Sequence[cohesion.Bag], rare: Mapping[str, float], items: Sequence[_Item], is_listed: _Bools) -> Floats:
    """How much a word of each item is said for the first time; one of several items counts less."""
    owners = Counter(word for item in items for word in item.own)
    places: dict[str, list[int]] = defaultdict(list)
    for at, words in enumerate(bags):
        for word in words.keys() & owners.keys():
            places[word].append(at)
    found = np.zeros((len(bags), len(items)))
    for number, item in enumerate(items):
        for word, weight in item.own.items():
            for at in [at for at in places[word] if not is_listed[at, number]][:1]:
                new = weight * bags[at][word] * rare[word] / owners[word]
                found[at, number] = max(found[at, number], new)
    return found


def _pauses(spoken: Spoken) -> Floats:
    """How long the pauses before the passages are, 0…1."""
    pauses = [0, *(b.start_ms - a.end_ms for a, b in zip(spoken.passages, spoken.passages[1:], strict=False))]
    return np.minimum(np.array(pauses) / PAUSE_MS, 1.0)


def _named(talk: _Talk) -> Floats:
    """How clearly each passage takes each item up by its name or its number (passages, items)."""
    names = np.array([[one.weight for one in row] for row in talk.named]).T
    names[names < NAMED] = 0.0
    for item, at in talk.listing:
        names[at, item] -= LISTING
    called = np.array([mark.item for mark in talk.marks])
    own = called[:, None] == np.arange(len(talk.named))
    return np.asarray(names + ORDINAL * own - OTHER_ORDINAL * (~own & (called[:, None] >= 0)))


# What is sure


def _sure(likely: Floats, starts: Sequence[int], is_led: Sequence[bool]) -> list[tuple[int, int]]:
    """Passages with which an item surely begins, and the items, in order; neighbours of one item are one.

    To begin once more an item must be led to.
    """
    near = _near(likely, starts)
    found: list[tuple[int, int]] = []
    for item in range(likely.shape[1]):
        sure = np.flatnonzero(near[:, item] >= SURE)
        places = [int(each[likely[each, item].argmax()]) for each in _runs(sure)]
        first = max(places, key=lambda at: float(near[at, item]), default=None)
        again = [at for at in places if at != first and near[at, item] >= SURE_AGAIN and is_led[at]]
        found += [(at, item) for at in places if at == first or at in again]
    found.sort()
    return [each for before, each in zip([(-1, -1), *found], found, strict=False) if before[1] != each[1]]


def _runs(numbers: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Numbers that follow each other."""
    return [run for run in np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1) if len(run)]


def _near(likely: Floats, starts: Sequence[int]) -> Floats:
    """The probability that each item begins within NEAR_MS of each passage (passages, items)."""
    at_ms = np.array(starts)
    first, end = (np.searchsorted(at_ms, at_ms - NEAR_MS), np.searchsorted(at_ms, at_ms + NEAR_MS, side="right"))
    sums = np.vstack([np.zeros(likely.shape[1]), likely.cumsum(axis=0)])
    return np.asarray(sums[end] - sums[first])


def _start(spoken: Spoken, at: int, mark: Mark, named: Named) -> int:
    """The passage's start, or in a long passage that of the word which begins the formula or the name."""
    passage, starts = spoken.passages[at], spoken.texts[at].starts
    if passage.end_ms - passage.start_ms <= LONG_MS or not passage.words:
        return passage.start_ms
    gram = min(mark.at, named.at) if mark.weight else named.at
    share = max(sum(start <= gram for start in starts) - 1, 0) / max(len(starts), 1)
    return passage.words[int(share * len(passage.words))].start_ms
