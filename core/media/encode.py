"""One Part's media: from its Segments to renditions, sound, stills. The files are made in a folder and described."""

import shutil
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av

from core import child, digests, keys
from core.media import ffmpeg, fmp4, hls, probe, sound
from core.models import TICKS_PER_SECOND, EncodedPart, EncodedTrack, Part, Rung, Segment, Thumbnail

VERSION = "encode-3"
TIMEOUT_FACTOR = 30.0
TIMEOUT_MINIMUM = 120.0


class Options(NamedTuple):
    """What the result depends on beside the Part: the ladder and x264's thread count; and where ffmpeg is.

    Where it is ``covered``, in ticks of the recording's timeline, there is neither picture nor sound.
    """

    ladder: tuple[Rung, ...]
    threads: int
    ffmpeg: str = ""
    covered: tuple[tuple[int, int], ...] = ()


def key(part: Part, options: Options) -> str:
    """The digest under which the result is kept: same content and options, same key."""
    covered = [f"{start}-{end}" for start, end in options.covered]
    return digests.of_records(VERSION, part.content, *options.ladder, str(options.threads), *covered)


def encode_part(part: Part, files: Mapping[Segment, Path], folder: Path, options: Options) -> EncodedPart:
    """Make all files of ``part`` in ``folder``, each named as its track or still.

    ``files`` holds the Part's Segments and their neighbours.

    Raises:
        ChildFailed: ffmpeg ended with an error, which says what it was.
        InvalidMedia: a Segment cannot be read.
    """
    paths = [files[segment] for segment in part.needed]
    found = _media(part, files)
    video = _video(part, paths, found, folder, options)
    audio = _audio(part, paths, found, folder, options)
    return EncodedPart(
        number=part.number,
        take=part.take,
        start_ms=part.start_ms,
        end_ms=part.end_ms,
        tracks=(*video, audio),
        thumbnails=_thumbnails(part, folder, options),
        poster=_still(folder / "poster.jpg", part.start_ms, key(part, options)) if part.number == 0 else None,
    )


def _media(part: Part, files: Mapping[Segment, Path]) -> probe.Media:
    """What the Part holds. Sound that begins later than its first Segment tells its rate only then, if there is any.

    Where no picture came at all, that of the Segment before is shown.
    """
    first = probe.media(files[part.segments[0]])
    probe.require_picture(first, "The recording")
    if first.told == first:
        return first
    told = [probe.media(files[segment]).told for segment in (*part.segments, *part.needed)]
    return first._replace(
        video=next((each.video for each in told if each.video), None),
        audio=next((each.audio for each in told if each.audio), None),
    )


def _video(part: Part, paths: Sequence[Path], found: probe.Media, folder: Path, options: Options) -> list[EncodedTrack]:
    rate = probe.standard_rate(found.video.rate) if found.video else probe.FALLBACK_RATE
    rungs = ffmpeg.fitting(options.ladder, found.video.height) if found.video else list(options.ladder)
    joined = join(paths, folder / f"joined{paths[0].suffix}")
    is_held = not any(probe.has_picture(path) for path in paths[bool(part.before) :][: len(part.segments)])
    source = joined if found.video else None
    covered = tuple((start - part.start_ticks, end - part.start_ticks) for start, end in options.covered)
    job = ffmpeg.VideoJob(
        source, part.start_pts, part.end_pts, part.start_ticks, rate, part.number == 0, is_held, covered
    )
    argv = ffmpeg.video_encoder(ffmpeg.program(options.ffmpeg), job, rungs, folder, options.threads)
    seconds = (part.end_pts - part.start_pts) / TICKS_PER_SECOND
    limit = TIMEOUT_MINIMUM + TIMEOUT_FACTOR * seconds
    child.run(argv, folder / "ffmpeg.log", timeout=limit, in_background=not options.covered)
    joined.unlink()
    return [_track(part, str(rung.height), folder, options) for rung in rungs]


def _audio(part: Part, paths: Sequence[Path], found: probe.Media, folder: Path, options: Options) -> EncodedTrack:
    rate = sound.output_rate(found.audio.rate if found.audio else 0)
    decoded = sound.decode(paths, rate, "stereo")
    to_files = part.start_pts - part.start_ticks
    for start, end in options.covered:
        decoded = decoded.silenced(start + to_files, end + to_files)
    span = sound.grid(part.start_ticks, part.end_ticks, rate)
    kbps = max(rung.audio_kbps for rung in options.ladder)
    sound.encode(decoded, part.start_ticks - part.start_pts, span, kbps, folder / f"{hls.AUDIO}.mp4")
    return _track(part, hls.AUDIO, folder, options, Fraction(span.end * sound.FRAME, rate))


def join(paths: Sequence[Path], target: Path) -> Path:
    """The Segments in one file with the timestamps they have: MPEG-TS by appending, NUT packet by packet."""
    if target.suffix == ".ts":
        with target.open("wb") as out:
            for path in paths:
                with path.open("rb") as piece:
                    shutil.copyfileobj(piece, out)
        return target
    with av.open(str(target), "w") as joined:
        stream: Any = None
        for path in paths:
            with probe.opened(path) as file:
                stream = stream or joined.add_stream_from_template(file.streams.video[0])
                for packet in file.demux(file.streams.video[0]):
                    if packet.dts is not None:
                        packet.stream = stream
                        joined.mux(packet)
    return target


def _track(part: Part, name: str, folder: Path, options: Options, end: Fraction | None = None) -> EncodedTrack:
    path = folder / f"{name}.mp4"
    data = path.read_bytes()
    end_ticks = round((end or Fraction(part.end_ticks, TICKS_PER_SECOND)) * TICKS_PER_SECOND)
    found = fmp4.layout(data, end_ticks, TICKS_PER_SECOND)
    video = probe.media(path).video
    return EncodedTrack(
        name=name,
        key=keys.encoded(key(part, options), path.name),
        sha256=digests.of_bytes(data),
        size=len(data),
        init_length=found.init_length,
        init_sha256=found.init_sha256,
        codecs=found.codecs,
        width=video.width if video else 0,
        height=video.height if video else 0,
        bandwidth=max(f.length * 8000 // f.duration_ms for f in found.fragments),
        fragments=found.fragments,
    )


def _thumbnails(part: Part, folder: Path, options: Options) -> tuple[Thumbnail, ...]:
    digest = key(part, options)
    stills = sorted(folder.glob("thumbnail-*.jpg"))
    apart = 1000 * ffmpeg.THUMBNAIL_SECONDS
    return tuple(_still(path, part.start_ms + i * apart, digest) for i, path in enumerate(stills))


def _still(path: Path, at_ms: int, digest: str) -> Thumbnail:
    width, height = probe.still_size(path)
    return Thumbnail(
        at_ms=at_ms,
        key=keys.encoded(digest, path.name),
        sha256=digests.of_file(path),
        width=width,
        height=height,
    )
