"""What the editor's page is told of an episode, as plain values for JSON. Pure.

A word is a list, ``[start_ms, end_ms, text, probability, heard]``: a broadcast of four hours has thirty thousand.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from core.archive.actions import Action
from core.duties import withdrawals
from core.duties.withdrawals import Withdrawal, Withdrawals
from core.meeting.chapter_edits import Beginning, ChapterEdit
from core.models import Edit, Notes, Passage
from core.review import doubts
from core.review.editing import Present
from core.text import captions
from core.text.everywhere import Found
from core.text.transcript import NOT_RECOGNISED, PAUSE_MS, marks, spaced, timed_words

NEWEST = 50
"""So many of the last actions are told, to be undone."""
AROUND = 6
"""Captions are shown as they break with so many Passages on either side, unless a pause parts them before."""


def passage(found: Passage) -> dict[str, Any]:
    """A Passage with the machine's words; ``starts`` are of the words of its text, where these are others."""
    texts = spaced(found.text)
    told = {
        "id": found.id,
        "start": found.start_ms,
        "end": found.end_ms,
        "text": found.text,
        "checked": found.checked,
        "unclear": found.unclear,
        "lost": found.text == NOT_RECOGNISED,
        "speaker": found.speaker,
        "words": [[w.start_ms, w.end_ms, w.text, w.probability, w.heard] for w in found.words],
        "doubts": _doubts(found, texts),
    }
    if len(found.words) != len(texts):
        told["starts"] = [word.start_ms for word in timed_words(found)]
    return told


def _doubts(found: Passage, texts: list[str]) -> list[int]:
    """The places of doubtful words in the text; none where the words are no more those of the machine."""
    doubtful = doubts.unsure(found) if not found.checked and len(found.words) == len(texts) else ()
    return (
        [at for at, word in enumerate(found.words) if word in doubtful and word.text == texts[at]] if doubtful else []
    )


def action(found: Action, undone: set[str]) -> dict[str, Any]:
    """What somebody did, briefly."""
    first = found.edits[0] if found.edits else None
    return {
        "id": found.id,
        "at": found.at.isoformat(),
        "by": found.author,
        "kind": _kind(found),
        "count": len(found.edits) or len(found.notes) or len(found.chapters) or 1,
        "start": first.start_ms if first else _start(found.chapters),
        "passage": first.passage if first else "",
        "undoes": found.undoes,
        "undone": found.id in undone,
    }


def _kind(found: Action) -> str:
    if found.undoes:
        return "undo"
    if found.edits:
        return found.edits[0].kind
    return f"chapter_{found.chapters[0].kind}" if found.chapters else "notes"


def _start(changes: Sequence[ChapterEdit]) -> int | None:
    """Where a chapter is that was changed first, or was."""
    meant = changes[0].after or changes[0].before if changes else None
    return meant.start_ms if meant else None


def notes(found: Notes) -> dict[str, Any]:
    """The notes with all their lines."""
    return found.shown.model_dump(mode="json")


def present(found: Present) -> dict[str, Any]:
    """All of it, beside what the machine knows of the broadcast."""
    agenda = [item.title for item in found.machine.broadcast.agenda]
    return state(found) | {"passages": [passage(each) for each in found.passages], "agenda": agenda}


def state(found: Present) -> dict[str, Any]:
    """How far the history is, the last actions, the notes, the chapters, what is withdrawn, and what has no place any
    more.
    """
    undone = found.undone
    return {
        "last": found.actions[-1].id if found.actions else "",
        "actions": [action(each, undone) for each in found.actions[-NEWEST:]],
        "notes": notes(found.notes),
        "chapters": [chapter(each) for each in found.chapters],
        "hidden": [{"start": each.start_ms, "end": each.end_ms} for each in found.hidden],
        "unplaced": [
            {"start": each.edit.start_ms, "by": each.edit.author, "text": each.edit.wanted, "why": each.reason}
            for each in found.text.unplaced
        ],
    }


def chapter(found: Beginning) -> dict[str, Any]:
    """A chapter, the agenda item that it takes up, and who set it."""
    return {"title": found.title, "start": found.start_ms, "item": found.item, "by": found.by}


def chapters(found: Present) -> dict[str, Any]:
    """The chapters as they were found, and what persons did with them, the last first."""
    return {
        "found": [{"title": each.title, "start": each.start_ms} for each in found.machine.chapters],
        "edits": [
            _done(each, found.undone) | _set(change) for each in reversed(found.actions) for change in each.chapters
        ],
    }


def _done(found: Action, undone: set[str]) -> dict[str, Any]:
    return {"by": found.author, "at": found.at.isoformat(), "undone": found.id in undone}


def _set(change: ChapterEdit) -> dict[str, Any]:
    before, after = (chapter(each) if each else None for each in (change.before, change.after))
    return {"kind": f"chapter_{change.kind}", "before": before, "after": after}


def changes(before: Present, after: Present) -> dict[str, Any]:
    """What is another since: Passages that changed or came, and the ids of those that went into others."""
    old = {each.id: each for each in before.passages}
    new = after.passages
    changed = [each for each in new if old.get(each.id) is not each and old.get(each.id) != each]
    gone = old.keys() - {each.id for each in new}
    return state(after) | {"passages": [passage(each) for each in changed], "gone": sorted(gone)}


def history(found: Present, wanted: Passage) -> list[dict[str, Any]]:
    """What persons did with a Passage, and with others at its time, the first first."""
    undone = found.undone
    told = [
        _done(each, undone) | _edit(edit)
        for each in found.actions
        for edit in each.edits
        if edit.passage == wanted.id or _meets(wanted, edit.start_ms, edit.end_ms)
    ]
    return sorted([*told, *_withdrawn(found, wanted)], key=lambda each: datetime.fromisoformat(each["at"]))


def _withdrawn(found: Present, wanted: Passage) -> Iterator[dict[str, Any]]:
    """When something of a Passage was withdrawn or restored, by whom and why."""
    for step in found.withdrawn.steps:
        meant = found.withdrawn.steps[step.of - 1] if step.kind == "restored" else step
        if meant.kind == "passage" and _hides(found, meant, wanted):
            kind = "restored" if step.kind == "restored" else "withdrawn"
            yield {"by": step.by, "at": step.at.isoformat(), "undone": False, "kind": kind, "reason": step.reason}


def _hides(found: Present, step: Withdrawal, wanted: Passage) -> bool:
    placed = withdrawals.hidden(Withdrawals((step,)), found.machine.moments, found.machine.duration_ms)
    return any(_meets(wanted, each.start_ms, each.end_ms) for each in placed)


def _meets(wanted: Passage, start_ms: int, end_ms: int) -> bool:
    return start_ms < wanted.end_ms and wanted.start_ms < end_ms


def _edit(edit: Edit) -> dict[str, Any]:
    return {"kind": edit.kind, "before": edit.before, "after": edit.after if edit.kind == "speaker" else edit.wanted}


def places(found: Iterable[Found]) -> list[dict[str, Any]]:
    """Where words stand that shall be replaced."""
    return [
        {
            "passage": each.passage.id,
            "start": each.passage.start_ms,
            "end": each.passage.end_ms,
            "before": each.passage.text,
            "after": each.after,
            "count": each.times,
        }
        for each in found
    ]


def shown_captions(found: Present, wanted: Passage, style: captions.Style) -> list[dict[str, Any]]:
    """The captions that show words of a Passage."""
    passages = list(found.text.transcript.passages)
    at = passages.index(wanted)
    first = next((n for n in range(at, max(at - AROUND, 0), -1) if _is_pause(passages, n)), max(at - AROUND, 0))
    last = next((n for n in range(at + 1, min(at + AROUND, len(passages))) if _is_pause(passages, n)), at + AROUND)
    made = captions.cues(
        passages[first:last],
        style,
        forms=found.machine.forms,
        marks=marks(found.machine.transcript.language),
    )
    return [
        {"start": each.start_ms, "end": each.end_ms, "lines": each.lines, "speed": round(each.speed)}
        for each in made
        if each.start_ms < wanted.end_ms and wanted.start_ms < each.end_ms
    ]


def _is_pause(passages: list[Passage], at: int) -> bool:
    """Whether nothing is said for a while before this one."""
    return at == 0 or passages[at].start_ms - passages[at - 1].end_ms >= PAUSE_MS
