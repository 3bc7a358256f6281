"""What really was recorded: read from the pixels and samples of the stored Segments, then held against the manifest."""

import io
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

import av
import av.error
import numpy as np

from chaos import stream
from core import keys
from core.archive import segments
from core.archive.recordings import RecordingStore
from core.models import TICKS_PER_MS, Recording, Segment

NEAR_MS = 500
"""A gap belongs to the place where frames are missing when it is marked this near to it."""
EDGE_FRAMES = 3
"""Sound at either end of a Take is not judged: it lies in the piece beside, and a decoder needs a packet to begin."""


class Frame(NamedTuple):
    """A frame as recorded: its place on the recording's timeline, its number, whether its sound is its own."""

    at_ms: float
    number: int
    heard: bool


class Truth(NamedTuple):
    """Frames, and for ``false_ms`` milliseconds that are marked beyond what is missing."""

    offered: int
    captured: int
    marked: int
    unmarked: int
    doubled: int
    false_ms: int
    unheard: int


def frames(store: RecordingStore, recording: Recording) -> list[Frame]:
    """Every frame of a recording that can be read, in order, of any recorder, but what is not used of a Segment."""
    found: list[Frame] = []
    offset = 0.0
    for (recorder, _), group in groupby(recording.segments, segments.take_of):
        take = list(group)
        prefix = keys.segments(store.id, recorder)
        data = b"".join(store.archive.get(prefix + segments.name(segment)) for segment in take)
        found += _of_take(data, take, offset)
        offset += (take[-1].end_tick - take[0].first_tick) / TICKS_PER_MS
    return found


def _of_take(data: bytes, take: Sequence[Segment], offset: float) -> list[Frame]:
    pictures, samples, sound_from = _decoded(data)
    found = []
    for place, (ticks, number) in enumerate(pictures):
        if (take[0].skipped and ticks < take[0].first_tick) or (take[-1].unused and ticks >= take[-1].end_tick):
            continue
        start = round((ticks - sound_from) * stream.RATE / 90_000)
        window = samples[max(0, start + stream.WINDOW // 4) : max(0, start + 3 * stream.WINDOW // 4)]
        at_edge = min(place, len(pictures) - 1 - place) < EDGE_FRAMES
        heard = at_edge or stream.number_in_sound(window) == number % stream.DIGIT**stream.DIGITS
        found.append(Frame(offset + (ticks - take[0].first_tick) / TICKS_PER_MS, number, heard))
    return found


def _frames(packet: Any) -> list[Any]:
    """Half of a packet has none."""
    try:
        return list(packet.decode())
    except av.error.InvalidDataError:
        return []


def _decoded(data: bytes) -> tuple[list[tuple[int, int]], Any, int]:
    """Ticks and numbers of the pictures; the samples, with holes filled by silence, and the tick of the first."""
    pictures: list[tuple[int, int]] = []
    sounds: list[tuple[Any, Any]] = []
    # PyAV types packets and frames by unions of all there are.
    container: Any
    with av.open(io.BytesIO(data), format="mpegts") as container:
        for frame in (frame for packet in container.demux() for frame in _frames(packet)):
            if isinstance(frame, av.AudioFrame):
                sounds.append((frame.pts, frame.to_ndarray()[0]))
            elif (number := stream.number_in_picture(frame.to_ndarray(format="gray"))) is not None:
                pictures.append((frame.pts, number))
    if not sounds:
        return pictures, np.zeros(0), 0
    first = sounds[0][0]
    places = [round((ticks - first) * stream.RATE / 90_000) for ticks, _ in sounds]
    samples = np.zeros(max(places) + len(sounds[-1][1]) + stream.WINDOW)
    for place, (_, heard) in zip(places, sounds, strict=True):
        if place >= 0:
            samples[place : place + len(heard)] = heard
    return pictures, samples, first


def judged(found: Sequence[Frame], recording: Recording, offered: range, *, slack_ms: int, mute: range) -> Truth:
    """Compare what is there with what was ``offered``, and what is missing with what is marked.

    A gap that is marked shorter than it is, by more than ``slack_ms``, leaves the rest not marked. ``mute`` frames have
    no sound of their own.
    """
    counts = Counter(frame.number for frame in found)
    there = sorted({*counts} & {*offered})
    left = list(recording.gaps)
    marked = unmarked = false_ms = 0
    for at_ms, missing in _breaks(found, offered):
        here = [gap for gap in left if abs(gap.at_ms - at_ms) <= NEAR_MS]
        left = [gap for gap in left if gap not in here]
        told, lost = sum(gap.lost_ms for gap in here), missing * stream.FRAME_MS
        short = missing if not here else (lost - told) // stream.FRAME_MS if lost - told > slack_ms else 0
        unmarked += short
        marked += missing - short
        false_ms += max(0, told - lost)
    return Truth(
        offered=len(offered),
        captured=len(there),
        marked=marked,
        unmarked=unmarked,
        doubled=sum(count - 1 for count in counts.values()),
        false_ms=false_ms + sum(gap.lost_ms for gap in left),
        unheard=sum(not frame.heard and frame.number not in mute for frame in found),
    )


def _breaks(found: Sequence[Frame], offered: range) -> list[tuple[float, int]]:
    """Where on the timeline frames are missing, and how many, each counted once."""
    breaks: list[tuple[float, int]] = []
    seen = {frame.number for frame in found}
    next_number, at_ms = offered.start, 0.0
    for frame in found:
        missing = sum(number not in seen for number in range(next_number, frame.number))
        if missing:
            breaks.append((at_ms, missing))
        next_number = max(next_number, frame.number + 1)
        at_ms = frame.at_ms + stream.FRAME_MS
    if missing := len([number for number in range(next_number, offered.stop) if number not in seen]):
        breaks.append((at_ms, missing))
    return breaks
