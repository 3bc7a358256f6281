"""From an address to something ffmpeg can read. ``KINDS`` is the registry: the first that knows it wins."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import Request, urlopen

import yt_dlp

from core.errors import InvalidInput, InvalidMedia, SourceMissing, SourceUnavailable

TIMEOUT_SECONDS = 10
HEAD_BYTES = 4096
USER_AGENT = "Mozilla/5.0 (compatible; MaaseutuLIVE)"
PIECE = 1 << 20
LATER = {408, 425, 429}
MEDIA_TYPES = ("video/", "audio/", "application/ogg", "application/mp4")
UNNAMED_TYPES = ("application/octet-stream", "binary/octet-stream")
URL_SIGNS = ":/?#[]@!$&'()*+,;=%~"
FORMAT = "best[protocol^=m3u8][height<=1080]/best[height<=1080]/best"

_log = logging.getLogger(__name__)


class Source(NamedTuple):
    """A stream or file to read. ``live`` when it may go on; ``headers`` are to be sent with each request."""

    url: str
    live: bool
    title: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def input_options(self, *, from_start: bool) -> Mapping[str, Any]:
        """Options for ffmpeg's input: without them its requests never time out."""
        options: dict[str, Any] = {"rw_timeout": TIMEOUT_SECONDS * 1_000_000, "user_agent": USER_AGENT}
        if self.headers:
            options["headers"] = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        if self.live:
            options |= {"live_start_index": 0 if from_start else -3, "max_reload": 20, "f": "hls"}
        return options if "://" in self.url else {}

    def has_ended(self) -> bool:
        """Whether a live playlist says that nothing more will come; False when it cannot be read."""
        try:
            return not self.live or _ended(self.url)
        except (SourceMissing, SourceUnavailable):
            return False


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
    options = {"noplaylist": True, "socket_timeout": TIMEOUT_SECONDS, "format": FORMAT, "logger": _log}
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


def download(source: Source, folder: Path) -> Path:
    """Fetch a finished file; it gets its name only when it is whole.

    Raises:
        SourceMissing: the server says that it is not there.
        SourceUnavailable: the server does not answer, or breaks off.
    """
    target = folder / (Path(urlsplit(source.url).path).name or "download")
    partial = target.with_name(target.name + ".partial")
    with _open(source.url, dict(source.headers)) as answer, partial.open("wb") as file:
        wanted = int(answer.headers.get("Content-Length") or 0)
        while piece := _read(source.url, answer, PIECE):
            file.write(piece)
    if partial.stat().st_size < wanted:
        raise SourceUnavailable(f"{source.url} broke off before its end.", "Try again in a moment.")
    return partial.rename(target)


def _open(url: str, headers: Mapping[str, str] | None = None) -> HTTPResponse:
    with _errors(url):
        request = Request(quote(url, safe=URL_SIGNS), headers={"User-Agent": USER_AGENT, **(headers or {})})
        answer: HTTPResponse = urlopen(request, timeout=TIMEOUT_SECONDS)
        return answer


def _read(url: str, answer: HTTPResponse, size: int | None = None) -> bytes:
    with _errors(url):
        return answer.read(size)


@contextmanager
def _errors(url: str) -> Iterator[None]:
    try:
        yield
    except HTTPError as error:
        raise _answered(url, error) from error
    except (URLError, HTTPException, OSError) as error:
        reason = getattr(error, "reason", None) or error
        raise SourceUnavailable(f"{url} does not answer ({reason}).", "Check the address and the network.") from error
    except ValueError as error:
        raise InvalidInput(f"{url} is not an address ({error}).", "Copy it again from the browser.") from error


def _answered(url: str, error: HTTPError) -> SourceMissing | SourceUnavailable:
    what = f"{url} answers {error.code} {error.reason}."
    if error.code < 500 and error.code not in LATER:
        return SourceMissing(what, "Check the address, and that the broadcast has begun.")
    return SourceUnavailable(what, "Its server has a fault: try again in a moment.")


def _head(url: str) -> _Head:
    with _open(url) as answer:
        return _Head(answer.url, answer.headers.get_content_type(), _read(url, answer, HEAD_BYTES))


def _ended(url: str) -> bool:
    with _open(url) as answer:
        text = _read(url, answer).decode(errors="replace")
    first = next((line for line in text.splitlines() if line and not line.startswith("#")), "")
    if first and "#EXT-X-STREAM-INF" in text:
        return _ended(urljoin(url, first))
    return "#EXT-X-ENDLIST" in text
