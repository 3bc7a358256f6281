"""Where there is speech, and where it may be cut: at pauses, and at the border of two Parts alike for both of them."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps, get_vad_model
from numpy.typing import NDArray

from core import sound
from core.models import TICKS_PER_SECOND, Part, Segment

REACH_SECONDS = 3.0
SPEECH_PROBABILITY = 0.3
HOP = 512
LONGEST_SECONDS = 29.0
"""The model hears 30 s at a time; what is said at their very end is often left out."""
PAUSE_MS, PAD_MS = 500, 200
UNHEARD_SECONDS = 1.5
"""Speech of this length without a word is no cough or murmur any more: a word takes a third of it."""


class Stretch(NamedTuple):
    """From ``start`` to ``end`` in seconds."""

    start: float
    end: float


def speech(samples: NDArray[np.float32], threshold: float = SPEECH_PROBABILITY) -> list[Stretch]:
    """The stretches of speech in ``samples`` (n,) at 16 kHz, each at most ``LONGEST_SECONDS`` long, in order."""
    options = VadOptions(
        threshold=threshold,
        min_silence_duration_ms=PAUSE_MS,
        speech_pad_ms=PAD_MS,
        max_speech_duration_s=LONGEST_SECONDS,
    )
    found = get_speech_timestamps(samples, options)
    return [Stretch(each["start"] / sound.SPEECH_RATE, each["end"] / sound.SPEECH_RATE) for each in found]


def packed(stretches: Iterable[Stretch]) -> list[Stretch]:
    """As few windows of at most ``LONGEST_SECONDS`` as hold the stretches whole, with the pauses between them."""
    windows: list[Stretch] = []
    for stretch in stretches:
        if windows and stretch.end - windows[-1].start <= LONGEST_SECONDS:
            windows.append(Stretch(windows.pop().start, stretch.end))
        else:
            windows.append(stretch)
    return windows


def unheard(stretches: Iterable[Stretch], words: Sequence[Stretch]) -> list[Stretch]:
    """What is left of the stretches, if it is long enough to hold words, without the time of these words."""
    left = []
    for stretch in stretches:
        at = stretch.start
        for word in sorted(words):
            if word.end > at and word.start < stretch.end:
                left.append(Stretch(at, word.start))
                at = word.end
        left.append(Stretch(at, stretch.end))
    return [stretch for stretch in left if stretch.end - stretch.start >= UNHEARD_SECONDS]


def bounds(part: Part, files: dict[Segment, Path]) -> tuple[int, int]:
    """First tick of the Part's speech and the one after its last, by the files' clock.

    Each border is found from the two Segments beside it alone, so that both neighbours find the same one and no word
    is lost or doubled.
    """
    start = _cut(files, part.before, part.segments[0]) if part.before else part.start_pts
    end = _cut(files, part.segments[-1], part.after) if part.after else part.end_pts
    return start, end


def _cut(files: dict[Segment, Path], before: Segment, after: Segment) -> int:
    decoded = sound.decode([files[before], files[after]], sound.SPEECH_RATE, "mono")
    seconds = min(REACH_SECONDS, before.duration / TICKS_PER_SECOND, after.duration / TICKS_PER_SECOND)
    reach = round(seconds * TICKS_PER_SECOND)
    near = decoded.cut(after.pts - reach, after.pts + reach)[0]
    return after.pts - reach + round(quietest(near) * TICKS_PER_SECOND / sound.SPEECH_RATE)


def quietest(samples: NDArray[np.float32]) -> int:
    """The best sample to cut at, of ``samples`` (n,) at 16 kHz: the middle of the longest pause, else the least speech.

    Pauses are told by the Silero voice detector that comes with faster-whisper, at the threshold 0.3 that its authors
    advise for quiet speakers; among equals the one nearest to the middle wins.
    """
    if len(samples) < 2 * HOP:
        return len(samples) // 2
    whole = samples[: len(samples) // HOP * HOP]
    speech = get_vad_model()(whole).ravel()
    pauses = _runs(speech < SPEECH_PROBABILITY)
    middle = len(speech) / 2
    if not pauses:
        return int(np.argmin(speech)) * HOP + HOP // 2
    low, high = max(pauses, key=lambda run: (run[1] - run[0], -abs(sum(run) / 2 - middle)))
    return (low + high) * HOP // 2


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
