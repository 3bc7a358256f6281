"""The text of the generated broadcasts, and what is done to their sound. Festival itself is not needed here."""

import numpy as np
import pytest

from evaluation import accuracy, sets

TONE = (0.1 * np.sin(2 * np.pi * 1000 * np.arange(sets.RATE * 3) / sets.RATE)).astype(np.float32)


@pytest.mark.parametrize("stem", sets.NAMES.values(), ids=sets.NAMES.keys())
def test_each_municipality_is_named_in_five_forms(stem):
    words = accuracy.words(sets.TEXT.read_text(encoding="utf-8"))
    assert len({word for word in words if word.startswith(stem)}) >= 5


def test_two_people_speak_in_turn():
    turns = sets.turns("Yksi.\nKaksi.\n\nKolme.\n\nNeljä.\n")
    assert [[line.text for line in turn] for turn in turns] == [["Yksi.", "Kaksi."], ["Kolme."], ["Neljä."]]
    assert turns[0][0].speaker == turns[2][0].speaker != turns[1][0].speaker


@pytest.mark.parametrize("name", sets.CONDITIONS)
def test_a_condition_keeps_length_and_is_the_same_every_time(name):
    made = sets.CONDITIONS[name](TONE)
    assert made.shape == TONE.shape
    assert np.array_equal(made, sets.CONDITIONS[name](TONE))
    assert (name == "clean") == np.array_equal(made, TONE)


@pytest.mark.parametrize("name", ["noise", "music"])
def test_what_is_added_is_ten_decibels_below(name):
    added = sets.CONDITIONS[name](TONE) - TONE
    assert 20 * np.log10(np.sqrt(np.mean(TONE**2)) / np.sqrt(np.mean(added**2))) == pytest.approx(10, abs=0.5)


def test_a_telephone_carries_no_bass():
    low = (0.1 * np.sin(2 * np.pi * 100 * np.arange(sets.RATE) / sets.RATE)).astype(np.float32)
    both = sets.telephone(TONE[: sets.RATE] + low)
    spectrum = np.abs(np.fft.rfft(both))
    assert spectrum[100] < 0.01 * spectrum[1000]


@pytest.mark.parametrize("name", sets.NOT_SPEECH)
def test_sounds_without_speech_are_as_long_as_asked(name):
    assert len(sets.NOT_SPEECH[name](1.5)) == 1.5 * sets.RATE
