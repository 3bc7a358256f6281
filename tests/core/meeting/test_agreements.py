"""What is decided where one sentence does not tell it alone, and what is not decided, with the real analyser."""

from datetime import date

import pytest

from core.meeting.claims import Known
from core.meeting.evidence import refusal
from core.meeting.notes import Heard
from core.models import NoteLine
from tests.core.transcripts import CUES, spoken

DAY = date(2026, 11, 24)
DECIDED = [
    (["Esitän, että halli myydään.", "Kannatan.", "Näin tehdään."], [0, 2]),
    (["Ehdotan, että talkoot ovat toukokuussa.", "Ehdotus on siis hyväksytty."], [0, 1]),
    (["Hallituksen ehdotus on, että koulu suljetaan.", "Esitän, että koulu säilyy.", "Asiasta äänestetään.",
      "Hallituksen ehdotus voitti äänin 7–4."], [0, 3]),
    (["Haetaanko jatkoa?", "Kyllä."], [0, 1]),
    (["Mitä jos tilattaisiin haitaristi?", "Hyvä idea.", "Eli haitaristi tilataan."], [0, 2]),
    (["Merkitään ilmoitukset tiedoksi."], [0]),
    (["Valtuusto hyväksyi yksimielisesti, että seteleitä jaetaan."], [0]),
    (["Pajulan kylälle myönnetään tuhat euroa."], [0]),
]  # fmt: skip
UNDECIDED = [
    ["Näin tehdään."],
    ["Esitän, että halli myydään.", "Ehdotusta ei kannatettu.", "Näin tehdään."],
    ["Esitän, että halli myydään.", "Salmi teki vastaehdotuksen.", "Näin tehdään."],
    ["Valtuusto päätti kaksi vuotta sitten, että hallia ei myydä."],
    ["Lautakunta päätti syyskuussa esittää koulun lakkauttamista."],
    ["Kolarin valtuusto hyväksyi sen yksimielisesti."],
    ["Viime vuonna hyväksyttiin samanlainen."],
    ["Meillä päätettiin ostaa piha."],
    ["Kiinteistöveroista päätetään vasta tammikuussa."],
    ["Näistä päätetään sitten, kun hinta on tiedossa."],
    ["Veroprosentista pitäisi päättää valtuustossa."],
    ["Asiasta ei ole vielä sovittu kyläläisten kanssa."],
    ["Päätetään kokous tähän."],
    ["Vesi pumpataan torniin kahdesta kaivosta."],
]


@pytest.fixture(scope="module")
def known(analyser):
    said = [text for texts, _ in DECIDED for text in texts] + [text for texts in UNDECIDED for text in texts]
    return Known(analyser.dictionary(said), CUES, DAY)


def _talk(texts):
    return spoken(*((10 * at, text) for at, text in enumerate(texts, 1)))


def _decisions(texts, known):
    sections = Heard(_talk(texts), (), known).notes().sections
    return [line for section in sections for line in section.lines if line.kind == "decision"]


@pytest.mark.parametrize(("texts", "rests_on"), DECIDED)
def test_a_decision_quotes_all_that_it_rests_on(texts, rests_on, known):
    (line,) = _decisions(texts, known)
    assert line.text == " … ".join(texts[at] for at in rests_on)
    assert line.at_ms == 10_000 * (rests_on[-1] + 1)


@pytest.mark.parametrize("texts", UNDECIDED)
def test_what_is_not_decided(texts, known):
    assert _decisions(texts, known) == []


def test_a_proposal_is_no_decision_by_another_one(known):
    """Only what was decided together stands as a decision."""
    texts = ["Esitän, että halli myydään.", "Ehdotusta ei kannatettu.", "Näin tehdään."]
    named = [each.model_copy(update={"id": f"p{at}"}) for at, each in enumerate(_talk(texts).passages)]
    line = NoteLine(kind="decision", at_ms=0, text=texts[0], passages=("p0", "p2"))
    found = Heard(_talk(texts).model_copy(update={"passages": tuple(named)}), (), known).agreed
    assert refusal(line, [named[0], named[2]], known, found) == "No decision was said there."
