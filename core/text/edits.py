"""Corrections of persons, applied on top of whatever transcript the machine has made. Pure.

A correction belongs to a Passage and to what that said. Where it still says so, the person's text stands instead. Where
the machine has written something else since, the Passage is found again by its id, its time and the likeness of its
words. If one Passage now holds the words, and no others, the person's text stands as a whole; if it was split or
merged, or a person corrected it in the meantime, only the words that the person changed are put in place of those that
stand there now. A border that a person made or took away, and the name of a speaker, go where these words are now. What
finds no place is told, with the reason.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import NamedTuple

from core.models import Edit, EditKind, Passage, Transcript
from core.text.aligning import Alignment, align, bare
from core.text.anchors import named
from core.text.dividing import halves, joined
from core.text.shown import Shown
from core.text.transcript import spaced, timed_words

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


def of(passage: Passage, author: str, at: datetime, *, kind: EditKind = "text", after: str = "", was: str = "") -> Edit:
    """What a person does at ``at`` to a Passage as they see it."""
    return Edit(
        passage=passage.id,
        at=at,
        author=author,
        start_ms=passage.start_ms,
        end_ms=passage.end_ms,
        before=passage.text,
        after=after,
        kind=kind,
        was=was,
    )


def applied(transcript: Transcript, edits: Iterable[Edit]) -> Corrected:
    """The machine's transcript as persons corrected it. Passages that no edit touches stay as they are.

    Later edits win over earlier ones where they touch the same words. A Passage without an id gets one.
    """
    machine = named(transcript).passages
    shown = Shown(machine)
    placed, unplaced = [], []
    for edit in sorted(edits, key=lambda edit: edit.at):
        if reason := _put(shown, edit):
            unplaced.append(Unplaced(edit, reason))
        else:
            placed.append(edit)
    if not placed:
        return Corrected(transcript, unplaced=tuple(unplaced))
    never = {passage.id for passage in machine if not passage.text}
    gone = tuple(passage for passage in shown.passages if not passage.text and passage.id not in never)
    left = tuple(passage for passage in shown.passages if passage.text or passage.id in never)
    return Corrected(transcript.model_copy(update={"passages": left}), tuple(placed), tuple(unplaced), gone)


def fitting(found: Corrected, edits: Iterable[Edit]) -> bool:
    """Whether for each edit its Passage, or one at its time, says what the person saw who made it."""
    shown = Shown([*found.transcript.passages, *found.deleted])
    return all(_fits(shown, edit) for edit in edits)


def _fits(shown: Shown, edit: Edit) -> bool:
    at = _same(shown, _near(shown, edit, 0), edit)
    return at is not None and (edit.kind != "speaker" or shown.passages[at].speaker == edit.was)


def _put(shown: Shown, edit: Edit) -> str:
    """Apply one edit; gives the reason why that cannot be done, or nothing."""
    near = _near(shown, edit, 0)
    at = _same(shown, near, edit)
    if at is not None:
        return _SAME[edit.kind](shown, at, edit)
    carry = _CARRY[edit.kind]
    if carry(shown, near, edit, LEAST):
        return ""
    is_long = len(spaced(edit.before)) >= FAR_WORDS
    if is_long and carry(shown, _near(shown, edit, FAR_MS), edit, LEAST_FAR):
        return ""
    there = " ".join(shown.passages[at].text for at in near if shown.passages[at].text)
    return f"other words are there now: {there}" if there else "nothing is said there any more"


def _near(shown: Shown, edit: Edit, margin_ms: int) -> list[int]:
    """The places of the Passages that it may mean: by id, and by time."""
    return shown.near(edit.passage, edit.start_ms - margin_ms, max(edit.end_ms, edit.start_ms + 1) + margin_ms)


def _same(shown: Shown, near: Iterable[int], edit: Edit) -> int | None:
    """The place of the Passage that says what the person saw; for a merge, of the first of two."""
    same = [at for at in near if _saw(shown, at, edit)]
    return min(same, key=lambda at: shown.passages[at].id != edit.passage, default=None)


def _saw(shown: Shown, at: int, edit: Edit) -> bool:
    text = shown.passages[at].text
    if edit.kind != "merge":
        return text == edit.before
    following = shown.after(at) if len(spaced(text)) == edit.at_word else None
    return following is not None and f"{text} {shown.passages[following].text}" == edit.before


def _write(shown: Shown, at: int, edit: Edit) -> str:
    shown.put(at, _settled(shown.passages[at], edit.wanted))
    return ""


def _replace_words(shown: Shown, at: int, edit: Edit) -> str:
    shown.put(at, shown.passages[at].model_copy(update={"text": edit.after}))
    return ""


def _name(shown: Shown, at: int, edit: Edit) -> str:
    shown.put(at, shown.passages[at].model_copy(update={"speaker": edit.after}))
    return ""


def _split(shown: Shown, at: int, edit: Edit) -> str:
    if not 0 < edit.at_word < len(spaced(edit.before)):
        return "there is no such word in it"
    _divide(shown, at, edit.at_word)
    return ""


def _divide(shown: Shown, at: int, at_word: int) -> None:
    first, second = halves(shown.passages[at], at_word, shown.ids)
    shown.put(at, first)
    shown.insert(second, at)


def _merge(shown: Shown, at: int, edit: Edit) -> str:
    return "" if _join(shown, at) else "nothing is said after it"


def _join(shown: Shown, at: int) -> bool:
    following = shown.after(at)
    if following is None:
        return False
    shown.put(at, joined(shown.passages[at], shown.passages[following]))
    shown.remove(following)
    return True


def _settled(passage: Passage, text: str) -> Passage:
    return passage.model_copy(update={"text": text, "checked": True, "unclear": False, "language": ""})


class _Said(NamedTuple):
    """A word as it is shown, and the place of its Passage. ``here``: it is said while the edit's Passage lasts."""

    text: str
    owner: int
    here: bool


def _said(shown: Shown, near: Iterable[int], edit: Edit) -> list[_Said]:
    return [
        _Said(word.text, at, edit.start_ms <= (word.start_ms + word.end_ms) // 2 < edit.end_ms)
        for at in near
        for word in timed_words(shown.passages[at])
    ]


def _carried(shown: Shown, near: Sequence[int], edit: Edit, least: float) -> bool:
    """Whether the words were found, and the edit was applied to them."""
    said = _said(shown, near, edit)
    before, after = spaced(edit.before), spaced(edit.wanted)
    texts, here = [word.text for word in said], [word.here for word in said]
    by_before, by_after = align(before, texts, here), align(after, texts, here)
    best = max(by_before, by_after, key=lambda found: found.likeness)
    span = best.span()
    if best.likeness < least or span is None:
        return False
    owners = {word.owner for word in said[slice(*span)]}
    at = min(owners)
    is_read = edit.kind != "replace"
    if is_read and len(owners) == 1 and not shown.passages[at].checked and _holds(said, span, at):
        return not _write(shown, at, edit)
    changes = [op for op in SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if op[0] != "equal"]
    for _, first, end, new_first, new_end in reversed(changes):
        places = (first, end) if best is by_before else (new_first, new_end)
        _replace(said, best, places, after[new_first:new_end])
    return _written(shown, near, said, after if is_read else ()) or bool(changes)


class _Border(NamedTuple):
    """The places of the Passages that hold the words before and after a border, and how many words precede it there."""

    left: int
    right: int
    words: int


def _border(shown: Shown, near: Sequence[int], edit: Edit, least: float) -> _Border | None:
    """Where the border now is that was before the edit's word, if its words are found."""
    said = _said(shown, near, edit)
    found = align(spaced(edit.before), [word.text for word in said], [word.here for word in said])
    before, after = found.span(0, edit.at_word), found.span(edit.at_word)
    if found.likeness < least or not before or not after:
        return None
    left, right = said[before[1] - 1].owner, said[after[0]].owner
    return _Border(left, right, sum(word.owner == right for word in said[: after[0]]))


def _divided(shown: Shown, near: Sequence[int], edit: Edit, least: float) -> bool:
    """Whether the words were found, and are in two Passages now."""
    border = _border(shown, near, edit, least)
    if border and border.left == border.right:
        _divide(shown, border.right, border.words)
    return border is not None


def _united(shown: Shown, near: Sequence[int], edit: Edit, least: float) -> bool:
    """Whether the words were found, and those around the border are in one Passage now."""
    border = _border(shown, near, edit, least)
    if border is None or border.left == border.right:
        return border is not None
    return shown.after(border.left) == border.right and _join(shown, border.left)


def _voiced(shown: Shown, near: Sequence[int], edit: Edit, least: float) -> bool:
    """Whether the words were found, and the Passages of which they are half or more have the speaker."""
    said = _said(shown, near, edit)
    found = align(spaced(edit.before), [word.text for word in said], [word.here for word in said])
    span = found.span()
    if found.likeness < least or span is None:
        return False
    here, whole = Counter(word.owner for word in said[slice(*span)]), Counter(word.owner for word in said)
    for at in [at for at in here if 2 * here[at] >= whole[at]] or [here.most_common(1)[0][0]]:
        _name(shown, at, edit)
    return True


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


def _written(shown: Shown, near: Iterable[int], said: Sequence[_Said], after: Sequence[str]) -> bool:
    """Write the words into their Passages; whether a person, who read ``after``, has now checked one as a whole."""
    found = align(after, [word.text for word in said])
    right = {
        p for word, p in zip(after, found.places, strict=True) if p is not None and bare(word) == bare(said[p].text)
    }
    is_checked = False
    for at in near:
        own = [place for place, word in enumerate(said) if word.owner == at]
        texts, passage = [said[place].text for place in own], shown.passages[at]
        if texts != spaced(passage.text):
            passage = passage.model_copy(update={"text": " ".join(texts)})
        if own and right.issuperset(own):
            passage, is_checked = _settled(passage, passage.text), True
        shown.put(at, passage)
    return is_checked


_SAME: dict[str, Callable[[Shown, int, Edit], str]] = {
    "text": _write,
    "delete": _write,
    "confirm": _write,
    "replace": _replace_words,
    "split": _split,
    "merge": _merge,
    "speaker": _name,
}
"""What is done where the Passage says what the person saw; gives the reason why it cannot be."""
_CARRY: dict[str, Callable[[Shown, Sequence[int], Edit, float], bool]] = {
    "text": _carried,
    "delete": _carried,
    "confirm": _carried,
    "replace": _carried,
    "split": _divided,
    "merge": _united,
    "speaker": _voiced,
}
"""What is done where it says something else: with so much of the words there, 0…1; gives whether it was done."""
