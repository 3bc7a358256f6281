"""What persons did, what they undid, and how it is stored."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from config import stores
from core.archive.actions import Action, once, parsed, revoked, standing
from core.archive.recordings import RecordingStore
from core.models import Edit
from maaseutu.stack import Stack

NOON = datetime(2026, 11, 25, 10, tzinfo=UTC)
EDIT = Edit(passage="p0", at=NOON, author="Anna", start_ms=0, end_ms=1, before="a", after="b")


def did(number: int, undoes: int = 0) -> Action:
    """The action of a number, which corrects something or undoes another one."""
    made = Action(id=f"{number:08x}", at=NOON + timedelta(minutes=number), author="Anna")
    return made.model_copy(update={"undoes": f"{undoes:08x}"} if undoes else {"edits": (EDIT,)})


@pytest.mark.parametrize(
    ("actions", "left"),
    [
        ([did(1), did(2)], [1, 2]),
        ([did(1), did(2), did(3, 1)], [2]),
        ([did(1), did(2, 1), did(3, 2)], [1]),
        ([did(1), did(2, 1), did(3, 2), did(4, 3)], []),
        ([did(1), did(2, 1), did(3, 1)], []),
        ([did(1), did(2, 9)], [1]),
    ],
)
def test_what_is_undone_does_not_stand_and_undoing_can_be_undone(actions: list[Action], left: list[int]) -> None:
    assert [int(action.id, 16) for action in standing(actions)] == left
    assert not revoked(actions) & {action.id for action in standing(actions)}


def test_what_came_twice_is_done_once() -> None:
    later = did(1).model_copy(update={"at": NOON + timedelta(hours=1)})
    assert once([did(1), did(2), later]) == (did(1), did(2))


def test_an_edit_that_an_earlier_version_stored_is_an_action() -> None:
    old = parsed("0123abcd", EDIT.model_dump_json(exclude={"at_word", "was"}).encode())
    assert old == Action(id="0123abcd", at=NOON, author="Anna", edits=(EDIT,))
    assert parsed("x", did(1).model_dump_json().encode()) == did(1)


def test_what_was_done_since_a_moment_is_read_alone(storage: Stack) -> None:
    store = RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")
    for action in (did(1), did(2), did(3), did(4), did(5, undoes=4), did(6, undoes=1)):
        store.act(action)
    assert [action.id for action in store.actions(since=did(3).at).values()] == [did(n).id for n in (3, 4, 5, 6)]
    assert [action.id for action in store.standing(did(2).at)] == [did(2).id, did(3).id]
    assert [action.id for action in store.standing()] == [did(2).id, did(3).id]
