"""Just enough of fragmented MP4 (ISO/IEC 14496-12) to address its fragments by byte range."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from core import digests
from core.errors import InvalidMedia
from core.models import Fragment

_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"}


class Box(NamedTuple):
    """A box: its type, and where its content begins and ends."""

    kind: bytes
    start: int
    body: int
    end: int


class Layout(NamedTuple):
    """A file's header and fragments."""

    init_length: int
    init_sha256: str
    codecs: str
    fragments: tuple[Fragment, ...]


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes directly inside a range.

    Raises:
        InvalidMedia: a box does not fit into the range.
    """
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1:
            size, body = struct.unpack_from(">Q", data, body)[0], body + 8
        if size < body - start or start + size > end:
            raise InvalidMedia(f"Box {kind!r} at byte {start} does not fit.", "The file is truncated or damaged.")
        yield Box(kind, start, body, start + size)
        start += size


def _find(data: bytes, kind: bytes, start: int, end: int) -> Box | None:
    for box in boxes(data, start, end):
        if box.kind == kind:
            return box
        if box.kind in _CONTAINERS and (found := _find(data, kind, box.body, box.end)):
            return found
    return None


def _required(data: bytes, kind: bytes, start: int, end: int) -> Box:
    box = _find(data, kind, start, end)
    if box is None:
        raise InvalidMedia(f"The file has no {kind.decode()} box.", "Encode it as fragmented MP4.")
    return box


def layout(data: bytes, end_ticks: int, ticks_per_second: int) -> Layout:
    """Header and fragments of a file with one track that ends at ``end_ticks`` on its own timeline."""
    top = list(boxes(data))
    moofs = [(box, after) for box, after in zip(top, top[1:], strict=False) if box.kind == b"moof"]
    if not moofs:
        raise InvalidMedia("The file has no fragments.", "Encode it as fragmented MP4.")
    init = data[: moofs[0][0].start]
    scale = _timescale(init)
    starts = [_decode_time(data, moof) for moof, _ in moofs]
    ends = [*starts[1:], end_ticks * scale // ticks_per_second]
    fragments = tuple(
        Fragment(offset=moof.start, length=mdat.end - moof.start, duration_ms=max(1, (b - a) * 1000 // scale))
        for (moof, mdat), a, b in zip(moofs, starts, ends, strict=True)
    )
    return Layout(len(init), digests.of_bytes(init), _codecs(init), fragments)


def _timescale(init: bytes) -> int:
    box = _required(init, b"mdhd", 0, len(init))
    offset = 20 if init[box.body] == 1 else 12
    return int(struct.unpack_from(">I", init, box.body + offset)[0])


def _decode_time(data: bytes, moof: Box) -> int:
    box = _required(data, b"tfdt", moof.body, moof.end)
    form = ">Q" if data[box.body] == 1 else ">I"
    return int(struct.unpack_from(form, data, box.body + 4)[0])


def _codecs(init: bytes) -> str:
    """The RFC 6381 name: of H.264 from the avcC record, else AAC-LC."""
    at = init.find(b"avcC")
    return f"avc1.{init[at + 5 : at + 8].hex()}" if at >= 0 else "mp4a.40.2"
