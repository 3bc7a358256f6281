"""What the search finds of what was said, on texts whose answer is known, with the real analyser and index."""

from core.language.finnish import Analyser
from evaluation import heard

SAID = {
    "0": "Kunnan koulu suljetaan Savukoskella.",
    "1": "kouluista puhutaan Utajärvellä",
    "2": "tiestä ei puhuta",
    "3": "vielä muuta",
    "4": "lopuksi kiitos",
}


def test_words_are_put_into_stretches_of_ten_seconds() -> None:
    words = [(0.2, "Hyvää"), (9.99, "huomenta"), (10.0, "kaikille"), (35.0, "Kiitos")]
    assert heard.stretches(words) == {"0": "Hyvää huomenta", "1": "kaikille", "3": "Kiitos"}


def test_questions_are_base_forms_that_say_something(analyser: Analyser) -> None:
    asked = heard.questions(SAID, analyser)
    assert asked["savukoski"] == {"0"}
    assert "koulu" not in asked, "two of five stretches are too many"
    assert "tie" not in asked, "three letters are too few"


def test_what_was_recognised_otherwise_is_not_found(analyser: Analyser) -> None:
    right = {"koulu": {"0", "1"}, "savukoski": {"0"}, "utajärvi": {"1"}}
    assert heard.coverage(SAID, right, analyser) == heard.Coverage(3, 1.0, 1.0)
    recognised = {"0": "Kunnan koulu suljetaan savun koskella", "1": "koulusta puhutaan Utajärvellä", "2": "koulu"}
    found = heard.coverage(recognised, right, analyser)
    assert (round(found.recall, 3), round(found.precision, 3)) == (0.667, 0.833)
