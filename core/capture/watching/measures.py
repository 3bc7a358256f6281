"""What one Segment sounds and looks like, measured cheaply: all of its sound, and of its picture the keyframes only.

What it costs is written in docs/decisions.md.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidMedia
from core.media import probe

SOUND_SECONDS = 1.0
"""Length of one measurement of sound."""
LACKING_SECONDS = 0.5
"""Sound may end so much before the picture of a Segment, as streams interleave them."""
PICTURE_SECONDS = 3.0
"""Keyframes nearer than this to the last one are not decoded: one in a Segment of common length."""
EVERY = 4
"""Of the picture every fourth line and column is looked at."""
BOTTOM_DBFS = -120.0
"""What digital silence counts as."""
CLIPPED = 10 ** (-0.1 / 20)
"""A sample at or above −0.1 dBFS is clipped. EBU R 128 permits −1 dBTP in production; the limit is ours, for codecs
overshoot."""
DARK = 0.1
"""Luma share up to which a pixel is black; the default of ffmpeg's blackdetect (pixel_black_th)."""
VISIBLE = 16
"""Grey levels of 255 by which a pixel must differ to be changed: more than codecs change a still picture."""

PLANAR = {"yuv420p", "yuvj420p", "nv12", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"}
"""Pixel formats whose first plane is luma of eight bits."""
FULL_RANGE = 2
"""AVCOL_RANGE_JPEG of libavutil."""
CHEAPLY = {"skip_loop_filter": "all", "skip_frame": "all"}
"""No deblocking: the picture is measured, not shown. And no frame is decoded to learn what the streams are, which would
cost more than all else; what it would tell is known when the keyframe is decoded."""

Picture = NDArray[np.uint8]
Samples = NDArray[np.float32]


class Sound(NamedTuple):
    """One stretch of sound: ``rms`` in dBFS a channel, and which share of all samples is ``clipped``."""

    at: datetime
    seconds: float
    rms: tuple[float, ...]
    clipped: float


class Look(NamedTuple):
    """One keyframe. ``dark`` and ``changed`` are shares of its pixels; ``changed`` is None for the very first.

    ``aspect`` is the width of the picture as shown, divided by its height. It stands for ``seconds``.
    """

    at: datetime
    seconds: float
    aspect: float
    dark: float
    changed: float | None


class Measures(NamedTuple):
    """One Segment: when its first frame was captured, its length, its bytes, its sound and its looks in order."""

    at: datetime
    seconds: float
    size: int
    sounds: tuple[Sound, ...]
    looks: tuple[Look, ...]

    @property
    def ends_at(self) -> datetime:
        """When its last frame was captured."""
        return self.at + timedelta(seconds=self.seconds)


class _Still(NamedTuple):
    offset: float
    picture: Picture
    aspect: float


class _Decoded(NamedTuple):
    """``samples`` has the shape (channels, n), between -1 and 1."""

    samples: Samples
    rate: int
    stills: list[_Still]
    seconds: float


class Measurer:
    """Measures Segments in order; of the one before it keeps the last picture."""

    def __init__(self) -> None:
        self._last: Picture | None = None

    def measure(self, path: Path, at: datetime) -> Measures:
        """Measure a Segment whose first frame was captured ``at``.

        Raises:
            InvalidMedia: it cannot be read.
        """
        try:
            decoded = _decoded(path)
        except av.error.FFmpegError as error:
            raise InvalidMedia(f"{path.name} cannot be decoded ({error.strerror}).", "Look at the source.") from error
        seconds = decoded.seconds
        looks = tuple(self._looks(decoded.stills, at, seconds))
        return Measures(at, seconds, path.stat().st_size, tuple(_sounds(decoded, at, seconds)), looks)

    def _looks(self, stills: Sequence[_Still], at: datetime, seconds: float) -> Iterator[Look]:
        ends = [still.offset for still in stills[1:]] + [seconds]
        for still, end in zip(stills, ends, strict=False):
            dark = float(np.mean(still.picture <= DARK * 255))
            moment = at + timedelta(seconds=still.offset)
            yield Look(moment, max(end - still.offset, 0.0), still.aspect, dark, self._changed(still.picture))
            self._last = still.picture

    def _changed(self, picture: Picture) -> float | None:
        if self._last is None:
            return None
        if self._last.shape != picture.shape:
            return 1.0
        difference = np.abs(picture.astype(np.int16) - self._last)
        return float(np.mean(difference > VISIBLE))


def _decoded(path: Path) -> _Decoded:
    """All sound and some keyframes of a file, read once; damaged frames are left out."""
    stills: list[_Still] = []
    pieces: list[Samples] = []
    begins, ends = inf, -inf
    with probe.opened(path, **CHEAPLY) as file:
        video: Any = next(iter(file.streams.video), None)
        audio: Any = next(iter(file.streams.audio), None)
        if video:
            video.codec_context.thread_count = 1
            video.codec_context.skip_frame = "DEFAULT"
        resampler: Any = av.AudioResampler(format="fltp")
        for packet in file.demux([stream for stream in (video, audio) if stream]):
            if packet.stream is audio:
                for frame in _frames(packet):
                    pieces += [one.to_ndarray() for one in resampler.resample(frame)]
            elif packet.pts is not None:
                begins = min(begins, float(packet.pts * packet.time_base))
                ends = max(ends, float((packet.pts + (packet.duration or 0)) * packet.time_base))
                stills += _still(packet, stills) if packet.is_keyframe else []
        samples = np.concatenate(pieces, axis=1) if pieces else np.zeros((1, 0), dtype=np.float32)
        first = stills[0].offset if stills else 0.0
        placed = [still._replace(offset=still.offset - first) for still in stills]
        return _Decoded(samples, audio.rate if audio else 1, placed, max(ends - begins, 0.0))


def _still(packet: Any, before: Sequence[_Still]) -> list[_Still]:
    """The keyframe, unless it follows the one before too soon. Its ``offset`` is its timestamp in seconds.

    The decoder is emptied at once, so that it does not wait for frames that we do not give it.
    """
    time = float(packet.pts * packet.time_base)
    if before and time - before[-1].offset < PICTURE_SECONDS:
        return []
    frames = [*_frames(packet), *packet.stream.codec_context.decode(None)]
    packet.stream.codec_context.flush_buffers()
    return [_Still(time, _grey(frame), _aspect(frame, packet.stream)) for frame in frames[:1]]


def _frames(packet: Any) -> list[Any]:
    try:
        return list(packet.stream.codec_context.decode(packet))
    except av.error.InvalidDataError:
        return []


def _grey(frame: Any) -> Picture:
    """The thinned picture, black 0 and white 255. The luma plane is read where it lies: converting costs more."""
    if frame.format.name not in PLANAR:
        return np.ascontiguousarray(frame.reformat(format="gray").to_ndarray()[::EVERY, ::EVERY])
    plane = frame.planes[0]
    lines = np.frombuffer(plane, dtype=np.uint8).reshape(-1, plane.line_size)
    thin = lines[: frame.height : EVERY, : frame.width : EVERY]
    if frame.format.name.startswith("yuvj") or frame.color_range == FULL_RANGE:
        return np.ascontiguousarray(thin)
    light: Picture = np.clip((thin.astype(np.float32) - 16) * (255 / 219), 0, 255).astype(np.uint8)
    return light


def _aspect(frame: Any, stream: Any) -> float:
    shape = stream.codec_context.sample_aspect_ratio or stream.sample_aspect_ratio or 1
    return float(frame.width * shape / frame.height)


def _sounds(decoded: _Decoded, at: datetime, seconds: float) -> Iterator[Sound]:
    """Second by second; sound that is not there is silence."""
    samples, rate = decoded.samples, decoded.rate
    step = round(rate * SOUND_SECONDS)
    for first in range(0, samples.shape[1], step):
        piece = samples[:, first : first + step]
        power = np.mean(np.square(piece, dtype=np.float64), axis=1)
        rms = tuple(float(level) for level in 10 * np.log10(np.maximum(power, 10 ** (BOTTOM_DBFS / 10))))
        clipped = float(np.mean(np.abs(piece) >= CLIPPED))
        yield Sound(at + timedelta(seconds=first / rate), piece.shape[1] / rate, rms, clipped)
    there = samples.shape[1] / rate
    if seconds - there > LACKING_SECONDS:
        silence = (BOTTOM_DBFS,) * samples.shape[0]
        yield Sound(at + timedelta(seconds=there), seconds - there, silence, 0.0)
