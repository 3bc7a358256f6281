"""One object of the public bucket as an HTTP answer: ranges, validators, caching (RFC 9110). Blocking: use a thread."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import keys
from core.bucket import Bucket, Stored, content_type
from core.errors import ObjectMissing

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"
ANY_SITE = {"Access-Control-Allow-Origin": "*"}
"""Everything here is public, and no answer depends on who asks."""

VERSIONED = re.compile(rf"(jaksot/[^/]+/(?!{keys.LIVE}/)[^/]+/.|media/.|static/[^/]+/.|changes/.)")
RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
"""No object has more bytes than that, and Python refuses to read thousands of digits."""
LONGEST_RANGE = 200


AS_THEY_ARE = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/octet-stream")
"""Kinds of content that gzip does not make smaller."""

LEVEL = 6
"""Of gzip: the highest takes several times as long for two hundredths of the size."""


class Compressed(GZipMiddleware):
    """Texts go out by gzip to who takes it, whole answers only; their validators are weak then (RFC 9110, 8.8.3.3)."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, compresslevel=LEVEL, exclude_content_types=AS_THEY_ARE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def weakened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                etag = headers.get("etag", "")
                if etag.startswith('"') and "content-encoding" in headers:
                    headers["ETag"] = f"W/{etag}"
            await send(message)

        await super().__call__(scope, receive, weakened)


@dataclass(frozen=True)
class Asked:
    """What the client asked: the bytes ``start``..``end`` (inclusive), or everything."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.end - self.start + 1


class Unsatisfiable(ValueError):
    """The range has no byte of the object."""


def key_of(path: str) -> str:
    """The key that a path of the site means; a folder means its index.html. Empty when the path tries to escape."""
    pieces = path.split("/")
    if any(piece in {".", ".."} for piece in pieces) or "" in pieces[:-1] or not path.isprintable() or "\\" in path:
        return keys.FRONT_PAGE if path == "" else ""
    return path + keys.FRONT_PAGE if pieces[-1] == "" else path


def cache_control(key: str) -> str:
    """How long the answer may be kept: what has its version or digest in its key never changes."""
    return IMMUTABLE if VERSIONED.match(key) else REVALIDATED


def byte_range(header: str, size: int) -> Asked | None:
    """The one range a ``Range`` header asks for; None when it may be ignored (none, several, malformed).

    Raises:
        Unsatisfiable: no byte of the object is in it.
    """
    found = RANGE.fullmatch(header.strip()) if len(header) <= LONGEST_RANGE else None
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last), size - 1) if first and last else size - 1
    if first and last and int(last) < int(first):
        return None
    if start >= size or (not first and int(last) == 0):
        raise Unsatisfiable(header)
    return Asked(start, end)


def answer(public: Bucket, key: str, headers: Headers, *, head_only: bool = False) -> Response:
    """The object under ``key``: 200, 206, 304 or 416; 410 where it tells that something is gone.

    Raises:
        ObjectMissing: there is none.
        MaaseutuError: the store failed.
    """
    stored = public.head(key)
    if stored is None:
        raise ObjectMissing(f"{key} is not on the site.", "Check the address.")
    common = {"ETag": stored.etag, "Cache-Control": cache_control(key), "Accept-Ranges": "bytes"} | ANY_SITE
    if is_known(headers.get("if-none-match", ""), stored.etag):
        return Response(status_code=304, headers=common)
    media_type = content_type(key)
    if head_only:
        return _bodiless(common, media_type, stored)
    if stored.gone:
        return _streamed(public, stored, None, common, media_type)
    try:
        # A header that stands there twice may be ignored as well as one with several ranges (RFC 9110, 14.2).
        asked = byte_range(", ".join(headers.getlist("range")), stored.size) if _is_same(headers, stored) else None
    except Unsatisfiable:
        return Response(status_code=416, headers=common | {"Content-Range": f"bytes */{stored.size}"})
    return _streamed(public, stored, asked, common, media_type)


def _streamed(
    public: Bucket, stored: Stored, asked: Asked | None, common: dict[str, str], media_type: str
) -> StreamingResponse:
    body = public.open(stored.key, f"bytes={asked.start}-{asked.end}" if asked else "")
    headers = common | {"Content-Length": str(body.length)}
    if asked:
        headers["Content-Range"] = f"bytes {asked.start}-{asked.end}/{stored.size}"
    return StreamingResponse(body.chunks, 206 if asked else _status(stored), headers, media_type)


def _status(stored: Stored) -> int:
    return 410 if stored.gone else 200


def _bodiless(common: dict[str, str], media_type: str, stored: Stored) -> Response:
    response = Response(status_code=_status(stored), headers=common, media_type=media_type)
    response.headers["Content-Length"] = str(stored.size)
    return response


def is_known(header: str, etag: str) -> bool:
    """Whether an ``If-None-Match`` header names the object that would be sent."""
    return header.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in header.split(",")]


def _is_same(headers: Mapping[str, str], stored: Stored) -> bool:
    return headers.get("if-range", stored.etag) == stored.etag
