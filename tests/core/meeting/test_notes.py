"""Notes of the sample as it is and as it was recognised, and of single sentences, with the real analyser."""

import math
from datetime import date

import pytest

from config import catalogue
from core.errors import Misconfigured
from core.language.cues import Cues
from core.meeting.chapters import chapters
from core.meeting.claims import Known
from core.meeting.notes import Heard, _links
from core.models import Chapter, Notes, Transcript
from core.speech.writing import written
from tests.core.transcripts import AGENDA, CUES, SAMPLE, TRANSCRIPTS, spoken

DAY = date(2026, 11, 24)
"""A Tuesday, as of the sample."""
NAMES = frozenset({"polvijärvi", "kustavi"})

DECISIONS = [
    "Asia jätettiin pöydälle.",
    "Päätettiin että kokous on Kuhmoisissa.",
    "Lausunto hyväksytään sellaisenaan.",
    "Sitten päätet tiin jatkaa yhdessä.",
    "Asiasta on pätettiin näin.",
    "Kokouksen päätös on selvä.",
    "Nyt paatettiin tehdä lausunto.",
    "Päätettiin esittää asia kunnille.",
    "Lautakunta hyväksyy uuden jaon ensi syksystä alkaen.",
    "Kunnan omasta autosta luovutaan.",
    "Kokeilu tulee pysyväksi.",
]
ACTIONS = [
    ("Sihteeri lähettää muistion kaikille.", "Sihteeri", ""),
    ("Sitten työryhmä valmistelee esityksen ensi viikolla.", "työryhmä", "ensi viikolla"),
    ("Pihtiputaan kunnanjohtaja kokoaa vastaukset perjantaihin mennessä.",
     "Pihtiputaan kunnanjohtaja", "perjantaihin mennessä"),
    ("Aineisto toimitetaan viimeistään 15. tammikuuta kaikille.", "", "viimeistään 15. tammikuuta"),
    ("Sitten hallitus laatii lausunnon ensi kuussa.", "hallitus", "ensi kuussa"),
    ("Lähetetään kysely kuntiin ennen joulua.", "", "ennen joulua"),
    ("Koordinaattori Maija Virtanen kutsuu kokouksen koolle.", "Koordinaattori Maija Virtanen", ""),
    ("Kuntaliitto selvittää asian vuoden loppuun mennessä.", "Kuntaliitto", "vuoden loppuun mennessä"),
    ("Sihteeri laatii kutsun viikolla 12.", "Sihteeri", "viikolla 12"),
    ("Koordinaattori kokoaa vastaukset kahden viikon kuluessa.", "Koordinaattori", "kahden viikon kuluessa"),
    ("Anna Korhonen laatii lausunnon ensi kuussa.", "Anna Korhonen", "ensi kuussa"),
    ("Polvijärvi jakaa asiakirjat ensi viikolla.", "Polvijärvi", "ensi viikolla"),
    ("Sihteerin pitää lähettää kutsu huomenna.", "Sihteeri", "huomenna"),
    ("Silloin Kustavin kunnanjohtajan täytyy toimittaa luonnos.", "Kustavin kunnanjohtaja", ""),
    ("Maija Virtasen tulee toimittaa luonnos 15.3. mennessä.", "Maija Virtanen", "15.3. mennessä"),
    ("Maija Virtasen vastuulla on koota palaute tammikuussa.", "Maija Virtanen", "tammikuussa"),
    ("Kirjastotoimenjohtaja selvittää hinnan.", "Kirjastotoimenjohtaja", ""),
]  # fmt: skip
QUESTIONS = [
    "Päätettiinkö siitä jo?",
    "Voisiko kunta hakea tukea",
    "no miten teillä on tehty",
    "Onko vettä täällä.",
]
NEITHER = [
    "Kustavissa asukkaat rakensivat uuden koulun.",
    "Asiasta ei päätetty vielä mitään.",
    "Ehdotan, että päätetään asiasta myöhemmin.",
    "Jos päätetään näin, kunnat hyötyvät.",
    "Jos päätös on kielteinen, asia raukeaa.",
    "Ehdotan, että autosta luovutaan.",
    "Kukat luovutetaan juhlassa.",
    "Sihteeri lähetti muistion viime viikolla.",
    "Sopii meille, saatte luonnoksen.",
    "Verkko toimii hyvin koko kunnassa.",
    "Me teemme paljon töitä.",
    "Kunnanjohtaja tekee hyvää työtä alueella.",
    "Järjestöt toivovat, että sihteeri julkaisee listan verkossa.",
    "Anneli kertoi, että hallitus järjestää seminaarin huhtikuussa.",
    "Jos rahaa saadaan, sihteeri laatii hakemuksen keväällä.",
    "Sihteeri laatisi kutsun ensi viikolla.",
    "Sihteeri päivittää sivut kaksi kertaa vuodessa.",
    "Sihteeri kokoaa luvut perjantaisin.",
    "Ministeriö julkaisee ehdot tammikuussa.",
]
ASKED = [
    ("Onko harkittu kunnan omaa autoa?", "On, mutta kuljettajaa ei ole saatu.", False),
    ("Kannattaako vanhaa korjata?", "Minusta ei kannata.", False),
    ("Voisiko Sulkava olla hakijana?", "Sulkavalle sopii.", False),
    ("Riittääkö vesi uudelle alueelle?", "Kyllä.", False),
    ("Onko vastaehdotuksia?", "Puheenvuoro on Halsualla.", False),
    ("Mitä muut ajattelevat?", "Kolme riittää.", False),
    ("Riittääkö vesi uudelle alueelle?", "Ei osata vielä sanoa.", True),
    ("Riittääkö vesi uudelle alueelle?", "Selvitetään, riittääkö se.", True),
    ("Kuka maksaa sähköliittymän?", "Ei siitä ole puhuttu.", True),
    ("Voidaanko säästö saada muualta?", "Jos koulu suljetaan, matkat pitenevät.", True),
]
DUE = [
    ("kahdessa viikossa", "kahdessa viikossa", "2026-12-08"),
    ("torstaina 3.12.", "torstaina 3.12", "2026-12-03"),
    ("perjantaina viikolla 50", "perjantaina viikolla 50", "2026-12-11"),
    ("vuoden vaihteeseen mennessä", "vuoden vaihteeseen mennessä", "2026-12-31"),
    ("ensi keskiviikkoon mennessä", "ensi keskiviikkoon mennessä", ""),
    ("parin viikon sisällä", "parin viikon sisällä", ""),
    ("ennen kesälomia", "ennen kesälomia", ""),
    ("1.12. alkaen", "", ""),
]


def known(forms):
    return Known(forms, CUES, DAY, NAMES)


@pytest.fixture(scope="module")
def forms(analyser):
    said = [passage.text for transcript in TRANSCRIPTS.values() for passage in transcript.passages]
    agenda = [text for item in AGENDA for text in (item.title, *item.cues)]
    single = [*DECISIONS, *(row[0] for row in ACTIONS), *QUESTIONS, *NEITHER]
    return analyser.dictionary([*said, *agenda, *single])


@pytest.fixture(scope="module", params=TRANSCRIPTS.values(), ids=TRANSCRIPTS)
def sample(request, forms):
    placed = chapters(request.param, AGENDA, forms, SAMPLE["duration_ms"])
    return request.param, placed, Heard(request.param, placed, known(forms)).notes()


def _lines(found, kind):
    return [line for section in found.sections for line in section.lines if line.kind == kind]


def test_the_samples_decisions_action_and_questions(sample):
    _, placed, found = sample
    assert [line.text for line in _lines(found, "decision")] == SAMPLE["decisions"]
    (action,) = _lines(found, "action")
    assert action.who == SAMPLE["actions"][0]["who"] == "Savukosken hallitus"
    assert action.due == "kolmanteen joulukuuta mennessä"
    asked = [line.text.lower().rstrip("?.") for line in _lines(found, "question")]
    wanted = [
        "miten palvelut toimivat muissa kunnissa",
        "mitä ajattelet kuntaliitoksista",
        "vastustaako kukaan ehdotusta",
    ]
    assert asked[:3] == wanted
    assert [(s.title, s.start_ms) for s in found.sections] == [(c.title, c.start_ms) for c in placed]
    assert [line.text for line in found.sections[2].lines if line.kind == "decision"] == SAMPLE["decisions"][:1]


def test_figures_instead_of_words_change_no_chapter_and_no_action(sample, forms):
    heard, placed, found = sample
    figures = written(heard, catalogue.terms())
    assert chapters(figures, AGENDA, forms, SAMPLE["duration_ms"]) == placed
    (action,) = _lines(Heard(figures, placed, known(forms)).notes(), "action")
    (before,) = _lines(found, "action")
    assert (action.at_ms, action.who) == (before.at_ms, before.who)
    assert action.due == "3. joulukuuta mennessä"


def test_every_line_quotes_a_moment(sample):
    transcript, _, found = sample
    starts = {passage.start_ms for passage in transcript.passages}
    whole = " ".join(passage.text for passage in transcript.passages)
    lines = [*found.summary, *(line for section in found.sections for line in section.lines)]
    assert all(line.text in whole and line.at_ms in starts for line in lines)
    assert all(line.who in line.text and line.due in line.text for line in lines)


def test_the_summary(sample):
    transcript, _, found = sample
    assert 2 <= len(found.summary) <= 5
    assert [line.at_ms for line in found.summary] == sorted(line.at_ms for line in found.summary)
    assert not any("Siirry" in line.text or line.text.endswith("?") for line in found.summary)
    unclear = [passage.text for passage in transcript.passages if passage.unclear]
    assert not set(unclear) & {line.text for line in found.summary}


def test_unclear_speech_is_not_quoted(forms):
    (passage,) = spoken((1, DECISIONS[0])).passages
    unclear = Transcript(language="fi", engine="test", passages=(passage.model_copy(update={"unclear": True}),))
    found = Heard(unclear, (), known(forms)).notes()
    assert (found.summary, [section.lines for section in found.sections]) == ((), [()])


def _only(text, forms):
    (section,) = Heard(spoken((1, text)), (), known(forms)).notes().sections
    return section.lines


@pytest.mark.parametrize("text", DECISIONS)
def test_decisions(text, forms):
    assert [line.kind for line in _only(text, forms)] == ["decision"]


@pytest.mark.parametrize(("text", "who", "due"), ACTIONS)
def test_actions(text, who, due, forms):
    (line,) = _only(text, forms)
    assert (line.kind, line.who, line.due, line.text, line.at_ms) == ("action", who, due, text, 1_000)


@pytest.mark.parametrize(("said", "due", "by"), DUE)
def test_when_an_action_is_due_is_told_as_said_and_as_a_day_that_is_certain(said, due, by, forms):
    (line,) = _only(f"Sihteeri lähettää kutsun {said}.", forms)
    assert (line.kind, line.due, str(line.by or "")) == ("action", due, by)


@pytest.mark.parametrize("text", QUESTIONS)
def test_questions(text, forms):
    assert [line.kind for line in _only(text, forms)] == ["question"]


@pytest.mark.parametrize(("asked", "said", "is_open"), ASKED)
def test_a_question_that_was_answered_at_once_or_is_the_chair_s_is_no_open_one(asked, said, is_open, analyser):
    found = Heard(spoken((1, asked), (5, said)), (), known(analyser.dictionary([asked, said]))).notes()
    assert [line.text for line in _lines(found, "question")] == [asked] * is_open


def test_an_answer_in_another_item_is_none(analyser):
    said = spoken((1, "Riittääkö vesi uudelle alueelle?"), (60, "Kyllä."))
    items = (Chapter(start_ms=0, end_ms=30_000, title="Vesi"), Chapter(start_ms=30_000, end_ms=90_000, title="Muut"))
    found = Heard(said, items, known(analyser.dictionary(each.text for each in said.passages))).notes()
    assert len(_lines(found, "question")) == 1


def test_before_the_decision_of_an_item_only_what_is_assigned_is_an_action(forms):
    said = spoken(
        (1, "Sihteeri lähettää muistion kaikille."), (5, "Koordinaattori kokoaa vastaukset perjantaihin mennessä."),
        (9, "Lausunto hyväksytään sellaisenaan."), (13, "Sihteeri laatii kutsun viikolla 12."),
    )  # fmt: skip
    (section,) = Heard(said, (), known(forms)).notes().sections
    assert [(line.kind, line.at_ms) for line in section.lines] == [
        ("action", 5_000),
        ("decision", 9_000),
        ("action", 13_000),
    ]


@pytest.mark.parametrize("text", NEITHER)
def test_other_sentences(text, forms):
    assert _only(text, forms) == ()


def test_without_forms():
    found = Heard(TRANSCRIPTS["reference"], (), known({})).notes()
    assert [line.text for line in _lines(found, "decision")] == SAMPLE["decisions"]
    assert [(line.who, line.due) for line in _lines(found, "action")] == [
        ("Savukosken hallitus", "kolmanteen joulukuuta mennessä")
    ]


def test_nothing_said(forms):
    assert Heard(spoken(), (), known(forms)).notes() == Notes()
    silent = Heard(spoken(), chapters(TRANSCRIPTS["reference"], AGENDA, forms, 107_240), known(forms)).notes()
    assert [section.lines for section in silent.sections] == [()] * 4
    assert silent.summary == ()


def test_a_misheard_announcement_is_not_in_the_summary(forms):
    """The recognised sample has the first of these; it was what the front page showed of it."""
    announced = "Sierrymmme toisen kohtaan, yhteisen lausuntoon."
    facts = (
        "Lausunto koskee pienten kuntien peruspalveluja.",
        "Kysely toimitetaan ensin pieniin kuntiin lausuntoa varten.",
    )
    found = Heard(spoken((0, announced), (5, facts[0]), (9, facts[1])), (), known(forms)).notes()
    assert [line.text for line in found.summary] == list(facts)


def test_no_agenda_gives_one_section_without_title(forms):
    (section,) = Heard(TRANSCRIPTS["reference"], (), known(forms)).notes().sections
    assert (section.title, section.start_ms) == ("", 0)
    assert [line.at_ms for line in section.lines] == sorted(line.at_ms for line in section.lines)


def test_a_sentence_over_two_passages_is_one_quote(forms):
    found = Heard(spoken((1, "Nyt päätettiin"), (5, "että verkosto tekee lausunnon.")), (), known(forms)).notes()
    (line,) = _lines(found, "decision")
    assert (line.text, line.at_ms) == ("Nyt päätettiin että verkosto tekee lausunnon.", 1_000)


def test_two_sentences_in_one_passage_are_two(forms):
    found = Heard(spoken((1, 7, "Kiitos kaikille. Lausunto hyväksytään sellaisenaan.")), (), known(forms)).notes()
    (line,) = _lines(found, "decision")
    assert (line.text, line.at_ms) == ("Lausunto hyväksytään sellaisenaan.", 3_400)


@pytest.mark.parametrize("text", ["", "[decisions", "roles = 1", "[roles]\nwords = []"])
def test_a_broken_lexicon_is_told(text):
    with pytest.raises(Misconfigured):
        Cues.load(text)


def test_sentences_are_linked_by_the_words_that_they_share():
    topics = [frozenset("abc"), frozenset("bcd"), frozenset("xyz"), frozenset("adefg"), frozenset("cab")]
    found = _links(topics)
    wanted = {
        (one, other): len(topics[one] & topics[other]) / (math.log(len(topics[one])) + math.log(len(topics[other])))
        for one in range(len(topics))
        for other in range(len(topics))
        if one != other and topics[one] & topics[other]
    }
    assert {(one, other): weight for one, other, weight in zip(*found, strict=True)} == wanted
    assert [len(each) for each in _links([])] == [0, 0, 0]
