"""What is made of a Part to be played."""

from core.models.base import Record


class Rung(Record):
    """One step of the encoding ladder: picture height in lines, rates in kbit/s."""

    height: int
    video_kbps: int
    audio_kbps: int = 96


class Fragment(Record):
    """One addressable piece of an encoded Part: a byte range of its file, and how long it plays."""

    offset: int
    length: int
    duration_ms: int


class EncodedTrack(Record):
    """One rendition of one Part, or its sound: a fragmented MP4 of which every fragment starts with a keyframe.

    ``name`` is the rendition ("720", "audio"); ``init_length`` is the size of the header at the file's start.
    """

    name: str
    key: str
    sha256: str
    size: int
    init_length: int
    init_sha256: str
    codecs: str
    width: int = 0
    height: int = 0
    bandwidth: int = 0
    fragments: tuple[Fragment, ...]


class Thumbnail(Record):
    """A still of the broadcast."""

    at_ms: int
    key: str
    sha256: str
    width: int
    height: int


class EncodedPart(Record):
    """What encoding one Part made."""

    number: int
    take: int
    start_ms: int
    end_ms: int
    tracks: tuple[EncodedTrack, ...]
    thumbnails: tuple[Thumbnail, ...] = ()
    poster: Thumbnail | None = None
