"""Requests to the servers of others: bounded in time and size, and every failure in our own words."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from core.errors import InvalidInput, SourceMissing, SourceUnavailable

TIMEOUT_SECONDS = 10
USER_AGENT = "Mozilla/5.0 (compatible; MaaseutuLIVE)"
PIECE = 1 << 20
DRIP = 1 << 16
LATER = {408, 425, 429}
URL_SIGNS = ":/?#[]@!$&'()*+,;=%~"


@contextmanager
def opened(url: str, headers: Mapping[str, str] | None = None) -> Iterator[HTTPResponse]:
    """The answer to a GET, closed afterwards. What goes wrong inside, reading included, is told in our words.

    Raises:
        InvalidInput: it is no address.
        SourceMissing: the server says that it is not there, or not for us.
        SourceUnavailable: the server does not answer, breaks off, or says that it failed.
    """
    try:
        request = Request(quote(url, safe=URL_SIGNS), headers={"User-Agent": USER_AGENT, **(headers or {})})
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            yield answer
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


def content(url: str, headers: Mapping[str, str], *, limit: int, seconds: float) -> bytes:
    """All that is behind an address.

    Raises:
        SourceMissing, SourceUnavailable: as ``opened``; also more than ``limit`` bytes, or not here in ``seconds``.
    """
    until, found = time.monotonic() + seconds, bytearray()
    with opened(url, headers) as answer:
        while data := answer.read1(DRIP):
            found += data
            if len(found) > limit:
                raise SourceUnavailable(f"{url} sends more than {limit} bytes.", "Check that it is what it should be.")
            if time.monotonic() > until:
                raise SourceUnavailable(f"{url} was not here in {seconds:.0f} s.", "Check the network.")
        wanted = answer.headers.get("Content-Length")
    if wanted and wanted.isdigit() and len(found) < int(wanted) and not answer.headers.get("Content-Encoding"):
        raise _broke_off(url)
    return bytes(found)


def _broke_off(url: str) -> SourceUnavailable:
    return SourceUnavailable(f"{url} broke off before its end.", "Try again in a moment.")


def download(url: str, headers: Mapping[str, str], folder: Path) -> Path:
    """Fetch a file of any size into ``folder``; it gets its name only when it is whole.

    Raises:
        SourceMissing, SourceUnavailable: as ``opened``.
    """
    target = folder / (Path(urlsplit(url).path).name or "download")
    partial = target.with_name(target.name + ".partial")
    with opened(url, headers) as answer, partial.open("wb") as file:
        wanted = int(answer.headers.get("Content-Length") or 0)
        while data := answer.read(PIECE):
            file.write(data)
    if partial.stat().st_size < wanted:
        raise _broke_off(url)
    return partial.rename(target)
