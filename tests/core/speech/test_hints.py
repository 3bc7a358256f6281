"""What is said to the engine beforehand."""

from core.speech.engines.base import Hints


def test_a_vocabulary_ends_as_a_sentence_does() -> None:
    assert Hints("fi", ("Kuntaliitto", "Savukoski")).prompt == "Kuntaliitto Savukoski."
    assert Hints("fi").prompt == ""
