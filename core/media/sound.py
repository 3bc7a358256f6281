"""Sound as samples: decoded by the files' own clock, cut to the sample, and encoded so that Parts join without a seam.

AAC works in frames of 1024 samples that overlap. A piece that is encoded apart begins with a ramp and is padded at its
end, so each Part is encoded with some sound of its neighbours, and only the packets that belong to it are kept. Frames
lie on one grid of the recording, so neighbours agree on the border.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from core.media import probe
from core.models import TICKS_PER_SECOND

Samples = NDArray[np.float32]

FRAME = 1024
PREROLL_FRAMES = 8
SPEECH_RATE = 16_000
KEPT_RATES = (32_000, 44_100, 48_000)
TOLERANCE_SECONDS = 0.02
CANCELLED = 0.1
"""A middle 20 dB below its channels is no middle: of unlike channels it is 3 dB below, with one silent 6 dB."""
FRAGMENT_MICROSECONDS = 4_000_000


class Sound(NamedTuple):
    """``samples`` has the shape (channels, n), between -1 and 1; ``start`` is its first sample's time in ticks."""

    samples: Samples
    start: int
    rate: int

    def cut(self, start: int, end: int) -> Samples:
        """Samples from tick ``start`` to tick ``end``; silence where there is nothing."""
        return self.window(_index(start - self.start, self.rate), _index(end - start, self.rate))

    def window(self, first: int, count: int) -> Samples:
        """``count`` samples from the index ``first``, which may lie outside; silence where there is nothing."""
        out = np.zeros((self.samples.shape[0], max(count, 0)), dtype=np.float32)
        low, high = max(first, 0), min(first + count, self.samples.shape[1])
        if low < high:
            out[:, low - first : high - first] = self.samples[:, low:high]
        return out

    def silenced(self, start: int, end: int) -> "Sound":
        """The same with silence from tick ``start`` to tick ``end``, to the next sample outside of them."""
        first = max(_index(start - self.start, self.rate) - 1, 0)
        last = max(_index(end - self.start, self.rate) + 1, 0)
        samples = self.samples.copy()
        samples[:, first:last] = 0
        return self._replace(samples=samples)


def _index(ticks: int, rate: int) -> int:
    return round(Fraction(ticks * rate, TICKS_PER_SECOND))


def output_rate(source_rate: int) -> int:
    """The sampling rate to encode in: the source's own where players take it, so that nothing is resampled."""
    return source_rate if source_rate in KEPT_RATES else 48_000


def decode(paths: Iterable[Path], rate: int, layout: str) -> Sound:
    """Decode consecutive Segments into one piece, placed by their timestamps.

    A hole longer than 20 ms becomes silence and an overlap is dropped, so that sound and picture stay together.
    A damaged frame is skipped, which leaves such a hole.
    """
    runs = _runs(_frames(paths, av.AudioResampler(format="fltp", layout=layout, rate=rate)), rate)
    if not runs:
        return Sound(np.zeros((2 if layout == "stereo" else 1, 0), dtype=np.float32), 0, rate)
    first = runs[0].place()
    pieces: list[Samples] = []
    cursor = 0
    for run in runs:
        pieces.append(_placed(run.samples(), run.place() - first - cursor))
        cursor += pieces[-1].shape[1]
    return Sound(np.concatenate(pieces, axis=1), round(Fraction(first * TICKS_PER_SECOND, rate)), rate)


def speech(paths: Iterable[Path]) -> Sound:
    """Consecutive Segments as one channel at 16 kHz, for recognition.

    The middle of left and right; the louder one alone where they cancel each other, as by a cable of wrong polarity.
    """
    decoded = decode(paths, SPEECH_RATE, "stereo")
    return decoded._replace(samples=middle(decoded.samples)[np.newaxis])


def middle(samples: Samples) -> Samples:
    """One channel (n,) of two (2, n): their mean, or the louder one alone where the mean is next to nothing."""
    middle: Samples = samples.mean(axis=0)
    loudness = np.sqrt(np.mean(samples**2, axis=1)) if samples.size else np.zeros(2)
    if samples.size and float(np.sqrt(np.mean(middle**2))) < CANCELLED * loudness.max():
        middle = samples[int(np.argmax(loudness))]
    return middle


class _Run:
    """Frames that follow each other without a hole."""

    def __init__(self) -> None:
        self.pieces: list[Samples] = []
        self.offsets: list[int] = []
        self.length = 0

    def add(self, at: int, data: Samples) -> None:
        self.offsets.append(at - self.length)
        self.pieces.append(data)
        self.length += data.shape[1]

    def place(self) -> int:
        """Its first sample. The median evens out timestamps rounded to milliseconds and a decoder's first frames."""
        return int(np.median(self.offsets))

    def samples(self) -> Samples:
        return np.concatenate(self.pieces, axis=1)


def _runs(frames: Iterable[Any], rate: int) -> list[_Run]:
    runs: list[_Run] = []
    for frame in frames:
        at = _index(round(frame.pts * frame.time_base * TICKS_PER_SECOND), rate)
        if not runs or abs(at - runs[-1].offsets[-1] - runs[-1].length) > rate * TOLERANCE_SECONDS:
            runs.append(_Run())
        runs[-1].add(at, frame.to_ndarray())
    return runs


def _placed(data: Samples, shift: int) -> Samples:
    if shift > 0:
        return np.concatenate([np.zeros((data.shape[0], shift), dtype=np.float32), data], axis=1)
    return data[:, -shift:]


def _frames(paths: Iterable[Path], resampler: Any) -> Iterator[Any]:
    decoder = None
    for path in paths:
        with probe.opened(path) as file:
            stream = next(iter(file.streams.audio), None)
            if stream is None:
                continue
            decoder = decoder or _decoder(stream)
            for packet in file.demux(stream):
                if packet.size and packet.pts is not None:
                    for frame in _decoded(decoder, packet):
                        frame.time_base = stream.time_base
                        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _decoder(stream: Any) -> Any:
    decoder = av.CodecContext.create(stream.codec_context.name, "r")
    if stream.codec_context.extradata:
        decoder.extradata = stream.codec_context.extradata
    decoder.layout = stream.codec_context.layout
    decoder.sample_rate = stream.codec_context.sample_rate
    return decoder


def _decoded(decoder: Any, packet: Any) -> list[Any]:
    try:
        return list(decoder.decode(packet))
    except av.error.InvalidDataError:
        return []


class Grid(NamedTuple):
    """The AAC frames of one Part on the recording's grid: from ``first`` up to, not including, ``end``."""

    first: int
    end: int


def grid(start_ticks: int, end_ticks: int, rate: int) -> Grid:
    """The frames that begin inside the Part, so that each belongs to one Part; one of a Part that is shorter."""
    first = _frame(start_ticks, rate)
    return Grid(first, max(_frame(end_ticks, rate), first + 1))


def _frame(ticks: int, rate: int) -> int:
    return -(-ticks * rate // (TICKS_PER_SECOND * FRAME))


def encode(sound: Sound, offset_ticks: int, span: Grid, kbps: int, output: Path) -> None:
    """Write the frames of ``span`` as AAC in fragmented MP4.

    ``offset_ticks`` is what takes a tick of ``sound`` to the recording's timeline.
    """
    first = span.first - PREROLL_FRAMES
    count = (span.end + 2 - first) * FRAME
    begin = first * FRAME - _index(sound.start + offset_ticks, sound.rate)
    samples = sound.window(begin, count)
    options = {
        "movflags": "+empty_moov+default_base_moof+frag_discont+negative_cts_offsets",
        "frag_duration": str(FRAGMENT_MICROSECONDS),
        "use_editlist": "0",
        "fflags": "+bitexact",
    }
    with av.open(str(output), "w", format="mp4", options=options) as file:
        stream: Any = file.add_stream("aac", rate=sound.rate, options={"flags": "+bitexact"})
        stream.layout = "stereo"
        stream.bit_rate = kbps * 1000
        stream.time_base = Fraction(1, sound.rate)
        kept = [p for p in _packets(stream, samples, first) if span.first * FRAME <= p.pts < span.end * FRAME]
        for packet in kept:
            packet.stream = stream
            file.mux(packet)


def _packets(stream: Any, samples: Samples, first: int) -> Sequence[Any]:
    packets: list[Any] = []
    for number in range(samples.shape[1] // FRAME):
        piece = np.ascontiguousarray(samples[:, number * FRAME : (number + 1) * FRAME])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
        frame.sample_rate = stream.rate
        frame.time_base = Fraction(1, stream.rate)
        frame.pts = (first + number) * FRAME
        packets += stream.encode(frame)
    packets += stream.encode(None)
    return packets
