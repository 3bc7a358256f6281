"""Requests to the servers of others: where the rules allow, bounded in time and size, failures in our own words."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, cast
from urllib.parse import urljoin, urlsplit
from urllib.request import Request

import httpcore

from core import names
from core.errors import AddressRefused, DiskFull, InvalidInput, SourceMissing, SourceUnavailable, writing
from core.names import shown
from core.outside import transport
from core.outside.addresses import Rules
from core.outside.transport import Answer

USER_AGENT = "Mozilla/5.0 (compatible; MaaseutuLIVE)"
DEFAULTS = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
LATER = {408, 425, 429}
REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 5
OF_ONE_HOST = {"cookie", "authorization"}
"""Headers that are not for the host that a redirect names."""
DOWNLOAD_SECONDS = 24 * 3600.0
"""A download takes no longer than the longest broadcast (core.capture.recorder)."""


@contextmanager
def opened(url: str, headers: Mapping[str, str], rules: Rules) -> Iterator[Answer]:
    """The answer to a GET, closed afterwards. What goes wrong inside, reading included, is told in our words.

    Raises:
        InvalidInput: it is no address.
        AddressRefused: it, or what it redirects to, may not be reached.
        SourceMissing: the server says that it is not there, or not for us.
        SourceUnavailable: the server does not answer, breaks off, or says that it failed.
    """
    try:
        with followed(url, headers, rules) as answer:
            if answer.status >= 400:
                raise _refused(url, answer)
            yield answer
    except httpcore.RemoteProtocolError as error:
        raise _broke_off(url, str(error)) from error
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        what = f"{shown(url)} does not answer ({str(error) or 'timed out'})."
        raise SourceUnavailable(what, "Check the address and the network.") from error
    except ValueError as error:
        what = f"{shown(url)} is not an address ({error})."
        raise InvalidInput(what, "Copy it again from the browser.") from error


def _refused(url: str, answer: Answer) -> SourceMissing | SourceUnavailable:
    what = f"{shown(url)} answers {answer.said}."
    if answer.status < 500 and answer.status not in LATER:
        return SourceMissing(what, "Check the address, and that the broadcast has begun.")
    return SourceUnavailable(what, "Its server has a fault: try again in a moment.")


def _broke_off(url: str, why: str = "") -> SourceUnavailable:
    what = f"{shown(url)} broke off before its end{f' ({why})' if why else ''}."
    return SourceUnavailable(what, "Try again in a moment.")


@contextmanager
def followed(
    url: str,
    headers: Mapping[str, str],
    rules: Rules,
    *,
    method: str = "GET",
    data: bytes | None = None,
    jar: CookieJar | None = None,
) -> Iterator[Answer]:
    """The answer at the end of at most five redirects, each of which is checked as the first address was.

    Raises:
        InvalidInput, AddressRefused, SourceUnavailable: as ``Rules.require``.
        SourceMissing: more redirects.
        httpcore.TimeoutException, NetworkError, ProtocolError: as it goes.
    """
    at, sent = url, DEFAULTS | dict(headers)
    for _ in range(MOST_REDIRECTS + 1):
        with ExitStack() as connection:
            request = transport.asked(at, sent | _cookie(at, jar), rules, method=method, data=data)
            answer = _entered(connection, request, url, at)
            if jar is not None:
                jar.extract_cookies(cast("Any", answer), Request(at))
            target = answer.headers.get("Location")
            if answer.status not in REDIRECTS or not target:
                yield answer
                return
        before, at = at, _next(url, at, target)
        if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
            method, data = ("HEAD" if method == "HEAD" else "GET"), None
        if urlsplit(at).netloc != urlsplit(before).netloc:
            sent = {name: value for name, value in sent.items() if name.lower() not in OF_ONE_HOST}
    what = f"{shown(url)} redirects more than {MOST_REDIRECTS} times, last to {shown(at)}."
    raise SourceMissing(what, "Give the address at which it really is.")


def _entered(connection: ExitStack, request: AbstractContextManager[Answer], first: str, at: str) -> Answer:
    """The answer; a refusal says where it came from."""
    try:
        return connection.enter_context(request)
    except AddressRefused as error:
        if at == first:
            raise
        raise AddressRefused(f"{shown(first)} redirects to where we do not go: {error.what}", error.cure) from error


def _cookie(url: str, jar: CookieJar | None) -> dict[str, str]:
    if jar is None:
        return {}
    request = Request(url)
    jar.add_cookie_header(request)
    found = request.get_header("Cookie")
    return {"Cookie": found} if found else {}


def _next(first: str, before: str, target: str) -> str:
    """Where a redirect leads."""
    after = urljoin(before, target).partition("#")[0]
    if before.lower().startswith("https:") and after.lower().startswith("http:"):
        what = f"{shown(first)} redirects to {shown(after)}, which is not encrypted."
        raise AddressRefused(what, "Give that address itself if it is meant.")
    return after


def content(url: str, headers: Mapping[str, str], rules: Rules, *, limit: int, seconds: float) -> bytes:
    """All that is behind an address.

    Raises:
        AddressRefused, SourceMissing, SourceUnavailable: as ``opened``; also more than ``limit`` bytes, or not here in
            ``seconds``.
    """
    until, found = time.monotonic() + seconds, bytearray()
    with opened(url, headers, rules) as answer:
        for piece in answer.pieces:
            found += piece
            if len(found) > limit:
                what = f"{shown(url)} sends more than {limit} bytes."
                raise SourceUnavailable(what, "Check that it is what it should be.")
            if time.monotonic() > until:
                raise SourceUnavailable(f"{shown(url)} was not here in {seconds:.0f} s.", "Check the network.")
    return bytes(found)


def download(url: str, headers: Mapping[str, str], folder: Path, rules: Rules, *, spare: int = 0) -> Path:
    """Fetch a file of any size that the disk can hold into ``folder``; it gets its name only when it is whole.

    ``spare`` bytes of the disk must stay free.

    Raises:
        AddressRefused, SourceMissing, SourceUnavailable: as ``opened``.
        DiskFull: there is no room, by what the server says before, or by what it sends.
    """
    target = folder / names.file_name(urlsplit(url).path, "download")
    partial = target.with_name(target.name + ".partial")
    until, room = time.monotonic() + DOWNLOAD_SECONDS, shutil.disk_usage(folder).free - spare
    with opened(url, headers, rules) as answer, writing(folder), partial.open("wb") as file:
        size = answer.length
        for piece in answer.pieces:
            size = max(size, file.tell() + len(piece))
            if size > room:
                raise _no_room(url, size, room, folder)
            file.write(piece)
            if time.monotonic() > until:
                raise SourceUnavailable(f"{shown(url)} was not here in a day.", "Check the network.")
    if partial.stat().st_size < size:
        raise _broke_off(url)
    return partial.rename(target)


def _no_room(url: str, size: int, room: int, folder: Path) -> DiskFull:
    what = f"{shown(url)} has at least {size >> 20} MB; {folder} has room for {max(room, 0) >> 20}."
    return DiskFull(what, "Make room, or set MAASEUTU_STATE to a larger disk.")
