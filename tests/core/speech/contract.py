"""What every engine must keep, tested on the sample broadcast. Each test module says which ``engine`` it is.

The module needs nothing of faster-whisper's, so it runs in the environment of the optional engine as well.
"""

import json
import re
from math import ceil
from pathlib import Path

import numpy as np
import pytest

from core.errors import Misconfigured
from core.media import sound
from core.speech.engines.base import Engine, Heard, HeardWord, Hints, Samples
from core.speech.windows import Stretch

SAMPLE = Path(__file__).parents[3] / "sample"
STRETCHES = [Stretch(1.464, 11.56), Stretch(12.696, 20.584), Stretch(28.536, 32.456)]
"""Speech in the sample, with pauses around it."""
HINTS = Hints("fi", ("Pihtiputaalla", "pienkuntien"))
SECONDS = 34
ROUNDED = 0.01


@pytest.fixture(scope="module")
def samples() -> Samples:
    """The beginning of the sample broadcast."""
    whole: Samples = sound.decode([SAMPLE / "broadcast.mp4"], sound.SPEECH_RATE, "mono").samples[0]
    return whole[: SECONDS * sound.SPEECH_RATE]


@pytest.fixture(scope="module")
def heard(engine: Engine, samples: Samples) -> list[Heard]:
    """What the engine makes of it with a vocabulary."""
    return list(engine.decode(samples, STRETCHES, HINTS))


def words(heard: list[Heard]) -> list[HeardWord]:
    """All words that are more than a space."""
    return [word for each in heard for word in each.words if word.text.strip()]


def text(heard: list[Heard]) -> str:
    """All words as they would be read."""
    return " ".join(word.text.strip() for word in words(heard))


def is_in(word: HeardWord, stretch: Stretch) -> bool:
    """Whether the word is of the stretch. faster-whisper reckons a stretch to end at a whole second, and rounds."""
    end = stretch.start + ceil(stretch.end - stretch.start)
    return stretch.start - ROUNDED <= word.start <= word.end <= end + ROUNDED


class Contract:
    def test_nothing_comes_of_no_stretches(self, engine: Engine, samples: Samples) -> None:
        assert list(engine.decode(samples, [], HINTS)) == []

    def test_each_stretch_has_its_words_in_order(self, heard: list[Heard]) -> None:
        places = [[n for n, stretch in enumerate(STRETCHES) if is_in(word, stretch)] for word in words(heard)]
        assert all(len(place) == 1 for place in places)
        assert {place[0] for place in places} == set(range(len(STRETCHES)))
        starts = [word.start for word in words(heard)]
        assert starts == sorted(starts)

    def test_words_are_those_that_are_said_when_they_are_said(self, heard: list[Heard]) -> None:
        known = json.loads((SAMPLE / "broadcast.json").read_text(encoding="utf-8"))
        said = {
            word["text"].strip(".,?").lower(): word["start_ms"] / 1000
            for sentence in known["sentences"]
            for word in sentence["words"]
            if any(stretch.start <= word["start_ms"] / 1000 <= stretch.end for stretch in STRETCHES)
        }
        found = {re.sub(r"\W", "", word.text.lower()): word.start for word in words(heard)}
        off = [abs(found[word] - at) for word, at in said.items() if word in found]
        assert len(off) >= len(said) / 2
        assert np.median(off) < 0.3

    def test_same_sound_gives_same_words(self, engine: Engine, samples: Samples) -> None:
        once, again = (list(engine.decode(samples, STRETCHES[2:], HINTS)) for _ in range(2))
        assert once == again

    def test_vocabulary_is_listened_for(self, engine: Engine, samples: Samples, heard: list[Heard]) -> None:
        assert "Pihtiputaalla" in text(heard)
        assert "Pihtiputaalla" not in text(list(engine.decode(samples, STRETCHES[2:], Hints("fi"))))

    def test_measures_are_what_they_should_be(self, heard: list[Heard]) -> None:
        """Which stretch the engine doubts differs among processors; that it doubts all of them would be a fault."""
        for each in heard:
            assert each.avg_logprob is None or each.avg_logprob < 0
            assert each.compression_ratio is None or each.compression_ratio > 0
            assert each.no_speech is None or 0 <= each.no_speech < 0.5
        assert any((each.avg_logprob or 0) > -1 and (each.compression_ratio or 0) < 2.4 for each in heard)
        assert all(word.probability is None or 0 < word.probability <= 1 for word in words(heard))

    def test_words_can_be_drawn_by_chance(self, engine: Engine, samples: Samples) -> None:
        drawn = words(list(engine.decode(samples, STRETCHES[2:], HINTS, temperature=0.4)))
        assert drawn
        assert all(is_in(word, STRETCHES[2]) for word in drawn)

    def test_what_is_said_is_likelier_than_what_is_not(self, engine: Engine, samples: Samples) -> None:
        part = samples[int(8.8 * sound.SPEECH_RATE) : int(11.5 * sound.SPEECH_RATE)]
        texts = ["Vieraana on Savukosken kunnanjohtaja.", "Vieraana on Savukoskelta rehtori."]
        told = engine.likelihoods(part, texts, "fi")
        assert told is None or (told[0] > told[1] and len(told) == len(texts))
        assert not engine.likelihoods(part, [], "fi")

    def test_its_name_is_told_without_secrets(self, engine: Engine, kind: str) -> None:
        assert engine.name.startswith(f"{kind} ") or engine.name.startswith(f"{kind},")
        assert "base" in engine.name
        assert "secret" not in repr(engine.about())

    def test_it_is_not_for_english_only(self, engine: Engine) -> None:
        assert engine.about().multilingual is not False
        engine.require("fi")


def refuses_finnish(engine: Engine) -> None:
    """Assert that the engine, whose model is called ``base.en``, says so."""
    engine.require("en")
    with pytest.raises(Misconfigured, match=r"base\.en knows only English") as raised:
        engine.require("fi")
    assert "MAASEUTU_MODEL" in raised.value.cure
