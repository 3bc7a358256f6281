"""Captions and the files they are written to."""

import re

from hypothesis import given
from hypothesis import strategies as st

from core import captions, transcript
from core.captions import GAP_MS, LINE, MAX_MS, MIN_MS, Caption
from core.models import Chapter, Passage, Word

WORDS = ["ja", "no", "että", "päätettiin,", "kunnassa", "asia.", "hyvinvointialueuudistuksessa", "Entä?", "x" * 45]


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


@given(recognised())
def test_captions_follow_the_rules(passages):
    found = captions.cues(passages)
    shown = [word for caption in found for line in caption.lines for word in line.split()]
    wanted = [word for p in passages for word in [captions.UNCLEAR] * p.unclear + p.text.split()]
    assert shown == wanted
    assert all(MIN_MS <= caption.end_ms - caption.start_ms <= MAX_MS for caption in found)
    assert all(b.start_ms - a.end_ms >= GAP_MS for a, b in zip(found, found[1:], strict=False))
    assert all(len(caption.lines) <= 2 for caption in found)
    assert all(len(line) <= LINE or " " not in line for caption in found for line in caption.lines)


def test_nothing_said():
    assert captions.cues(()) == ()
    assert captions.webvtt(()).strip() == "WEBVTT"
    assert captions.srt(()).strip() == ""


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
    assert found[0].end_ms == len("Yhteinen lausunto valtionosuuksista.") * 1000 // captions.READING


def test_unclear_speech_is_marked():
    found = captions.cues([transcript.passage(said("mumina jatkuu vain"), unclear=True)])
    assert lines(found) == [("[epäselvää] mumina jatkuu vain",)]


def test_corrected_text_is_what_is_shown():
    passage = transcript.passage(said("paatettin että")).model_copy(update={"text": "päätettiin, että"})
    assert lines(captions.cues([passage])) == [("päätettiin, että",)]


def test_text_without_word_times_is_shown_all_the_same():
    text = "Savukosken hallitus toimittaa luonnoksen verkostolle kolmanteen joulukuuta mennessä ja vähän ylikin."
    found = captions.cues([Passage(start_ms=0, end_ms=8000, text=text)])
    assert " ".join(line for caption in found for line in caption.lines) == text
    assert len(found) == 2


def test_webvtt_escapes_and_counts_hours():
    shown = Caption(start_ms=3_723_004, end_ms=3_724_000, lines=("a <b> & c", "--> d"))
    assert captions.webvtt([shown]) == ("WEBVTT\n\n1\n01:02:03.004 --> 01:02:04.000\na &lt;b&gt; &amp; c\n--&gt; d\n")


def test_srt_has_commas_and_no_stray_arrow():
    shown = [Caption(start_ms=0, end_ms=1000, lines=("a --> b",)), Caption(start_ms=2000, end_ms=3000, lines=("c",))]
    assert captions.srt(shown) == "1\n00:00:00,000 --> 00:00:01,000\na -> b\n\n2\n00:00:02,000 --> 00:00:03,000\nc\n"


@given(recognised())
def test_a_written_file_has_one_arrow_a_caption(passages):
    found = captions.cues(passages)
    for text in (captions.webvtt(found), captions.srt(found)):
        assert len(re.findall("-->", text)) == len(found)


def test_chapters_and_stills():
    chapter = Chapter(start_ms=0, end_ms=5000, title="Talous &\nrahoitus")
    assert captions.chapters_vtt([chapter]) == "WEBVTT\n\n1\n00:00:00.000 --> 00:00:05.000\nTalous &amp; rahoitus\n"
    stills = captions.thumbnails_vtt([(0, 10_000, "thumbs/000000000.jpg")])
    assert stills.endswith("00:00:00.000 --> 00:00:10.000\nthumbs/000000000.jpg\n")
