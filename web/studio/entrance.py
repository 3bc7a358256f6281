"""Signing in and out."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from core import names
from web import limits
from web.studio import guard, pages
from web.studio.attempts import Attempts
from web.studio.audit import Audit
from web.studio.openid import OpenId, Refused
from web.studio.passwords import Passwords, account_of
from web.studio.people import Person, spoken, who
from web.studio.sessions import Identity, Sessions

AT_A_TIME = 2
"""Passwords that are tried at a time: each takes 64 MB and a core."""
LONGEST_NAME = 200
TRAVEL = "studio_matka"
TRAVEL_SECONDS = 600
"""So long may one be at the OpenID provider."""


class Entrance:
    """The way in and out. ``origin`` is that of the site, if it is known; ``secret`` signs what is kept in the browser
    while it is at the provider.
    """

    def __init__(self, sessions: Sessions, audit: Audit, *, secret: str, origin: str = "") -> None:
        self._sessions, self._audit, self._secret, self._origin = sessions, audit, secret, origin
        self._attempts, self._few = Attempts(), CapacityLimiter(AT_A_TIME)

    def routes(self, door: Passwords | OpenId) -> Sequence[BaseRoute]:
        """Of one way of signing in."""
        ways = self._by_password(door) if isinstance(door, Passwords) else self._by_provider(door)
        return [*ways, Route("/ulos", self.out, methods=["POST"])]

    def _by_password(self, door: Passwords) -> Sequence[BaseRoute]:
        async def form(request: Request) -> Response:
            return self._form(request)

        async def sent(request: Request) -> Response:
            return await self._tried(request, door)

        return [Route("/kirjaudu", form), Route("/kirjaudu", sent, methods=["POST"])]

    def _form(self, request: Request, status: int = 200, problem: str = "", name: str = "") -> Response:
        return _page(request, status, problem, name=name, start="")

    async def _tried(self, request: Request, door: Passwords) -> Response:
        async with request.form(max_files=0, max_fields=4) as form:
            name, password = str(form.get("name", ""))[:LONGEST_NAME], str(form.get("password", ""))
        client, account = limits.client(request.scope), account_of(name)
        if wait := self._attempts.wait(client, account):
            return _late(self._form(request, 429, _many(request, wait), names.title(name)), wait)
        identity = await to_thread.run_sync(door.check, name, password, limiter=self._few)
        role = door.role(identity) if identity else None
        if identity is None or role is None:
            await run_in_threadpool(self._audit.attempt, door.known(name), "refused", client=client)
            return self._form(request, 403, spoken(request)("studio.wrong"), names.title(name))
        self._attempts.forgive(client, account)
        return await self._begun(request, identity, Person(identity.name, role, identity.account))

    async def _begun(self, request: Request, identity: Identity, person: Person, back: str = "") -> Response:
        client = limits.client(request.scope)
        await run_in_threadpool(self._audit, person, "signed-in", client=client)
        if before := request.cookies.get(guard.COOKIE):
            await run_in_threadpool(self._sessions.end, before)
        made = await run_in_threadpool(self._sessions.begin, identity)
        answer = RedirectResponse(back or _way_back(request), 303)
        answer.set_cookie(
            guard.COOKIE,
            made,
            max_age=int(self._sessions.longest.total_seconds()),
            path=pages.PREFIX,
            secure=guard.is_secure(request, self._origin),
            httponly=True,
            samesite="lax",
        )
        return answer

    def _by_provider(self, door: OpenId) -> Sequence[BaseRoute]:
        async def page(request: Request) -> Response:
            return self._other_form(request, door)

        async def away(request: Request) -> Response:
            request.session["next"] = _way_back(request)
            return await door.sent(request, f"{self._address(request)}{guard.SIGN_IN}/paluu")

        async def back(request: Request) -> Response:
            return await self._returned(request, door)

        travel = Middleware(
            SessionMiddleware,
            secret_key=self._secret,
            session_cookie=TRAVEL,
            max_age=TRAVEL_SECONDS,
            path=guard.SIGN_IN,
            same_site="lax",
            https_only=self._origin.startswith("https:"),
        )
        ways = [Route("/alku", away), Route("/paluu", back)]
        return [Route("/kirjaudu", page), Mount("/kirjaudu", routes=ways, middleware=[travel])]

    def _other_form(self, request: Request, door: OpenId, status: int = 200, problem: str = "") -> Response:
        start = f"{guard.SIGN_IN}/alku?{urlencode({'next': _way_back(request)})}"
        return _page(request, status, problem, start=start, provider=urlsplit(door.issuer).netloc)

    async def _returned(self, request: Request, door: OpenId) -> Response:
        client, strings = limits.client(request.scope), spoken(request)
        if wait := self._attempts.wait(client):
            return _late(self._other_form(request, door, 429, _many(request, wait)), wait)
        try:
            identity = await door.identity(request)
        except Refused as error:
            await run_in_threadpool(self._audit.attempt, "?", "refused", error.what, client=client)
            return self._other_form(request, door, 403, strings("studio.refused"))
        role = door.role(identity)
        if role is None:
            await run_in_threadpool(self._audit.attempt, identity.account, "refused", "no role", client=client)
            return self._other_form(request, door, 403, strings("studio.no_role", name=identity.name))
        person = Person(identity.name, role, identity.account)
        return await self._begun(request, identity, person, request.session.pop("next", ""))

    def _address(self, request: Request) -> str:
        return self._origin or f"{request.url.scheme}://{request.url.netloc}"

    async def out(self, request: Request) -> Response:
        """Sign out here, or everywhere."""
        async with request.form(max_files=0, max_fields=4) as form:
            everywhere = form.get("kaikki") == "1"
        person = who(request)
        if everywhere:
            await run_in_threadpool(self._sessions.end_all, person.account)
        else:
            await run_in_threadpool(self._sessions.end, request.cookies[guard.COOKIE])
        where = "everywhere" if everywhere else ""
        await run_in_threadpool(self._audit, person, "signed-out", where, client=limits.client(request.scope))
        answer = RedirectResponse(guard.SIGN_IN, 303)
        answer.delete_cookie(guard.COOKIE, path=pages.PREFIX)
        return answer


def _way_back(request: Request) -> str:
    return guard.way_back(request.query_params.get("next", ""))


def _many(request: Request, wait: int) -> str:
    return spoken(request)("studio.many", minutes=-(-wait // 60))


def _late(answer: Response, wait: int) -> Response:
    answer.headers["Retry-After"] = str(wait)
    return answer


def _page(request: Request, status: int, problem: str, **values: Any) -> Response:
    # It is not always the page of studio/kirjaudu: what came back from the provider may be refused as well.
    path, back = request.url.path.removeprefix(f"{pages.PREFIX}/"), _way_back(request)
    given = {"problem": problem, "back": back, "query": {"next": back}} | values
    return HTMLResponse(pages.rendered("sign_in.html", spoken(request), path, **given), status)
