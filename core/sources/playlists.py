"""HLS playlists as they are read (RFC 8216): what a stream offers, and in which order. Pure; m3u8 parses them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import m3u8

from core.errors import AddressRefused, InvalidMedia
from core.names import shown
from core.outside import addresses

TALLEST = 1080
MOST_ENTRIES = 50_000
"""A day of pieces of two seconds is 43 200."""
EARLY = ("#EXT-X-PART:", "#EXT-X-PRELOAD-HINT:", "#EXT-X-RENDITION-REPORT:")
"""Low latency tells pieces before they are whole; we wait for the whole. m3u8 counts the time of such parts twice."""
LONGEST_PIECE_SECONDS = 3600.0


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


def choice(text: str, url: str, tallest: int = TALLEST) -> Choice:
    """The best variant of at most ``tallest`` lines that a playlist offers; itself when it has no variants.

    Raises:
        InvalidMedia: it is no playlist.
        AddressRefused: it names what is not opened, such as a file.
    """
    with _reading(url):
        found = _read(text, url)
        return _best(found, tallest) if found.is_variant else Choice(url)


def _best(found: m3u8.M3U8, tallest: int) -> Choice:
    best = max(found.playlists, key=lambda variant: _rank(variant, tallest))
    wanted = best.stream_info.audio
    sound = [m for m in found.media if m.type == "AUDIO" and m.group_id == wanted and m.uri]
    chosen = next((m for m in sound if m.default == "YES"), next(iter(sound), None))
    return Choice(_named(best.absolute_uri), _named(chosen.absolute_uri) if chosen else "")


def _rank(variant: m3u8.Playlist, tallest: int) -> tuple[bool, int, int]:
    about = variant.stream_info
    height = about.resolution[1] if about.resolution else 0
    fits = height <= tallest
    return fits, height if fits else -height, about.bandwidth or 0


def parse(text: str, url: str) -> Playlist:
    """A media playlist.

    Raises:
        InvalidMedia: it is none, too long, or its pieces are protected in a way that we cannot read.
        AddressRefused: it names what is not opened, such as a file.
    """
    with _reading(url):
        return _playlist(_read(text, url))


def _playlist(found: m3u8.M3U8) -> Playlist:
    pieces, ends = [], dict[str, int]()
    skipped = found.skip.skipped_segments or 0 if found.skip else 0
    for number, entry in enumerate(found.segments, (found.media_sequence or 0) + skipped):
        offset, length = _range(entry.byterange, ends.get(entry.absolute_uri, 0))
        ends[entry.absolute_uri] = offset + length
        if not entry.gap_tag:
            pieces.append(_piece(number, entry, offset, length))
    longest = max((piece.seconds for piece in pieces), default=0.0)
    return Playlist(tuple(pieces), float(found.target_duration or longest or 4), bool(found.is_endlist))


def _read(text: str, url: str) -> m3u8.M3U8:
    if not text.lstrip("\ufeff \r\n").startswith("#EXTM3U"):
        raise InvalidMedia(f"{shown(url)} is not an HLS playlist.", "Give the address of the stream.")
    if text.count("#EXTINF") + text.count("#EXT-X-STREAM-INF") + text.count("#EXT-X-MEDIA:") > MOST_ENTRIES:
        raise InvalidMedia(f"{shown(url)} has more than {MOST_ENTRIES} entries.", "Record it in parts.")
    return m3u8.loads("".join(line for line in text.splitlines(keepends=True) if not line.startswith(EARLY)), uri=url)


@contextmanager
def _reading(url: str) -> Iterator[None]:
    """What is wrong with a playlist is told with its address."""
    try:
        yield
    except AddressRefused as error:
        raise AddressRefused(f"The playlist {shown(url)} is not followed: {error.what}", error.cure) from error
    except (ValueError, OverflowError) as error:
        what = f"{shown(url)} is a playlist that cannot be read ({shown(str(error))})."
        raise InvalidMedia(what, "Tell its owner.") from error


def _named(address: str) -> str:
    """An address that a playlist names, if it is of a kind that is opened."""
    addresses.require_scheme(address)
    return address


def _piece(number: int, entry: m3u8.Segment, offset: int, length: int) -> Piece:
    return Piece(
        number=number,
        url=_named(entry.absolute_uri),
        seconds=_length(entry.duration),
        at=_aware(entry.current_program_date_time),
        discontinuity=bool(entry.discontinuity),
        initial=_named(entry.init_section.absolute_uri) if entry.init_section else "",
        key=_key(number, entry),
        offset=offset,
        length=length,
    )


def _length(seconds: float | None) -> float:
    length = float(seconds or 0)
    if not 0 <= length <= LONGEST_PIECE_SECONDS:
        raise ValueError(f"a piece of {length:g} seconds")
    return length


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
    return Key(_named(key.absolute_uri), vector.to_bytes(16, "big"))
