"""Which words of a correction are names, and how they are remembered."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from config import stores
from core.models import Edit
from core.speech import learning
from maaseutu.stack import Stack

NOON = datetime(2026, 11, 25, 10, tzinfo=UTC)


def _edit(before: str, after: str, minutes: int = 0) -> Edit:
    at = NOON + timedelta(minutes=minutes)
    return Edit(passage="p0", at=at, author="Anna", start_ms=0, end_ms=4000, before=before, after=after)


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ("vieraana on savukoske ne johtaja", "Vieraana on Savukosken johtaja.", ("Savukosken",)),
        ("Vieraana on Savukosken johtaj.", "Vieraana on Savukosken johtaja.", ()),
        ("kutsu lähti. Sitä luettiin.", "Kutsu lähti. Niitä luettiin.", ()),
        ("kutsu lähti te älälle", "Kutsu lähti THL:lle ja EU:lle.", ()),
        ("puhuu anna hieta niemi", "Puhuu Anna-Liisa Hietaniemi, Ii.", ("Anna-Liisa", "Hietaniemi")),
        ("kolmas joulu kuuta päätti perkkamp", "3. joulukuuta päätti Bergkamp, ja Bergkamp lähti.", ("Bergkamp",)),
        ("savukoski", "Savukoski", ()),
    ],
)
def test_names_that_the_machine_wrote_otherwise(before: str, after: str, names: tuple[str, ...]) -> None:
    assert learning.names(_edit(before, after)) == names


def test_what_is_only_confirmed_or_deleted_teaches_nothing() -> None:
    for kind in ("confirm", "delete"):
        assert learning.names(_edit("a", "Puhuu Hietaniemi.").model_copy(update={"kind": kind})) == ()


@pytest.mark.parametrize(
    ("name", "form"),
    [("Bergkamp", "Bergkampille"), ("Bergkampin", "Bergkampista"), ("Bergkampille", "Bergkamp"), ("Smith", "Smithiä")],
)
def test_forms_of_a_name_that_no_lexicon_knows(name: str, form: str) -> None:
    assert form in learning.guessed(name)
    assert learning.guessed(name)[0] == name


@pytest.mark.parametrize("name", ["Kuusamo", "Ylein", "Ab"])
def test_a_name_of_another_kind_is_only_itself(name: str) -> None:
    assert learning.guessed(name) == (name,)


def test_each_programme_learns_for_itself(storage: Stack) -> None:
    archive = stores.archive(storage.settings)
    one, other = f"series-{uuid.uuid4().hex[:8]}", f"series-{uuid.uuid4().hex[:8]}"
    assert learning.learned(archive, one) == ()
    assert learning.learn(archive, one, _edit("x", "Puhuu Ylä-Äijälän Åke.", 2)) == ("Ylä-Äijälän",)
    learning.learn(archive, one, _edit("x", "Puhuu O'Brien.", 1))
    learning.learn(archive, one, _edit("x", "Puhuu Ylä-Äijälän isäntä.", 3))
    learning.learn(archive, other, _edit("x", "Puhuu Bergkamp."))
    assert learning.learned(archive, one) == ("O'Brien", "Ylä-Äijälän")
