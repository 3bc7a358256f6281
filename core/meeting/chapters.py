"""Where each agenda item was really taken up.

Every passage is about one item, or about none before the first. What fits best is chosen for all passages together
(Viterbi 1967): the words of an item count, by base form and by parts of compounds, the rarer the more; taking another
item up costs, the more the less it follows the agenda, and is paid back where the item is named (meeting.announcing),
by a formula of the chair's ("siirrytään seuraavaan asiaan"), by a pause, and where the words change (meeting.cohesion).
Where items are named in a row close together, the agenda is only read out. An item with little evidence gets no
chapter: what was said on it stays with the one before.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.language.morphology import tokens
from core.meeting import announcing, cohesion
from core.meeting.announcing import NAMED, Mark, Named, Spoken
from core.meeting.divisions import OPENING_MS
from core.models import AgendaItem, Chapter, Transcript, WordForms

LONG_MS = 8_000
"""In a passage longer than this the item begins at the words that name it, not at the passage's start."""

FORMULA, ORDINAL, LEAD, FIRST, LISTING = 0.6, 1.0, 1.0, 0.2, 0.9
PAUSE, PAUSE_MS, CHANGE = 0.3, 2_500, 0.2
WORD, MOST = 0.5, 0.9
TAKING, LEAVING_OUT, MOST_LEFT_OUT, GOING_BACK = 0.5, 0.15, 0.2, 2.0
"""What speaks for a beginning, what speaks for an item, and what taking one up costs: found on evaluation.meetings."""

LEAST, SURE, SOON = 0.2, 1.0, 5
"""A chapter has at least so much for its item, so much together with its border, in so many passages from its start."""

RETURN = 1.4
"""To come back to an item it must be taken up by a formula and named as clearly as this: many talk of it again."""

MANY_NAMED, IS_NAMED = 3, 0.3
"""A passage with words of so many items, each to this much, lists them."""

_Floats = NDArray[np.float64]


class _Stretch(NamedTuple):
    """Passages from ``first`` on that are about an item, and how much speaks for that item and for a border there."""

    item: int
    first: int
    own: float
    border: float


class _Evidence(NamedTuple):
    """How much each passage speaks for each item (passages, items), is its name, and for any border (passages,)."""

    about: _Floats
    named: _Floats
    border: _Floats

    @property
    def begins(self) -> _Floats:
        """How much speaks for each item's beginning with each passage."""
        return np.asarray(self.named + self.border[:, None])


def chapters(
    transcript: Transcript,
    agenda: tuple[AgendaItem, ...],
    forms: Mapping[str, WordForms],
    duration_ms: int,
    *,
    formulas: tuple[str, ...] = (),
    leads: tuple[str, ...] = (),
    stopwords: tuple[str, ...] = (),
    opening: str = "Avaus",
) -> tuple[Chapter, ...]:
    """The chapters in order, without holes, from the first item found (or from ``opening``) to ``duration_ms``.

    ``formulas`` announce any item; one that begins with a number ("2. toiseen kohtaan") announces that item. ``leads``
    are words with which an item often begins ("sitten"), ``stopwords`` say nothing of any.
    """
    passages = transcript.passages
    if not passages or not agenda:
        return ()
    spoken = Spoken(passages, forms)
    marks = spoken.marks(formulas)
    named = announcing.clearest([spoken.named(item) for item in agenda])
    border = _borders(spoken, marks, leads)
    found = _evidence(spoken, [_words(item, forms, stopwords) for item in agenda], forms, named, marks, border)
    places = _sure(_stretches(found))
    starts = [_start(spoken, at, marks[at], named[item][at]) for item, at in places]
    return _chapters([agenda[item].title for item, _ in places], starts, duration_ms, opening)


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


def _evidence(
    spoken: Spoken,
    items: Sequence[cohesion.Bag],
    forms: Mapping[str, WordForms],
    named: Sequence[Sequence[Named]],
    marks: Sequence[Mark],
    border: _Floats,
) -> _Evidence:
    bags = [cohesion.bag(each.words, forms) for each in spoken.texts]
    rare = cohesion.rarity(bags)
    about = _about(bags, rare, items)
    listing = announcing.listed(spoken.passages, named, marks)
    for item, at in listing:
        about[at, item] = 0.0
    about[(about >= IS_NAMED).sum(axis=1) >= MANY_NAMED] = 0.0
    changes = CHANGE * np.array(cohesion.changes(bags, rare))
    return _Evidence(about, _named(named, marks, listing), border + changes)


def _words(item: AgendaItem, forms: Mapping[str, WordForms], stopwords: tuple[str, ...]) -> cohesion.Bag:
    words = cohesion.bag((token.folded for text in (item.title, *item.cues) for token in tokens(text)), forms)
    return {word: weight for word, weight in words.items() if word not in stopwords}


def _about(bags: Sequence[cohesion.Bag], rare: Mapping[str, float], items: Sequence[cohesion.Bag]) -> _Floats:
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


def _borders(spoken: Spoken, marks: Sequence[Mark], leads: tuple[str, ...]) -> _Floats:
    """Pauses before the passages, words that lead to something new at their beginning, and formulas."""
    pauses = [0, *(b.start_ms - a.end_ms for a, b in zip(spoken.passages, spoken.passages[1:], strict=False))]
    leading = [bool(set(each.words[:2]).intersection(leads)) for each in spoken.texts]
    formulas = FORMULA * np.array([mark.weight for mark in marks])
    return PAUSE * np.minimum(np.array(pauses) / PAUSE_MS, 1.0) + np.maximum(formulas, LEAD * np.array(leading))


def _named(named: Sequence[Sequence[Named]], marks: Sequence[Mark], listing: set[tuple[int, int]]) -> _Floats:
    """How clearly each passage takes each item up by its name or its number (passages, items)."""
    names = np.array([[one.weight for one in row] for row in named]).T
    names[names < NAMED] = 0.0
    for item, at in listing:
        names[at, item] -= LISTING
    for item, row in enumerate(named):
        first = next((at for at, one in enumerate(row) if one.weight >= NAMED and (item, at) not in listing), None)
        if first is not None:
            names[first, item] += FIRST
    called = np.array([mark.item if mark.item < len(named) else -1 for mark in marks])
    own = called[:, None] == np.arange(len(named))
    return np.asarray(names + ORDINAL * own - ORDINAL * (~own & (called[:, None] >= 0)))


# The best of all


def _stretches(found: _Evidence) -> list[_Stretch]:
    """What fits best for all passages together. The last column is no item, which is only before the first."""
    passages, items = found.about.shape
    costs = _costs(items)
    best = np.append(np.full(items, -np.inf), 0.0)
    before = np.zeros((passages, items + 1), dtype=np.int32)
    own = np.arange(items + 1)
    for at in range(passages):
        taking = best[:, None] - costs
        origin = taking.argmax(axis=0)
        taken = taking[origin, own] + np.append(found.begins[at], -np.inf)
        is_taken = taken > best
        before[at] = np.where(is_taken, origin, own)
        best = np.where(is_taken, taken, best) + np.append(found.about[at], 0.0)
    return _traced(before, int(best.argmax()), found)


def _costs(items: int) -> _Floats:
    """What it costs to go from an item (row; the last: none yet) to another."""
    order = np.append(np.arange(items), -1)
    step = order[None, :] - order[:, None]
    costs = TAKING + np.minimum(LEAVING_OUT * (step - 1), MOST_LEFT_OUT)
    costs = np.where(step <= 0, TAKING + GOING_BACK, costs)
    np.fill_diagonal(costs, np.inf)
    costs[:, -1] = np.inf
    return np.asarray(costs, dtype=np.float64)


def _traced(before: NDArray[np.int32], last: int, found: _Evidence) -> list[_Stretch]:
    """Walk back from the last passage."""
    stretches: list[_Stretch] = []
    item, end = last, len(before)
    for at in range(len(before) - 1, -1, -1):
        if before[at, item] != item:
            own = found.named[at, item] + found.about[at : min(end, at + SOON), item].sum()
            stretches.append(_Stretch(item, at, float(own), float(found.border[at])))
            item, end = int(before[at, item]), at
    return stretches[::-1]


def _sure(stretches: Sequence[_Stretch]) -> list[tuple[int, int]]:
    """The items and first passages of the stretches for which enough speaks; neighbours of one item are one.

    For a return to an item more must speak.

    Where nothing names the item, a border is its beginning only if the agenda leaves no other: between the item before
    it and the one after it.
    """
    sure = [each for each in stretches if each.own >= LEAST and each.own + each.border >= SURE]
    around = {(one.item, other.item) for one, other in zip(stretches, stretches[2:], strict=False)}
    sure += [
        each
        for each in stretches
        if each not in sure and each.own + each.border >= SURE and (each.item - 1, each.item + 1) in around
    ]
    places: list[tuple[int, int]] = []
    for each in sorted(sure, key=lambda one: one.first):
        is_return = any(item == each.item for item, _ in places)
        if not is_return or (each.border >= FORMULA and each.own >= RETURN and places[-1][0] != each.item):
            places.append((each.item, each.first))
    return places


def _start(spoken: Spoken, at: int, mark: Mark, named: Named) -> int:
    """The passage's start, or in a long passage that of the word which begins the formula or the name."""
    passage, starts = spoken.passages[at], spoken.texts[at].starts
    if passage.end_ms - passage.start_ms <= LONG_MS or not passage.words:
        return passage.start_ms
    gram = min(mark.at, named.at) if mark.weight else named.at
    share = max(sum(start <= gram for start in starts) - 1, 0) / max(len(starts), 1)
    return passage.words[int(share * len(passage.words))].start_ms
