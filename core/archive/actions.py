"""What persons did with the text of an episode, action by action. Pure.

An action is done at once and undone at once, by another action: none is ever removed.
"""

import json
from collections.abc import Iterable

from pydantic import AwareDatetime

from core.meeting.chapter_edits import ChapterEdit
from core.meeting.note_edits import NoteEdit
from core.models import Edit, Record

ID = "[0-9a-f]{8,32}"
"""What an action may be called. Whoever asks for it makes its name, so that asking twice does nothing twice."""


class Action(Record):
    """What one person did: with Passages, lines of the notes or chapters; or they undid the action ``undoes``."""

    id: str
    at: AwareDatetime
    author: str
    edits: tuple[Edit, ...] = ()
    notes: tuple[NoteEdit, ...] = ()
    chapters: tuple[ChapterEdit, ...] = ()
    undoes: str = ""


def parsed(name: str, data: bytes) -> Action:
    """An action as it is stored under the ``name`` that it has; earlier versions stored each edit by itself."""
    found = json.loads(data)
    if "edits" in found:
        return Action.model_validate(found)
    edit = Edit.model_validate(found)
    return Action(id=name, at=edit.at, author=edit.author, edits=(edit,))


def once(actions: Iterable[Action]) -> tuple[Action, ...]:
    """The actions without those that came twice."""
    first: dict[str, Action] = {}
    for action in actions:
        first.setdefault(action.id, action)
    return tuple(first.values())


def revoked(actions: Iterable[Action]) -> set[str]:
    """The names of those that somebody has undone. Who undoes an undoing does the action again."""
    undone: set[str] = set()
    for action in reversed(tuple(actions)):
        if action.undoes and action.id not in undone:
            undone.add(action.undoes)
    return undone


def standing(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Those that did something and that nobody has undone, in order."""
    found = tuple(actions)
    undone = revoked(found)
    return tuple(action for action in found if not action.undoes and action.id not in undone)
