"""Where a person is named, in any inflection."""

from core.duties.persons import Document, Wanted, spoken
from core.language.finnish import Analyser
from tests.core import transcripts


def found(analyser: Analyser, name: str, *texts: str) -> list[str]:
    return [each.sureness for each in Wanted(name, analyser).named(Document(list(texts), analyser))]


def test_a_name_is_found_in_any_form_and_order(analyser: Analyser) -> None:
    said = ("Matti Virtasen mukaan", "kysytään Virtaselta", "Virtanen Matti", "Matti J. Virtaselle", "Korhonen sanoi")
    assert found(analyser, "Matti Virtanen", *said) == ["name", "surname", "name", "name"]


def test_a_name_that_no_lexicon_knows_is_found_by_its_beginning(analyser: Analyser) -> None:
    assert found(analyser, "Xenja Kvöltönen", "Xenja Kvöltösellekin", "Kvöltösen", "kvöltaus") == ["name", "surname"]


def test_a_first_name_alone_tells_only_beside_the_surname(analyser: Analyser) -> None:
    assert found(analyser, "Matti Virtanen", "Matti kävi täällä.") == []
    assert found(analyser, "Matti Virtanen", "Matti kävi täällä.", "Virtasen ehdotus") == ["first name", "surname"]


def test_a_small_word_may_be_a_common_one(analyser: Analyser) -> None:
    assert found(analyser, "Anna Virta", "joen virta on kova", "Virtahepo ja Virtaus") == []
    assert found(analyser, "Anna Virta", "joen virta on kova", "Virran Anna") == ["small", "name"]


def test_fields_and_times_of_records_are_told(analyser: Analyser) -> None:
    transcript = transcripts.spoken((12, "Kiitos, Matti Virtanen."), (20, "Muuta ei ollut."))
    (only,) = Wanted("Matti Virtanen", analyser).named(Document({"transcript": transcript.model_dump()}, analyser))
    assert (only.field, only.at_ms, only.text) == ("transcript.passages.text", 12_000, "Kiitos, Matti Virtanen.")


def test_a_name_that_was_said_in_another_form_is_found(analyser: Analyser) -> None:
    texts = ("Matti Virtanen", "Virtaselta", "antaa")
    assert found(analyser, "Matin Virtaselle", *texts) == ["name", "surname"]
    assert found(analyser, "Kvöltöselle", "Kvöltönen", "Kvöltösten", "Kvantti") == ["name", "name"]
    assert found(analyser, "Bergkampin", "Bergkampille") == ["name"]


def test_what_looks_like_a_name_is_found_in_what_was_said(analyser: Analyser) -> None:
    said = (
        "Ville Salakuljettaja asuu Rääkkylässä. Kiitos Matti Virtaselle, joka tuli EU:n rahalla.",
        "Sylvesterin sairaus on vakava, sanoi Salakuljettajan Ville.",
        "Sitten Matti Virtanen",
    )
    names = spoken(said, analyser, frozenset({"rääkkylä"}))
    assert names == ["Ville Salakuljettaja", "Matti Virtaselle", "Sylvesterin", "Salakuljettajan Ville"]
    assert spoken(["Jag heter Ann-Mari."], analyser, frozenset(), "sv") == ["Ann-Mari"]
