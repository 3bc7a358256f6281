"""From an address to something that can be recorded. ``KINDS`` is the registry: the first that knows it wins."""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

import yt_dlp

from core import fetching
from core.errors import InvalidInput, InvalidMedia

HEAD_BYTES = 4096
MEDIA_TYPES = ("video/", "audio/", "application/ogg", "application/mp4")
UNNAMED_TYPES = ("application/octet-stream", "binary/octet-stream")
FORMAT = "best[protocol^=m3u8][height<=1080]/best[height<=1080]/best"

_log = logging.getLogger(__name__)


class Source(NamedTuple):
    """A stream or file to read. ``live`` when it may go on; ``headers`` are to be sent with each request."""

    url: str
    live: bool
    title: str = ""
    headers: tuple[tuple[str, str], ...] = ()


class _Head(NamedTuple):
    url: str
    kind: str
    start: bytes


def resolve(address: str) -> Source:
    """What is behind an address.

    Raises:
        InvalidInput: it is no address at all.
        InvalidMedia: a page without a video, or something else that is not media.
        SourceMissing: the server says that it is not there, or not for us.
        SourceUnavailable: the server does not answer, or says that it failed.
    """
    if not address.lower().startswith(("http://", "https://")):
        raise InvalidInput(f"{address!r} is not the address of a stream.", "Give one that begins with https://.")
    head = _head(address)
    for kind in KINDS:
        if source := kind(head):
            return source
    raise InvalidMedia(
        f"{address} is {head.kind or 'of an unknown type'}, not media.", "Give the address of the stream or its page."
    )


def _playlist(head: _Head) -> Source | None:
    if not head.start.lstrip().startswith(b"#EXTM3U"):
        return None
    return Source(head.url, live=True)


def _file(head: _Head) -> Source | None:
    is_media = head.kind.startswith(MEDIA_TYPES) or (head.kind in UNNAMED_TYPES and _is_mp4(head.start))
    return Source(head.url, live=False) if is_media else None


def _is_mp4(start: bytes) -> bool:
    return start[4:8] == b"ftyp"


def _page(head: _Head) -> Source | None:
    if "html" not in head.kind and b"<html" not in head.start.lower():
        return None
    found = _first(_extracted(head.url))
    if not found.get("url"):
        raise _no_video(head.url, "the page names none")
    return Source(
        found["url"],
        live="m3u8" in found.get("protocol", ""),
        title=found.get("title") or "",
        headers=tuple((found.get("http_headers") or {}).items()),
    )


def _extracted(url: str) -> dict[str, Any]:
    options = {"noplaylist": True, "socket_timeout": fetching.TIMEOUT_SECONDS, "format": FORMAT, "logger": _log}
    try:
        with yt_dlp.YoutubeDL(options) as downloader:
            return dict(downloader.extract_info(url, download=False))
    except yt_dlp.utils.DownloadError as error:
        said = str(error).split("; please report")[0].removeprefix("ERROR: ").splitlines()[0]
        raise _no_video(url, said) from error


def _first(found: dict[str, Any]) -> dict[str, Any]:
    """A page may give a list of videos; then the page has the better title."""
    if "entries" not in found:
        return found
    first: dict[str, Any] = next(iter(found["entries"]), {})
    return first | {"title": found.get("title") or first.get("title")}


def _no_video(url: str, said: str) -> InvalidMedia:
    what = f"{url} is a web page in which no video was found ({said.rstrip('.')})."
    return InvalidMedia(what, "Give the address of the stream or the file itself.")


KINDS: tuple[Callable[[_Head], Source | None], ...] = (_playlist, _file, _page)


def _head(url: str) -> _Head:
    with fetching.opened(url) as answer:
        return _Head(answer.url, answer.headers.get_content_type(), answer.read(HEAD_BYTES))
