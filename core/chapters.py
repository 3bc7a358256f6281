"""Where each agenda item was really taken up.

An item is named by its title or its cues. Both are looked for as character trigrams of the text without spaces, once as
said and once in base forms: recognised Finnish has most of its errors in word borders and endings, and those leave
most trigrams as they are (the measure is containment, Broder 1997, over a window a little longer than the name).
The moments are then chosen together, in agenda order, by dynamic programming. A passage that has a formula of taking
up ("siirrytään seuraavaan asiaan") weighs more, and one where items are named in a row close together weighs less:
there the agenda is only read out. An item that is nowhere named clearly gets no chapter.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from core.models import AgendaItem, Chapter, Passage, Transcript, WordForms
from core.morphology import tokens

OPENING_MS = 5_000
"""A shorter time before the first item is part of the first item."""

LISTING_MS = 9_000
"""Items named at most this far apart, in order, are a listing. A list is read at some 3 s an item (the sample)."""

LONG_MS = 8_000
"""In a passage longer than this the item begins at the words that name it, not at the passage's start."""

NAMED = 0.4
"""How clearly an item must be named, 0…1. It is 70 % of the trigrams, at which inflected titles are still found."""

ACCEPTED = 0.5
CLEAR_FORMULA = 0.8
RIVAL = 0.75
WINDOW = 1.3
FORMULA_WEIGHT, ORDINAL_WEIGHT, FIRST_WEIGHT, LISTING_WEIGHT = 0.6, 0.5, 0.2, 0.9

_NUMBERED = re.compile(r"(\d+)\.\s*(.+)")
_Grams = Sequence[str]


class _Text(NamedTuple):
    """A text without spaces as trigrams: as said, and in base forms. ``starts``: first gram of each word, as said."""

    said: _Grams
    base: _Grams
    starts: tuple[int, ...]


class _Formula(NamedTuple):
    """Words of taking up, and the item that they announce (-1: any)."""

    text: _Text
    item: int


class _Names(NamedTuple):
    """How an item may be named: by a whole title or cue, or by most of the title's long words."""

    whole: tuple[_Text, ...]
    words: tuple[_Text, ...]


class _Mark(NamedTuple):
    """A passage's words of taking up: how clear, of which item (-1: any), and the gram at which they begin."""

    weight: float
    item: int
    at: int


class _Named(NamedTuple):
    """How clearly a passage names an item, 0…1, and the gram at which it does."""

    weight: float
    at: int


_NOT_NAMED = _Named(0.0, 0)
_NO_MARK = _Mark(0.0, -1, 0)


def chapters(
    transcript: Transcript,
    agenda: tuple[AgendaItem, ...],
    forms: Mapping[str, WordForms],
    duration_ms: int,
    *,
    formulas: tuple[str, ...] = (),
    opening: str = "Avaus",
) -> tuple[Chapter, ...]:
    """The chapters in order, without holes, from the first item found (or from ``opening``) to ``duration_ms``.

    ``formulas`` announce any item; one that begins with a number ("2. toiseen kohtaan") announces that item.
    """
    passages = transcript.passages
    texts = [_text(passage.text, forms) for passage in passages]
    spoken = [_formula(formula, forms) for formula in formulas]
    marks = [_mark(text, spoken) for text in texts]
    names = [_names(item, forms) for item in agenda]
    named = _clearest([[_named(each, text) for text in texts] for each in names])
    places = _placed(_scores(passages, named, marks))
    starts = [_start(passages[p], texts[p], marks[p], named[item][p]) for item, p in places.items()]
    return _chapters([agenda[item].title for item in places], starts, duration_ms, opening)


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


def _text(text: str, forms: Mapping[str, WordForms]) -> _Text:
    words = [token.folded for token in tokens(text)]
    bases = [_base(word, forms) for word in words]
    starts = accumulate((len(word) for word in words[:-1]), initial=0)
    return _Text(_grams("".join(words)), _grams("".join(bases)), tuple(starts) if words else ())


def _base(word: str, forms: Mapping[str, WordForms]) -> str:
    known = forms.get(word)
    return known.bases[0] if known and known.bases else word


def _grams(letters: str) -> _Grams:
    return [letters[at : at + 3] for at in range(len(letters) - 2)] or [letters] * bool(letters)


def _contained(name: _Grams, text: _Grams) -> _Named:
    """The largest share of ``name``'s trigrams in any window of ``text``, and where the first of them is."""
    wanted = set(name)
    if not wanted or len(wanted.intersection(text)) < 0.5 * len(wanted):
        return _NOT_NAMED
    hits = [gram in wanted for gram in text]
    sums = list(accumulate(hits, initial=0))
    width = round(len(name) * WINDOW) + 2
    best = max(range(len(hits)), key=lambda at: sums[min(at + width, len(hits))] - sums[at])
    count = len(wanted.intersection(text[best : best + width]))
    return _Named(count / len(wanted), hits.index(True, best))


def _similar(name: _Text, text: _Text) -> _Named:
    """``name`` in ``text``, as said or in base forms, whichever is more alike. The place is that of what is said."""
    said, base = _contained(name.said, text.said), _contained(name.base, text.base)
    return _Named(max(said.weight, base.weight), said.at)


def _names(item: AgendaItem, forms: Mapping[str, WordForms]) -> _Names:
    words = [word.text for word in tokens(item.title) if len(word.text) > 4]
    whole = tuple(_text(name, forms) for name in (item.title, *item.cues))
    return _Names(whole, tuple(_text(word, forms) for word in words))


def _named(names: _Names, text: _Text) -> _Named:
    """How clearly the item is named. Half of the trigrams weighs nothing yet."""
    found = [_similar(name, text) for name in names.whole]
    if len(names.words) > 1:
        each = [_similar(word, text) for word in names.words]
        share = sum(one.weight >= CLEAR_FORMULA for one in each) / len(each)
        found.append(_Named(0.9 * share, max(each).at))
    best = max(found)
    return _Named(max(0.0, 2 * best.weight - 1), best.at)


def _clearest(named: list[list[_Named]]) -> list[list[_Named]]:
    """Forget an item where another is named much more clearly: "toiseen kohtaan" is half "kolmanteen kohtaan"."""
    tops = [max(column).weight for column in zip(*named, strict=True)]
    return [
        [one if one.weight >= RIVAL * top else _NOT_NAMED for one, top in zip(row, tops, strict=True)] for row in named
    ]


def _formula(formula: str, forms: Mapping[str, WordForms]) -> _Formula:
    numbered = _NUMBERED.fullmatch(formula)
    return _Formula(_text(numbered[2] if numbered else formula, forms), int(numbered[1]) - 1 if numbered else -1)


def _mark(text: _Text, formulas: Iterable[_Formula]) -> _Mark:
    """The clearest formula; one that tells its item before one that does not."""
    found = []
    for formula in formulas:
        similar = _similar(formula.text, text)
        if similar.weight >= CLEAR_FORMULA:
            found.append(_Mark(similar.weight, formula.item, similar.at))
    if not found:
        return _NO_MARK
    item = max((mark for mark in found if mark.item >= 0), default=_NO_MARK).item
    return _Mark(max(found).weight, item, min(mark.at for mark in found))


def _scores(
    passages: Sequence[Passage], named: Sequence[Sequence[_Named]], marks: Sequence[_Mark]
) -> list[list[float]]:
    """How well each item fits each passage. Zero or less: not at all."""
    listed = _listed(passages, named, marks)
    return [[_score(item, row, marks, listed, p) for p in range(len(passages))] for item, row in enumerate(named)]


def _score(
    item: int, row: Sequence[_Named], marks: Sequence[_Mark], listed: set[tuple[int, int]], passage: int
) -> float:
    mark, weight = marks[passage], row[passage].weight
    if weight < NAMED and mark.item != item:
        return 0.0
    earlier = (p for p in range(passage) if (item, p) not in listed)
    is_first = weight >= NAMED and all(row[p].weight < NAMED for p in earlier)
    return (
        weight
        + FORMULA_WEIGHT * mark.weight
        + ORDINAL_WEIGHT * ((mark.item == item) - (mark.item not in (item, -1)))
        + FIRST_WEIGHT * is_first
        - LISTING_WEIGHT * ((item, passage) in listed)
    )


def _listed(
    passages: Sequence[Passage], named: Sequence[Sequence[_Named]], marks: Sequence[_Mark]
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


def _placed(scores: Sequence[Sequence[float]]) -> dict[int, int]:
    """The items that are found and their passages: the best total of accepted scores, both in order (Bellman 1957).

    Of equal totals the earliest passages win.
    """
    width = len(scores[0]) if scores else 0
    best = [[0.0] * (width + 1)]
    for row in scores:
        line, above = [0.0], best[-1]
        for p, score in enumerate(row):
            taken = above[p] + score if score >= ACCEPTED else 0.0
            line.append(max(line[-1], above[p + 1], taken))
        best.append(line)
    return _traced(scores, best)


def _traced(scores: Sequence[Sequence[float]], best: Sequence[Sequence[float]]) -> dict[int, int]:
    """Walk back from the last cell: skip passages, then items, that do not add to the total."""
    places: dict[int, int] = {}
    item, p = len(best) - 1, len(best[0]) - 1
    while item and p:
        if best[item][p] == best[item][p - 1]:
            p -= 1
        elif best[item][p] == best[item - 1][p]:
            item -= 1
        else:
            item, p = item - 1, p - 1
            places[item] = p
    return dict(sorted(places.items()))


def _start(passage: Passage, text: _Text, mark: _Mark, named: _Named) -> int:
    """The passage's start, or in a long passage that of the word which begins the formula or the name."""
    if passage.end_ms - passage.start_ms <= LONG_MS or not passage.words:
        return passage.start_ms
    at = min(mark.at, named.at) if mark.weight else named.at
    share = max(_last_upto(text.starts, at), 0) / max(len(text.starts), 1)
    return passage.words[int(share * len(passage.words))].start_ms


def _last_upto(starts: Iterable[int], at: int) -> int:
    """The number of the last word that begins at or before the gram ``at``."""
    return sum(start <= at for start in starts) - 1
