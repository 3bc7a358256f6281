"""Where speech is cut for the engine: on a grid over each Take, at the quietest place near each line of it.

The grid belongs to the recording and not to the Parts: each border is found from the sound near it alone. So the same
sound gives the same windows, whether it comes live or whole, and however the Parts lie.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps, get_vad_model
from numpy.typing import NDArray

from core.media import sound
from core.models import TICKS_PER_SECOND, Part, Segment

LONGEST_SECONDS = 29
"""The model hears 30 s at a time; what is said at their very end is often left out."""
REACH_SECONDS = 3
"""How far from a line of the grid the quietest place is looked for: a sentence has a pause within that time."""
GRID_SECONDS = LONGEST_SECONDS - 2 * REACH_SECONDS
MARGIN_SECONDS = 0.5
"""A decoder of AAC needs the frame before the first that is wanted, and the last may lie in the next Segment's file."""
SPEECH_PROBABILITY = 0.3
HOP = 512
PAUSE_MS, PAD_MS = 500, 200
SILENCE_SECONDS = 4.0
"""In a longer silence the model invents text."""
UNHEARD_SECONDS = 1.5
"""Speech of this length without a word is no cough or murmur any more: a word takes a third of it."""


class Stretch(NamedTuple):
    """From ``start`` to ``end`` in seconds."""

    start: float
    end: float


class Window(NamedTuple):
    """What is decoded at once: ``samples`` (n,) at 16 kHz from the tick ``start`` (by the files' clock)."""

    start: int
    samples: NDArray[np.float32]


class Span(NamedTuple):
    """From the tick ``start`` to the tick ``end`` (by the files' clock)."""

    start: int
    end: int


Borders = dict[tuple[int, str], int]
"""Borders that were found: of each line, by the Segment it is in."""


def of_part(part: Part, files: Mapping[Segment, Path]) -> list[Window]:
    """The windows that end in ``part``, in order, each next to the one before; all of a Take are in one of its Parts.

    ``files`` holds ``part.heard``. The last Part of a Take has its end too.
    """
    return [Window(span.start, cut(part, files, span)) for span in spans(part, files)]


def spans(part: Part, files: Mapping[Segment, Path], known: Borders | None = None) -> list[Span]:
    """Where these windows lie. ``known`` borders are not looked for again, and new ones are put there."""
    found = {} if known is None else known
    borders = [_border(part, files, line, found) for line in _lines(part)]
    edges = [*borders, part.end_pts] if part.after is None else borders
    if not edges:
        return []
    before = _lines(part)[0] - GRID_SECONDS * TICKS_PER_SECOND if borders else _last_line(part)
    start = _border(part, files, before, found) if before > part.take_pts else part.take_pts
    return [Span(a, b) for a, b in zip([start, *edges], edges, strict=False) if b > a]


def cut(part: Part, files: Mapping[Segment, Path], span: Span) -> NDArray[np.float32]:
    """The sound (n,) of a span at 16 kHz. What is decoded for a place depends on the Segments at that place alone."""
    margin = round(MARGIN_SECONDS * TICKS_PER_SECOND)
    near = [s for s in part.heard if s.end_tick > span.start - margin and s.first_tick < span.end + margin]
    samples: NDArray[np.float32] = sound.speech([files[segment] for segment in near]).cut(*span)[0]
    return samples


def _border(part: Part, files: Mapping[Segment, Path], line: int, known: Borders) -> int:
    within = next((segment.sha256 for segment in part.heard if segment.end_tick > line), "")
    if (line, within) not in known:
        reach = REACH_SECONDS * TICKS_PER_SECOND
        near = cut(part, files, Span(line - reach, line + reach))
        known[line, within] = line - reach + round(quietest(near) * TICKS_PER_SECOND / sound.SPEECH_RATE)
    return known[line, within]


def _lines(part: Part) -> list[int]:
    """The lines of the grid whose surroundings end in the Part, in ticks by the files' clock."""
    first, last = _lines_before(part, part.start_pts), _lines_before(part, part.end_pts)
    return [part.take_pts + k * GRID_SECONDS * TICKS_PER_SECOND for k in range(first + 1, last + 1)]


def _last_line(part: Part) -> int:
    return part.take_pts + _lines_before(part, part.end_pts) * GRID_SECONDS * TICKS_PER_SECOND


def _lines_before(part: Part, tick: int) -> int:
    known = (tick - part.take_pts) / TICKS_PER_SECOND - REACH_SECONDS - MARGIN_SECONDS
    return max(0, int(known // GRID_SECONDS))


def of_samples(samples: NDArray[np.float32]) -> list[Stretch]:
    """The windows of a sound (n,) at 16 kHz that is there whole, as ``of_part`` cuts it."""
    length = len(samples) / sound.SPEECH_RATE
    edges = [0.0]
    line = GRID_SECONDS
    while line + REACH_SECONDS <= length:
        low, high = (round((line + side * REACH_SECONDS) * sound.SPEECH_RATE) for side in (-1, 1))
        edges.append((low + quietest(samples[low:high])) / sound.SPEECH_RATE)
        line += GRID_SECONDS
    return [Stretch(a, b) for a, b in zip(edges, [*edges[1:], length], strict=True) if b > a]


def speech(samples: NDArray[np.float32], threshold: float = SPEECH_PROBABILITY) -> list[Stretch]:
    """The stretches of speech in ``samples`` (n,) at 16 kHz, in order.

    Told by the Silero voice detector that comes with faster-whisper; its authors advise 0.3 for quiet speakers.
    """
    options = VadOptions(threshold=threshold, min_silence_duration_ms=PAUSE_MS, speech_pad_ms=PAD_MS)
    found = get_speech_timestamps(samples, options)
    return [Stretch(each["start"] / sound.SPEECH_RATE, each["end"] / sound.SPEECH_RATE) for each in found]


def phrases(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The stretches joined over shorter pauses than ``SILENCE_SECONDS``: what is decoded at once."""
    joined: list[Stretch] = []
    for stretch in stretches:
        if joined and stretch.start - joined[-1].end < SILENCE_SECONDS:
            joined.append(Stretch(joined.pop().start, stretch.end))
        else:
            joined.append(stretch)
    return joined


def halves(samples: NDArray[np.float32], whole: Stretch) -> list[Stretch]:
    """The stretch cut in two at the quietest place of its middle third; as it is when it is short."""
    third = (whole.end - whole.start) / 3
    if third < UNHEARD_SECONDS:
        return [whole]
    low, high = (round((whole.start + share * third) * sound.SPEECH_RATE) for share in (1, 2))
    at = (low + quietest(samples[low:high])) / sound.SPEECH_RATE
    return [Stretch(whole.start, at), Stretch(at, whole.end)]


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


def quietest(samples: NDArray[np.float32]) -> int:
    """The best sample to cut at, of ``samples`` (n,) at 16 kHz: the middle of the longest pause, else the least speech.

    Among equal pauses the one nearest to the middle wins.
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
