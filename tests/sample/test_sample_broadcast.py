"""The committed sample: the media is what a broadcast is, and its reference tells the truth about it."""

import json
import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

import sample
from sample import script
from sample.make_broadcast import CannotMake, named_words, pause_before, resampled, word_times
from sample.slides import wrapped

MEDIA = Path(sample.__file__).with_name("broadcast.mp4")
RATE = 16_000
TOLERANCE_MS = 50


@pytest.fixture(scope="module")
def reference():
    return json.loads(MEDIA.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def loudness():
    """The root mean square of each 10 ms of the sound."""
    with av.open(str(MEDIA)) as media:
        resampler = av.AudioResampler("flt", "mono", RATE)
        frames = [part for frame in media.decode(audio=0) for part in resampler.resample(frame)]
    samples = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    pieces = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    return np.sqrt((pieces**2).mean(axis=1))


def all_words(reference):
    return [word for sentence in reference["sentences"] for word in sentence["words"]]


def test_the_media_is_a_small_broadcast(reference):
    with av.open(str(MEDIA)) as media:
        video, audio = media.streams.video[0], media.streams.audio[0]
        seconds = media.duration / av.time_base
        assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
        assert (video.width, video.height, video.average_rate) == (1280, 720, 25)
        assert (audio.rate, audio.channels) == (48_000, 2)
    assert 75 <= seconds <= 120
    assert MEDIA.stat().st_size < 4_000_000
    assert reference["duration_ms"] == pytest.approx(seconds * 1000, abs=TOLERANCE_MS)


def test_a_keyframe_comes_every_two_seconds():
    with av.open(str(MEDIA)) as media:
        times = [float(packet.pts * packet.time_base) for packet in media.demux(video=0) if packet.is_keyframe]
    assert [round(later - earlier, 3) for earlier, later in pairwise(times)] == [2.0] * (len(times) - 1)


def test_the_picture_moves():
    with av.open(str(MEDIA)) as media:
        media.seek(10 * av.time_base)
        pictures = [frame.to_ndarray(format="gray") for frame, _ in zip(media.decode(video=0), range(25), strict=False)]
    assert (pictures[0] != pictures[-1]).any()


def test_words_lie_in_their_sentences_in_order(reference):
    for sentence in reference["sentences"]:
        words = sentence["words"]
        assert " ".join(word["text"] for word in words) == sentence["text"]
        assert (words[0]["start_ms"], words[-1]["end_ms"]) == (sentence["start_ms"], sentence["end_ms"])
    words = all_words(reference)
    assert all(word["start_ms"] < word["end_ms"] for word in words)
    assert all(earlier["end_ms"] <= later["start_ms"] for earlier, later in pairwise(words))
    assert words[-1]["end_ms"] < reference["duration_ms"]


def test_the_reference_is_of_the_script(reference):
    lines = [line for section in script.SECTIONS for line in section.lines]
    assert [(item["speaker"], item["text"]) for item in reference["sentences"]] == [
        (line.speaker, line.text) for line in lines
    ]
    assert [section["title"] for section in reference["sections"]] == [section.title for section in script.SECTIONS]


def test_the_bare_word_is_never_said_but_its_forms_are(reference):
    said = re.findall(r"\w+", " ".join(sentence["text"] for sentence in reference["sentences"]).lower())
    assert "kunta" not in said
    assert {"kunnissa", "kuntien", "pienkuntien", "kuntaliitoksista"} <= set(said)


def test_everything_that_is_noted_was_said(reference):
    texts = [sentence["text"] for sentence in reference["sentences"]]
    spoken = " ".join(texts).lower()
    assert set(reference["decisions"]) <= set(texts)
    assert {action["text"] for action in reference["actions"]} <= set(texts)
    assert all(action["who"] in action["text"] for action in reference["actions"])
    assert all(cue in spoken for item in reference["agenda"] for cue in item["cues"])
    assert datetime.fromisoformat(reference["starts_at"]).tzinfo is not None


def test_every_municipality_is_said_where_the_reference_has_it(reference):
    starts = {word["start_ms"]: word["text"].strip(".,?") for word in all_words(reference)}
    assert all(starts[place["start_ms"]] == place["said"] for place in reference["municipalities"])
    assert {place["code"] for place in reference["municipalities"]} == {place.code for place in script.MUNICIPALITIES}


def test_words_are_loud_and_pauses_are_quiet(reference, loudness):
    words = [loudness[word["start_ms"] // 10 : word["end_ms"] // 10].max() for word in all_words(reference)]
    pauses = [
        loudness[(earlier["end_ms"] + TOLERANCE_MS) // 10 + 1 : (later["start_ms"] - TOLERANCE_MS) // 10].max()
        for earlier, later in pairwise(reference["sentences"])
    ]
    assert min(words) > 20 * max(pauses)


def test_sentences_begin_when_the_reference_says(reference, loudness):
    for earlier, later in pairwise(reference["sentences"]):
        quiet_from = (earlier["end_ms"] + TOLERANCE_MS) // 10 + 1
        onset = quiet_from + int(np.argmax(loudness[quiet_from:] > 0.002))
        assert onset * 10 == pytest.approx(later["start_ms"], abs=TOLERANCE_MS + 10)


def test_sections_begin_in_the_pause_before_their_first_sentence(reference):
    numbers = [number for number, section in enumerate(script.SECTIONS) for _ in section.lines]
    for at, section in enumerate(reference["sections"]):
        first = numbers.index(at)
        assert section["start_ms"] < reference["sentences"][first]["start_ms"]
        if first:
            assert section["start_ms"] > reference["sentences"][first - 1]["end_ms"]


def test_word_times_are_read_by_line():
    assert word_times("0 0.1 0.2\n1 0.3 0.4\n0 0.2 0.5\n", 2) == [[(0.1, 0.2), (0.2, 0.5)], [(0.3, 0.4)]]


def test_a_word_festival_reads_as_two_is_refused():
    line = script.Line(script.CHAIR, "Kello 12.30")
    with pytest.raises(CannotMake, match="write numbers and signs as words"):
        named_words(line, [(0.0, 0.1), (0.1, 0.2), (0.2, 0.3)])


def test_resampling_keeps_the_tone():
    second = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    result = resampled(second, 16_000)
    assert len(result) == 48_000
    assert np.allclose(result, np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000), atol=1e-6)


def test_pauses_grow_with_what_changes():
    assert pause_before(False, False) < pause_before(False, True) < pause_before(True, True)


def test_slides_wrap_long_sentences():
    rows = wrapped(script.DECISIONS[0])
    assert " ".join(rows) == script.DECISIONS[0]
    assert max(map(len, rows)) <= 34
