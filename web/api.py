"""What viewers talk to: the public site out of its bucket, search as a page, the API, and health."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from config import catalogue as tables
from core import keys
from core.archive import cards
from core.bucket import Bucket, content_type
from core.errors import MaaseutuError, ObjectMissing
from core.models import WordForms
from core.search.index import SearchIndex
from core.search.results import Results
from web import api_v1, catalogue, limits, oembed, plain_pages, problems, render, searching, serving
from web.links import Links
from web.serving import ANY_SITE
from web.strings import Strings
from web.subscribing import Subscribing

Forms = Callable[[Iterable[str]], dict[str, WordForms]]

FOLDERS = {keys.EPISODES, keys.EMBEDS}
API_FAULTS = {
    "missing": "There is nothing here. /api/v1/openapi.json describes what there is.",
    "unreachable": "The store does not answer. Try again in a while.",
}
# hls.js makes the track of the captions from an empty one at data:.
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob: data:; connect-src 'self'; worker-src 'self' blob:; font-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FRAMED = SECURITY | {
    "Content-Security-Policy": SECURITY["Content-Security-Policy"].replace(
        "frame-ancestors 'self'", "frame-ancestors *"
    )
}
"""Of the pages that other sites may show in a frame: the player alone, and what was last said of a municipality."""
FRAMES = re.compile(rf"/{keys.EMBEDS}.*|/{keys.MUNICIPALITIES}[^/]+/upotus\.html")

_log = logging.getLogger(__name__)


class SecurityHeaders:
    """Adds the headers of ``SECURITY`` to every answer, and those of ``FRAMED`` to the pages for frames.

    The studio has stricter ones, which stay.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers when its answer begins."""

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (FRAMED if FRAMES.fullmatch(scope["path"]) else SECURITY).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, secured)


@dataclass(frozen=True)
class Site:
    """What the answers are made from. ``strings`` are by language; ``locale`` is used when none is asked for.

    ``programmes`` are titles by slugs.
    """

    public: Bucket
    index: SearchIndex
    forms: Forms
    strings: Mapping[str, Strings]
    locale: str
    known: catalogue.Catalogue
    programmes: Mapping[str, str]
    base_url: str = ""

    async def file(self, request: Request) -> Response:
        """Any object of the public bucket."""
        path: str = request.path_params["path"]
        pieces = path.split("/")
        if len(pieces) == 2 and f"{pieces[0]}/" in FOLDERS and serving.key_of(path) and pieces[1]:
            return RedirectResponse(f"{quote(pieces[1])}/", status_code=308)
        own = _own_files().get(path)
        if own:
            headers = {"Cache-Control": serving.IMMUTABLE}
            return FileResponse(own, headers=headers, media_type=content_type(path))
        key = serving.key_of(path)
        if not key:
            return self.missing(request)
        head_only = request.method == "HEAD"
        return await run_in_threadpool(serving.answer, self.public, key, request.headers, head_only=head_only)

    async def search_page(self, request: Request) -> Response:
        """The search as a page. What may be asked is in ``searching.PARAMETERS``."""
        lang = request.query_params.get("kieli", "")
        number = _number(request, "sivu", 1, least=1, most=searching.LAST_PAGE)
        question = searching.asked(request.query_params, page=number, lang=lang if lang in self.strings else "")
        text, pages = await run_in_threadpool(self._answered, question)
        if pages and number > pages:
            return RedirectResponse(f"haku{question.but(page=pages)}", status_code=307)
        return HTMLResponse(text, headers={"Cache-Control": serving.REVALIDATED})

    def _answered(self, question: searching.Question) -> tuple[str, int]:
        """The page, and how many pages there are."""
        strings = self.strings[question.lang or self.locale]
        known = searching.Known(self.known.last_known(), self.programmes)
        if not question.query:
            return searching.page(question, None, strings, known), 0
        results = self._found(question, limit=searching.PAGE_SIZE, grouped=True, counted=True)
        anywhere = Results()
        if question.narrowed and (results.relaxed or not results.total):
            anywhere = self._found(question.anywhere(), limit=1)
        more = 0 if results.relaxed and anywhere.relaxed else anywhere.total
        return searching.page(question, results, strings, known, more), searching.pages(results.total)

    def _found(self, question: searching.Question, **options: Any) -> Results:
        return self.index.search(question.query, self.forms, **question.options(), **options)

    async def search_folder(self, request: Request) -> Response:
        """Where a static host says that it has no search: here there is one."""
        return RedirectResponse(f"../haku?{request.url.query}".rstrip("?"), status_code=307)

    async def oembed(self, request: Request) -> Response:
        """How another site shows an episode: ``url``, ``maxwidth``, ``maxheight``, ``format`` (only json)."""
        if request.query_params.get("format", "json") != "json":
            return problems.response(501, "Only format=json is answered.", headers=ANY_SITE)
        links = Links(self.base_url or f"{request.url.scheme}://{request.url.netloc}")
        name = oembed.episode_of(request.query_params.get("url", ""), links.base)
        card = await run_in_threadpool(cards.shown, self.public, name) if name else None
        if card is None:
            detail = f"Give in url the address of an episode, such as {links.to(keys.EPISODES)}ID/."
            return problems.response(404, detail, headers=ANY_SITE)
        widest, tallest = (_number(request, name, 0, least=0, most=10_000) for name in ("maxwidth", "maxheight"))
        told = oembed.answer(card, self.strings[self.locale], links, widest, tallest)
        return JSONResponse(told, headers=ANY_SITE | {"Cache-Control": "public, max-age=60"})

    async def health(self, request: Request) -> Response:
        """Whether the store answers, and how far the index has followed. 503 when the store does not answer."""
        state = await run_in_threadpool(self._state)
        headers = {"Cache-Control": "no-store"}
        return JSONResponse(state, 200 if state["storage"] else 503, headers=headers)

    def _state(self) -> dict[str, Any]:
        position = self.index.position
        try:
            waiting = sum(1 for _ in self.public.list(keys.CHANGES, after=position))
            episodes = len(self.public.names(keys.EPISODES))
        except MaaseutuError as error:
            _log.warning("Health: %s", error)
            return {"status": "degraded", "storage": False, "index": {"position": position}}
        return {
            "status": "ok",
            "storage": True,
            "episodes": episodes,
            "index": {"position": position, "waiting": waiting},
        }

    def missing(self, request: Request) -> Response:
        """404, as a page or as JSON."""
        return self._message(request, "missing", 404)

    async def missing_route(self, request: Request) -> Response:
        """404 of the API, which has no files."""
        return self.missing(request)

    def too_much(self, request: Request, seconds: int) -> Response:
        """429: the client may go on in so many seconds."""
        headers = ANY_SITE | {"Retry-After": str(seconds)}
        if request.url.path != "/haku":
            detail = f"Too many requests in a minute. Go on in {seconds} s, and ask for more at a time (limit)."
            return problems.response(429, detail, headers=headers)
        strings = self.strings.get(request.query_params.get("kieli", "")) or self.strings[self.locale]
        text = plain_pages.notice(strings("away.busy_title"), strings("away.busy", seconds=seconds), strings)
        return HTMLResponse(text, 429, headers | {"Cache-Control": "no-store"})

    async def failed(self, request: Request, error: Exception) -> Response:
        """The answer when the store has no such object (404) or does not answer (503)."""
        if isinstance(error, ObjectMissing):
            return self.missing(request)
        _log.warning("%s %s: %s", request.method, request.url.path, error)
        return self._message(request, "unreachable", 503)

    async def not_found(self, request: Request, error: Exception) -> Response:
        """The answer when no route matches."""
        return self.missing(request)

    def _message(self, request: Request, kind: str, status: int) -> Response:
        strings = self.strings[self.locale]
        headers = {"Cache-Control": "no-store"} | ({"Retry-After": "30"} if status == 503 else {})
        path = request.url.path.lstrip("/")
        if path.startswith("api/"):
            return problems.response(status, API_FAULTS[kind], headers=headers)
        return HTMLResponse(render.message_page(kind, strings, "../" * path.count("/")), status, headers=headers)


def create_app(
    public: Bucket,
    index: SearchIndex,
    forms: Forms,
    strings: Mapping[str, Strings],
    *,
    locale: str = "fi",
    base_url: str = "",
    per_minute: int = 0,
    studio: ASGIApp | None = None,
    subscribing: Subscribing | None = None,
    lifespan: Lifespan[Starlette] | None = None,
) -> Starlette:
    """The application. ``forms`` analyses the words of a query (``Analyser.forms``); ``strings`` as of ``load_all``.

    ``base_url`` is the site's address as viewers see it; ``per_minute`` is what a client may ask of the search and of
    the API, 0 for no limit. ``studio`` is for producers, if it is switched on. Without ``subscribing`` its pages are
    those of a static host.
    """
    known, titles = catalogue.Catalogue(public), {slug: each.title for slug, each in tables.programmes().items()}
    site = Site(public, index, forms, strings, locale, known, titles, base_url)
    return Starlette(
        routes=[
            Route("/haku", site.search_page),
            Route("/haku/", site.search_folder),
            Route("/oembed", site.oembed),
            Mount("/api/v1", api_v1.create(public, index, forms, known, base_url)),
            Route("/api/health", site.health),
            Route("/api/{path:path}", site.missing_route),
            *([Route("/studio", _into_studio), Mount("/studio", studio)] if studio else []),
            *(subscribing.routes() if subscribing else ()),
            Route("/{path:path}", site.file),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(serving.Compressed),
            Middleware(limits.Limiter, per_minute=per_minute, refuse=site.too_much),
        ],
        lifespan=lifespan,
        exception_handlers={404: site.not_found, MaaseutuError: site.failed},
    )


async def _into_studio(request: Request) -> Response:
    return RedirectResponse("studio/", status_code=308)


@cache
def _own_files() -> dict[str, Path]:
    # The design of this process, which the bucket has only after the first publication with it.
    return {keys.static(name): path for name, path in render.static_files()}


def _number(request: Request, name: str, default: int, *, least: int, most: int) -> int:
    text = request.query_params.get(name, "")
    # More digits than that are beyond every bound, and Python refuses to read thousands of them.
    value = int(text[:9]) if text.isascii() and text.isdigit() else default
    return min(max(value, least), most)
