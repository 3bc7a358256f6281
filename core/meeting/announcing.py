"""How clearly the Passages of a transcript name the items of an agenda, and where a chair takes one up. Pure.

An item is named by its title or its cues. Both are looked for as character trigrams of the text without spaces, once as
said and once in base forms: recognised Finnish has most of its errors in word borders and endings, and those leave
most trigrams as they are (the measure is containment, Broder 1997, over a window a little longer than the name).
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.language import numerals
from core.language.morphology import tokens
from core.models import AgendaItem, Passage, WordForms

LISTING_MS = 9_000
"""Items named at most this far apart, in order, are a listing. A list is read at some 3 s an item (the sample)."""

NAMED = 0.4
"""How clearly an item must be named, 0…1. It is 70 % of the trigrams, at which inflected titles are still found."""

CLEAR_FORMULA = 0.8
RIVAL = 0.75
WINDOW = 1.3
SHORTEST = 5

_NUMBERED = re.compile(r"(\d+)\.\s*(.+)")
_Grams = Sequence[str]
Floats = NDArray[np.float64]


class Text(NamedTuple):
    """A text without spaces as trigrams: as said, and in base forms, with the first gram of each word.

    ``words`` are as forms are keyed.
    """

    said: _Grams
    base: _Grams
    starts: tuple[int, ...]
    base_starts: tuple[int, ...]
    words: tuple[str, ...]

    def said_at(self, at: int) -> int:
        """The first gram, as said, of the word that a gram of the base forms begins in."""
        return self.starts[max(bisect_right(self.base_starts, at) - 1, 0)]


class Mark(NamedTuple):
    """A passage's words of taking up: how clear, of which item (-1: any), and the gram at which they begin."""

    weight: float
    item: int
    at: int


class Named(NamedTuple):
    """How clearly a passage names an item, 0…1, and the gram at which it does."""

    weight: float
    at: int


NOT_NAMED = Named(0.0, 0)
NO_MARK = Mark(0.0, -1, 0)


class _Formula(NamedTuple):
    text: Text
    item: int


def text(said: str, forms: Mapping[str, WordForms]) -> Text:
    """A text as trigrams."""
    words = [token.folded for token in tokens(said)]
    bases = [_base(word, forms) for word in words]
    return Text(_grams("".join(words)), _grams("".join(bases)), _starts(words), _starts(bases), tuple(words))


def _starts(words: Sequence[str]) -> tuple[int, ...]:
    return tuple(accumulate((len(word) for word in words[:-1]), initial=0)) if words else ()


def _base(word: str, forms: Mapping[str, WordForms]) -> str:
    known = forms.get(word)
    return known.bases[0] if known and known.bases else word


def _grams(letters: str) -> _Grams:
    return [letters[at : at + 3] for at in range(len(letters) - 2)] or [letters] * bool(letters)


class Spoken:
    """The texts of a transcript, in which names are looked up."""

    def __init__(self, passages: Sequence[Passage], forms: Mapping[str, WordForms]) -> None:
        self.passages = passages
        self.texts = [text(passage.text, forms) for passage in passages]
        self._forms = forms

    @cached_property
    def _places(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """The passages of each trigram: as said, and in base forms."""
        said: dict[str, list[int]] = defaultdict(list)
        base: dict[str, list[int]] = defaultdict(list)
        for number, each in enumerate(self.texts):
            for gram in set(each.said):
                said[gram].append(number)
            for gram in set(each.base):
                base[gram].append(number)
        return said, base

    def similar(self, name: Text) -> dict[int, Named]:
        """``name`` in each passage, as said or in base forms, whichever is more alike; half of it is nothing."""
        found: dict[int, Named] = {}
        said = {at: _contained(name.said, self.texts[at].said) for at in _likely(name.said, self._places[0])}
        base = {at: _contained(name.base, self.texts[at].base) for at in _likely(name.base, self._places[1])}
        for at in said.keys() | base.keys():
            own, other = said.get(at, NOT_NAMED), base.get(at, NOT_NAMED)
            found[at] = Named(max(own.weight, other.weight), own.at if at in said else self.texts[at].said_at(other.at))
        return found

    def named(self, item: AgendaItem) -> list[Named]:
        """How clearly each passage names the item: by a title or cue, or by most of the title's long words."""
        best = [NOT_NAMED] * len(self.texts)
        for name in (item.title, *item.cues):
            for at, one in self.similar(text(name, self._forms)).items():
                best[at] = max(best[at], one)
        for at, one in self._by_words(item.title).items():
            best[at] = max(best[at], one)
        return [Named(max(0.0, 2 * one.weight - 1), one.at) for one in best]

    def _by_words(self, title: str) -> dict[int, Named]:
        words = [token.text for token in tokens(title) if len(token.text) >= SHORTEST]
        each = [self.similar(text(word, self._forms)) for word in words] if len(words) > 1 else []
        count = Counter(at for found in each for at, one in found.items() if one.weight >= CLEAR_FORMULA)
        return {
            at: Named(0.9 * number / len(each), max(found[at] for found in each if at in found).at)
            for at, number in count.items()
        }

    def marks(self, formulas: Iterable[str]) -> list[Mark]:
        """The clearest formula of each passage; one that tells its item before one that does not.

        One that tells none counts where the passage begins: "lääkäripalvelut siirtyvät" takes nothing up.
        """
        found: list[list[Mark]] = [_numbers(each.words, each.starts) for each in self.texts]
        for formula in formulas:
            numbered = _NUMBERED.fullmatch(formula)
            item = int(numbered[1]) - 1 if numbered else -1
            for at, one in self.similar(text(numbered[2] if numbered else formula, self._forms)).items():
                is_first = one.at < min(self.texts[at].starts[1:2] or (1,))
                if one.weight >= CLEAR_FORMULA and (is_first or numbered):
                    found[at].append(Mark(one.weight, item, one.at))
        return [_clearest_mark(each) for each in found]


def _likely(name: _Grams, places: Mapping[str, Sequence[int]]) -> list[int]:
    """The passages with at least half of the name's trigrams."""
    wanted = set(name)
    count = Counter(at for gram in wanted for at in places.get(gram, ()))
    return [at for at, number in count.items() if number >= 0.5 * len(wanted)]


def _contained(name: _Grams, said: _Grams) -> Named:
    """The largest share of ``name``'s trigrams in any window of ``said``, and where the first of them is."""
    wanted = set(name)
    hits = [gram in wanted for gram in said]
    sums = list(accumulate(hits, initial=0))
    width = round(len(name) * WINDOW) + 2
    best = max(range(len(hits)), key=lambda at: sums[min(at + width, len(hits))] - sums[at])
    count = len(wanted.intersection(said[best : best + width]))
    return Named(count / len(wanted), hits.index(True, best))


def clearest(named: list[list[Named]]) -> list[list[Named]]:
    """Forget an item where another is named much more clearly: "toiseen kohtaan" is half "kolmanteen kohtaan"."""
    tops = [max(column).weight for column in zip(*named, strict=True)]
    return [
        [one if one.weight >= RIVAL * top else NOT_NAMED for one, top in zip(row, tops, strict=True)] for row in named
    ]


def _clearest_mark(found: list[Mark]) -> Mark:
    if not found:
        return NO_MARK
    item = max((mark for mark in found if mark.item >= 0), default=NO_MARK).item
    return Mark(max(found).weight, item, min(mark.at for mark in found))


COUNTED = ("kohta", "kohtaa", "kohtaan", "kohdassa", "pykälä", "pykälään", "pykälässä", "asia", "asiaan")
"""What is counted: ``kolmas kohta``, ``kohta kolme``."""
CALLED, CALLED_ON = 3, 3
"""So many numbers within the agenda count as one whose item is spoken of there, or in the passages after it, so many in
all."""


def _numbers(words: Sequence[str], starts: Sequence[int]) -> list[Mark]:
    """The items that are called by their number."""
    found = []
    for at, word in enumerate(words):
        if word in COUNTED:
            before = numerals.ordinal(words[at - 1]) if at else None
            after = _cardinal(words[at + 1]) if at + 1 < len(words) else 0
            if before or after:
                found.append(Mark(1.0, (before[0] if before else after) - 1, starts[at - bool(before)]))
    return found


def counted(marks: Sequence[Mark], spoken_of: Floats) -> list[Mark]:
    """The same, each of the item of this agenda that its number means, or of any.

    ``spoken_of`` (passages, items) is how clearly each passage is about each item, 0…1.
    """
    items = spoken_of.shape[1]
    called = [(at, mark.item) for at, mark in enumerate(marks) if mark.item >= 0]
    first = _first(called, spoken_of)
    own = [-1 if mark.item < 0 or first is None else mark.item - first for mark in marks]
    return [mark._replace(item=item if 0 <= item < items else -1) for mark, item in zip(marks, own, strict=True)]


def _first(called: Sequence[tuple[int, int]], spoken_of: Floats) -> int | None:
    """The number of the first item, of passages and the numbers that they call; None where several are as likely.

    Where numbers go on from meeting to meeting ("pykälä viisikymmentäkolme"), it is the one with which most numbers are
    within the agenda and the items they call are spoken of.
    """
    items = spoken_of.shape[1]
    if all(number < items for _, number in called):
        return 0
    possible = sorted({number - item for _, number in called for item in range(min(number + 1, items))})
    weights = [_fitting(called, each, spoken_of) for each in possible]
    best = max(weights)
    return possible[weights.index(best)] if weights.count(best) == 1 else None


def _fitting(called: Sequence[tuple[int, int]], first: int, spoken_of: Floats) -> float:
    return sum(
        1 + CALLED * float(spoken_of[at : at + CALLED_ON, number - first].max())
        for at, number in called
        if 0 <= number - first < spoken_of.shape[1]
    )


def _cardinal(word: str) -> int:
    if word.isdigit():
        return int(word)
    read = numerals.parse(word)
    return read.value if read and read.is_nominative else 0


# Listings


def listed(
    passages: Sequence[Passage], named: Sequence[Sequence[Named]], marks: Sequence[Mark]
) -> set[tuple[int, int]]:
    """Pairs of item and passage where the item is only read out from the agenda.

    A run goes on while the next item in agenda order is named soon enough. A formula that a later item's name follows
    begins a new run, so that an item taken up right after the listing is not drawn into it.
    """
    namings = [(p, i) for p in range(len(passages)) for i, row in enumerate(named) if row[p].weight >= NAMED]
    runs: list[list[tuple[int, int]]] = []
    for p, item in namings:
        last = runs[-1][-1] if runs else None
        goes_on = last is not None and passages[p].start_ms - passages[last[0]].start_ms <= LISTING_MS
        is_taken_up = marks[p].weight > 0 and last is not None and last[0] != p
        if runs and last and goes_on and item > last[1] and not is_taken_up:
            runs[-1].append((p, item))
        else:
            runs.append([(p, item)])
    last_named = {item: p for p, item in namings}
    return {(item, p) for run in runs if _is_listing(run, last_named, len(named)) for p, item in run}


def _is_listing(run: list[tuple[int, int]], last_named: Mapping[int, int], items: int) -> bool:
    """Three items in a row (or all there are), or two that are both named again later."""
    returns = all(last_named[item] > run[-1][0] for _, item in run)
    return len(run) >= max(2, min(3, items)) or (len(run) > 1 and returns)
