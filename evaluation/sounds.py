"""What rooms, lines, music and fans do to the sound of speech, and sounds in which nobody speaks.

Noise comes from seeds, so every run measures the same sound. Samples are (n,) at 16 kHz.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
SEED = 20261124
FRAME, QUIET = 320, 1e-5
"""Speech is where 20 ms have a power above -50 dBFS."""

Samples = NDArray[np.float32]


def noisy(samples: Samples) -> Samples:
    """Under a fan, 10 dB below the speech: noise whose power falls by 3 dB an octave."""
    return samples + _beside(_pink(len(samples)), samples, 10)


def quietly_noisy(samples: Samples) -> Samples:
    """Under a fan, 20 dB below the speech."""
    return samples + _beside(_pink(len(samples)), samples, 20)


def reverberant(samples: Samples) -> Samples:
    """In a hall in which sound falls by 60 dB in 0.6 s, the microphone far away."""
    seconds = 0.6
    tail = np.random.default_rng(SEED).normal(size=round(seconds * RATE)) * 10 ** (
        -3 * np.linspace(0, 1, round(seconds * RATE))
    )
    tail *= _gain(1 / np.sqrt(np.sum(tail**2)))
    size = len(samples) + len(tail)
    heard = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)[: len(samples)]
    return _as_loud(samples + heard, samples)


def over_music(samples: Samples) -> Samples:
    """Over music, 10 dB below the speech."""
    return samples + _beside(music(len(samples) / RATE)[: len(samples)], samples, 10)


def telephone(samples: Samples) -> Samples:
    """By telephone: from 300 to 3400 Hz."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    spectrum[(hertz < 300) | (hertz > 3400)] = 0
    return _as_loud(np.fft.irfft(spectrum, len(samples)), samples)


def music(seconds: float) -> Samples:
    """Chords of four plucked tones, a new one every two thirds of a second."""
    roots = (220.0, 174.6, 130.8, 196.0)
    length = round(RATE * 2 / 3)
    time = np.arange(length) / RATE
    chords = []
    for number in range(int(seconds * 1.5) + 1):
        root = roots[number // 4 % 4] * (2 if number % 3 == 1 else 1)
        tones = [np.sin(2 * np.pi * root * ratio * k * time) / k for ratio in (1, 1.25, 1.5, 2) for k in (1, 2, 3)]
        chords.append(np.sum(tones, axis=0) * np.exp(-3 * time) * 0.05)
    return np.concatenate(chords)[: round(seconds * RATE)].astype(np.float32)


def applause(seconds: float) -> Samples:
    """A hall that claps: some four hundred short bursts of noise a second."""
    random = np.random.default_rng(SEED)
    clap = np.exp(-np.arange(round(0.012 * RATE)) / (0.003 * RATE))
    strokes = np.zeros(round(seconds * RATE))
    at = random.integers(0, len(strokes), round(400 * seconds))
    strokes[at] = random.normal(size=len(at)) * 0.2
    size = len(strokes) + len(clap)
    return np.fft.irfft(np.fft.rfft(strokes, size) * np.fft.rfft(clap, size), size)[: len(strokes)].astype(np.float32)


def dial_tone(seconds: float) -> Samples:
    """425 Hz, as Finnish telephones wait with."""
    return (0.2 * np.sin(2 * np.pi * 425 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def noise(seconds: float) -> Samples:
    """The fan alone, at -40 dBFS."""
    return (_pink(round(seconds * RATE)) * 0.01).astype(np.float32)


def silence(seconds: float) -> Samples:
    """Nothing at all."""
    return np.zeros(round(seconds * RATE), dtype=np.float32)


CONDITIONS: dict[str, Callable[[Samples], Samples]] = {
    "clean": lambda samples: samples,
    "noise": noisy,
    "reverberation": reverberant,
    "music": over_music,
    "telephone": telephone,
}
"""What is done to the sound, by name."""

NOT_SPEECH: dict[str, Callable[[float], Samples]] = {
    "silence": silence,
    "noise": noise,
    "music": music,
    "applause": applause,
    "dial tone": dial_tone,
}


def _pink(count: int) -> NDArray[np.float64]:
    """Pink noise whose root mean square is 1."""
    spectrum = np.fft.rfft(np.random.default_rng(SEED).normal(size=count))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    spectrum[0] = 0
    made = np.fft.irfft(spectrum, count)
    return np.asarray(made * _gain(1 / np.sqrt(np.mean(made**2))))


def _beside(other: NDArray[np.floating], samples: Samples, decibels: float) -> Samples:
    """``other`` so loud that speech, where there is any, is so many decibels above it."""
    power = np.mean(samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME) ** 2, axis=1)
    speech = np.sqrt(np.mean(power[power > QUIET]))
    return np.asarray(other * _gain(speech * 10 ** (-decibels / 20) / np.sqrt(np.mean(other**2))), dtype=np.float32)


def _as_loud(samples: NDArray[np.floating], other: Samples) -> Samples:
    return np.asarray(samples * _gain(np.sqrt(np.mean(other**2) / np.mean(samples**2))), dtype=np.float32)


def _gain(exact: float) -> float:
    """Four digits of it: the others depend on how a sum was rounded, and the decoder on every bit of the sound."""
    return float(f"{exact:.4g}")
