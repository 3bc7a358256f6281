"""Speech to words with the real, bundled model on the sample broadcast, and on sounds that are no speech."""

import re

import numpy as np
import pytest

from core import child
from core.archive import segments
from core.capture.storer import Closed, describe, files
from core.media import ffmpeg, sound
from core.speech import whisper, windows
from core.speech.windows import Stretch
from evaluation import sample, sounds
from maaseutu.demo import about

SECONDS = 25


@pytest.fixture(scope="module")
def options(bundled):
    return whisper.Options(bundled, "fi")


@pytest.fixture(scope="module")
def samples():
    return sound.decode([sample.FILE], sound.SPEECH_RATE, "mono").samples[0][: SECONDS * sound.SPEECH_RATE]


def test_all_speech_has_words_at_its_time(options, samples):
    heard = whisper.transcribe(samples, options, offset_ms=60_000)
    words = [word for passage in heard.passages for word in passage.words]
    spans = [Stretch((word.start_ms - 60_000) / 1000, (word.end_ms - 60_000) / 1000) for word in words]
    assert windows.unheard(windows.speech(samples, whisper.SURE), spans) == []
    assert all(left.start_ms <= right.start_ms for left, right in zip(words, words[1:], strict=False))
    said = {
        word["text"].strip(".,?").lower(): word["start_ms"] for s in about()["sentences"][:4] for word in s["words"]
    }
    found = {re.sub(r"\W", "", word.text.lower()): word.start_ms - 60_000 for word in words}
    near = [abs(found[text] - at) for text, at in said.items() if text in found]
    assert len(near) >= 5
    assert np.median(near) < 300


def test_the_text_does_not_depend_on_the_parts(options, tmp_path):
    argv = ffmpeg.segmenter(ffmpeg.program(), str(sample.FILE), tmp_path, "ts", seconds=4, options={})
    child.run(argv, tmp_path / "log", timeout=60)
    recorded = {describe(Closed(path, 1)): path for path in files(tmp_path)[:13]}
    known = {}

    def recognised(sounds, options):
        """Each sound once: the same window has the same words."""
        for samples in sounds:
            if samples.tobytes() not in known:
                known[samples.tobytes()] = whisper.recognised([samples], options)[0]
        return [known[samples.tobytes()] for samples in sounds]

    live, whole = (_words(recorded, target_ms, options, recognised) for target_ms in (8_000, 60_000))
    assert live == whole
    assert len(live) > 40


def _words(recorded, target_ms, options, recognise):
    parts = segments.parts(recorded, target_ms=target_ms, sealed=True)
    found = [whisper.transcribe_part(part, recorded, options, recognise) for part in parts]
    return [word for transcript in found for passage in transcript.passages for word in passage.words]


@pytest.mark.parametrize("name", sounds.NOT_SPEECH)
def test_nothing_is_heard_where_nobody_speaks(options, name):
    assert whisper.transcribe(sounds.NOT_SPEECH[name](10.0), options).passages == ()


def test_a_chord_that_passes_for_speech_for_a_moment_has_no_words(options):
    """The patient detector hears somebody in the first window, the sure one in the other, and the model a word."""
    music = sounds.music(360.0)
    cut = [[round(edge * sound.SPEECH_RATE) for edge in window] for window in windows.of_samples(music)]
    passing = [music[first:last] for first, last in (cut[number] for number in (1, 15))]
    assert all(windows.speech(samples) for samples in passing)
    assert windows.speech(passing[1], whisper.SURE)
    assert [found.passages for found in whisper.recognised(passing, options)] == [(), ()]


def test_what_has_no_word_is_unheard():
    spoken = [Stretch(0, 10), Stretch(20, 21)]
    assert windows.unheard(spoken, []) == [Stretch(0, 10)]
    assert windows.unheard(spoken, [Stretch(0.5, 4), Stretch(4.2, 8.2)]) == [Stretch(8.2, 10)]
    assert windows.unheard(spoken, [Stretch(4, 8), Stretch(1.6, 4), Stretch(8, 9)]) == [Stretch(0, 1.6)]
