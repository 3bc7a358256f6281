"""Web pages that show a video: yt-dlp looks for its stream, and asks for nothing that our rules do not allow.

It reaches the network through one handler of ours, and starts no program: it is not told where ffmpeg is. What comes in
parts it fetches piece by piece, as files that are joined elsewhere (core.sources.page).
"""

import io
import logging
import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import httpcore
import yt_dlp
from yt_dlp.downloader import get_suitable_downloader
from yt_dlp.downloader.dash import DashSegmentsFD
from yt_dlp.downloader.hls import HlsFD
from yt_dlp.downloader.http import HttpFD
from yt_dlp.networking.common import Request, RequestHandler, Response
from yt_dlp.networking.exceptions import HTTPError, RequestError, TransportError

from core.errors import AddressRefused, DiskFull, InvalidMedia, MaaseutuError, SourceUnavailable
from core.names import shown
from core.outside import fetching, transport
from core.outside.addresses import SCHEMES, Rules
from core.outside.transport import Answer

LARGEST = 32 << 20
"""Bytes of a page, of a script or of what else yt-dlp reads to find the stream."""
TRIES = 3
"""How often a fragment is asked for again before the whole is given up."""
FETCHERS = (HttpFD, HlsFD, DashSegmentsFD)
"""Ways of yt-dlp to fetch that ask for everything through its handlers; the others start programs or open sockets."""
NO_PROGRAM = "/nowhere"
"""Where yt-dlp is to look for ffmpeg, which it would let open addresses."""

_log = logging.getLogger(__name__)


def video(url: str, rules: Rules, tallest: int) -> dict[str, Any]:
    """What yt-dlp says of the video that a page or a manifest shows, of at most ``tallest`` lines where it can choose.

    It has a ``url``, or ``requested_formats`` when picture and sound are apart.

    Raises:
        InvalidMedia: none was found.
        AddressRefused: the page leads to an address that may not be reached.
    """
    with _Confined(_options(tallest), rules) as downloader:
        return _extracted(downloader, url)


def fetch(url: str, rules: Rules, tallest: int, folder: Path, *, spare: int = 0) -> list[Path]:
    """The finished video of a page, whole: a file, or one of the picture and one of the sound, in that order.

    ``spare`` bytes of the disk must stay free.

    Raises:
        SourceUnavailable: a part of it cannot be had.
        InvalidMedia: there is no video any more, or it comes in a way that is not opened.
        AddressRefused: a part of it is where we do not go.
        DiskFull: there is no room.
    """
    options = _options(tallest) | {
        "skip_unavailable_fragments": False,
        "fragment_retries": TRIES,
        "retries": TRIES,
        "noprogress": True,
        "hls_prefer_native": True,
    }
    with _Confined(options, rules, folder, spare) as downloader:
        found = _extracted(downloader, url)
        parts: list[dict[str, Any]] = found.pop("requested_formats", None) or [found]
        return [_fetched(downloader, url, found | part, folder / f"part-{i}") for i, part in enumerate(parts)]


def _fetched(downloader: "_Confined", url: str, part: dict[str, Any], path: Path) -> Path:
    if get_suitable_downloader(dict(part), downloader.params) not in FETCHERS:
        what = f"The video of {shown(url)} comes in a way that is not opened ({shown(str(part.get('protocol')))})."
        raise InvalidMedia(what, "Ask its owner for the file.")
    try:
        done, _ = downloader.dl(str(path), part)
    except (yt_dlp.utils.DownloadError, RequestError) as error:
        raise _not_whole(downloader, url, _said(error)) from error
    if not done or not path.is_file():
        raise _not_whole(downloader, url, "nothing was fetched")
    return path


def _not_whole(downloader: "_Confined", url: str, said: str) -> MaaseutuError:
    if downloader.refused:
        return downloader.refused[-1]
    what = f"{shown(url)} cannot be fetched whole ({shown(said.rstrip('.'))})."
    return SourceUnavailable(what, "Try again later, or ask its owner for the file.")


def _options(tallest: int) -> dict[str, Any]:
    least = f"[height<={tallest}]"
    wanted = f"best[protocol^=m3u8]{least}/bestvideo{least}+bestaudio/best{least}/bestvideo+bestaudio/best"
    options = {"noplaylist": True, "socket_timeout": transport.TIMEOUT_SECONDS, "format": wanted, "logger": _log}
    return options | {"proxy": "", "ffmpeg_location": NO_PROGRAM}


def _extracted(downloader: "_Confined", url: str) -> dict[str, Any]:
    try:
        found = _first(dict(downloader.extract_info(url, download=False)))
    except yt_dlp.utils.DownloadError as error:
        if downloader.refused:
            raise downloader.refused[-1] from error
        raise _no_video(url, _said(error)) from error
    if not found.get("url") and not found.get("requested_formats"):
        raise _no_video(url, "the page names none")
    return found


def _said(error: yt_dlp.utils.YoutubeDLError) -> str:
    text = str(error).split("; please report")[0].removeprefix("ERROR: ").strip()
    return text.splitlines()[0] if text else "it does not say why"


def _first(found: dict[str, Any]) -> dict[str, Any]:
    """A page may give a list of videos; then the page has the better title."""
    if "entries" not in found:
        return found
    first: dict[str, Any] = next(iter(found["entries"]), {})
    return first | {"title": found.get("title") or first.get("title")}


def _no_video(url: str, said: str) -> InvalidMedia:
    what = f"{shown(url)} is a web page in which no video was found ({shown(said.rstrip('.'))})."
    return InvalidMedia(what, "Give the address of the stream or the file itself.")


class _Confined(yt_dlp.YoutubeDL):
    """A YoutubeDL whose only way to the network is ours."""

    def __init__(self, params: dict[str, Any], rules: Rules, folder: Path | None = None, spare: int = 0) -> None:
        self.rules = rules
        self.folder = folder
        self.spare = spare
        self.refused: list[MaaseutuError] = []
        super().__init__(params)

    def build_request_director(self, handlers: Any, preferences: Any = None) -> Any:
        """One handler instead of all that yt-dlp knows, some of which open other kinds of addresses."""
        director = super().build_request_director([ConfinedRH], preferences)
        for handler in director.handlers.values():
            handler.owner = self
        return director


class ConfinedRH(RequestHandler):
    """Requests through core.outside.fetching; yt-dlp wants such a name.

    Bodies are read at once: into memory up to a limit, or, where a video is fetched, into a file without a name.
    """

    _SUPPORTED_URL_SCHEMES = SCHEMES
    # Proxies are not used (core.outside.transport), so none is a reason to refuse a request.
    _SUPPORTED_PROXY_SCHEMES = None
    _SUPPORTED_FEATURES = None
    owner: _Confined

    def _check_extensions(self, extensions: dict[str, Any]) -> None:
        super()._check_extensions(extensions)
        for name in ("cookiejar", "timeout", "legacy_ssl", "keep_header_casing"):
            extensions.pop(name, None)

    def _send(self, request: Request) -> Response:
        jar = self._get_cookiejar(request)
        headers = dict(self._get_headers(request)) | {"Accept-Encoding": "identity"}
        try:
            with fetching.followed(
                request.url, headers, self.owner.rules, method=request.method, data=request.data, jar=jar
            ) as answer:
                found = Response(self._body(answer), answer.url, {}, answer.status)
                found.headers = answer.headers
        except (AddressRefused, DiskFull) as error:
            self.owner.refused.append(error)
            raise TransportError(error.what, cause=error) from error
        except (MaaseutuError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise TransportError(cause=error) from error
        if found.status >= 400:
            raise HTTPError(found)
        return found

    def _body(self, answer: Answer) -> IO[bytes]:
        folder, spare = self.owner.folder, self.owner.spare
        if folder is None:
            return io.BytesIO(answer.start(LARGEST))
        until = time.monotonic() + fetching.DOWNLOAD_SECONDS
        with ExitStack() as stack:
            file = stack.enter_context(tempfile.TemporaryFile(dir=folder))
            for piece in answer.pieces:
                if shutil.disk_usage(folder).free - len(piece) < spare:
                    what = f"{folder} has no room for {shown(answer.url)}."
                    raise DiskFull(what, "Make room, or set MAASEUTU_STATE to a larger disk.")
                file.write(piece)
                if time.monotonic() > until:
                    raise httpcore.ReadTimeout("it was not here in a day")
            stack.pop_all()
        file.seek(0)
        return file
