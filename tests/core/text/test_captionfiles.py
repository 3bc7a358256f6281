"""Files of captions, read by the libraries of others."""

import json
from html import unescape
from io import StringIO
from itertools import pairwise
from pathlib import Path

import webvtt
from hypothesis import assume, given
from hypothesis import strategies as st

from core.models import Chapter, EncodedPart, Word
from core.text import captionfiles, captions
from core.text.captions import Caption
from core.text.transcript import MARKS
from tests.web import demo

SCHEMA = Path(__file__).parents[3] / "docs" / "words.schema.json"
SIGNS = st.characters(exclude_categories=["C", "Z"]) | st.sampled_from(list("<>&;-äö[]"))
LINE = st.lists(st.text(SIGNS, min_size=1, max_size=8), min_size=1, max_size=4).map(" ".join)


@st.composite
def shown(draw):
    """Captions in order that do not overlap."""
    found, at = [], 0
    for lines in draw(st.lists(st.lists(LINE, min_size=1, max_size=2), max_size=8)):
        start = at + draw(st.integers(0, 4_000_000))
        at = start + draw(st.integers(1, 7000))
        found.append(Caption(start_ms=start, end_ms=at, lines=tuple(lines)))
    return tuple(found)


def read_vtt(text):
    return tuple(_caption(cue, unescape(cue.raw_text)) for cue in webvtt.from_string(text, strict=True).captions)


def read_srt(text):
    found = webvtt.from_buffer(StringIO(text), format="srt", strict=True) if text.strip() else ()
    return tuple(_caption(cue, cue.raw_text) for cue in found)


def _caption(cue, text):
    return Caption(start_ms=_ms(cue.start), end_ms=_ms(cue.end), lines=tuple(text.split("\n")))


def _ms(stamp):
    hours, minutes, seconds = stamp.split(":")
    return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)


@given(shown())
def test_webvtt_is_read_as_it_was_written(found):
    assert read_vtt(captionfiles.webvtt(found)) == found


@given(shown())
def test_subrip_is_read_as_it_was_written(found):
    assume(not any("-->" in line for caption in found for line in caption.lines))
    assert read_srt(captionfiles.srt(found)) == found


def test_nothing_said():
    assert captionfiles.webvtt(()).strip() == "WEBVTT"
    assert captionfiles.srt(()).strip() == ""


def test_webvtt_escapes_and_counts_hours():
    found = Caption(start_ms=3_723_004, end_ms=3_724_000, lines=("a <b> & c", "--> d"))
    written = captionfiles.webvtt([found])
    assert written == "WEBVTT\n\n1\n01:02:03.004 --> 01:02:04.000\na &lt;b&gt; &amp; c\n--&gt; d\n"


def test_srt_has_commas_and_no_stray_arrow():
    found = [Caption(start_ms=0, end_ms=1000, lines=("a --> b",)), Caption(start_ms=2000, end_ms=3000, lines=("c",))]
    written = captionfiles.srt(found)
    assert written == "1\n00:00:00,000 --> 00:00:01,000\na -> b\n\n2\n00:00:02,000 --> 00:00:03,000\nc\n"


def parts(*takes_and_ends):
    """Parts one after the other, each (Take, end in ms)."""
    begins = [0, *(end for _, end in takes_and_ends)]
    return [
        EncodedPart(number=n, take=take, start_ms=begins[n], end_ms=end, tracks=())
        for n, (take, end) in enumerate(takes_and_ends)
    ]


def test_a_caption_across_a_border_is_in_both_segments():
    across = Caption(start_ms=59_000, end_ms=61_000, lines=("a",))
    first, second = captionfiles.segments([across], parts((1, 60_000), (1, 90_000)))
    assert read_vtt(first) == read_vtt(second) == (across,)
    assert first.startswith("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:10.000,MPEGTS:900000\n\n00:00:59.000 --> ")


def test_between_takes_a_caption_is_shared_out():
    across = Caption(start_ms=59_000, end_ms=61_000, lines=("a",))
    first, second = map(read_vtt, captionfiles.segments([across], parts((1, 60_000), (2, 90_000))))
    assert [(c.start_ms, c.end_ms) for c in (*first, *second)] == [(59_000, 60_000), (60_000, 61_000)]


def test_what_ends_after_the_recording_is_in_the_last_segment():
    late = Caption(start_ms=90_500, end_ms=92_000, lines=("a",))
    assert [len(read_vtt(text)) for text in captionfiles.segments([late], parts((1, 60_000), (1, 90_000)))] == [0, 1]


@given(shown(), st.lists(st.tuples(st.booleans(), st.integers(1000, 3_000_000)), min_size=1, max_size=6))
def test_segments_have_every_caption_when_it_is_shown(found, spans):
    take, end, made = 1, 0, []
    for broken, duration in spans:
        take, end = take + broken, end + duration
        made.append((take, end))
    cut = parts(*made)
    read = [read_vtt(text) for text in captionfiles.segments(found, cut)]
    for part, segment in zip(cut, read, strict=True):
        until = captionfiles.FOR_EVER if part is cut[-1] else part.end_ms
        assert [c.lines for c in segment] == [c.lines for c in found if c.start_ms < until and c.end_ms > part.start_ms]
        assert all(a.end_ms <= b.start_ms for a, b in pairwise(segment))
    together = {(c.start_ms, c.end_ms, c.lines) for segment in read for c in segment}
    assert sum(c[1] - c[0] for c in together) == sum(c.end_ms - c.start_ms for c in found)


def test_words_are_told_with_what_was_heard():
    episode = demo.episode()
    first, *others = episode.transcript.passages
    mended = first.model_copy(
        update={"words": (Word(start_ms=500, end_ms=900, text="Kuhmoisissa", probability=0.4, heard="kuhmoisa"),)}
    )
    lost = others[-1].model_copy(update={"text": "…", "words": (), "unclear": True})
    passages = (mended, *others[:-1], lost)
    episode = episode.model_copy(update={"transcript": episode.transcript.model_copy(update={"passages": passages})})
    told = json.loads(captionfiles.words_json(episode))
    assert captionfiles.WordsFile.model_validate(told).episode == demo.ID
    assert told["passages"][0]["words"] == [
        {"start_ms": 500, "end_ms": 900, "text": "Kuhmoisissa", "probability": 0.4, "heard": "kuhmoisa"}
    ]
    assert "heard" not in told["passages"][1]["words"][0]
    assert [p["unclear"] for p in told["passages"]].count(True) == 2
    assert [p["recognised"] for p in told["passages"]] == [True] * (len(passages) - 1) + [False]


def test_words_of_an_engine_that_tells_no_probability_are_told():
    episode = demo.episode()
    word = Word(start_ms=500, end_ms=900, text="Kuhmoisissa", probability=None)
    passages = (episode.transcript.passages[0].model_copy(update={"words": (word,)}),)
    episode = episode.model_copy(update={"transcript": episode.transcript.model_copy(update={"passages": passages})})
    told = captionfiles.WordsFile.model_validate_json(captionfiles.words_json(episode))
    assert told.passages[0].words[0].probability is None


def test_what_was_not_recognised_is_seen_in_each_format():
    episode = demo.episode()
    found = captions.cues(episode.transcript.passages)
    for text in (captionfiles.webvtt(found), captionfiles.srt(found)):
        assert text.count(MARKS["fi"].unclear) == 1
    assert captionfiles.words_json(episode).count('"unclear":true') == 1


def test_schema_of_words_is_fresh():
    """``python -m core.text.captionfiles`` prints it."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == captionfiles.WordsFile.model_json_schema()


def test_chapters_and_stills():
    chapter = Chapter(start_ms=0, end_ms=5000, title="Talous &\nrahoitus")
    assert captionfiles.chapters_vtt([chapter]) == "WEBVTT\n\n1\n00:00:00.000 --> 00:00:05.000\nTalous &amp; rahoitus\n"
    stills = captionfiles.thumbnails_vtt([(0, 10_000, "thumbs/000000000.jpg")])
    assert stills.endswith("00:00:00.000 --> 00:00:10.000\nthumbs/000000000.jpg\n")
