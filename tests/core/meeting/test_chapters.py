"""Chapters of the sample as it is and as it was recognised, and of made-up meetings, with the real analyser."""

import numpy as np
import pytest

from core.language.cues import AgendaCues
from core.meeting.announcing import Mark, Spoken, counted
from core.meeting.chapters import chapters
from core.models import AgendaItem
from tests.core.transcripts import AGENDA, CUES, SAMPLE, TRANSCRIPTS, spoken

TITLES_ONLY = tuple(AgendaItem(title=item.title) for item in AGENDA)
TWO = (AgendaItem(title="Valtionosuudet", cues=("rahoitus",)), AgendaItem(title="Kyläkoulut"))


@pytest.fixture(scope="module")
def forms(analyser):
    agenda = [text for item in (*AGENDA, *TWO) for text in (item.title, *item.cues)]
    said = [passage.text for transcript in TRANSCRIPTS.values() for passage in transcript.passages]
    return analyser.dictionary([*agenda, *said])


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS)
@pytest.mark.parametrize("cues", [AgendaCues(), CUES.agenda], ids=["no-cues", "cues"])
@pytest.mark.parametrize("is_analysed", [True, False], ids=["forms", "no-forms"])
def test_the_sample(transcript, cues, is_analysed, forms):
    """Within 3 s of the script, and not where the agenda is read out, at 15 s."""
    duration = SAMPLE["duration_ms"]
    found = chapters(transcript, AGENDA, forms if is_analysed else {}, duration, cues=cues)
    sections = [section for section in SAMPLE["sections"] if section["kind"] == "item"]
    assert [c.title for c in found] == ["Avaus", *(section["title"] for section in sections)]
    assert all(abs(c.start_ms - s["start_ms"]) <= 3_000 for c, s in zip(found[1:], sections, strict=True))
    assert [c.end_ms for c in found] == [*(c.start_ms for c in found[1:]), duration]
    assert found[0].start_ms == 0


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS)
def test_titles_without_cues(transcript, forms):
    found = chapters(transcript, TITLES_ONLY, forms, SAMPLE["duration_ms"], cues=CUES.agenda)
    assert [c.start_ms // 3_000 for c in found] == [0, *(start // 3_000 for start in _starts(transcript))]


def _starts(transcript):
    return [passage.start_ms for passage in transcript.passages if passage.text.startswith("Siirry")]


def test_nothing_said_and_nothing_planned(forms):
    assert chapters(spoken(), AGENDA, forms, 60_000) == ()
    assert chapters(TRANSCRIPTS["reference"], (), forms, 60_000) == ()
    assert chapters(spoken(), (), {}, 0) == ()


def test_an_item_that_is_not_named_has_no_chapter(forms):
    said = spoken((8, "Ensin valtionosuudet."), (12, "Rahaa tulee vähemmän."), (60, "Kiitos kaikille."))
    assert [(c.title, c.start_ms) for c in chapters(said, TWO, forms, 70_000)] == [
        ("Avaus", 0),
        ("Valtionosuudet", 8_000),
    ]


def test_an_item_named_only_in_the_listing_has_no_chapter(forms):
    said = spoken(
        (1, "Tänään aiheina ovat valtionosuudet ja kyläkoulut."),
        (20, "Siirrytään valtionosuuksiin."),
        (40, "Kiitos kaikille."),
    )
    assert [c.title for c in chapters(said, TWO, forms, 50_000, cues=CUES.agenda)] == ["Avaus", "Valtionosuudet"]


def test_a_short_opening_belongs_to_the_first_item(forms):
    said = spoken((4, "Valtionosuudet ovat ensin."), (30, "Sitten kyläkoulut."))
    found = chapters(said, TWO, forms, 40_000, opening="Alku")
    assert [(c.title, c.start_ms, c.end_ms) for c in found] == [
        ("Valtionosuudet", 0, 30_000),
        ("Kyläkoulut", 30_000, 40_000),
    ]


def test_a_formula_wins_over_a_mention_in_passing(forms):
    said = spoken(
        (10, "Siirrytään valtionosuuksiin."),
        (30, "Raha vaikuttaa kyläkouluihin."),
        (70, "Seuraava asia on kylä koulut."),
    )
    found = chapters(said, TWO, forms, 90_000, cues=CUES.agenda)
    assert [c.start_ms for c in found] == [0, 10_000, 70_000]


def test_a_number_is_enough_where_the_title_was_not_recognised(forms):
    said = spoken((10, "Siirrytään valtionosuuksiin."), (50, "Siirrymmee toisen kohtaan, külä kulut."))
    found = chapters(said, TWO, forms, 90_000, cues=CUES.agenda)
    assert [c.start_ms for c in found] == [0, 10_000, 50_000]


def test_in_a_long_passage_the_words_tell_the_moment(forms):
    said = spoken(
        (10, "Siirrytään valtionosuuksiin."),
        (40, 54, "kiitos tästä oli hyvä keskustelu ja nyt siirrytään kyläkouluihin joita on monta"),
    )
    start = chapters(said, TWO, forms, 90_000, cues=CUES.agenda)[-1].start_ms
    assert 46_000 < start < 52_000


MORE = (
    AgendaItem(title="Koulukuljetusten kilpailutus"),
    AgendaItem(title="Kirjaston omatoimiaika"),
    AgendaItem(title="Liikuntapaikkojen maksut"),
)


@pytest.fixture(scope="module")
def more(analyser):
    said = [
        "koulukuljetukset koulukuljetus kuljetukset kuljetuksista ajaa kolme taksia",
        "kirjastossa kirjasto lehtisali maksu maksaa maksuista liikunta liikuntapaikat",
    ]
    return analyser.dictionary([*said, *(item.title for item in MORE)])


def test_words_of_an_item_tell_where_it_is_without_any_formula(more):
    said = spoken(
        (10, "Koulukuljetukset ajaa kolme taksia."),
        (14, "Kuljetuksista on puhuttu, ja koulukuljetus on kallis."),
        (40, "Kirjastossa on käynyt väkeä."),
        (44, "Kirjasto on auki, ja kirjastossa on lehtisali."),
        (48, "Kirjasto on suosittu."),
        (70, "Maksuista on valitettu."),
        (74, "Liikunta on ilmaista, maksu ei."),
    )
    found = chapters(said, MORE, more, 90_000)
    assert [(c.title, c.start_ms) for c in found[1:]] == [
        ("Koulukuljetusten kilpailutus", 10_000),
        ("Kirjaston omatoimiaika", 40_000),
        ("Liikuntapaikkojen maksut", 70_000),
    ]


def test_an_item_come_back_to_has_two_chapters_and_another_order_is_followed(more):
    said = spoken(
        (10, "Otetaan ensin kirjaston omatoimiaika."),
        (30, "Siirrytään koulukuljetusten kilpailutukseen."),
        (50, "Palataan vielä kirjaston omatoimiaikaan."),
    )
    found = chapters(said, MORE, more, 90_000, cues=CUES.agenda)
    library, transport = MORE[1].title, MORE[0].title
    assert [(c.title, c.start_ms) for c in found[1:]] == [(library, 10_000), (transport, 30_000), (library, 50_000)]


def test_talk_that_goes_to_and_fro_begins_no_item_again(forms):
    turns = ("Valtionosuudet laskevat.", "Kyläkoulut ovat kaukana.")
    said = spoken(*((10 + 20 * at, turns[at // 2 % 2]) for at in range(24)))
    found = chapters(said, TWO, forms, 500_000, cues=CUES.agenda)
    assert sorted(c.title for c in found) == ["Avaus", "Kyläkoulut", "Valtionosuudet"]


@pytest.mark.parametrize("called", ["Kohta kolme, olkaa hyvä.", "Sitten kolmas kohta.", "Otetaan pykälä 3."])
def test_an_item_called_by_its_number(called, more):
    said = spoken((10, "Kirjastossa on lehtisali."), (14, "Kirjasto on auki."), (50, called), (54, "Hinta nousee."))
    found = chapters(said, MORE, more, 90_000, cues=CUES.agenda)
    assert (found[-1].title, found[-1].start_ms) == (MORE[2].title, 50_000)


def test_numbers_that_go_on_from_meeting_to_meeting(more):
    """Of 41, 42 and 43 the first is known by its name, so the others are the items after it."""
    said = spoken(
        (10, "Pykälä neljäkymmentäyksi, koulukuljetusten kilpailutus."),
        (30, "Pykälä neljäkymmentäkaksi, olkaa hyvä."),
        (50, "Pykälä neljäkymmentäkolme."),
    )
    found = chapters(said, MORE, more, 90_000, cues=CUES.agenda)
    assert [(c.title, c.start_ms // 1000) for c in found[1:]] == [
        (item.title, at) for item, at in zip(MORE, (10, 30, 50), strict=True)
    ]


def test_a_number_tells_its_item_by_what_is_said_after_it(more):
    """A first number and one within the agenda must not make all sentences call an item."""
    said = spoken(
        (10, "Kolmas kohta, olkaa hyvä."),
        (30, "Siirrymme pykälään neljäkymmentäkaksi."),
        (34, "Olkaa hyvä."),
        (38, "Kirjastossa on lehtisali."),
        (60, "Pykälä neljäkymmentäkolme."),
        (64, "Olkaa hyvä."),
        (68, "Liikunta on ilmaista."),
    )
    found = chapters(said, MORE, more, 90_000, cues=CUES.agenda)
    assert [(c.title, c.start_ms // 1000) for c in found[1:]] == [(MORE[1].title, 30), (MORE[2].title, 60)]


def test_numbers_that_may_be_of_any_item_tell_none():
    marks = [Mark(1.0, 41, 0), Mark(0.0, -1, 0), Mark(1.0, 1, 0)]
    assert [mark.item for mark in counted(marks, np.zeros((3, 4)))] == [-1, -1, -1]
    assert [mark.item for mark in counted(marks[1:], np.zeros((2, 4)))] == [-1, 1]


def test_what_a_formula_leads_to_is_said_after_it(more):
    said = spoken(
        (10, "Liikunta on ilmaista."),
        (14, "Maksu on kallis."),
        (18, "Maksuista on valitettu."),
        *((24 + 4 * at, "Aika kuluu.") for at in range(4)),
        (50, "Mennään eteenpäin."),
        (54, "Aika kuluu."),
        (58, "Kirjasto on auki."),
    )
    found = chapters(said, MORE, more, 90_000, cues=CUES.agenda)
    assert [c.start_ms for c in found if c.title == MORE[1].title] == [50_000]


def test_an_item_begins_where_it_goes_on_and_not_where_it_is_touched_on(more):
    said = spoken(
        (10, "Kirjasto on auki."),
        (14, "Kirjastossa on lehtisali."),
        *((20 + 4 * at, "Aika kuluu.") for at in range(4)),
        (36, "Maksu on kallis."),
        *((42 + 4 * at, "Aika kuluu.") for at in range(7)),
        (78, "Liikunta on ilmaista."),
        (82, "Maksu on kallis."),
        (86, "Maksuista on valitettu."),
    )
    found = chapters(said, MORE, more, 105_000, cues=CUES.agenda)
    assert [(c.title, c.start_ms // 1000) for c in found[1:]] == [(MORE[1].title, 10), (MORE[2].title, 78)]


def test_a_formula_begins_what_is_said(analyser):
    texts = (
        "Lääkäripalvelut siirtyvät Posiolta.",
        "Siirrytään muihin asioihin.",
        "Kolmas kohta.",
        "Sitten kolmas kohta.",
    )
    said = spoken(*((10 * at, text) for at, text in enumerate(texts)))
    marks = Spoken(said.passages, analyser.dictionary(texts)).marks(CUES.agenda.formulas)
    assert [mark.weight > 0 for mark in marks] == [False, True, True, True]


OPENED = (AgendaItem(title="Kokouksen avaus"), AgendaItem(title="Väestönkehitys"), AgendaItem(title="Valokuitu"))


@pytest.fixture(scope="module")
def opened(analyser):
    said = ["syntyneitä on viisi muuttajia kymmenen sitten katsotaan lukuja viimeinen kohta"]
    return analyser.dictionary([*said, *(item.title for item in OPENED)])


def test_an_opening_begins_with_the_meeting_without_its_name(opened):
    said = spoken(
        (8, "Hyvää iltaa."), (60, "Sitten katsotaan lukuja."), (64, "Syntyneitä on viisi, muuttajia kymmenen.")
    )
    first = chapters(said, OPENED, opened, 120_000, cues=CUES.agenda)[1]
    assert (first.title, first.start_ms) == ("Kokouksen avaus", 8_000)


def test_words_of_the_same_subject_tell_an_item_whose_title_nobody_says(opened):
    said = spoken(
        (8, "Hyvää iltaa."), (60, "Sitten katsotaan lukuja."), (64, "Syntyneitä on viisi, muuttajia kymmenen.")
    )
    (found,) = (c for c in chapters(said, OPENED, opened, 120_000, cues=CUES.agenda) if c.title == "Väestönkehitys")
    assert found.start_ms in (60_000, 64_000)
