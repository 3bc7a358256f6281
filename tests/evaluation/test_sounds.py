"""What is done to the sound of speech, and sounds in which nobody speaks."""

import numpy as np
import pytest

from evaluation import sounds

TONE = (0.1 * np.sin(2 * np.pi * 1000 * np.arange(sounds.RATE * 3) / sounds.RATE)).astype(np.float32)


@pytest.mark.parametrize("name", sounds.CONDITIONS)
def test_a_condition_keeps_length_and_is_the_same_every_time(name):
    made = sounds.CONDITIONS[name](TONE)
    assert made.shape == TONE.shape
    assert np.array_equal(made, sounds.CONDITIONS[name](TONE))
    assert (name == "clean") == np.array_equal(made, TONE)


@pytest.mark.parametrize("name", ["noise", "music"])
def test_what_is_added_is_ten_decibels_below(name):
    added = sounds.CONDITIONS[name](TONE) - TONE
    assert 20 * np.log10(np.sqrt(np.mean(TONE**2)) / np.sqrt(np.mean(added**2))) == pytest.approx(10, abs=0.5)


def test_a_telephone_carries_no_bass():
    low = (0.1 * np.sin(2 * np.pi * 100 * np.arange(sounds.RATE) / sounds.RATE)).astype(np.float32)
    both = sounds.telephone(TONE[: sounds.RATE] + low)
    spectrum = np.abs(np.fft.rfft(both))
    assert spectrum[100] < 0.01 * spectrum[1000]


@pytest.mark.parametrize("name", sounds.NOT_SPEECH)
def test_sounds_without_speech_are_as_long_as_asked(name):
    assert len(sounds.NOT_SPEECH[name](1.5)) == 1.5 * sounds.RATE
