"""Where lines and captions may not be broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language.finnish import Analyser
from core.models import WordForms
from core.text import breaking

FORMS = {
    "hyvinvointialueuudistuksessa": WordForms(
        bases=("hyvinvointialueuudistus",),
        parts=("hyvin", "hyvinvointi", "hyvinvointialue", "vointi", "vointialue", "alue", "alueuudistus", "uudistus"),
    )
}
WORDS = st.sampled_from(
    [
        "Anna",
        "Virtanen",
        "Koski",
        "Tl",
        "20",
        "000",
        "euroa",
        "3.",
        "joulukuuta",
        "kello",
        "12.30",
        "ja",
        "asia,",
        "on.",
    ]
)


def together(text, most=42):
    """The text with ``|`` where it may be broken."""
    words, pieces = text.split(), []
    for size in breaking.units(words, most):
        pieces.append(" ".join(words[:size]))
        words = words[size:]
    return "|".join(pieces)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("sanoi Anna Virtanen eilen", "sanoi|Anna Virtanen|eilen"),
        ("se Maaseutu LIVE -lähetys alkaa", "se|Maaseutu LIVE -lähetys|alkaa"),
        ("kun Pietarsaaren maalaiskunnan väki", "kun|Pietarsaaren maalaiskunnan|väki"),
        ("kun Koski Tl:ssä ja Pedersören kunnassa", "kun|Koski Tl:ssä|ja|Pedersören kunnassa"),
        ("ovat Vieremä, Kuhmoinen ja Utajärvi", "ovat|Vieremä,|Kuhmoinen|ja|Utajärvi"),
        ("tuli J. K. Paasikivi", "tuli|J. K. Paasikivi"),
        ("maksoi 20 000 euroa vuodessa", "maksoi|20 000 euroa|vuodessa"),
        ("asti 3. joulukuuta ja", "asti|3. joulukuuta|ja"),
        ("alkaa kello 12.30 täällä", "alkaa|kello 12.30|täällä"),
        ("vain 5 prosenttia siitä", "vain|5 prosenttia|siitä"),
        ("noin kaksikymmentäviisi miljoonaa euroa lisää", "noin|kaksikymmentäviisi miljoonaa euroa|lisää"),
        ("niin vuonna 2026 päätettiin", "niin|vuonna 2026|päätettiin"),
        ("oli 5 ja 6", "oli|5|ja|6"),
        ("oli 20. Valtuusto päätti", "oli|20.|Valtuusto|päätti"),
        ("niin Kuhmoisissa. Anna puhui", "niin|Kuhmoisissa.|Anna|puhui"),
    ],
)
def test_names_and_numbers_stay_whole(text, pieces):
    assert together(text) == pieces


def test_a_row_of_names_that_is_too_long_is_broken():
    assert together("AA BB CC DD", most=5) == "AA BB|CC DD"


@given(st.lists(WORDS), st.lists(WORDS, min_size=1))
def test_only_the_last_unit_changes_when_words_are_added(words, more):
    sizes = breaking.units(words, 20)
    assert sum(sizes) == len(words)
    assert breaking.units(words + more, 20)[: max(0, len(sizes) - 1)] == sizes[:-1]


@given(st.lists(st.sampled_from(["a", "bbbb", "ccccccc,", "ja", "x" * 20]), min_size=1, max_size=9), st.integers(1, 3))
def test_what_fits_has_lines_that_fit(texts, lines):
    found = breaking.lines_of(texts, 20, lines)
    assert " ".join(found) == " ".join(texts)
    at, ends = 0, breaking.line_ends(texts, 20)
    for _ in range(lines):
        at = ends[at]
    assert (at == len(texts)) == (len(found) <= lines and max(map(len, found)) <= 20)


def test_a_long_compound_is_cut_at_its_border():
    word = "Hyvinvointialueuudistuksessa,"
    assert breaking.hyphenated(word, FORMS, 20, 2) == ("Hyvinvointi-", "alueuudistuksessa,")
    assert breaking.hyphenated(word, FORMS, 15, 3) == ("Hyvin-", "vointialue-", "uudistuksessa,")


def test_a_word_is_left_whole_where_the_border_is_not_certain():
    word = "kunnanhallituksessakin"
    forms = {word: WordForms(bases=("kunnanhallitus",), parts=("kunta", "hallitus"))}
    assert breaking.hyphenated(word, forms, 15, 2) == (word,)
    assert breaking.hyphenated("x" * 30, {}, 15, 2) == ("x" * 30,)
    assert breaking.hyphenated("Hyvinvointialueuudistuksessa", FORMS, 10, 2) == ("Hyvinvointialueuudistuksessa",)


def test_a_hyphen_of_its_own_is_not_doubled():
    assert breaking.hyphenated("Maaseutuverkosto-hanketta", {}, 20, 2) == ("Maaseutuverkosto-", "hanketta")


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("hyvinvointialueuudistuksessa", ("hyvinvointi-", "alueuudistuksessa")),
        ("kyläkouluverkkoselvityksessä", ("kyläkouluverkko-", "selvityksessä")),
        ("jätevedenpuhdistamohankkeissa", ("jäteveden-", "puhdistamohankkeissa")),
        ("sähköautonlatauspisteverkosto", ("sähköauton-", "latauspisteverkosto")),
    ],
)
def test_the_lexicon_tells_the_borders(analyser: Analyser, word, pieces):
    assert breaking.hyphenated(word, analyser.forms([word]), 20, 2) == pieces
