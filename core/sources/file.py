"""A finished file on a web server."""

from core.outside.addresses import Rules
from core.sources.base import Head, Source

MEDIA_TYPES = ("video/", "audio/", "application/ogg", "application/mp4")
UNNAMED_TYPES = ("application/octet-stream", "binary/octet-stream")


def known(head: Head, _: Rules, __: int) -> Source | None:
    """Media by its type, or by its beginning where the server does not know the type."""
    is_media = head.kind.startswith(MEDIA_TYPES) or (head.kind in UNNAMED_TYPES and _is_mp4(head.start))
    return Source(head.url, live=False, kind="file") if is_media else None


def _is_mp4(start: bytes) -> bool:
    return start[4:8] == b"ftyp"
