"""The same sound is found in another recording to the sample, and nothing is found that is not there."""

import numpy as np
import pytest

from core.media.listening import RATE, locate

NOISE = np.random.default_rng(3).normal(0, 0.1, 20 * RATE).astype(np.float32)


def test_the_same_sound_is_found_to_the_sample() -> None:
    found = locate(NOISE[40_000:72_000], NOISE)
    assert found is not None
    assert found[0] == 40_000
    assert found[1] == pytest.approx(1.0, abs=1e-3)


def test_it_is_found_quieter_and_beside_noise() -> None:
    other = 0.3 * NOISE + np.random.default_rng(4).normal(0, 0.02, NOISE.size).astype(np.float32)
    found = locate(NOISE[40_000:72_000], other)
    assert found is not None
    assert found[0] == 40_000


@pytest.mark.parametrize(
    "heard",
    [
        np.random.default_rng(5).normal(0, 0.1, 20 * RATE).astype(np.float32),
        np.zeros(20 * RATE, dtype=np.float32),
        NOISE[:1000],
    ],
    ids=["another sound", "silence", "too short"],
)
def test_another_sound_is_not_taken_for_it(heard: np.ndarray) -> None:
    assert locate(NOISE[40_000:72_000], heard) is None


def test_a_tone_is_everywhere_and_so_nowhere() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(20 * RATE) / RATE).astype(np.float32)
    assert locate(tone[40_000:72_000], tone) is None


def test_silence_is_not_compared() -> None:
    assert locate(np.zeros(4 * RATE, dtype=np.float32), NOISE) is None
