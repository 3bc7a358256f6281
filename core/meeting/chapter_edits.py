"""Chapters as persons set them, on top of those that were found. Pure.

What a person set always stands: at the words with which it began, wherever these are now, else at its own moment. What
the machine found of the same agenda item goes where a person gave the item its place.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import Field

from core.meeting.divisions import AT_ONCE_MS, OPENING_MS, divided
from core.models import AgendaItem, Chapter, Passage, Record, Transcript
from core.text.aligning import align
from core.text.shown import Shown
from core.text.transcript import MAX_MS, spaced, timed_words

LEAST, LEAST_FAR, FAR_WORDS = 0.5, 0.8, 3
"""How much of the words, 0…1, must be there where the chapter began, and elsewhere; fewer words are not looked for."""
FAR_MS = 30_000
"""How far they are looked for, since media of another recorder may have come before them."""
SAME_MS = 60_000
"""A chapter that was removed, and is found again farther away than this, is another one."""

LONGEST = 1000
"""Characters of a title. Those that persons write are shorter; marks of one moment share one."""

Kind = Literal["begin", "move", "title", "link", "remove"]

Titles = Mapping[str, str]
"""What items of the agenda were called before → what they are called now; nothing for those that are gone."""


class Beginning(Record):
    """A chapter by its beginning: with the Passage ``passage``, which says ``said``, at ``start_ms``.

    ``item`` is the title of the agenda item that it takes up, empty where it takes up none; ``by`` is who set it, empty
    where it was found.
    """

    title: str = Field(max_length=LONGEST)
    start_ms: int = Field(ge=0)
    item: str = Field("", max_length=LONGEST)
    passage: str = Field("", max_length=100)
    said: str = Field("", max_length=10 * LONGEST)
    by: str = ""

    def is_as(self, other: "Beginning") -> bool:
        """Whether the other one is the same chapter in the same place."""
        return (self.title, self.start_ms, self.item) == (other.title, other.start_ms, other.item)


class ChapterEdit(Record):
    """A person set ``after`` in place of ``before``; without ``before`` they added it, without ``after`` removed."""

    before: Beginning | None = None
    after: Beginning | None = None

    @property
    def kind(self) -> Kind:
        """What was done with it."""
        if self.before is None or self.after is None:
            return "begin" if self.after else "remove"
        if self.before.start_ms != self.after.start_ms:
            return "move"
        return "title" if self.before.title != self.after.title else "link"


class Found(Record):
    """The chapters that were found in the text ``machine`` of the machine, as they were published last."""

    machine: str
    chapters: tuple[Chapter, ...] = ()


def retitled(found: Iterable[Chapter], titles: Titles) -> tuple[Chapter, ...]:
    """The chapters under the present titles of their items, without those of items that are gone."""
    named = (chapter.model_copy(update={"title": titles.get(chapter.title, chapter.title)}) for chapter in found)
    return tuple(chapter for chapter in named if chapter.title)


def retold(edits: Iterable[ChapterEdit], titles: Titles) -> list[ChapterEdit]:
    """The edits under the present titles of their items. A person's own title stays, also of one that is gone."""
    told = (ChapterEdit(before=_called(e.before, titles), after=_called(e.after, titles)) for e in edits)
    return [edit for edit in told if edit.before or edit.after]


def _called(one: Beginning | None, titles: Titles) -> Beginning | None:
    if one is None or not (title := titles.get(one.title, one.title)):
        return None
    return one.model_copy(update={"title": title, "item": titles.get(one.item, one.item)})


def beginnings(
    found: Iterable[Chapter], agenda: Iterable[AgendaItem], edits: Iterable[ChapterEdit], transcript: Transcript
) -> tuple[Beginning, ...]:
    """The chapters in order of time. ``transcript`` is the corrected one, of which nothing is withdrawn."""
    items = {item.title for item in agenda}
    shown = [Beginning(title=c.title, start_ms=c.start_ms, item=c.title if c.title in items else "") for c in found]
    passages = Shown(transcript.passages)
    for edit in edits:
        shown = _put(shown, edit, passages)
    return tuple(sorted(shown, key=lambda each: each.start_ms))


def fits(shown: Sequence[Beginning], edit: ChapterEdit) -> bool:
    """Whether the chapters are as the person saw them who made the edit."""
    if edit.before:
        return any(edit.before.is_as(each) for each in shown)
    return not edit.after or not any(_is_taken(each, edit.after) for each in shown)


def chapters(shown: Sequence[Beginning], duration_ms: int) -> tuple[Chapter, ...]:
    """The chapters of an episode, each until the next one. What is before the first belongs to none."""
    starts = [(min(each.start_ms, max(0, duration_ms - AT_ONCE_MS)), each.title) for each in shown]
    if starts and starts[0][0] <= OPENING_MS:
        starts[0] = 0, starts[0][1]
    return divided(starts, duration_ms)


def _is_taken(one: Beginning, wanted: Beginning) -> bool:
    is_there = (one.start_ms, one.title) == (wanted.start_ms, wanted.title)
    return is_there or bool(wanted.item and one.item == wanted.item)


def _put(shown: Sequence[Beginning], edit: ChapterEdit, passages: Shown) -> list[Beginning]:
    gone = _meant(shown, edit, _start(edit.before, passages)) if edit.before else None
    left = [each for each in shown if each is not gone]
    if edit.after is None:
        return left
    if gone is None:
        left = [each for each in left if each.by or not each.item or each.item != edit.after.item]
    return [*left, edit.after.model_copy(update={"start_ms": _start(edit.after, passages)})]


def _meant(shown: Iterable[Beginning], edit: ChapterEdit, start_ms: int) -> Beginning | None:
    """The chapter that a person saw; what was found may be elsewhere by now, and is meant if they moved it."""
    before = edit.before
    assert before, "what was added replaces nothing"
    alike = [each for each in shown if (each.title, each.item, each.by) == (before.title, before.item, before.by)]
    nearest = min(alike, key=lambda each: abs(each.start_ms - start_ms), default=None)
    if nearest is None or (edit.after and not before.by):
        return nearest
    return nearest if abs(nearest.start_ms - start_ms) <= SAME_MS else None


def _start(wanted: Beginning, passages: Shown) -> int:
    """Where its words begin now."""
    at = passages.find(wanted.passage)
    named = passages.passages[at] if at is not None else None
    if named and named.text == wanted.said:
        return named.start_ms
    said = spaced(wanted.said)
    found = _said(said, passages, wanted.start_ms, 0, LEAST)
    if found is None and len(said) >= FAR_WORDS:
        found = _said(said, passages, wanted.start_ms, FAR_MS, LEAST_FAR)
    if found is not None:
        return found
    return named.start_ms if named else wanted.start_ms


def _said(said: Sequence[str], passages: Shown, start_ms: int, margin_ms: int, least: float) -> int | None:
    """When the first of these words is said, if so much of them is said near by; a Passage's first word begins it."""
    near = passages.near("", start_ms - margin_ms, start_ms + MAX_MS + margin_ms)
    starts = [start for at in near for start in _starts(passages.passages[at])]
    texts = [text for at in near for text in spaced(passages.passages[at].text)]
    found = align(said, texts) if said and texts else None
    if found is None or found.likeness < least:
        return None
    first = next((place for place in found.places if place is not None), None)
    return None if first is None else starts[first]


def _starts(passage: Passage) -> list[int]:
    """When each word of its text begins: the first one with the Passage."""
    words = timed_words(passage)
    return [passage.start_ms, *(word.start_ms for word in words[1:])] if words else []
