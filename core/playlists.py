"""HLS playlists as they are read (RFC 8216): what a stream offers, and in which order. Pure; m3u8 parses them."""

from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import m3u8

from core.errors import InvalidMedia

TALLEST = 1080


class Key(NamedTuple):
    """AES-128 of a piece: where the key is, and the initialisation vector (16 bytes)."""

    url: str
    vector: bytes


class Piece(NamedTuple):
    """One entry of a media playlist. ``at`` is its first frame's time where the playlist tells it.

    ``offset`` and ``length`` (bytes, 0 is all) say which part of the file it is; ``initial`` is the address of the
    initialisation section of fragmented MP4, empty for other media.
    """

    number: int
    url: str
    seconds: float
    at: datetime | None = None
    discontinuity: bool = False
    initial: str = ""
    key: Key | None = None
    offset: int = 0
    length: int = 0

    @property
    def identity(self) -> tuple[int, str, int]:
        """What stays the same when the playlist is read again; a signature in the address may not."""
        return self.number, urlsplit(self.url).path, self.offset


class Playlist(NamedTuple):
    """A media playlist as it stands: what can be had now, oldest first."""

    pieces: tuple[Piece, ...]
    target_seconds: float
    ended: bool


class Choice(NamedTuple):
    """The media playlists of one variant: of picture and sound together, or of the sound apart."""

    url: str
    sound_url: str = ""


def choice(text: str, url: str) -> Choice:
    """The best variant of at most 1080 lines that a playlist offers; the playlist itself when it has no variants.

    Raises:
        InvalidMedia: it is no playlist.
    """
    found = _read(text, url)
    if not found.is_variant:
        return Choice(url)
    best = max(found.playlists, key=_rank)
    wanted = best.stream_info.audio
    sound = [m for m in found.media if m.type == "AUDIO" and m.group_id == wanted and m.uri]
    chosen = next((m for m in sound if m.default == "YES"), next(iter(sound), None))
    return Choice(best.absolute_uri, chosen.absolute_uri if chosen else "")


def _rank(variant: m3u8.Playlist) -> tuple[bool, int, int]:
    about = variant.stream_info
    height = about.resolution[1] if about.resolution else 0
    fits = height <= TALLEST
    return fits, height if fits else -height, about.bandwidth or 0


def parse(text: str, url: str) -> Playlist:
    """A media playlist.

    Raises:
        InvalidMedia: it is none, or its pieces are protected in a way that we cannot read.
    """
    found = _read(text, url)
    pieces, ends = [], dict[str, int]()
    for number, entry in enumerate(found.segments, found.media_sequence or 0):
        offset, length = _range(entry.byterange, ends.get(entry.absolute_uri, 0))
        ends[entry.absolute_uri] = offset + length
        if not entry.gap_tag:
            pieces.append(_piece(number, entry, offset, length))
    longest = max((piece.seconds for piece in pieces), default=0.0)
    return Playlist(tuple(pieces), float(found.target_duration or longest or 4), bool(found.is_endlist))


def _read(text: str, url: str) -> m3u8.M3U8:
    if not text.lstrip("\ufeff \r\n").startswith("#EXTM3U"):
        raise InvalidMedia(f"{url} is not an HLS playlist.", "Give the address of the stream.")
    try:
        return m3u8.loads(text, uri=url)
    except ValueError as error:
        raise InvalidMedia(f"{url} is a playlist that cannot be read ({error}).", "Tell its owner.") from error


def _piece(number: int, entry: m3u8.Segment, offset: int, length: int) -> Piece:
    return Piece(
        number=number,
        url=entry.absolute_uri,
        seconds=float(entry.duration or 0),
        at=_aware(entry.current_program_date_time),
        discontinuity=bool(entry.discontinuity),
        initial=entry.init_section.absolute_uri if entry.init_section else "",
        key=_key(number, entry),
        offset=offset,
        length=length,
    )


def _aware(at: datetime | None) -> datetime | None:
    return at if at and at.tzinfo else None


def _range(text: str | None, after: int) -> tuple[int, int]:
    """Offset and length of ``LENGTH[@OFFSET]``; without an offset it follows the range before."""
    if not text:
        return 0, 0
    length, _, offset = text.partition("@")
    return int(offset) if offset else after, int(length)


def _key(number: int, entry: m3u8.Segment) -> Key | None:
    key = entry.key
    if key is None or key.method in (None, "NONE"):
        return None
    if key.method != "AES-128" or key.keyformat not in (None, "identity"):
        raise InvalidMedia(f"The stream is protected ({key.method}).", "Ask its owner for one without copy protection.")
    if not key.uri:
        raise InvalidMedia("The stream is protected, and does not say where its key is.", "Tell its owner.")
    vector = int(key.iv, 16) if key.iv else number
    return Key(key.absolute_uri, vector.to_bytes(16, "big"))
