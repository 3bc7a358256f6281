"""Steps of an episode's text: in order, never written again, each of one text of the machine."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from config import stores
from core import keys
from core.bucket import Bucket
from core.duties import signing
from core.duties.signing import Decision, Signing, Step
from core.models import Change
from maaseutu.stack import Stack

NOON = datetime(2026, 11, 25, 10, tzinfo=UTC)


def step(kind: str, by: str = "", machine: str = "a", minutes: int = 0, run: str = "") -> Step:
    at = NOON + timedelta(minutes=minutes)
    return Step.model_validate({"at": at, "kind": kind, "by": by, "machine": machine, "run": run})


@pytest.fixture
def archive(storage: Stack) -> Bucket:
    return stores.archive(storage.settings)


@pytest.fixture
def name() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.mark.parametrize(
    ("steps", "state", "by"),
    [
        ([], "automatic", None),
        ([step("published")], "automatic", None),
        ([step("published"), step("checked", "Anna")], "checked", "Anna"),
        ([step("checked", "Anna"), step("signed", "Eero"), step("checked", "Liisa")], "signed", "Eero"),
        ([step("signed", "Eero"), step("rejected", "Liisa")], "automatic", None),
        ([step("rejected", "Liisa"), step("signed", "Eero")], "signed", "Eero"),
        ([step("returned", "Anna"), step("released", "Anna")], "automatic", None),
        ([step("signed", "Eero", machine="b")], "automatic", None),
    ],
)
def test_the_state_of_a_text(steps: list[Step], state: str, by: str | None) -> None:
    found = Signing("a", tuple(steps))
    assert (found.state, found.settled.by if found.settled else None) == (state, by)


def test_a_signature_stays_known_when_the_machine_writes_another_text() -> None:
    steps = (step("published"), step("signed", "Eero"), step("published", machine="b", minutes=5))
    found = Signing("b", steps)
    assert (found.state, found.earlier) == ("automatic", steps[1])
    assert found.published_at == NOON
    back = Signing("a", steps)
    assert (back.state, back.earlier) == ("signed", None)
    assert (found.rounds, back.rounds) == (1, 1)


def test_other_words_than_those_signed_are_known_until_they_are_signed_too() -> None:
    first, by, same = step("published"), step("signed", "Eero"), step("published", minutes=1)
    first, by, same = (each.model_copy(update={"text": "one"}) for each in (first, by, same))
    other = step("published", "Anna", minutes=2).model_copy(update={"text": "two"})
    again = by.model_copy(update={"text": "two"})
    assert Signing("a", (first, by, same)).changed is None
    assert Signing("a", (first, by, same, other)).changed == other
    assert Signing("a", (first, by, other, same)).changed is None
    assert Signing("a", (first, by, other, again)).changed is None
    assert Signing("a", (first, other)).changed is None
    assert Signing("a", (first, by, same, other)).is_reworded


def test_other_chapters_than_those_signed_are_known_where_both_are() -> None:
    by = step("signed", "Eero").model_copy(update={"text": "one", "chapters": "x"})
    same = step("published", minutes=1).model_copy(update={"text": "one", "chapters": "x"})
    other = same.model_copy(update={"chapters": "y", "by": "Anna"})
    found = Signing("a", (by, same, other))
    assert (found.changed, found.is_reworded) == (other, False)
    assert Signing("a", (by, same)).changed is None
    assert Signing("a", (by.model_copy(update={"chapters": ""}), other)).changed is None


@pytest.mark.parametrize(
    ("kinds", "released", "rejected"),
    [
        ([], False, False),
        (["published"], False, False),
        (["released"], True, False),
        (["signed"], True, False),
        (["released", "rejected"], False, True),
        (["rejected", "released"], True, False),
        (["returned"], False, False),
    ],
)
def test_what_persons_let_be_published(kinds: list[str], released: bool, rejected: bool) -> None:
    found = Signing("a", tuple(step(kind) for kind in kinds))
    assert (found.is_released, found.is_rejected) == (released, rejected)


def test_every_decision_is_a_step() -> None:
    assert len({decision.kind for decision in Decision}) == len(Decision)


def test_of_two_who_decide_at_once_one_must_look_again(archive: Bucket, name: str) -> None:
    both = [step("signed", by) for by in ("Anna", "Eero")]
    with ThreadPoolExecutor(2) as pool:
        stored = list(pool.map(lambda one: signing.append(archive, name, (), one), both))
    assert sorted(stored) == [False, True]
    assert signing.steps(archive, name) == (both[stored.index(True)],)
    late = both[stored.index(False)]
    assert signing.append(archive, name, signing.steps(archive, name), late)
    assert [one.by for one in signing.steps(archive, name)] == [both[stored.index(True)].by, late.by]


def test_the_same_step_again_changes_nothing(archive: Bucket, name: str) -> None:
    for _ in range(2):
        assert signing.append(archive, name, (), step("published"))
    assert signing.steps(archive, name) == (step("published"),)


def test_the_change_log_tells_when_a_recording_was_first_published(storage: Stack, name: str) -> None:
    site = stores.site(storage.settings)

    def changed(minutes: int, version: str, episode: str = name) -> None:
        change = Change(at=NOON + timedelta(minutes=minutes), kind="published", episode=episode, version=version)
        site.put_record(keys.change(change.at, episode, version), change)

    assert signing.first_published(site, name) is None
    changed(1, keys.LIVE)
    changed(2, "aaaa", f"{name}-2")
    changed(3, "bbbb")
    changed(4, "cccc")
    assert signing.first_published(site, name) == NOON + timedelta(minutes=3)
