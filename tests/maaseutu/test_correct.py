"""A person corrects what the machine heard, on the command line."""

import uuid
from datetime import UTC, datetime

import pytest

from config import stores
from core import keys
from core.archive.recordings import RecordingStore
from core.errors import InvalidInput
from core.models import Broadcast
from core.speech import learning
from core.text import transcript
from maaseutu import cli, correct
from maaseutu.stack import Stack
from tests.core.transcripts import spoken
from tests.web import demo

MACHINE = spoken(
    (16.9, 20, "Vierääna on Savukoske ne kunnanjohtaja."), (20.1, 24, "Kiitos."), (3700, 3704, "Hyvä päivän jatkoa.")
)


@pytest.fixture
def store(storage: Stack) -> RecordingStore:
    """An episode that was assembled."""
    made = RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")
    broadcast = Broadcast(
        id=made.id, programme=f"series-{made.id}", title="Kokous", starts_at=datetime(2026, 11, 24, tzinfo=UTC)
    )
    episode = demo.episode().model_copy(update={"broadcast": broadcast, "transcript": MACHINE})
    made.archive.put_record(keys.episode(made.id), episode)
    return made


def asked(at: str, text: str = "", *, delete: bool = False, confirm: bool = False) -> correct.Correction:
    return correct.asked(at, text, delete=delete, confirm=confirm, author="Anna Korhonen")


def test_a_correction_is_stored_and_shown(
    storage: Stack, store: RecordingStore, capsys: pytest.CaptureFixture[str]
) -> None:
    correct.run(storage.settings, store.id, asked("0.16", " Vieraana on\nSavukosken kunnanjohtaja. "))
    assert capsys.readouterr().out.splitlines() == [
        "0.00.16  was: Vierääna on Savukoske ne kunnanjohtaja.",
        "          is: Vieraana on Savukosken kunnanjohtaja.",
        f"Later broadcasts of series-{store.id} will know, in every form: Savukosken",
    ]
    assert learning.learned(store.archive, f"series-{store.id}") == ("Savukosken",)
    (edit,) = store.edits()
    assert (edit.passage, edit.author, edit.kind, edit.start_ms) == ("p16900", "Anna Korhonen", "text", 16_900)
    assert abs((datetime.now(UTC) - edit.at).total_seconds()) < 600
    correct.run(storage.settings, store.id, asked("17.5", "Vieraana on Sallan kunnanjohtaja."))
    assert store.edits()[1].before == "Vieraana on Savukosken kunnanjohtaja."
    with pytest.raises(InvalidInput, match="says that already"):
        correct.run(storage.settings, store.id, asked("0.18", "Vieraana on Sallan kunnanjohtaja."))


def test_a_passage_is_confirmed_deleted_and_written_again(storage: Stack, store: RecordingStore) -> None:
    correct.run(storage.settings, store.id, asked("0.21", confirm=True))
    correct.run(storage.settings, store.id, asked("0.21", delete=True))
    correct.run(storage.settings, store.id, asked("0.21", "Kiitoksia."))
    assert [(edit.kind, edit.before, edit.wanted) for edit in store.edits()] == [
        ("confirm", "Kiitos.", "Kiitos."),
        ("delete", "Kiitos.", ""),
        ("text", "", "Kiitoksia."),
    ]


def test_the_passage_that_begins_in_a_second_is_meant_before_the_one_that_ends_in_it(
    storage: Stack, store: RecordingStore
) -> None:
    for at in ("0.20", "20", "20,1", "1.01.42"):
        correct.run(storage.settings, store.id, asked(at, f"Sanottiin {at}."))
    assert [edit.passage for edit in store.edits()] == ["p20100", "p20100", "p20100", "p3700000"]


def test_where_nobody_speaks_the_nearest_passages_are_named(storage: Stack, store: RecordingStore) -> None:
    with pytest.raises(InvalidInput, match=r"Nobody speaks at 0\.30\.00") as raised:
        correct.run(storage.settings, store.id, asked("0.30.00", "Kyllä."))
    assert raised.value.cure.splitlines()[1] == "  0.00.16  Vierääna on Savukoske ne kunnanjohtaja."
    assert store.edits() == []


def test_an_episode_that_is_not_there(storage: Stack) -> None:
    with pytest.raises(InvalidInput, match="There is no episode never-prepared"):
        correct.run(storage.settings, "never-prepared", asked("0.30.00", "Kyllä."))


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1.02.03", 3_723_000),
        ("2:03", 123_000),
        ("0:07", 7000),
        ("1:02:03", 3_723_000),
        ("0.05", 5000),
        ("83.4", 83_400),
        ("7", 7000),
    ],
)
def test_moments(text: str, ms: int) -> None:
    assert transcript.moment(text) == ms


@pytest.mark.parametrize("text", ["", "x", "1.60", "1.75.00", "-1", "1.2.3.4"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(InvalidInput, match="not a place of an episode"):
        transcript.moment(text)


@pytest.mark.parametrize("what", [[], [" "], ["a", "--confirm"], ["--confirm", "--delete"]])
def test_it_must_be_said_what_to_do(what: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["correct", "2026-11-24-kokous", "--at", "0.05", *what]) == 1
    assert "Say what to do" in capsys.readouterr().err


def test_the_login_name_is_the_author_by_default() -> None:
    assert correct.asked("0.05", "a", delete=False, confirm=False, author="").author == correct.login() != ""
