"""Captions and the files they are written to."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models import Passage, Word, WordForms
from core.text import breaking, captions, transcript
from core.text.captions import STYLE, Caption, Style
from core.text.transcript import MARKS
from tests.core.transcripts import TRANSCRIPTS

WORDS = [
    "ja",
    "Anna",
    "20",
    "no",
    "että",
    "päätettiin,",
    "kunnassa",
    "asia.",
    "hyvinvointialueuudistuksessa",
    "Entä?",
    "x" * 45,
]


def said(text, start_ms=0, word_ms=400):
    words = []
    for part in text.split():
        words.append(Word(start_ms=start_ms, end_ms=start_ms + word_ms, text=part, probability=0.5))
        start_ms += word_ms
    return words


def lines(found):
    return [caption.lines for caption in found]


@st.composite
def recognised(draw):
    """Passages with pauses, words of no length, words longer than a line, and unclear ones among them."""
    words, start_ms = [], 0
    for _ in range(draw(st.integers(0, 60))):
        start_ms += draw(st.sampled_from([0, 0, 20, 400, 700, 9000]))
        end_ms = start_ms + draw(st.sampled_from([0, 80, 300, 900, 12_000]))
        words.append(Word(start_ms=start_ms, end_ms=end_ms, text=draw(st.sampled_from(WORDS)), probability=0.5))
        start_ms = end_ms
    cut = transcript.passages(words)
    marks = draw(st.lists(st.booleans(), min_size=len(cut), max_size=len(cut)))
    return tuple(p.model_copy(update={"unclear": mark}) for p, mark in zip(cut, marks, strict=True))


STYLES = st.builds(Style, line=st.integers(20, 45), lines=st.integers(1, 3), speed=st.integers(8, 20))


@given(recognised(), STYLES)
def test_captions_follow_the_rules(passages, style):
    found = captions.cues(passages, style)
    shown = [word for caption in found for line in caption.lines for word in line.split()]
    wanted = [word for p in passages for word in [MARKS["fi"].unclear] * p.unclear + p.text.split()]
    assert shown == wanted
    assert all(style.shortest_ms <= caption.end_ms - caption.start_ms <= style.longest_ms for caption in found)
    assert all(b.start_ms - a.end_ms >= style.gap_ms for a, b in pairwise(found))
    assert all(len(caption.lines) <= style.lines for caption in found)
    assert all(len(line) <= style.line or " " not in line for caption in found for line in caption.lines)


NAMED = ["Anna", "Virtanen", "Koski", "Tl", "maksaa", "20", "000", "euroa", "3.", "joulukuuta", "ja", "niin,", "asia."]


@given(st.lists(st.sampled_from(NAMED), max_size=40), STYLES)
def test_no_break_is_inside_a_name_or_a_number(texts, style):
    words = said(" ".join(texts))
    lines = [line for c in captions.cues(transcript.passages(words, max_ms=10**9), style) for line in c.lines]
    assert [word for line in lines for word in line.split()] == texts
    assert set(accumulate(len(line.split()) for line in lines)) <= set(accumulate(breaking.units(texts, style.line)))


@given(recognised(), st.data())
def test_settled_captions_stay_whatever_follows(passages, data):
    """Also when the last Passage goes on, as it does while somebody speaks."""
    if not passages:
        return
    at = data.draw(st.integers(0, len(passages) - 1))
    so_far = data.draw(st.integers(1, len(passages[at].words)))
    part = transcript.passage(passages[at].words[:so_far], unclear=passages[at].unclear)
    early = (*passages[:at], part)
    count = captions.settled(early)
    assert captions.cues(early)[:count] == captions.cues(passages)[:count]


def test_few_captions_of_the_sample_are_open():
    """Of a transcript that grows word by word, all but the last captions are settled."""
    whole = TRANSCRIPTS["recognised"].passages
    opened = []
    for at, passage in enumerate(whole):
        for so_far in range(1, len(passage.words) + 1):
            early = (*whole[:at], transcript.passage(passage.words[:so_far], unclear=passage.unclear))
            opened.append(len(captions.cues(early)) - captions.settled(early))
    assert max(opened) <= 2


def test_nothing_said():
    assert captions.cues(()) == ()
    assert captions.settled(()) == 0


def test_a_short_sentence_is_one_line():
    found = captions.cues(transcript.passages(said("Hyvää huomenta ja tervetuloa.", start_ms=1000, word_ms=600)))
    assert found == (Caption(start_ms=1000, end_ms=3400, lines=("Hyvää huomenta ja tervetuloa.",)),)


def test_lines_break_where_the_phrase_does():
    found = captions.cues(transcript.passages(said("Verkosto tekee lausunnon, jota hallitus valmistelee.")))
    assert lines(found) == [("Verkosto tekee lausunnon,", "jota hallitus valmistelee.")]


def test_the_upper_line_is_the_shorter():
    found = captions.cues(transcript.passages(said("Pienten kuntien yhteistyö on parempi ratkaisu.")))
    assert lines(found) == [("Pienten kuntien yhteistyö", "on parempi ratkaisu.")]


def test_long_speech_is_cut_between_sentences():
    text = "Savukosken hallitus toimittaa luonnoksen verkostolle. Sopii meille, saatte luonnoksen ajoissa."
    found = captions.cues(transcript.passages(said(text)))
    assert [" ".join(caption.lines) for caption in found] == [
        "Savukosken hallitus toimittaa luonnoksen verkostolle.",
        "Sopii meille, saatte luonnoksen ajoissa.",
    ]


def test_a_flash_of_a_sentence_shares_the_next_caption():
    found = captions.cues(transcript.passages(said("Joo. Siirrymme toiseen kohtaan.")))
    assert lines(found) == [("Joo. Siirrymme toiseen kohtaan.",)]


def test_a_caption_stays_as_long_as_it_takes_to_read():
    found = captions.cues(transcript.passages(said("Yhteinen lausunto valtionosuuksista.", word_ms=100)))
    assert found[0].end_ms == len("Yhteinen lausunto valtionosuuksista.") * 1000 // STYLE.speed + 1


def test_unclear_speech_is_marked():
    found = captions.cues([transcript.passage(said("mumina jatkuu vain"), unclear=True)])
    assert lines(found) == [("[epäselvää] mumina jatkuu vain",)]


@pytest.mark.parametrize(
    ("language", "shown"),
    [("fi", "[ei tunnistettu]"), ("sv", "[inte igenkänt]"), ("en", "[not recognised]"), ("et", "[not recognised]")],
)
@pytest.mark.parametrize("seconds", [2, 20])
def test_speech_without_a_word_is_one_mark(seconds, language, shown):
    lost = Passage(start_ms=0, end_ms=1000 * seconds, text=transcript.NOT_RECOGNISED, unclear=True)
    found = captions.cues([lost], marks=transcript.marks(language))
    assert lines(found) == [(shown,)]


def test_corrected_text_is_what_is_shown():
    passage = transcript.passage(said("paatettin että")).model_copy(update={"text": "päätettiin, että"})
    assert lines(captions.cues([passage])) == [("päätettiin, että",)]


def test_text_without_word_times_is_shown_all_the_same():
    text = "Savukosken hallitus toimittaa luonnoksen verkostolle kolmanteen joulukuuta mennessä ja vähän ylikin."
    found = captions.cues([Passage(start_ms=0, end_ms=8000, text=text)])
    assert " ".join(line for caption in found for line in caption.lines) == text
    assert len(found) == 2


def test_fast_words_share_a_caption_with_the_pause_after_them():
    """Twenty characters a second for four words, then slower ones: one caption rather than one that nobody can read."""
    words = [*said("hallitus esittää lausuntoa nopeasti", word_ms=450), *said("ja niin", start_ms=1800, word_ms=900)]
    (found,) = captions.cues(transcript.passages(words))
    assert captions.fast([found]) == 0


def test_a_caption_runs_into_the_pause_but_not_into_the_next():
    words = [*said("hallitus esittää lausuntoa", word_ms=300), *said("Kiitos.", start_ms=2500)]
    first, second = captions.cues(transcript.passages(words))
    assert (first.end_ms, second.start_ms) == (len("hallitus esittää lausuntoa") * 1000 // STYLE.speed + 1, 2500)


def test_a_word_longer_than_a_line_is_cut_where_it_is_a_compound():
    forms = {"kyläkoulukuljetuksista": WordForms(parts=("kylä", "kyläkoulu", "koulu", "kuljetus"))}
    passages = transcript.passages(said("puhuttiin kyläkoulukuljetuksista tänään"))
    style = Style(line=20)
    assert ("kyläkoulu-", "kuljetuksista") in lines(captions.cues(passages, style, forms=forms))
    assert ("kyläkoulukuljetuksista",) in lines(captions.cues(passages, style))
