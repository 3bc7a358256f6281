"""What every request to the studio passes: it comes from our own pages, and from somebody who is signed in.

The first is told by what browsers say of where a request comes from (Sec-Fetch-Site, or else Origin), as OWASP's cheat
sheet on request forgery has it; so forms need no token.
"""

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web import problems
from web.strings import Strings
from web.studio.pages import PREFIX
from web.studio.people import Person, Role, spoken
from web.studio.sessions import Identity, Sessions

COOKIE = "studio"
LANGUAGE = "studio_kieli"
LANGUAGE_SECONDS = 365 * 86400
SIGN_IN = f"{PREFIX}/kirjaudu"
API = f"{PREFIX}/api/"
SAFE = {"GET", "HEAD", "OPTIONS"}
BODILESS = {"DELETE"}
MOST_BYTES, MOST_TYPED = 8 << 20, 10_000
"""Of a request to the API, and of a form."""
JSON = "application/json"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Door(Protocol):
    """A way of signing in, which knows what each may do."""

    def role(self, identity: Identity) -> Role | None:
        """What somebody may do now; None when nothing."""


class Outside:
    """Adds ``HEADERS`` to every answer, and puts the texts of the chosen language into ``scope["strings"]``."""

    def __init__(self, app: ASGIApp, *, strings: Mapping[str, Strings], locale: str) -> None:
        self._app, self._strings, self._locale = app, strings, locale

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        asked = request.query_params.get("kieli")
        wanted = (lang for lang in (asked, request.cookies.get(LANGUAGE)) if lang in self._strings)
        scope["strings"], scope["person"] = self._strings[next(wanted, None) or self._locale], None

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if asked is not None and asked in self._strings:
                    headers.append("Set-Cookie", _language_cookie(asked))
            await send(message)

        await self._app(scope, receive, dressed)


class Guard:
    """Lets through who is signed in, as ``scope["person"]``, and everybody to the sign-in, where that may be None.

    ``origin`` is that of the site, if it is known.
    """

    def __init__(self, app: ASGIApp, *, door: Door, sessions: Sessions, origin: str = "") -> None:
        self._app, self._door, self._sessions, self._origin = app, door, sessions, origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        request = Request(scope)
        answer = self._refused(request) or await self._met(request)
        await (answer or self._app)(scope, receive, send)

    def _refused(self, request: Request) -> Response | None:
        if request.method in SAFE:
            return None
        if not is_own(request, self._origin):
            if request.url.path.startswith(API):
                return problems.response(403, "This comes from another site.")
            return PlainTextResponse(spoken(request)("studio.foreign"), 403)
        is_api, length = request.url.path.startswith(API), request.headers.get("content-length", "0")
        most = MOST_BYTES if is_api else MOST_TYPED
        if "transfer-encoding" in request.headers or not length.isdigit() or int(length[:9]) > most:
            return problems.response(413, f"At most {most} bytes are taken, of a length that is told before.")
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if is_api and kind != JSON and request.method not in BODILESS:
            return problems.response(415, f"Only {JSON} is taken here.")
        return None

    async def _met(self, request: Request) -> Response | None:
        """Nothing, if the request may go on."""
        request.scope["person"] = person = await run_in_threadpool(self._person, request)
        path = request.url.path
        if person or path == SIGN_IN or path.startswith(f"{SIGN_IN}/"):
            return None
        if path.startswith(API):
            return problems.response(401, spoken(request)("studio.over"))
        back = f"{path}?{request.url.query}".rstrip("?") if request.method in SAFE else f"{PREFIX}/"
        return RedirectResponse(f"{SIGN_IN}?next={quote(back, safe='')}", 303)

    def _person(self, request: Request) -> Person | None:
        session = request.cookies.get(COOKIE)
        identity = self._sessions.find(session) if session else None
        role = self._door.role(identity) if identity else None
        return Person(identity.name, role, identity.account) if identity and role else None


def is_own(request: Request, origin: str = "") -> bool:
    """Whether a browser sent it from a page of this site, or because its user asked for it."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    # Browsers tell that only to addresses that they trust: elsewhere, as over plain HTTP, they name the origin.
    return request.headers.get("origin", "") in {origin, f"{request.url.scheme}://{request.url.netloc}"} - {""}


def is_secure(request: Request, origin: str) -> bool:
    """Whether it came over TLS, as far as is known."""
    return request.url.scheme == "https" or origin.startswith("https:")


def way_back(text: str) -> str:
    """Where to go after the sign-in: a path of the studio, else its first page."""
    path = text.partition("#")[0].partition("?")[0]
    is_ours = path.startswith(f"{PREFIX}/") and not path.startswith((API, SIGN_IN))
    return text if is_ours and text.isprintable() and "\\" not in text and ".." not in path else f"{PREFIX}/"


def _language_cookie(lang: str) -> str:
    return f"{LANGUAGE}={lang}; Path={PREFIX}; Max-Age={LANGUAGE_SECONDS}; HttpOnly; SameSite=Lax"
