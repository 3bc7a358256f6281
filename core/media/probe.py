"""What a media file is: streams, length, first timestamps. PyAV reads it; nothing is decoded."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import av.error

from core.errors import InvalidMedia
from core.media import confinement
from core.models import TICKS_PER_SECOND

STANDARD_RATES = tuple(Fraction(*r) for r in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1)))
FALLBACK_RATE = Fraction(25)
LARGEST_PICTURE = 7680 * 4320
"""Pixels, 8K. One frame takes 50 MB; the decoder holds several."""
MP4_BOXES = {b"ftyp", b"styp", b"sidx", b"moov", b"moof", b"mdat", b"mfra", b"meta", b"uuid", b"free", b"skip", b"wide"}
PROTECTED = (b"encv", b"enca")
"""Sample entries of picture and sound that are encrypted (ISO/IEC 14496-12, 8.12)."""
LARGEST_MOOV = 64 << 20
MPEGTS_CODECS = {"h264", "hevc", "mpeg2video", "aac", "mp3", "mp2", "ac3", "eac3"}


class Video(NamedTuple):
    """A picture stream; ``rate`` is frames a second as the file says."""

    codec: str
    width: int
    height: int
    rate: Fraction


class Audio(NamedTuple):
    """A sound stream; ``rate`` in samples a second."""

    codec: str
    rate: int
    channels: int


class Media(NamedTuple):
    """What a file holds. ``duration_ms`` is 0 when the file does not say."""

    container: str
    duration_ms: int
    video: Video | None
    audio: Audio | None

    @property
    def told(self) -> "Media":
        """Without what is only announced: a picture that never tells its size, a sound that never tells its rate."""
        video = self.video if self.video and self.video.width else None
        return self._replace(video=video, audio=self.audio if self.audio and self.audio.rate else None)


class Span(NamedTuple):
    """First timestamp of a file and the one after its last, in ticks."""

    start: int
    end: int


def opened(path: Path, formats: str = confinement.FORMATS, **options: str) -> Any:
    """The file as PyAV opens it, a context; ``options`` are ffmpeg's. Nothing but this file is read, whatever it names.

    Raises:
        InvalidMedia: it is empty, damaged, no media, or of a kind that only names other files.
    """
    if path.exists() and path.stat().st_size == 0:
        raise InvalidMedia(f"{path.name} is empty (0 bytes).", "Copy or export the file again.")
    try:
        return av.open(f"file:{path.absolute()}", options=options | confinement.options(formats=formats))
    except av.error.FFmpegError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: av.error.FFmpegError) -> InvalidMedia:
    head = _head(path)
    if what := confinement.reference(head):
        return InvalidMedia(f"{path.name} is {what}.", "Give the recording itself, or the address of the stream.")
    if b"<html" in head.lower() or b"<!doctype" in head.lower():
        return InvalidMedia(f"{path.name} is a web page, not media.", "Give the stream or the file itself.")
    if head[4:8] in MP4_BOXES:
        return _truncated(path)
    if isinstance(error, av.error.ArgumentError):
        what = f"{path.name} is not media of a kind that is taken."
        return InvalidMedia(what, "Export it as MP4 or Matroska. Lists, scripts and pictures are not opened.")
    return InvalidMedia(f"{path.name} is not media that can be read ({error.strerror}).", "Try it in a player.")


def _head(path: Path) -> bytes:
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(confinement.HEAD_BYTES)


def _truncated(path: Path) -> InvalidMedia:
    return InvalidMedia(f"{path.name} is a truncated or damaged MP4.", "Fetch or export it again to its end.")


def _require_whole(path: Path) -> None:
    """An MP4 that says in advance how long it is can be opened when its end is missing."""
    if any(end > path.stat().st_size for end in _box_ends(path)):
        raise _truncated(path)


def _box_ends(path: Path) -> Iterator[int]:
    """Where the outermost boxes of an MP4 should end; nothing for other files, or for what follows an MP4."""
    at = 0
    with path.open("rb") as file:
        while len(head := file.read(16)) >= 8 and head[4:8] in MP4_BOXES:
            size = int.from_bytes(head[:4])
            size = int.from_bytes(head[8:]) if size == 1 else size
            if size < 8:  # 0 means to the end of the file.
                return
            at += size
            yield at
            file.seek(at)


def _require_readable(path: Path) -> None:
    """An MP4 with copy protection is copied without a word, and nobody can ever play the copy."""
    at = 0
    with path.open("rb") as file:
        for end in _box_ends(path):
            file.seek(at)
            head = file.read(8)
            inside = file.read(min(end - at, LARGEST_MOOV)) if head[4:] == b"moov" else b""
            if any(sign in inside for sign in PROTECTED):
                raise InvalidMedia(f"{path.name} is protected against copying.", "Ask its owner for one that is not.")
            at = end


def media(path: Path) -> Media:
    """Streams and length of a file.

    Raises:
        InvalidMedia: empty, truncated, damaged, not media at all, encrypted, or with too large a picture.
    """
    with opened(path) as file:
        _require_whole(path)
        _require_readable(path)
        video = next((s for s in file.streams.video if _is_known(s) and not _is_cover(s)), None)
        audio = next(filter(_is_known, file.streams.audio), None)
        return Media(
            container=file.format.name,
            duration_ms=int(file.duration // 1000) if file.duration else 0,
            video=_video(video) if video else None,
            audio=Audio(audio.codec_context.name, audio.rate, audio.channels) if audio else None,
        )


def still_size(path: Path) -> tuple[int, int]:
    """Width and height of a still that we made."""
    with opened(path, confinement.STILLS) as file:
        return file.streams.video[0].width, file.streams.video[0].height


def _is_known(stream: Any) -> bool:
    """Whether FFmpeg knows its codec."""
    return stream.codec_context is not None


def _is_cover(stream: Any) -> bool:
    return bool(stream.codec_context.name in {"mjpeg", "png"} and (stream.frames or 1) <= 1)


def _video(stream: Any) -> Video:
    rate = stream.guessed_rate or stream.average_rate or FALLBACK_RATE
    if stream.width * stream.height > LARGEST_PICTURE:
        what = f"The picture has {stream.width} x {stream.height} points; at most 7680 x 4320 are taken."
        raise InvalidMedia(what, "Choose a smaller one.")
    return Video(stream.codec_context.name, stream.width, stream.height, Fraction(rate))


def require_picture(found: Media, name: str) -> Media:
    """The same, if it has a picture.

    Raises:
        InvalidMedia: it has none.
    """
    if found.video is None:
        raise InvalidMedia(f"{name} has no picture.", "Add one, for example a still, and import it again.")
    return found


def require_both(found: Media, name: str) -> Media:
    """The same, if it has sound and picture.

    Raises:
        InvalidMedia: one of them is missing.
    """
    if found.audio is None:
        raise InvalidMedia(f"{name} has no sound.", "Choose the source that carries the speech.")
    return require_picture(found, name)


def is_mute(path: Path) -> bool:
    """Whether a file does not even announce a sound, as one of which the sound cannot be read does.

    Raises:
        InvalidMedia: it cannot be read.
    """
    with opened(path) as file:
        return not file.streams.audio


def segment_suffix(found: Media) -> str:
    """The container in which the streams can be copied: MPEG-TS where its codecs allow, else NUT.

    Both keep exact timestamps and may be joined by appending; Matroska rounds to milliseconds, which is heard at joins.
    """
    codecs = {stream.codec for stream in (found.video, found.audio) if stream}
    return "ts" if codecs <= MPEGTS_CODECS else "nut"


def standard_rate(rate: Fraction) -> Fraction:
    """The nearest standard frame rate of at most 30 a second; 50 and 60 are halved; odd ones become 25."""
    halved = rate / 2 if rate > 31 else rate
    nearest = min(STANDARD_RATES, key=lambda r: abs(r - halved))
    return nearest if abs(nearest - halved) < Fraction(1, 200) else FALLBACK_RATE


def span(path: Path) -> Span:
    """First keyframe's timestamp and the end of the last packet of the picture, or of the sound if none is announced.

    Raises:
        InvalidMedia: no packet has a timestamp.
    """
    with opened(path) as file:
        stream = next(iter(file.streams.video), None) or next(iter(file.streams.audio), None)
        if stream is None:
            raise InvalidMedia(f"{path.name} has neither picture nor sound.", "Look at the source.")
        if found := _span(file, stream):
            return found
    raise InvalidMedia(f"{path.name} holds no frames.", "Look at the source.")


def extent(path: Path) -> Span:
    """The same, or that of the sound where the picture is announced and none of it came.

    Raises:
        InvalidMedia: as for ``span``.
    """
    with opened(path) as file:
        audio = next(iter(file.streams.audio), None)
        sound = _span(file, audio) if file.streams.video and audio and not has_picture(path) else None
    return sound or span(path)


def has_picture(path: Path) -> bool:
    """Whether there is at least one packet of a picture.

    Raises:
        InvalidMedia: it cannot be read.
    """
    with opened(path) as file:
        stream = next(iter(file.streams.video), None)
        return stream is not None and any(packet.pts is not None for packet in file.demux(stream))


def _span(file: Any, stream: Any) -> Span | None:
    unit = stream.time_base * TICKS_PER_SECOND
    packets = [p for p in file.demux(stream) if p.pts is not None]
    if not packets:
        return None
    start = next((p.pts for p in packets if p.is_keyframe), packets[0].pts)
    end = max(p.pts + _duration(p, stream) for p in packets)
    return Span(round(start * unit), round(end * unit))


def _duration(packet: Any, stream: Any) -> int:
    if packet.duration:
        return int(packet.duration)
    rate = getattr(stream, "guessed_rate", None)
    return round(1 / (rate * stream.time_base)) if rate else 0
