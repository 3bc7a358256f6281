"""What is quoted where a municipality is named, and how it adds up."""

from datetime import UTC, datetime, timedelta
from itertools import zip_longest

from core.archive import cards
from core.models import Mention, Passage, Transcript
from core.text import places
from tests.web import demo


def told(*said, mentions, speakers=()):
    """What an episode of these sentences, 10 s each, tells; ``mentions`` are (code, word, second)."""
    passages = tuple(
        Passage(start_ms=n * 10_000, end_ms=n * 10_000 + 9000, text=text, speaker=speaker)
        for n, (text, speaker) in enumerate(zip_longest(said, speakers, fillvalue=""))
    )
    named = tuple(Mention(code=c, name=w, at_ms=int(at * 1000), said=w) for c, w, at in mentions)
    transcript = Transcript(language="fi", engine="x", passages=passages)
    return places.mentioned(demo.episode().model_copy(update={"transcript": transcript, "mentions": named})).quotes


def marked(quote):
    return quote.text[quote.start : quote.end]


def test_a_sentence_is_quoted_once_however_often_it_names_a_municipality():
    long = "Perhossa on koulu, ja Perhossa on kirjasto, joka on auki joka päivä aamusta iltaan asti koko vuoden."
    quotes = told(long, long, mentions=[("584", "Perhossa", 0), ("584", "Perhossa", 3), ("584", "Perhossa", 10)])
    assert [(q.at_ms, q.text, marked(q)) for q in quotes] == [(0, long, "Perhossa"), (10_000, long, "Perhossa")]


def test_a_short_sentence_is_quoted_with_the_one_before_it():
    (quote,) = told("Perho ensin, sitten muut.", "Nyt Perho.", mentions=[("584", "Perho", 10)])
    assert quote.text == "Perho ensin, sitten muut. Nyt Perho."
    assert (quote.start, marked(quote)) == (30, "Perho")


def test_who_says_it_is_told_and_what_another_said_before_is_not_quoted():
    asked = {"mentions": [("584", "Perho", 10)]}
    (same,) = told("Kuka ensin?", "Nyt Perho.", **asked, speakers=("Anna", "Anna"))
    assert (same.speaker, same.text) == ("Anna", "Kuka ensin? Nyt Perho.")
    (quote,) = told("Kuka ensin?", "Nyt Perho.", **asked, speakers=("Anna", "Eero"))
    assert (quote.speaker, quote.text, marked(quote)) == ("Eero", "Nyt Perho.", "Perho")


def test_a_long_sentence_is_cut_at_words_around_the_name():
    text = "alku " * 100 + "Perhossa" + " loppu" * 100
    (quote,) = told(text, mentions=[("584", "Perhossa", 1)])
    assert len(quote.text) <= places.LONGEST + 4
    assert quote.text.startswith("… alku ")
    assert quote.text.endswith(" loppu …")
    assert marked(quote) == "Perhossa"


def test_the_very_longest_words_are_not_lost():
    text = "x" * 500 + " Perhossa"
    (quote,) = told(text, mentions=[("584", "Perhossa", 1)])
    assert marked(quote) == "Perhossa"


def test_a_name_at_the_border_of_two_sentences_is_found_in_the_one_that_holds_it():
    (quote,) = told("Tämä oli Perho.", "Seuraava asia on siis tämä.", mentions=[("584", "Perho", 10)])
    assert marked(quote) == "Perho"


def test_a_name_that_a_person_corrected_away_is_not_quoted():
    assert told("Tämä oli perhe.", mentions=[("584", "Perho", 1)]) == ()


def test_broadcasts_add_up_newest_first():
    card = cards.card(demo.episode(), "v1")
    older = card.model_copy(update={"id": "b", "starts_at": card.starts_at - timedelta(days=1)})
    each = places.mentioned(demo.episode())
    found = places.by_municipality([(older, each), (card, each)])
    assert {code: [(p.card.id, len(p.quotes)) for p in said] for code, said in found.items()} == {
        code: [(demo.ID, 2), ("b", 2)] for code in ("925", "291", "889")
    }
    assert datetime(2026, 11, 24, 7, 0, tzinfo=UTC) == found["925"][0].card.starts_at
