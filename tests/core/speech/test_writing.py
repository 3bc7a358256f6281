"""Recognised Finnish as a reader expects it. Pauses of 100 ms between words; a line of a table is one Passage."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import catalogue
from core.errors import Misconfigured
from core.models import Passage, Transcript, Word
from core.speech import terms, writing
from core.text import transcript

SENTENCES = Path(__file__).parents[4] / "shared" / "data" / "search" / "ud_docs.jsonl"
TABLE = catalogue.terms()
_ = "\u00a0"


def said(*lines):
    """A transcript of one Passage a line."""
    passages, at = [], 0
    for line in lines:
        words = []
        for text in line.split(" "):
            words.append(Word(start_ms=at, end_ms=at + 300, text=text, probability=0.9))
            at += 400
        passages.append(transcript.passage(words))
    return Transcript(language="fi", engine="", passages=tuple(passages))


def write(*lines):
    return [passage.text for passage in writing.written(said(*lines), TABLE).passages]


def words(line):
    return writing.written(said(line), TABLE).passages[0].words


@pytest.mark.parametrize(
    ("heard", "text"),
    [
        ("kaksikymmentäviisi prosenttia", "25 prosenttia"),
        ("kaksi kymmentä viisi prosenttia", "25 prosenttia"),
        ("kahdellakymmenellä prosentilla", "20 prosentilla"),
        ("kahdessa kymmenessä kunnassa", "20 kunnassa"),
        ("viidestäsadasta eurosta kuuteen sataan euroon", "500 eurosta 600 euroon"),
        ("kaksituhatta kolmesataa euroa", f"2{_}300 euroa"),
        ("on kolmetuhatta neljäsataa kuusikymmentäseitsemän.", f"on 3{_}467."),
        ("neljä toista oppilasta", "14 oppilasta"),
        ("yhdeksän sata asiakasta", "900 asiakasta"),
        ("matkaa viisi km", "matkaa 5 km"),
        ("kolme kilometriä ja kahden euron maksu", "3 kilometriä ja 2 euron maksu"),
        ("sadan euron lasku", "100 euron lasku"),
        ("satatuhatta euroa", f"100{_}000 euroa"),
        ("kaksi miljoonaa euroa", "2 miljoonaa euroa"),
        ("kaksi ja puoli miljoonaa", "2,5 miljoonaa"),
        ("kahdesta ja puolesta miljoonasta eurosta", "2,5 miljoonasta eurosta"),
        ("kahdenkymmenen viime vuoden aikana", "20 viime vuoden aikana"),
        ("kakskytviis prosenttia", "25 prosenttia"),
        ("kaks prosenttia, kaks kuntaa", "2 prosenttia, kaks kuntaa"),
        ("pykälä kolme hyväksyttiin", "pykälä 3 hyväksyttiin"),
        ("äänin kaksikymmentäyksi vastaan kuusi.", "äänin 21 vastaan 6."),
    ],
)
def test_cardinals(heard, text):
    assert write(heard) == [text]


@pytest.mark.parametrize(
    ("heard", "text"),
    [
        ("laskee kahteenkymmeneen.", "laskee 20:een."),
        ("kahteenkymmeneen on matkaa", "20:een on matkaa"),
        ("lisää kolmeasataa.", "lisää 300:aa."),
        ("kolmestakymmenestä neljäänkymmeneen.", "30:stä 40:een."),
        ("kahdeksasta kahteentoista", "8:sta 12:een"),
        ("kymmenen viiva viisitoista prosenttia", "10–15 prosenttia"),
        ("viidestä kymmeneen", "viidestä kymmeneen"),
    ],
)
def test_endings_and_ranges(heard, text):
    assert write(heard) == [text]


@pytest.mark.parametrize(
    ("heard", "text"),
    [
        ("kaksi pilkku viisi prosenttia", "2,5 prosenttia"),
        ("nolla pilkku nolla viisi", "0,05"),
        ("kaksi pilkku viidellä prosentilla", "2,5 prosentilla"),
        ("kolmas joulukuuta", "3. joulukuuta"),
        ("kolmantena joulukuuta", "3. joulukuuta"),
        ("kolmanteen joulukuuta mennessä", "3. joulukuuta mennessä"),
        ("joulukuun kolmanteen päivään mennessä", "joulukuun 3. päivään mennessä"),
        ("viides toukokuuta kaksituhattakaksikymmentäseitsemän", "5. toukokuuta 2027"),
        ("vuonna kaksituhattakaksikymmentäkuusi aloitetaan", "vuonna 2026 aloitetaan"),
        ("vuonna tuhat yhdeksänsataa yhdeksänkymmentäviisi", "vuonna 1995"),
        ("vuodesta kaksituhattakaksikymmentäkuusi", "vuodesta 2026"),
        ("kello kaksitoista kolmekymmentä", "kello 12.30"),
        ("kello kuusi toista viisi toista.", "kello 16.15."),
        ("kello kahdeksan nolla nolla", "kello 8.00"),
        ("kello kaksi viiva neljä, klo 9 -15", "kello 2–4, klo 9–15"),
        ("vuosina kaksituhattakaksikymmentäviisi kaksituhattakaksikymmentäkuusi", "vuosina 2025 2026"),
        ("kello yhdeksän alkaa", "kello 9 alkaa"),
        ("kello kaksitoista kaksikymmentä kuntaa lähti", "kello kaksitoista kaksikymmentä kuntaa lähti"),
    ],
)
def test_decimals_dates_times(heard, text):
    assert write(heard) == [text]


@pytest.mark.parametrize(
    ("heard", "text"),
    [
        ("kasvu oli 2 ,5 prosenttia", "kasvu oli 2,5 prosenttia"),
        ("kello 12 ,30.", "kello 12.30."),
        ("klo 12:30", "klo 12.30"),
        ("20 000 euroa", f"20{_}000 euroa"),
        ("20000 euroa", f"20{_}000 euroa"),
        ("20.000 euroa", f"20{_}000 euroa"),
        ("1 250 000 asukasta", f"1{_}250{_}000 asukasta"),
        ("2.5 miljoonaa", "2,5 miljoonaa"),
        ("20% kunnista", f"20{_}% kunnista"),
        ("20 % kunnista", f"20{_}% kunnista"),
        ("3 -5 prosenttia", "3–5 prosenttia"),
        ("3:s joulukuuta", "3. joulukuuta"),
        ("3 joulukuuta", "3. joulukuuta"),
        ("20 tuhatta euroa", f"20{_}000 euroa"),
        ("20 :llä tavalla", "20:llä tavalla"),
        ("yli 65 -vuotiaat", "yli 65-vuotiaat"),
        ("vuonna 2026 kuntaa", "vuonna 2026 kuntaa"),
        ("alle 10000 asukkaan, 10-15 kuntaa", f"alle 10{_}000 asukkaan, 10–15 kuntaa"),
        ("98900 Salla", "98900 Salla"),
        ("0401234567", "0401234567"),
    ],
)
def test_figures_of_the_recogniser(heard, text):
    assert write(heard) == [text]


@pytest.mark.parametrize(
    ("heard", "text"),
    [
        ("hyvinvointialueen sote palvelut", "hyvinvointialueen sote-palvelut"),
        ("koko Sote uudistus", "koko sote-uudistus"),
        ("Sote on laaja", "Sote on laaja"),
        ("Te toimisto ja ely keskus", "TE-toimisto ja ELY-keskus"),
        ("elykeskuksessa, tee ee toimistosta", "ELY-keskuksessa, TE-toimistosta"),
        ("ja te -toimistosta", "ja TE-toimistosta"),
        ("eun varoilla, eu rahoituksella", "EU:n varoilla, EU-rahoituksella"),
        ("kelan ja kuntaliiton kanta", "Kelan ja Kuntaliiton kanta"),
        ("ja ALV nousi", "ja alv nousi"),
        ("tämä on Maaseutu live lähetys", "tämä on Maaseutu LIVE -lähetys"),
        ("tämä on maaseutu live", "tämä on Maaseutu LIVE"),
        ("seuraa maaseutulivella hetystä", f"seuraa Maaseutu{_}LIVE{_}-lähetystä"),
        ("tervetuloa maaseutulivellähetykseen.", f"tervetuloa Maaseutu{_}LIVE{_}-lähetykseen."),
        ("saa eurahoitusta", "saa EU-rahoitusta"),
        ("kunta liitto ja kunta liiton kanta", "Kuntaliitto ja Kuntaliiton kanta"),
        ("se teki hanketta, Eurajoen hoitoa", "se teki hanketta, Eurajoen hoitoa"),
    ],
)
def test_abbreviations_and_names(heard, text):
    assert write(heard) == [text]


def test_sentences_begin_with_capitals():
    assert write("asia on selvä.", "siirrytään eteenpäin") == ["asia on selvä.", "Siirrytään eteenpäin"]
    assert write("asia on selvä. sitten mennään ? mitä nyt") == ["asia on selvä. Sitten mennään? Mitä nyt"]
    for lines in (
        ["kokous on 3.", "joulukuuta"],
        ["esim. kunta"],
        ["asia on", "selvä"],
        ["nro. kaksi"],
        ["kunta …", "se"],
    ):
        assert write(*lines) == lines


@pytest.mark.parametrize(
    "line",
    [
        "yksi asia, kaksi kuntaa ja kymmenen vuotta",
        "kuusi kaatui tielle",
        "auttaa toinen toistaan",
        "ensimmäinen kerta ja viides pykälä",
        "sadan vuoden päästä tuhat asiaa",
        "tuhansia euroja, kymmeniä kuntia, satoja",
        "Kuusamo, Viitasaari ja Kolari",
        "kaksin ja yhdessä",
        "yhden sata ja kello",
        "kaksi toista miestä on viisi toista mieltä",
        "muutama sata tuhatta euroa, pari kymmentä",
        "kolme neljä päivää",
        "kaksikymmentä viisivuotiasta lasta",
        "kuntaliitoksesta, kuntaliitosta",
        "vihdestä sadasta eurosta, matkaa on seitsemään kymmentä kilometriä, se itsemään kymmentä kilometriä",
        "kohta kolme tuntia, eli keskuksesta",
        "kello on kolme minuuttia yli, kymmenen vastaan yhdeksän",
        "yhdeksän kymmentä luvulla, kaksikymmentä vuotias, kaksi kolmasosaa, satakunta ihmistä",
        "nolla neljäkymmentä viisisataa kaksikymmentä, kolmannesta joulukuuta",
        "kello kahdeksan toistat, kahdeksan kymmennellä prosentilla, 30-5 prosenttia",
        "te palvelette euroina",
        "1. ja 2. luokka, 10.12.2026",
    ],
)
def test_what_may_be_read_otherwise_stays(line):
    before = said(line)
    assert writing.written(before, TABLE) == before


def test_what_was_heard_is_kept():
    (first, second) = words("kaksi tuhatta kolmesataa euroa")
    assert first == Word(start_ms=0, end_ms=1100, text=f"2{_}300", probability=0.9, heard="kaksi tuhatta kolmesataa")
    assert second == Word(start_ms=1200, end_ms=1500, text="euroa", probability=0.9)


def test_what_was_heard_before_mending_is_kept_once():
    mended = [
        Word(start_ms=0, end_ms=100, text="kahdessa", probability=0.9, heard="kahesakymmenesä"),
        Word(start_ms=100, end_ms=300, text="kymmenessä", probability=0.4, heard="kahesakymmenesä"),
        Word(start_ms=300, end_ms=500, text="kunnassa", probability=0.9),
    ]
    (first, _kunta) = writing.rewritten(mended, TABLE)
    assert first == Word(start_ms=0, end_ms=300, text="20", probability=0.4, heard="kahesakymmenesä")


def test_a_corrected_passage_is_left_alone():
    (passage,) = said("kaksikymmentä prosenttia").passages
    corrected = passage.model_copy(update={"text": "kaksikymmentä prosenttiyksikköä"})
    mark = Passage(start_ms=0, end_ms=1, text=transcript.NOT_RECOGNISED)
    before = Transcript(language="fi", engine="", passages=(corrected, mark))
    assert writing.written(before, TABLE) == before


def test_times_of_the_words_stay_known():
    (passage,) = writing.written(said("maksaa kaksituhatta kolmesataa euroa"), TABLE).passages
    assert transcript.timed_words(passage) == passage.words


@pytest.mark.parametrize("text", ["", "[[term", "[[term]]\nspoken = []"])
def test_a_broken_table_is_told(text):
    with pytest.raises(Misconfigured):
        terms.load(text)


POOL = """
kaksi kolme kuusi kymmenen kymmentä kaksikymmentä viisitoista sata sataa tuhat tuhatta toista kahdella kymmenellä
kymmenestä kahteentoista yksi yhdessä kaks nolla pilkku puoli ja viiva vastaan kolmas kolmanteen joulukuuta kello
klo vuonna vuoden pykälä prosenttia prosentilla euroa miljoonaa kuntaa mennessä 20 000 300 2026 12:30 20.000 2.5
,5 .30 :llä % 20% -5 -vuotias 3. 3:s . , ? te ely eu sote Sote kela keskus toimisto -toimisto maaseutu live
lähetys päätös. sitten muutama on kaksikymmentäkuusi kaksituhatta
"""


@settings(max_examples=600, deadline=None)
@given(st.lists(st.lists(st.sampled_from(POOL.split()), min_size=1, max_size=9), min_size=1, max_size=3))
def test_writing_twice_is_writing_once_and_times_go_forward(lines):
    once = writing.written(said(*(" ".join(line) for line in lines)), TABLE)
    assert writing.written(once, TABLE) == once
    for passage in once.passages:
        assert passage.text == " ".join(word.text for word in passage.words)
        assert transcript.spaced(passage.text) == [word.text for word in passage.words]
        assert all(word.start_ms <= word.end_ms for word in passage.words)
        assert all(left.end_ms <= right.start_ms for left, right in pairwise(passage.words))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=12), min_size=1, max_size=8))
def test_any_text_keeps_its_words(texts):
    once = writing.written(said(" ".join(texts)), TABLE)
    assert writing.written(once, TABLE) == once
    heard = [text for word in once.passages[0].words for text in (word.heard or word.text).split()]
    assert heard == texts


@pytest.mark.slow
@pytest.mark.skipif(not SENTENCES.exists(), reason="the sentences of Universal Dependencies are not here")
def test_written_finnish_stays_as_it_is_but_for_numbers():
    """3919 sentences, 47 241 words; each of the changes was read when they were counted."""
    lines = [" ".join(json.loads(line)["text"].split()) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]
    changed = [word for line in lines for word in words(line) if word.heard]
    others = [word for word in changed if not any(map(str.isdigit, word.text)) and word.heard.split()[-1] not in ".,?"]
    assert len(changed) == 95
    assert others == []
