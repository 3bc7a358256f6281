"""Where the same sound is in two recordings: how two recorders of one broadcast are brought to one clock."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.media import sound
from core.models import TICKS_PER_SECOND

RATE = 8000
"""Samples a second: speech is below 4 kHz, and 1/8000 s is far finer than a picture."""
SHORTEST_SECONDS = 1.0
QUIETEST = 1e-3
"""Below -60 dBFS there is nothing to compare."""
ALIKE = 0.5
"""Least normalised correlation of the same sound through two encoders; different speech stays below 0.2."""
RIVAL = 0.8
"""Of a sound that repeats itself, as a tone does, another place would fit nearly as well: such are not believed."""
NEAR_SECONDS = 0.05


class Found(NamedTuple):
    """The tick of the second recording at which the first one's sound begins, and how alike they are, 0 to 1."""

    tick: int
    likeness: float


def find(clip: Sequence[Path], start: int, end: int, within: Sequence[Path]) -> Found | None:
    """Where the sound of ``clip`` between the ticks ``start`` and ``end`` is in ``within``; None when it is not clear.

    Both are consecutive Segments of one Take, each with its own clock.
    """
    wanted = sound.decode(clip, RATE, "mono").cut(start, end)[0]
    heard = sound.decode(within, RATE, "mono")
    place = locate(wanted, heard.samples[0])
    if place is None:
        return None
    index, likeness = place
    return Found(heard.start + round(index * TICKS_PER_SECOND / RATE), likeness)


def locate(wanted: NDArray[np.float32], heard: NDArray[np.float32]) -> tuple[int, float] | None:
    """The sample of ``heard`` at which ``wanted`` begins, by normalised cross-correlation; None when not clear."""
    if len(wanted) < RATE * SHORTEST_SECONDS or len(heard) < len(wanted):
        return None
    level = float(np.sqrt(np.mean(wanted**2)))
    if level < QUIETEST:
        return None
    scores = _scores(wanted, heard)
    best = int(np.argmax(scores))
    near = round(NEAR_SECONDS * RATE)
    others = np.concatenate([scores[: max(0, best - near)], scores[best + near :]])
    if scores[best] < ALIKE or (others.size and others.max() > RIVAL * scores[best]):
        return None
    return best, float(scores[best])


def _scores(wanted: NDArray[np.float32], heard: NDArray[np.float32]) -> NDArray[np.float64]:
    """Correlation at each place where ``wanted`` fits whole, divided by the loudness of both there."""
    count = len(heard) - len(wanted) + 1
    size = 1 << (len(heard) + len(wanted)).bit_length()
    product = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)[:count]
    energy = np.concatenate([[0.0], np.cumsum(heard.astype(np.float64) ** 2)])
    loudness = np.sqrt(np.maximum(energy[len(wanted) :][:count] - energy[:count], 0.0))
    least = QUIETEST * np.sqrt(len(wanted))
    scores: NDArray[np.float64] = product / np.maximum(loudness, least) / float(np.linalg.norm(wanted))
    return scores
