"""Which names of municipalities are listened for, with the real table and analyser."""

import pytest

from config.catalogue import MUNICIPALITIES
from core.language.finnish import Analyser, tokens
from core.models import Passage, Transcript
from core.speech import towns
from core.text.mentions import mentions, municipalities

PLACES = municipalities(MUNICIPALITIES)


@pytest.fixture(scope="module")
def forms(analyser: Analyser) -> tuple[str, ...]:
    """All of them."""
    return towns.forms(analyser, PLACES)


def test_swedish_names_have_finnish_endings(forms: tuple[str, ...]) -> None:
    wanted = {"Savukoskella", "Korsholmissa", "Korsholmiin", "Nykarlebyssä", "Nykarlebyyn", "Jakobstadista", "Malaxin"}
    assert wanted <= set(forms)


@pytest.mark.parametrize("form", ["Nousisin", "Kumon", "Reson", "Kajanan", "Keurun"])
def test_one_that_is_good_finnish_or_short_or_used_by_nobody_is_left_out(forms: tuple[str, ...], form: str) -> None:
    assert form not in forms


def test_every_swedish_form_is_found_as_a_mention_of_its_municipality(
    analyser: Analyser, forms: tuple[str, ...]
) -> None:
    for place in PLACES:
        for form in set(towns.swedish(place)) & set(forms):
            text = f"Siellä {form} kokous pidettiin."
            passages = (Passage(start_ms=0, end_ms=1000, text=text),)
            said = Transcript(language="fi", engine="test", passages=passages)
            found = mentions(said, analyser.forms(token.text for token in tokens(text)), PLACES)
            assert [mention.name for mention in found] == [place.name_fi], form
