"""What the editor's page asks for, checked. Pure."""

from datetime import datetime
from typing import Literal

from pydantic import Field, ValidationError

from core import names
from core.archive import actions
from core.errors import InvalidInput
from core.meeting.chapter_edits import ChapterEdit
from core.meeting.note_edits import NoteEdit
from core.models import Edit, NoteLine, Record
from core.review.editing import MOST, Wanted
from web.problems import Fault

LONGEST = 5000
"""Characters of a Passage that somebody writes."""


class EditAsked(Record):
    """An edit (core.models.Edit) before it is known who makes it, and when."""

    passage: str = Field(max_length=100)
    kind: Literal["text", "delete", "confirm", "replace", "split", "merge", "speaker"]
    start_ms: int = Field(ge=0)
    end_ms: int = Field(ge=0)
    before: str = Field(max_length=2 * LONGEST)
    after: str = Field("", max_length=LONGEST)
    at_word: int = Field(0, ge=0)
    was: str = Field("", max_length=LONGEST)


class ActionAsked(Record):
    """An action before it is known who does it. Asked for again under the same ``id`` it is done once."""

    id: str = Field(pattern=f"^{actions.ID}$")
    edits: tuple[EditAsked, ...] = Field((), max_length=MOST)
    notes: tuple[NoteEdit, ...] = Field((), max_length=MOST)
    chapters: tuple[ChapterEdit, ...] = Field((), max_length=MOST)
    undoes: str = Field("", pattern=f"^({actions.ID})?$")
    teaches: tuple[str, ...] = Field((), max_length=20)


def wanted(asked: ActionAsked, author: str, at: datetime) -> Wanted:
    """What they ask for, without signs that are not seen.

    Raises:
        InvalidInput: a chapter has no title.
    """
    return Wanted(
        id=asked.id,
        edits=tuple(_edit(each, author, at) for each in asked.edits),
        notes=tuple(_note(each) for each in asked.notes),
        chapters=tuple(_chapter(each) for each in asked.chapters),
        undoes=asked.undoes,
        teaches=tuple(names.title(name) for name in asked.teaches),
    )


def _edit(asked: EditAsked, author: str, at: datetime) -> Edit:
    after = names.title(asked.after) if asked.kind == "speaker" else names.line(asked.after)
    # A Passage that says nothing is a deleted one.
    kind = "delete" if asked.kind in ("text", "replace") and not after else asked.kind
    return Edit(**dict(asked) | {"after": after, "kind": kind, "author": author, "at": at})


def _note(asked: NoteEdit) -> NoteEdit:
    after = asked.after
    return asked.model_copy(update={"after": _line(after) if after else None})


def _line(line: NoteLine) -> NoteLine:
    plain = {name: names.line(getattr(line, name)) for name in ("text", "who", "due")}
    return line.model_copy(update=plain)


def _chapter(asked: ChapterEdit) -> ChapterEdit:
    if asked.after is None:
        return asked
    title = names.title(asked.after.title)
    if not title:
        raise InvalidInput("A chapter needs a title.", "Write one.")
    return asked.model_copy(update={"after": asked.after.model_copy(update={"title": title})})


def faults(error: ValidationError) -> tuple[Fault, ...]:
    """What cannot be taken, and why."""
    return tuple(Fault(where=".".join(map(str, each["loc"])), why=each["msg"]) for each in error.errors())
