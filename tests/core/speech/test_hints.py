"""What is said to the engine beforehand."""

from core.speech import whisper
from core.speech.engines.base import Hints
from core.speech.whisper import Options


def test_a_vocabulary_ends_as_a_sentence_does() -> None:
    assert Hints("fi", ("Kuntaliitto", "Savukoski")).prompt == "Kuntaliitto, Savukoski."
    assert Hints("fi").prompt == ""


def test_names_that_are_listened_for_once_more_stand_without_commas() -> None:
    asked = whisper.expecting(Options("base", "fi", ("Kuntaliitto", "Maaseutu LIVE")), ("Padasjoella", "Padasjoen"))
    assert Hints("fi", asked.vocabulary).prompt == "Kuntaliitto, Maaseutu LIVE, Padasjoella Padasjoen."
    assert whisper.expecting(Options("base", "fi"), ()).vocabulary == ()
