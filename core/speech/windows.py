"""Where speech may be cut: at a pause near the border of two Parts, found alike by the tasks on both sides of it."""

from pathlib import Path

import numpy as np
from faster_whisper.vad import get_vad_model
from numpy.typing import NDArray

from core import sound
from core.models import TICKS_PER_SECOND, Part, Segment

REACH_SECONDS = 3.0
SPEECH_PROBABILITY = 0.3
HOP = 512


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
