"""Words that are replaced wherever they stand."""

import pytest

from core.text.everywhere import found, names
from tests.core.transcripts import spoken


@pytest.mark.parametrize(
    ("text", "words", "instead", "after"),
    [
        ("Savukoske ne kunta, savukoske ne.", "savukoske ne", "Savukosken", "Savukosken kunta, Savukosken."),
        ("Kunnan EU:n ja EU.", "EU", "ETA", "Kunnan EU:n ja ETA."),
        ("Kolu on auki, kolulla.", "kolu", "koulu", "Koulu on auki, kolulla."),
        ("Pihtipuda-hanke", "pihtipuda", "Pihtipudas", "Pihtipudas-hanke"),
        ("a (b) c", "(b)", "d", "a d c"),
        ("niin niin", "niin", r"\1", r"\1 \1"),
    ],
)
def test_just_these_words_are_replaced(text: str, words: str, instead: str, after: str) -> None:
    (place,) = found(spoken((0, text)).passages, words, instead)
    assert place.after == after
    assert place.times == len(text.lower().replace("eu:n", "").replace("kolulla", "").split(words.lower())) - 1


def test_nothing_is_found_of_nothing() -> None:
    assert found(spoken((0, "a b")).passages, " ", "c") == ()
    assert found(spoken((0, "a b")).passages, "c", "d") == ()


def test_names_that_the_lexicon_can_take() -> None:
    assert names("Savukosken kunta, EU ja Anna-Liisa") == ("Savukosken", "Anna-Liisa")
