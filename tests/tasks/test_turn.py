"""The turn of recognition: live text need not wait for the Parts of its own run."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tasks import transcription
from tasks.transcription import Turn


class Slot:
    """Stands for the slot of all runs, which Prefect keeps; the chain tests ask the real one."""

    def __init__(self) -> None:
        self.taken = 0
        self.is_held = False

    @contextmanager
    def __call__(self, _name: str, **_options: object) -> Iterator[None]:
        assert not self.is_held
        self.taken += 1
        self.is_held = True
        try:
            yield
        finally:
            self.is_held = False


@pytest.fixture
def slot(monkeypatch: pytest.MonkeyPatch) -> Slot:
    slot = Slot()
    monkeypatch.setattr(transcription, "concurrency", slot)
    return slot


def test_live_text_joins_a_part_and_the_slot_is_kept_until_both_have_left(slot: Slot) -> None:
    turn, joined, go = Turn(), threading.Event(), threading.Event()

    def live() -> None:
        with turn.at_once():
            joined.set()
            go.wait(10)
            assert slot.is_held

    thread = threading.Thread(target=live)
    threading.Timer(0.3, go.set).start()
    with turn():
        thread.start()
        assert joined.wait(5)
    assert go.is_set()
    thread.join(5)
    assert (slot.taken, slot.is_held) == (1, False)


def test_nobody_joins_who_comes_late(slot: Slot) -> None:
    turn = Turn()
    with turn.at_once():
        pass
    with turn.at_once():
        assert slot.is_held
    assert (slot.taken, slot.is_held) == (2, False)


def _failing(turn: Turn) -> None:
    with turn.at_once():
        with turn.at_once():
            pass
        raise OSError("gone")


def test_an_error_inside_gives_the_slot_back(slot: Slot) -> None:
    turn = Turn()
    with pytest.raises(OSError, match="gone"):
        _failing(turn)
    with turn.at_once():
        assert slot.is_held
    assert slot.taken == 2
