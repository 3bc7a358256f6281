"""A web page that shows a video, or a DASH manifest: yt-dlp knows where the media is (core.sources.webpages).

A stream that it names is followed by us. What is finished and comes in parts (picture and sound apart, or fragments)
is fetched whole, and joined by stream copy.
"""

from pathlib import Path
from typing import Any

from core import names
from core.child import run
from core.errors import InvalidMedia
from core.media import ffmpeg
from core.names import shown
from core.outside.addresses import Rules
from core.sources import webpages
from core.sources.base import Head, Source

FILES = ("http", "https")
JOIN_SECONDS = 3600.0


def known(head: Head, rules: Rules, tallest: int) -> Source | None:
    """A page of HTML in which yt-dlp finds a video, or a DASH manifest.

    Raises:
        InvalidMedia: it finds none, or one that is live as DASH only.
        AddressRefused: it leads to where we do not go.
    """
    is_page = "html" in head.kind or b"<html" in head.start.lower()
    if not is_page and b"<MPD" not in head.start:
        return None
    found = webpages.video(head.url, rules, tallest)
    title, headers = names.title(found.get("title") or ""), tuple((found.get("http_headers") or {}).items())
    protocol = found.get("protocol", "")
    is_stream = protocol.startswith("m3u8")
    if found.get("requested_formats") or not (is_stream or protocol in FILES):
        return _in_parts(head, found, title)
    return Source(found["url"], live=is_stream, title=title, headers=headers, kind="hls" if is_stream else "file")


def _in_parts(head: Head, found: dict[str, Any], title: str) -> Source:
    """What comes in parts while it is live is followed by its HLS playlist; without one we cannot record it."""
    if not found.get("is_live"):
        return Source(head.url, live=False, title=title, kind="page")
    manifest = found.get("manifest_url") or ""
    if ".m3u8" not in manifest:
        raise InvalidMedia(
            f"{shown(head.url)} is live, but not as HLS.", "Give the address of an HLS, RTMP or SRT stream."
        )
    return Source(manifest, live=True, title=title, kind="hls")


def download(source: Source, folder: Path, program: str, rules: Rules, *, tallest: int, spare: int = 0) -> Path:
    """Fetch a finished video whole, picture and sound in one file in ``folder``. ``program`` is ffmpeg.

    Raises:
        SourceUnavailable, InvalidMedia, AddressRefused, DiskFull: as ``webpages.fetch``.
        ChildFailed: what came cannot be joined.
    """
    parts = webpages.fetch(source.url, rules, tallest, folder, spare=spare)
    if len(parts) == 1:
        return parts[0]
    target = folder / "whole.mkv"
    run(ffmpeg.muxer(program, parts[0], parts[1], target), folder / "ffmpeg.log", timeout=JOIN_SECONDS)
    for part in parts:
        part.unlink()
    return target
