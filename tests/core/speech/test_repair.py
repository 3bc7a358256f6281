"""Mending recognised Finnish, with the real lexicon in its child. What is heard here is what Whisper base wrote."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import catalogue
from config.catalogue import MUNICIPALITIES
from core.models import Passage, Transcript, Word
from core.speech import repair, terms, towns, writing
from core.speech.repair import repaired
from core.speech.sounding import Names
from core.text.mentions import municipalities

MEETING = Path(__file__).parents[3] / "evaluation" / "texts" / "meeting.txt"


@pytest.fixture(scope="module")
def names(analyser):
    return Names(towns.forms(analyser, municipalities(MUNICIPALITIES)))


@pytest.fixture(scope="module")
def mend(analyser, names):
    return lambda text: " ".join(word.text for word in repaired(heard(text), analyser.weights, names))


def heard(text):
    """Words of 300 ms with pauses of 100 ms."""
    return [
        Word(start_ms=at * 400, end_ms=at * 400 + 300, text=word, probability=0.9)
        for at, word in enumerate(text.split())
    ]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Inari on maan suurinkunta", "Inari on maan suurin kunta"),
        ("Väkiluku on laskenutalle kolmen tuhannen", "Väkiluku on laskenut alle kolmen tuhannen"),
        ("Nyt vapaa ehtoiset auttavat.", "Nyt vapaaehtoiset auttavat."),
        ("rajan sulkeminen ve imatkailijat", "rajan sulkeminen vei matkailijat"),
        ("Seuraavaa luetapaaminen viedään", "Seuraava aluetapaaminen viedään"),
        ("virka on jotä ytetty.", "virka on jo täytetty."),
    ],
)
def test_borders(mend, written, said):
    assert mend(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("silloinen savukosken kunnan johtaja", "silloinen Savukosken kunnan johtaja"),
        ("kuten pihtiputaalla, ja rautalammilla", "kuten Pihtiputaalla, ja Rautalammilla"),
        ("etelän suuret virrat ja perhon siivet", "etelän suuret virrat ja perhon siivet"),
        ("lahti on salossa, aura kulkee", "lahti on salossa, aura kulkee"),
        ("UTSJOELLA on", "UTSJOELLA on"),
    ],
)
def test_a_name_written_small_gets_its_capital_unless_it_is_a_word_too(mend, written, said):
    assert mend(written) == said


@pytest.mark.parametrize("said", ["sutjakkaana poikana", "vaalit ja perhe", "oulankalainen", "kinuaa", "merimiehenä"])
def test_what_only_sounds_a_little_like_a_name_is_none(mend, names, said):
    assert not any(word.strip(".") in names for word in mend(said).split())


@pytest.mark.parametrize(("told", "kept"), [((0.9, 0.4), 0.4), ((0.9, None), None), ((None, None), None)])
def test_a_probability_that_was_not_told_is_not_made_up(analyser, names, told, kept):
    words = [word.model_copy(update={"probability": p}) for word, p in zip(heard("vapaa ehtoiset"), told, strict=True)]
    (mended,) = repaired(words, analyser.weights, names)
    assert (mended.text, mended.probability) == ("vapaaehtoiset", kept)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("alkaa tammikussa, sanoi hän", "alkaa tammikuussa, sanoi hän"),
        ("Läkäripalvelut siirtyvät", "Lääkäripalvelut siirtyvät"),
        ("tukea maksetan", "tukea maksetaan"),
        ("auki kolmenä päivänä", "auki kolmena päivänä"),
        ("se esitettiin, vaikka tonteja on", "se esitettiin, vaikka tontteja on"),
    ],
)
def test_letters(mend, written, said):
    assert mend(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("ja rannualla kirjastoauto käy", "ja Ranualla kirjastoauto käy"),
        ("kutsu on lähetetty pihtiputalle.", "kutsu on lähetetty Pihtiputaalle."),
        ("Pichtiputaan kirjasto", "Pihtiputaan kirjasto"),
        ("sekä utsioilla että muualla", "sekä Utsjoella että muualla"),
        ("valmistuu lästi järvelle kesällä", "valmistuu Lestijärvelle kesällä"),
        ("kokemukset ilomansissa olivat", "kokemukset Ilomantsissa olivat"),
        ("terveysasema on uolangalla auki", "terveysasema on Puolangalla auki"),
        ("etuoikeus syryntalmella jatkuu", "etuoikeus Hyrynsalmella jatkuu"),
        ("ja savukoskeneesitys käsiteltiin", "ja Savukosken esitys käsiteltiin"),
        ("enon tekijölle ei saatu", "Enontekiölle ei saatu"),
        ("lausunto lästijarvelle", "lausunto Lestijärvelle"),
        ("(Pielaveten) kunta", "(Pielaveden) kunta"),
    ],
)
def test_names(mend, written, said):
    assert mend(written) == said


@pytest.mark.parametrize(
    ("heard_as", "written"),
    [
        ("seuraa maaseutulivella hetystä", "seuraa Maaseutu\u00a0LIVE\u00a0-lähetystä"),
        ("kunta saa eurahoitusta", "kunta saa EU-rahoitusta"),
        ("kunta liitto antaa lausunnon", "Kuntaliitto antaa lausunnon"),
    ],
)
def test_terms_are_written_after_mending(analyser, names, heard_as, written):
    table = catalogue.terms()
    words = repaired(heard(heard_as), terms.known(analyser.weights, table), names)
    assert " ".join(word.text for word in writing.rewritten(words, table)) == written


def test_a_name_that_was_heard_again_keeps_what_was_heard_at_first(analyser, names):
    again = heard("niin savukoskeneesitys")[1].model_copy(update={"heard": "sauvokoskien esitys"})
    words = repaired([again], analyser.weights, names)
    assert [(word.text, word.heard) for word in words] == [
        ("Savukosken", "sauvokoskien esitys"),
        ("esitys", "sauvokoskien esitys"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Perhe asuu Vaalan lähellä, ja vaalit ovat keväällä.",
        "Kokoukseen tuli Bergkampin edustaja.",
        "Kello 12.30 käsiteltiin 2,5 miljoonan euron laina.",
        "EU-rahoitus ja sote-uudistus",
        "Wi-fi ei toimi Stadshotelletissa",
        "…",
        "",
    ],
)
def test_what_is_right_or_unknown_stays(mend, text):
    assert mend(text) == text


def test_a_whole_meeting_that_was_written_rightly_stays_as_it_is(mend):
    lines = MEETING.read_text(encoding="utf-8").splitlines()
    assert [mend(line) for line in lines] == lines


def test_what_was_heard_is_kept_beside_it(analyser, names):
    words = repaired(heard("ja rannualla suurinkunta"), analyser.weights, names)
    assert [(word.text, word.heard) for word in words] == [
        ("ja", ""),
        ("Ranualla", "rannualla"),
        ("suurin", "suurinkunta"),
        ("kunta", "suurinkunta"),
    ]


def test_mended_words_share_the_time_of_the_heard_ones(analyser, names):
    first, second = repaired(heard("suurinkunta"), analyser.weights, names)
    assert (first.start_ms, second.end_ms) == (0, 300)
    assert first.end_ms == second.start_ms
    assert 140 <= first.end_ms <= 190
    (joined,) = repaired(heard("vapaa ehtoiset"), analyser.weights, names)
    assert (joined.start_ms, joined.end_ms) == (0, 700)


def test_a_transcript_keeps_its_passages(analyser, names):
    good = Passage(start_ms=0, end_ms=300, text="suurinkunta", words=tuple(heard("suurinkunta")))
    mark = Passage(start_ms=400, end_ms=3000, text="…", unclear=True)
    whole = Transcript(language="fi", engine="any", passages=(good, mark))
    mended = repair.mended(whole, analyser.weights, names)
    assert [passage.text for passage in mended.passages] == ["suurin kunta", "…"]
    assert mended.passages[1] == mark


PIECES = st.sampled_from(
    [
        "kunta",
        "suurinkunta",
        "tammikussa,",
        "rannualla",
        "ve",
        "imatkailijat.",
        "Pichtiputaalta",
        "xyzzy",
        "12",
        "on",
        "jotä",
        "ytetty",
        "…",
        "-",
        "enon",
        "tekijö",
    ]
)


def test_a_piece_of_a_word_that_was_cut_goes_with_the_rest_of_it(analyser, names):
    words = repaired(heard("kunta ve suurinkunta"), analyser.weights, names)
    assert all(left.end_ms <= right.start_ms for left, right in pairwise(words))
    assert {word.heard for word in words} == {"kunta ve suurinkunta"}


@settings(max_examples=20)
@given(st.lists(PIECES, max_size=12))
def test_times_are_in_order_and_every_word_is_accounted_for(analyser, names, texts):
    said = heard(" ".join(texts))
    words = repaired(said, analyser.weights, names)
    assert all(word.start_ms <= word.end_ms for word in words)
    assert all(left.end_ms <= right.start_ms for left, right in pairwise(words))
    accounted = [word.text for word in words if not word.heard]
    accounted += [text for word in words for text in word.heard.split()]
    assert set(texts) <= set(accounted)
