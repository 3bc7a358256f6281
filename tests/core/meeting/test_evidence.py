"""Lines that what was said supports, and lines that it does not, with the real analyser."""

from datetime import date

import pytest

from core.language.morphology import tokens
from core.meeting.claims import Known, plain
from core.meeting.evidence import LONGEST, MOST_PASSAGES, refusal
from core.models import NoteLine
from tests.core.transcripts import CUES, spoken

DAY = date(2026, 11, 24)
NAMES = frozenset(("savukoski", "kustavi", "utsjoki"))
DRAFT = "Savukosken hallitus toimittaa luonnoksen verkostolle kolmanteen joulukuuta mennessä."
MONEY = "Savukoski saa hankkeeseen kaksikymmentä tuhatta euroa, ja Kustavi saa viisitoista tuhatta."
PEOPLE = "Kokouksessa puhuivat Maija Virtanen ja Pekka Korhonen."
VOTE = "Päätettiin että lausunto hyväksytään mutta hanketta ei hyväksytty."
STANDS = [
    ("Savukosken hallitus toimittaa verkostolle luonnoksen 3.12. mennessä.", DRAFT),
    ("Luonnoksen toimittaminen kuuluu.", "Luonnoksen toimittaminen kuuluu kaikille."),
    ("Savukoski saa 20 000 euroa hankkeeseen.", MONEY),
    ("Savukoskelle 20 000 €.", "Savukoskelle annetaan kaksikymmentä tuhatta euroa."),
    ("Kustavi saa 15 000 euroa.", "Kustavi saa viisitoista tuhatta euroa."),
    ("Maija Virtasen puhe.", "Maija Virtanen piti puheen."),
    ("Lausunto hyväksytään.", VOTE),
    ("Hanketta ei hyväksytty.", VOTE),
    ("Yhteistyössä on mukana 12 kuntaa.", "Yhteistyössä on mukana kaksitoista kuntaa."),
    ("Veroa nostetaan 2,5 %.", "Veroa nostetaan 2,5 prosenttia ensi vuonna."),
    ("Nykarlebyssä avattiin koulu.", "Nykarlebyn koulu avattiin."),
    ("Kunta menettäisi rahaa.", "Silloin kunta menettäisi rahaa."),
    ("Sihteerin lähettämä kutsu.", "Sihteeri lähettää kutsun."),
    ("Luonnos laaditaan.", "Hallitus laatii luonnoksen."),
    ("Hallitus kokoontuu.", "Kunnanhallitus kokoontuu maanantaina."),
    ("Koulukuljetuksista kysytään.", "Koulun kuljetuksista kysytään."),
    ("Keskusteltiin kuntaliitoksista.", "Kuntaliitoksista on puhuttu paljon."),
    ("Kokous on 30.11.2026.", "Kokous on ensi maanantaina."),
]
REFUSED = [
    ("Utsjoen hallitus toimittaa luonnoksen.", DRAFT, "“Utsjoen” was not said"),
    ("Savukosken hallitus toimittaa luonnoksen 4.12. mennessä.", DRAFT, "date"),
    ("Verkosto toimittaa luonnoksen.", DRAFT, "another part"),
    ("Savukosken hallitus toimittaa luonnoksen heti.", DRAFT, "“heti” was not said"),
    ("Savukosken hallitus toimittaa 3 luonnosta.", DRAFT, "number"),
    ("Savukosken hallitus ei toimita luonnosta.", DRAFT, "denies"),
    ("Savukoski saa 30 000 euroa.", MONEY, "number"),
    ("Kustavi saa 20 000 euroa.", MONEY, "another name"),
    ("Savukoski saa kolmekymmentä tuhatta euroa.", MONEY, "number"),
    ("20 000 kuntaa.", "Kaksikymmentä tuhatta euroa saa kunta.", "something else"),
    ("Maija Korhonen puhui.", PEOPLE, "Maija Korhonen"),
    ("Kokouksessa puhui Liisa Virtanen.", PEOPLE, "Liisa"),
    ("Hanke hyväksyttiin.", VOTE, "denied"),
    ("Lausuntoa ei hyväksytty.", VOTE, "denies"),
    ("Lausunto hyväksytään.", "Emme usko että lausunto hyväksytään.", "denied"),
    ("Lausunto hyväksyttiin.", "Lausunto jätettiin hyväksymättä.", "denied"),
    ("Siirrymme toiseen ei kohtaan.", "Siirrymme toiseen kohtaan.", "denies"),
    ("Paikka ei jäänyt avaamatta.", "Paikka jäi avaamatta.", "denied"),
    ("Rahaa on.", "Meillä ei ole rahaa.", "denied"),
    ("Lausunto hyväksyttiin.", "Lausuntoa, hanketta ja kokousta ei hyväksytty.", "denied"),
    ("Aihe on kuntien rahoitus.", "Ehdotan, että aihe on kuntien rahoitus.", "proposed"),
    ("Kunta menettää rahaa.", "Kunta menettäisi rahaa.", "proposed"),
    ("Kaikki kunnat maksavat.", "Kunnat maksavat.", "“Kaikki” was not said"),
    ("Kunnat voivat maksaa.", "Kunnat maksavat.", "“voivat” was not said"),
    ("Sihteeri lähettää kutsun.", "Sihteeri lähetti kutsun viime viikolla.", "another time"),
    ("Kutsu lähetettiin.", "Sihteeri lähettää kutsun.", "another time"),
    ("Oppilasmäärä kasvaa Kittilässä.", "Oppilasmäärä laskee Kittilässä, mutta Hailuodossa se kasvaa.", "another name"),
    ("Asia on selvä.", "Asia on epäselvä.", "not said"),
    ("Yli sata.", "Alle sata.", "“Yli”"),
    ("<b>Aihe</b> on rahoitus.", "Aihe on rahoitus.", "markup"),
    ("Aihe on rahoitus https://example.org.", "Aihe on rahoitus.", "markup"),
    ("Aihe on\u0007 rahoitus.", "Aihe on rahoitus.", "markup"),
    (" ", "Aihe on rahoitus.", "nothing"),
    ("Aihe " * 100, "Aihe on rahoitus.", f"{LONGEST}"),
]
DECISIONS = [
    ("Verkosto tekee lausunnon.", "Nyt päätettiin, että verkosto tekee lausunnon.", ""),
    ("Päätettiin tehdä lausunto.", "Nyt päätettiin, että verkosto tekee lausunnon.", ""),
    ("Päätettiin tehdä lausunto.", "Verkosto tekee lausunnon.", "No decision"),
    ("Päätettiin tehdä lausunto.", "Ehdotan, että päätetään tehdä lausunto.", "No decision"),
    ("Lausunto laaditaan.", "Päätettiin siirtää kokous. Lausunto laaditaan.", "Another decision"),
]
OWED = [
    ({"who": "Savukosken hallitus", "due": "kolmanteen joulukuuta mennessä", "by": date(2026, 12, 3)}, ""),
    ({"who": "Kustavin hallitus"}, "“Kustavin” was not said"),
    ({"who": "verkosto"}, "another part"),
    ({"due": "ensi viikolla"}, "date"),
    ({"by": date(2026, 12, 4)}, "2026-12-04"),
    ({"due": "kolmanteen joulukuuta mennessä", "by": date(2027, 12, 3)}, "2027-12-03"),
]


@pytest.fixture(scope="module")
def judged(analyser):
    def judged(said, text, kind="summary", passages=None, **owed):
        found = spoken((1, said)).passages if passages is None else passages
        whole = f"{said} {text} {' '.join(str(value) for value in owed.values())}"
        forms = analyser.forms(token.text for token in tokens(plain(whole)))
        return refusal(NoteLine(kind=kind, at_ms=0, text=text, **owed), found, Known(forms, CUES, DAY, NAMES))

    return judged


@pytest.mark.parametrize(("text", "said"), STANDS)
def test_a_line_that_was_said_in_other_words_stands(judged, text, said):
    assert judged(said, text) == ""


@pytest.mark.parametrize(("text", "said", "reason"), REFUSED)
def test_a_line_that_was_not_said_is_refused(judged, text, said, reason):
    assert reason in judged(said, text)


@pytest.mark.parametrize(("text", "said", "reason"), DECISIONS)
def test_a_decision_rests_on_one(judged, text, said, reason):
    found = judged(said, text, "decision")
    assert found.startswith(reason) if reason else found == ""


@pytest.mark.parametrize(("owed", "reason"), OWED)
def test_who_and_by_when(judged, owed, reason):
    found = judged(DRAFT, "Luonnos toimitetaan.", "action", **owed)
    assert reason in found if reason else found == ""


def test_a_day_that_may_be_another_one_is_refused(judged):
    said = "Sihteeri toimittaa luonnoksen ensi keskiviikkona."
    owed = {"who": "Sihteeri", "due": "ensi keskiviikkona"}
    assert judged(said, "Luonnos toimitetaan.", "action", **owed) == ""
    assert "2026-12-02" in judged(said, "Luonnos toimitetaan.", "action", by=date(2026, 12, 2), **owed)
    assert "“perjantaina”" in judged(said, "Luonnos toimitetaan.", "action", due="ensi perjantaina")


def test_a_whole_sentence_supports_itself(judged):
    said = "Hyväksytään. Ei hyväksytä. Jos hyväksytään, Savukoski saa 5 euroa."
    for text in ("Hyväksytään.", "Ei hyväksytä.", "Jos hyväksytään, Savukoski saa 5 euroa."):
        assert judged(said, text) == ""


def test_it_rests_on_few_passages(judged):
    many = spoken(*((at, "Aihe on rahoitus.") for at in range(MOST_PASSAGES + 1))).passages
    assert "more than" in judged("", "Aihe on rahoitus.", passages=many)
    assert judged("", "Aihe on rahoitus.", passages=many[1:]) == ""
    assert "no passage" in judged("", "Aihe on rahoitus.", passages=())
