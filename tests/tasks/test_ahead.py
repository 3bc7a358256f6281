"""Live text that cannot be made: it is said once, and nobody waits for it."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import Settings
from core.models import Broadcast, Segment
from maaseutu.stack import Stack
from tasks.ahead import Listener, News

pytestmark = pytest.mark.usefixtures("prefect")
NOW = datetime(2026, 11, 24, 7, tzinfo=UTC)


def _segments(count: int) -> list[Segment]:
    """Four seconds each; their media are nowhere."""
    return [
        Segment(take=1, number=n, captured_at=NOW, pts=360_000 * n, duration=360_000, sha256=f"{n:064x}")
        for n in range(count)
    ]


@pytest.fixture
def settings(storage: Stack, tmp_path: Path) -> Settings:
    """Of a store in which nothing lies, without the lexicon, which takes seconds to load."""
    return storage.settings.model_copy(update={"state": tmp_path, "repair": False, "written": False})


def test_what_fails_is_told_once_and_tried_again(settings: Settings) -> None:
    told: list[str] = []
    warned = threading.Event()

    def warn(text: str) -> None:
        told.append(text)
        warned.set()

    broadcast = Broadcast(id="kokous", programme="maaseutu-live", title="Kokous", starts_at=NOW)
    listener = Listener(settings, broadcast, warn)
    listener.start()
    listener.tell(News(_segments(1), (), 0))
    assert warned.wait(60)
    for count in (2, 3, 4):
        listener.tell(News(_segments(count), (), 0))
    listener.stop()
    [text] = told
    assert "is not in the store" in text
    assert "The text comes with the Parts." in text
    assert not listener.has_text


def test_one_that_was_told_nothing_ends_at_once(settings: Settings) -> None:
    broadcast = Broadcast(id="kokous", programme="maaseutu-live", title="Kokous", starts_at=NOW)
    listener = Listener(settings, broadcast, lambda _: None)
    listener.start()
    listener.stop()
    assert not listener.has_text
