"""Corrections of persons, applied on top of whatever transcript the machine has made. Pure.

A correction belongs to a Passage and to what that said. Where it still says so, the person's text stands instead. Where
the machine has written something else since, the Passage is found again by its id, its time and the likeness of its
words. If one Passage now holds the words, and no others, the person's text stands as a whole; if it was split or
merged, or a person corrected it in the meantime, only the words that the person changed are put in place of those that
stand there now. What finds no place is told, with the reason.
"""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from core.aligning import Alignment, align, bare
from core.anchors import named
from core.models import Edit, Passage, Transcript
from core.transcript import spaced, timed_words

LEAST, LEAST_FAR = 0.5, 0.8
"""How much of the words, 0…1, must be there where the Passage was, and where it was not."""
FAR_MS = 30_000
"""How far a Passage is looked for, since media of another recorder may have come before it."""
FAR_WORDS = 3
"""Fewer words are not looked for elsewhere: they are said again and again."""


class Unplaced(NamedTuple):
    """An edit that has no place in the transcript any more, and why."""

    edit: Edit
    reason: str


class Corrected(NamedTuple):
    """A transcript with its edits. Each edit is in ``placed`` or in ``unplaced``, in order of time.

    ``deleted`` are the Passages that persons deleted, without their text.
    """

    transcript: Transcript
    placed: tuple[Edit, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    deleted: tuple[Passage, ...] = ()


def applied(transcript: Transcript, edits: Iterable[Edit]) -> Corrected:
    """The machine's transcript as persons corrected it. Passages that no edit touches stay as they are.

    Later edits win over earlier ones where they touch the same words. A Passage without an id gets one.
    """
    machine = named(transcript).passages
    shown = list(machine)
    placed, unplaced = [], []
    for edit in sorted(edits, key=lambda edit: (edit.at, edit.model_dump_json())):
        if reason := _put(shown, edit):
            unplaced.append(Unplaced(edit, reason))
        else:
            placed.append(edit)
    gone = [at for at, passage in enumerate(shown) if machine[at].text and not passage.text]
    left = tuple(passage for at, passage in enumerate(shown) if at not in set(gone))
    corrected = transcript.model_copy(update={"passages": left}) if placed else transcript
    return Corrected(corrected, tuple(placed), tuple(unplaced), tuple(shown[at] for at in gone))


def _put(shown: list[Passage], edit: Edit) -> str:
    """Apply one edit; gives the reason why that cannot be done, or nothing."""
    near = _near(shown, edit, 0)
    same = [at for at in near if shown[at].text == edit.before]
    if same:
        at = min(same, key=lambda at: shown[at].id != edit.passage)
        shown[at] = _settled(shown[at], edit.wanted)
        return ""
    if _carried(shown, near, edit, LEAST):
        return ""
    is_long = len(spaced(edit.before)) >= FAR_WORDS
    if is_long and _carried(shown, _near(shown, edit, FAR_MS), edit, LEAST_FAR):
        return ""
    there = " ".join(shown[at].text for at in near if shown[at].text)
    return f"other words are there now: {there}" if there else "nothing is said there any more"


def _near(shown: Sequence[Passage], edit: Edit, margin_ms: int) -> list[int]:
    """The places of the Passages that it may mean: by id, and by time."""
    first, end = edit.start_ms - margin_ms, max(edit.end_ms, edit.start_ms + 1) + margin_ms
    return [
        at
        for at, passage in enumerate(shown)
        if passage.id == edit.passage or (passage.start_ms < end and max(passage.end_ms, passage.start_ms + 1) > first)
    ]


def _settled(passage: Passage, text: str) -> Passage:
    return passage.model_copy(update={"text": text, "checked": True, "unclear": False, "language": ""})


class _Said(NamedTuple):
    """A word as it is shown, and the place of its Passage. ``here``: it is said while the edit's Passage lasts."""

    text: str
    owner: int
    here: bool


def _carried(shown: list[Passage], near: Sequence[int], edit: Edit, least: float) -> bool:
    """Whether the words were found, and the edit was applied to them."""
    said = [
        _Said(word.text, at, edit.start_ms <= (word.start_ms + word.end_ms) // 2 < edit.end_ms)
        for at in near
        for word in timed_words(shown[at])
    ]
    before, after = spaced(edit.before), spaced(edit.wanted)
    texts, here = [word.text for word in said], [word.here for word in said]
    by_before, by_after = align(before, texts, here), align(after, texts, here)
    best = max(by_before, by_after, key=lambda found: found.likeness)
    span = best.span()
    if best.likeness < least or span is None:
        return False
    owners = {word.owner for word in said[slice(*span)]}
    at = min(owners)
    if len(owners) == 1 and not shown[at].checked and _holds(said, span, at):
        shown[at] = _settled(shown[at], edit.wanted)
        return True
    changes = [op for op in SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if op[0] != "equal"]
    for _, first, end, new_first, new_end in reversed(changes):
        places = (first, end) if best is by_before else (new_first, new_end)
        _replace(said, best, places, after[new_first:new_end])
    return _written(shown, near, said, after) or bool(changes)


def _holds(said: Sequence[_Said], span: tuple[int, int], owner: int) -> bool:
    """Whether the Passage says nothing but the span, or what is said at the edit's time."""
    return {at for at, word in enumerate(said) if word.owner == owner and not word.here} <= set(range(*span))


def _replace(said: list[_Said], found: Alignment, places: tuple[int, int], words: Sequence[str]) -> None:
    """Put ``words`` where those at ``places`` of the aligned text stand. Places after them stay as they are."""
    span = found.span(*places)
    if span:
        first, end = span
        owners = _owners(words, said[first:end])
    else:
        left, right = found.span(0, places[0]), found.span(places[1])
        first = end = left[1] if left else right[0] if right else 0
        neighbour = said[left[1] - 1] if left else said[first]
        owners = [neighbour.owner] * len(words)
    said[first:end] = [_Said(word, owner, True) for word, owner in zip(words, owners, strict=True)]


def _owners(words: Sequence[str], old: Sequence[_Said]) -> list[int]:
    """Whose each new word is: that of the old word in whose place it stands, else its neighbour's."""
    places = align(words, [word.text for word in old]).places
    owners, last = [], old[0].owner
    for place in places:
        last = old[place].owner if place is not None else last
        owners.append(last)
    return owners


def _written(shown: list[Passage], near: Iterable[int], said: Sequence[_Said], after: Sequence[str]) -> bool:
    """Write the words into their Passages; whether a person has now checked one of them as a whole."""
    found = align(after, [word.text for word in said])
    right = {
        p for word, p in zip(after, found.places, strict=True) if p is not None and bare(word) == bare(said[p].text)
    }
    is_checked = False
    for at in near:
        own = [place for place, word in enumerate(said) if word.owner == at]
        texts = [said[place].text for place in own]
        if texts != spaced(shown[at].text):
            shown[at] = shown[at].model_copy(update={"text": " ".join(texts)})
        if own and right.issuperset(own):
            shown[at] = _settled(shown[at], shown[at].text)
            is_checked = True
    return is_checked
