"""The text of an episode on the desk of those who correct it: how it stands, and what becomes of what they ask for.

Raises the bucket's errors.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pydantic import Field

from core import keys
from core.archive import actions
from core.archive.actions import Action
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.duties import withdrawals
from core.duties.withdrawals import Withdrawals
from core.errors import InvalidInput, ObjectMissing
from core.meeting import chapter_edits, marks, note_edits
from core.meeting.chapter_edits import Beginning, ChapterEdit, Titles
from core.meeting.note_edits import NoteEdit
from core.models import Edit, Episode, Hidden, Notes, Passage, Record
from core.speech import learning
from core.text import anchors, edits
from core.text.edits import Corrected

ON_THE_DESK = 4
"""So many episodes are kept in memory; one of four hours takes some tens of megabytes."""
MOST = 5000
"""Edits of one action: more than a broadcast of a day has Passages are no correction."""
A_MOMENT = timedelta(microseconds=1)


class Wanted(Record):
    """What somebody asks for, under a name of their own making: asked again, it is done once.

    ``teaches`` are names that the lexicon shall have of it.
    """

    id: str = Field(pattern=f"^{actions.ID}$")
    edits: tuple[Edit, ...] = Field((), max_length=MOST)
    notes: tuple[NoteEdit, ...] = Field((), max_length=MOST)
    chapters: tuple[ChapterEdit, ...] = Field((), max_length=MOST)
    undoes: str = Field("", pattern=f"^({actions.ID})?$")
    teaches: tuple[str, ...] = Field((), max_length=20)


class Present(NamedTuple):
    """How an episode stands: the machine's, all actions in order, and what they make of its text, notes and chapters.

    The machine's chapters are those that persons change: found when it was published last, and marked moments.
    What is ``withdrawn`` is on the desk as all of it: it can be restored.
    """

    machine: Episode
    actions: tuple[Action, ...]
    text: Corrected
    notes: Notes
    chapters: tuple[Beginning, ...]
    withdrawn: Withdrawals

    @property
    def passages(self) -> list[Passage]:
        """All of them in order of time; those that were deleted have no text."""
        return sorted([*self.text.transcript.passages, *self.text.deleted], key=lambda passage: passage.start_ms)

    @property
    def undone(self) -> set[str]:
        """The names of the actions that somebody has undone."""
        return actions.revoked(self.actions)

    @property
    def hidden(self) -> tuple[Hidden, ...]:
        """Where viewers see, hear and read nothing."""
        return withdrawals.hidden(self.withdrawn, self.machine.moments, self.machine.duration_ms)


class Outcome(NamedTuple):
    """How it stands after what was asked for. ``done`` is nothing where another person was there before.

    ``is_new`` is false where it was done when it was asked for the first time.
    """

    present: Present
    done: Action | None
    is_new: bool = False


class Desk:
    """Episodes while they are corrected. Safe to use from several threads; they take turns in changing an episode."""

    def __init__(self, archive: Bucket) -> None:
        self._archive = archive
        self._open: OrderedDict[str, _Sheet] = OrderedDict()
        self._lock = threading.Lock()

    def present(self, broadcast_id: str) -> Present:
        """How an episode stands.

        Raises:
            ObjectMissing: it was never prepared.
        """
        sheet = self._sheet(broadcast_id)
        with sheet.lock:
            return sheet.present()

    def before(self, broadcast_id: str, last: str) -> Present:
        """How it stood after the action of that name; before any, if there is none."""
        sheet = self._sheet(broadcast_id)
        with sheet.lock:
            return sheet.before(last)

    def act(self, broadcast_id: str, wanted: Wanted, author: str) -> Outcome:
        """Do what is asked for, unless it was done, or what it is done to is not as the person saw it.

        Raises:
            InvalidInput: it asks for nothing, or for something that cannot be.
            ObjectMissing: the episode was never prepared.
        """
        sheet = self._sheet(broadcast_id)
        with sheet.lock:
            return sheet.act(wanted, author)

    def _sheet(self, broadcast_id: str) -> "_Sheet":
        with self._lock:
            sheet = self._open.pop(broadcast_id, None) or _Sheet(RecordingStore(self._archive, broadcast_id))
            self._open[broadcast_id] = sheet
            while len(self._open) > ON_THE_DESK:
                self._open.popitem(last=False)
            return sheet


class _Sheet:
    """One episode: what was read of it is kept as long as the store has nothing newer."""

    def __init__(self, store: RecordingStore) -> None:
        self.lock = threading.Lock()
        self._store = store
        self._etags: tuple[str, ...] = ()
        self._machine: Episode | None = None
        self._titles: Titles = {}
        self._withdrawn = Withdrawals()
        self._known: dict[str, Action] = {}
        self._present: Present | None = None

    def present(self) -> Present:
        machine, found = self._read(), self._actions()
        if self._present is None or self._present.machine is not machine or self._present.actions != found:
            self._present = _made(machine, found, self._titles, self._withdrawn)
        return self._present

    def before(self, last: str) -> Present:
        found = self._actions()
        names = [action.id for action in found]
        if names and names[-1] == last:
            return self.present()
        machine, seen = self._read(), found[: names.index(last) + 1] if last in names else ()
        return _made(machine, seen, self._titles, self._withdrawn)

    def _read(self) -> Episode:
        made = [self._store.archive.head(key(self._store.id)) for key in (keys.episode, keys.chapters)]
        described = [item.key for item in self._store.archive.list(keys.withdrawals(self._store.id))]
        etags = (*(each.etag if each else "" for each in made), *described)
        if self._machine is None or etags != self._etags:
            episode = self._store.episode()
            if episode is None:
                raise ObjectMissing(f"{self._store.id} has not been prepared.", "Run prepare_episode for it first.")
            self._withdrawn = decided = withdrawals.read(self._store.archive, self._store.id)
            self._titles = decided.titles(episode.broadcast)
            found = chapter_edits.retitled(self._store.found_chapters(episode), self._titles)
            begun = marks.chapters(found, self._store.marks(), episode.moments, episode.duration_ms)
            named = {
                "broadcast": decided.described(episode.broadcast),
                "transcript": anchors.named(episode.transcript),
                "chapters": begun,
            }
            self._machine, self._etags = episode.model_copy(update=named), etags
        return self._machine

    def _actions(self) -> tuple[Action, ...]:
        self._known = self._store.actions(self._known)
        return actions.once(self._known.values())

    def act(self, wanted: Wanted, author: str) -> Outcome:
        present = self.present()
        done = next((action for action in present.actions if action.id == wanted.id), None)
        if done:
            return Outcome(present, done)
        _require(wanted, present)
        if not _fits(wanted, present):
            return Outcome(present, None)
        action = _action(wanted, author, present.actions)
        self._store.act(action)
        self._learn(present.machine.broadcast.programme, action, wanted.teaches)
        return Outcome(self.present(), action, is_new=True)

    def _learn(self, programme: str, action: Action, names: Sequence[str]) -> None:
        archive = self._store.archive
        known = set(learning.learned(archive, programme)) if action.edits else set()
        for edit in action.edits[:1] if names else ():
            learning.teach(archive, programme, edit, [name for name in names if name not in known])
        for edit in action.edits:
            found = [name for name in learning.names(edit) if name not in known]
            known.update(learning.teach(archive, programme, edit, found))


def _made(machine: Episode, found: tuple[Action, ...], titles: Titles, withdrawn: Withdrawals) -> Present:
    left = actions.standing(found)
    text = edits.applied(machine.transcript, [edit for action in left for edit in action.edits])
    notes = note_edits.applied(machine.notes, [line for action in left for line in action.notes])
    changes = chapter_edits.retold([change for action in left for change in action.chapters], titles)
    begun = chapter_edits.beginnings(machine.chapters, machine.broadcast.agenda, changes, text.transcript)
    return Present(machine, found, text, notes, begun, withdrawn)


def _require(wanted: Wanted, present: Present) -> None:
    if not (wanted.edits or wanted.notes or wanted.chapters or wanted.undoes):
        raise InvalidInput("This asks for no change.", "Say what to change.")
    if wanted.undoes and wanted.undoes not in {action.id for action in present.actions}:
        raise InvalidInput("There is no such action to undo.", "Read the history again.")


def _fits(wanted: Wanted, present: Present) -> bool:
    """Whether all of it is done to what the person saw. Of several edits of one Passage, the first has to be."""
    if wanted.undoes:
        return wanted.undoes not in present.undone
    first = {edit.passage: edit for edit in reversed(wanted.edits)}
    seen = [line.before for line in wanted.notes if line.before]
    fit = edits.fitting(present.text, first.values()) and all(note_edits.stands(present.notes, line) for line in seen)
    return fit and all(chapter_edits.fits(present.chapters, change) for change in wanted.chapters)


def _action(wanted: Wanted, author: str, before: Sequence[Action]) -> Action:
    # Clocks of several machines differ: what somebody saw came before what they made of it.
    at = max(datetime.now(UTC), before[-1].at + A_MOMENT) if before else datetime.now(UTC)
    made = tuple(edit.model_copy(update={"at": at, "author": author}) for edit in wanted.edits)
    begun = tuple(_set(change, author) for change in wanted.chapters)
    return Action(
        id=wanted.id, at=at, author=author, edits=made, notes=wanted.notes, chapters=begun, undoes=wanted.undoes
    )


def _set(change: ChapterEdit, author: str) -> ChapterEdit:
    after = change.after.model_copy(update={"by": author}) if change.after else None
    return change.model_copy(update={"after": after})
