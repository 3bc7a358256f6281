"""What names sound like."""

import pytest

from core.speech.sounding import Names

NAMES = Names(["Toivakan", "Toivakkaan", "Ii", "Savukoskella", "Savukoskelta"])


@pytest.mark.parametrize(
    ("heard", "nearest"),
    [
        ("toivakaan", [(0.0, "Toivakan"), (0.0, "Toivakkaan")]),
        ("savukoskeila", [(1 / 11, "Savukoskella"), (2 / 12, "Savukoskelta")]),
    ],
)
def test_the_nearest_names_and_how_far_they_are(heard: str, nearest: list[tuple[float, str]]) -> None:
    [found] = NAMES.near([heard])
    assert [each for each in found if each[0] <= nearest[-1][0]] == nearest


def test_forms_of_a_name_that_sound_alike_the_nearest_first() -> None:
    assert NAMES.forms_near("toivakan", 2) == [(0.0, "Toivakkaan")]
    assert NAMES.forms_near("Savukoskella", 2) == [(1.0, "Savukoskelta")]
    assert NAMES.forms_near("Ii", 2) == []


def test_nothing_is_near_to_nothing() -> None:
    assert NAMES.near([]) == []
