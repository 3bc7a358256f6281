"""Chapters of the sample as it is and as it was recognised, and of made-up meetings, with the real analyser."""

import json
from pathlib import Path

import pytest

from core.chapters import chapters
from core.cues import Cues
from core.finnish import Analyser
from core.models import AgendaItem, Passage, Transcript, Word

ROOT = Path(__file__).parent.parent.parent
SAMPLE = json.loads((ROOT / "sample" / "broadcast.json").read_text(encoding="utf-8"))
AGENDA = tuple(AgendaItem(**item) for item in SAMPLE["agenda"])
CUES = Cues.load((ROOT / "config" / "lexicon.toml").read_text(encoding="utf-8"))
RECOGNISED = """
1460 4920 - Hyvä huomenta ja tervetuloa Maaseutu live lähetykseen.
5680 8260 - Tänään puhumme palveluista pienissä kunnissa.
9100 11180 - Vierääna on Savukoski, kunnanjohtaja.
12920 14600 - Asialistalla on kolme kohta.
15350 17870 - Ensin puhumme pienkuntien yhteistyöstä.
18580 20260 - Toisena on yhteinen lausunto.
21020 22820 - Kolmantena on seuraava lähetys.
23950 28030 - Siirrymme ensimmäiseen kohtaan, pienkunteenyhteistyöhön,
28730 32110 - Pihtiputalla kolu ja kerjasto toimivat samassa talossa,
32880 35220 - miten palvelut toimivat muissa kunnissa.
36070 37390 - Kiitos kysymyksestä.
38130 40430 - Kuhmoisissa lääkärivasta puhelimessa,
41190 44230 - Rääkkylästä ja Utajärvelta tulee hyviä kopemuksia,
44930 47570 - kustavissa asukkaat rapensivat uuden kolun.
48380 50340 - Mitä ajattelet kuntaliitoksista?
51160 53100 - Kuntaliitoksista on puhuttu paljon.
53100 53320 ? Järvi on.
53320 53560 ? Kuhmoinen, Rääkkylä, Kuhmoinen, Rääkkylä, Kuhmoinen, Rääkkylä,
53780 56840 - Pienten kuntien yhteistyö on parempi ratkaisu.
58480 61620 - Siirrymmee toisen kohtaan, yhteisen lausuntoon.
62420 65520 - Ehdotan, että lausunnon aihe on kuntien rahoittus.
66420 68180 - Vastustaako kukaan ehdotusta?
69110 70030 - Ehdotus on hyvä.
71680 75180 - Nyt päätettiin, että verkosto tekee yhteisen lausunnon.
76800 81880 - Savukosken hallitustoimittäluonnoksen verkostolle kolmanteen joulukuuta mennessä.
82700 84880 - Sopimeille, saatte luonnoksen.
86540 89880 - Siirrymmee kolmanteen kohtaan, seuraavan lähetykseen.
90240 93600 - Ehdotan, että aiheina ovat kuntien koulut?
95100 98560 - Näin päätettiin, että seuraava lähetys on tammikuussa.
100220 102700 - Kiitos keskustelusta ja kiitos kuulijoille.
103500 104680 - Hyvä päivän jatkoa.
"""


def _words(text, start_ms, end_ms):
    said = text.split()
    step = (end_ms - start_ms) / len(said)
    times = [start_ms + round(step * at) for at in range(len(said) + 1)]
    return tuple(
        Word(start_ms=a, end_ms=b, text=word, probability=0.9)
        for word, a, b in zip(said, times[:-1], times[1:], strict=True)
    )


def spoken(*rows):
    """A transcript of (start in s, text) or (start in s, end in s, text)."""
    passages = []
    for row in rows:
        start, text = round(row[0] * 1000), row[-1]
        end = round(row[1] * 1000) if len(row) == 3 else start + 3_000
        passages.append(Passage(start_ms=start, end_ms=end, text=text, words=_words(text, start, end)))
    return Transcript(language="fi", engine="test", passages=tuple(passages))


def _reference():
    passages = tuple(
        Passage(
            start_ms=s["start_ms"],
            end_ms=s["end_ms"],
            text=s["text"],
            words=tuple(Word(**word, probability=1.0) for word in s["words"]),
        )
        for s in SAMPLE["sentences"]
    )
    return Transcript(language="fi", engine="reference", passages=passages)


def _recognised():
    """What faster-whisper base (int8, beam 5) made of the sample, in two parts; ``?`` is unclear."""
    passages = []
    for line in RECOGNISED.strip().splitlines():
        start, end, mark, text = line.split(" ", 3)
        words = _words(text, int(start), int(end))
        passages.append(Passage(start_ms=int(start), end_ms=int(end), text=text, words=words, unclear=mark == "?"))
    return Transcript(language="fi", engine="faster-whisper base", passages=tuple(passages))


TRANSCRIPTS = {"reference": _reference(), "recognised": _recognised()}
TITLES_ONLY = tuple(AgendaItem(title=item.title) for item in AGENDA)
TWO = (AgendaItem(title="Valtionosuudet", cues=("rahoitus",)), AgendaItem(title="Kyläkoulut"))


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    agenda = [text for item in (*AGENDA, *TWO) for text in (item.title, *item.cues)]
    said = [passage.text for transcript in TRANSCRIPTS.values() for passage in transcript.passages]
    with Analyser(tmp_path_factory.getbasetemp() / "vocabulary.sqlite") as analyser:
        return analyser.dictionary([*agenda, *said])


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS)
@pytest.mark.parametrize("formulas", [(), CUES.formulas], ids=["no-formulas", "formulas"])
@pytest.mark.parametrize("is_analysed", [True, False], ids=["forms", "no-forms"])
def test_the_sample(transcript, formulas, is_analysed, forms):
    """Within 3 s of the script, and not where the agenda is read out, at 15 s."""
    duration = SAMPLE["duration_ms"]
    found = chapters(transcript, AGENDA, forms if is_analysed else {}, duration, formulas=formulas)
    sections = [section for section in SAMPLE["sections"] if section["kind"] == "item"]
    assert [c.title for c in found] == ["Avaus", *(section["title"] for section in sections)]
    assert all(abs(c.start_ms - s["start_ms"]) <= 3_000 for c, s in zip(found[1:], sections, strict=True))
    assert [c.end_ms for c in found] == [*(c.start_ms for c in found[1:]), duration]
    assert found[0].start_ms == 0


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS)
def test_titles_without_cues(transcript, forms):
    found = chapters(transcript, TITLES_ONLY, forms, SAMPLE["duration_ms"], formulas=CUES.formulas)
    assert [c.start_ms // 3_000 for c in found] == [0, *(start // 3_000 for start in _starts(transcript))]


def _starts(transcript):
    return [passage.start_ms for passage in transcript.passages if passage.text.startswith("Siirry")]


def test_nothing_said_and_nothing_planned(forms):
    assert chapters(spoken(), AGENDA, forms, 60_000) == ()
    assert chapters(_reference(), (), forms, 60_000) == ()
    assert chapters(spoken(), (), {}, 0) == ()


def test_an_item_that_is_not_named_has_no_chapter(forms):
    said = spoken((8, "Puhutaan valtionosuuksista."), (12, "Rahaa tulee vähemmän."), (60, "Kiitos kaikille."))
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
    assert [c.title for c in chapters(said, TWO, forms, 50_000, formulas=CUES.formulas)] == ["Avaus", "Valtionosuudet"]


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
    found = chapters(said, TWO, forms, 90_000, formulas=CUES.formulas)
    assert [c.start_ms for c in found] == [0, 10_000, 70_000]


def test_a_number_is_enough_where_the_title_was_not_recognised(forms):
    said = spoken((10, "Siirrytään valtionosuuksiin."), (50, "Siirrymmee toisen kohtaan, külä kulut."))
    found = chapters(said, TWO, forms, 90_000, formulas=CUES.formulas)
    assert [c.start_ms for c in found] == [0, 10_000, 50_000]


def test_in_a_long_passage_the_words_tell_the_moment(forms):
    said = spoken(
        (10, "Siirrytään valtionosuuksiin."),
        (40, 54, "kiitos tästä oli hyvä keskustelu ja nyt siirrytään kyläkouluihin joita on monta"),
    )
    start = chapters(said, TWO, forms, 90_000, formulas=CUES.formulas)[-1].start_ms
    assert 46_000 < start < 52_000
