"""Municipalities named in speech, with the real analyser."""

from pathlib import Path

import pytest

from core.language.finnish import tokens
from core.models import Mention, Passage, Transcript, Word
from core.text.mentions import Municipality, mentions, municipalities

TABLE = Path(__file__).parents[3] / "config" / "municipalities.csv"


@pytest.fixture(scope="module")
def named(analyser):
    table = municipalities(TABLE)

    def find(text):
        transcript = Transcript(language="fi", engine="test", passages=(Passage(start_ms=700, end_ms=999, text=text),))
        forms = analyser.forms(token.text for token in tokens(text))
        return [mention.name for mention in mentions(transcript, forms, table)]

    return find


def test_the_table():
    table = municipalities(TABLE)
    assert len(table) == len({row.code for row in table}) == 308
    assert sum(row.is_small for row in table) == 212
    assert table[0] == Municipality(
        code="005", name_fi="Alajärvi", name_sv="Alajärvi", region="Etelä-Pohjanmaa", population=8982
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Pihtiputaalla ja Savukoskella asutaan harvaan.", ["Pihtipudas", "Savukoski"]),
        ("Kuulimme Savukosken esityksen Pihtiputaalle.", ["Savukoski", "Pihtipudas"]),
        ("Täällä Uudessakaupungissa ja Isossakyrössä.", ["Uusikaupunki", "Isokyrö"]),
        ("Me Virroilla, Paraisilla ja Mänttä-Vilppulassa.", ["Virrat", "Parainen", "Mänttä-Vilppula"]),
        ("Vårdössä, Korsnäsissä ja Vöyrillä.", ["Vårdö", "Korsnäs", "Vöyri"]),
        ("Kuntana Koski Tl on pieni, Koski Tl:n väki vähenee.", ["Koski Tl", "Koski Tl"]),
        ("Ja Pedersören kunnassa sekä Pedersöressä.", ["Pedersören kunta", "Pedersören kunta"]),
        ("Bussi Närpes on myöhässä, Nykarleby odottaa.", ["Närpiö", "Uusikaarlepyy"]),
        ("Nokia ja Kemi ovat kaupunkeja.", ["Nokia", "Kemi"]),
        ("Nyt savukosken esitys, sitten utajärveltä ja oulusta.", ["Savukoski", "Utajärvi", "Oulu"]),
        ("Olen Iistä, siis Iin kunnasta.", ["Ii", "Ii"]),
        ("Sitten Aurassa, Vaalassa ja Salossa.", ["Aura", "Vaala", "Salo"]),
        ("Mukana ovat Vieremä, Kuhmoinen ja Utajärvi.", ["Vieremä", "Kuhmoinen", "Utajärvi"]),
        ("Esittäytyvät Savukoski, Salla sekä Nivala.", ["Savukoski", "Salla", "Nivala"]),
        ("Kuullaan Sallan ja Utajärven esitys.", ["Salla", "Utajärvi"]),
    ],
)
def test_names_in_many_forms(named, text, names):
    assert named(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Lahti on syvä ja kotka lentää.", []),
        ("Lahden kaupunki päätti. Lahdessa ei.", ["Lahti"]),
        ("Menimme Lahteen.", ["Lahti"]),
        ("Varkaus ilmoitettiin. Kolari tapahtui aamulla.", []),
        ("Koski kuohuu, ja Koski on vapaa.", []),
        ("aura on lumella, ii on vokaali, salossa on hiljaista", []),
        ("Kuningas Kustaa II kävi.", []),
        ("Kiitos Salla, ja kiitos Matti Salo sekä Timo Soini.", []),
        ("Puhuvat Salla ja Utajärven väki, Salla, Simo ja Kaarina.", ["Utajärvi"]),
        ("Puhujina Anna Nivala, Matti Juva ja Salla Kuhmoinen.", []),
        ("Tervehdys Sallasta ja Sallan kunnasta, myös Simossa.", ["Salla", "Salla", "Simo"]),
        ("Pihtiputaalainen ja kuntalainen", []),
        ("Hän osti turkun, kolari sattui joensuussa, ja hartola, vasat ja koski tl jäivät.", []),
        ("Valtuusto kokoontui.", []),
    ],
)
def test_words_that_only_look_like_names(named, text, names):
    assert named(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Sitten Närpesissä, Närpesistä ja Närpesiin.", ["Närpiö"] * 3),
        ("Bussi Nykarlebyn asemalta Nykarlebyyn.", ["Uusikaarlepyy"] * 2),
        ("Ja Jakobstadissa sekä Mariehamnista.", ["Pietarsaari", "Maarianhamina"]),
        ("Även Jakobstads stad och Raseborgs stad.", ["Pietarsaari", "Raasepori"]),
        ("Kuulimme, että Pihtipudas-hanke ja Utajärvi-lisä jatkuvat.", ["Pihtipudas", "Utajärvi"]),
        ("Tuttu Salo-ilmiö ja Salla-neiti ja Kemi-Tornio.", []),
        ("Herra Vasalle sanottiin, ja Storårsmötet pidettiin.", []),
    ],
)
def test_swedish_names_with_endings_and_names_before_a_hyphen(named, text, names):
    assert named(text) == names


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Meillä Utajärvellä on näin.", True),
        ("Minä olen Perhon kunnanjohtaja.", True),
        ("Hyvää huomenta täältä Savukoskelta.", True),
        ("Kuulimme Utajärveltä, että siellä on toisin.", False),
        ("Kiitos meidän puolesta. Utajärvellä on toisin.", False),
        ("Meillä on ollut pitkään hyvä yhteys naapuriin Utajärvelle.", False),
    ],
)
def test_who_speaks_for_a_place_is_told_by_the_words_before_it(analyser, text, own):
    transcript = Transcript(language="fi", engine="x", passages=(Passage(start_ms=0, end_ms=9, text=text),))
    found = mentions(transcript, analyser.forms(token.text for token in tokens(text)), municipalities(TABLE))
    assert [mention.own for mention in found] == [own]


def test_a_mention_tells_when_and_what_was_said(analyser):
    spoken = [(700, "Nyt"), (900, " Koski"), (1200, " Tl:n"), (1500, " vuoro.")]
    words = tuple(Word(start_ms=at, end_ms=at + 100, text=text, probability=1) for at, text in spoken)
    passage = Passage(start_ms=700, end_ms=1600, text="Nyt Koski Tl:n vuoro.", words=words)
    forms = analyser.forms(token.text for token in tokens(passage.text))
    transcript = Transcript(language="fi", engine="test", passages=(passage,))
    assert mentions(transcript, forms, municipalities(TABLE)) == (
        Mention(code="284", name="Koski Tl", at_ms=900, said="Koski Tl:n"),
    )


def test_every_finnish_name_is_found_as_it_stands(analyser):
    table = municipalities(TABLE)
    text = "Tässä " + ", ".join(f"{row.name_fi} kunta" for row in table)
    forms = analyser.forms(token.text for token in tokens(text))
    passages = (Passage(start_ms=0, end_ms=1, text=text),)
    found = mentions(Transcript(language="fi", engine="test", passages=passages), forms, table)
    assert [mention.name for mention in found] == [row.name_fi for row in table]
