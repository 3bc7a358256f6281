"""The studio: where signed-in producers correct, and nobody else comes. An application of its own, under /studio/."""

import logging
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from core.bucket import Bucket
from core.errors import MaaseutuError, ObjectMissing
from core.helsinki import HELSINKI
from web import problems
from web.strings import Strings
from web.studio import desk, guard, pages
from web.studio.audit import Audit
from web.studio.entrance import Entrance
from web.studio.openid import OpenId
from web.studio.passwords import Passwords
from web.studio.people import spoken, who
from web.studio.sessions import Sessions

SHOWN = 300
"""So many events of the log are on a page."""

_log = logging.getLogger(__name__)


class Studio:
    """The pages that are no one's own: what is to be done, the log, and what went wrong."""

    def __init__(self, archive: Bucket, site: Bucket, audit: Audit) -> None:
        self._archive, self._site, self._audit = archive, site, audit

    async def desk(self, request: Request) -> Response:
        """Every episode, what must be done first at the beginning."""
        rows = await run_in_threadpool(desk.rows, self._archive, self._site, datetime.now(UTC))
        todo = [row for row in rows if row.todo != "nothing"]
        return _page(request, "desk.html", "", todo=todo, done=rows[len(todo) :])

    async def log(self, request: Request) -> Response:
        """Who did what on a day: for admins."""
        if who(request).role != "admin":
            return _message(request, "admins", 403)
        today, asked = datetime.now(HELSINKI).date(), request.query_params
        day, first = min(_day(asked.get("paiva", "")) or today, today), _number(asked.get("alku", ""))
        found = await run_in_threadpool(self._audit.keys, day)
        events = await run_in_threadpool(self._audit.read, found[first : first + SHOWN])
        given: dict[str, Any] = {"query": {"paiva": day.isoformat(), "alku": str(first)}, "day": day, "today": today}
        before, after = day - timedelta(days=1), day + timedelta(days=1) if day < today else None
        given |= {"before": before, "after": after, "older": first + SHOWN if first + SHOWN < len(found) else 0}
        return _page(request, "log.html", "loki", events=events, total=len(found), **given)

    async def missing(self, request: Request, error: Exception) -> Response:
        """404, or what else the router refuses."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        return _message(request, "missing", status)

    async def failed(self, request: Request, error: Exception) -> Response:
        """404 for what is not in the store, 503 when that, or the OpenID provider, does not answer."""
        if isinstance(error, ObjectMissing):
            return _message(request, "missing", 404)
        _log.warning("%s %s: %s", request.method, request.url.path, error)
        return _message(request, "unreachable", 503)


def create_studio(
    archive: Bucket,
    site: Bucket,
    strings: Mapping[str, Strings],
    *,
    door: Passwords | OpenId,
    sessions: Sessions,
    locale: str = "fi",
    base_url: str = "",
    editor: Sequence[BaseRoute] = (),
) -> Starlette:
    """The application. ``editor`` are the routes of ``web.studio.editor.routes``; their paths begin after /studio.

    ``base_url`` is the site's address as browsers see it.
    """
    audit, origin = Audit(archive), _origin(base_url)
    studio = Studio(archive, site, audit)
    entrance = Entrance(sessions, audit, secret=secrets.token_urlsafe(), origin=origin)
    within = [Route("/", studio.desk), Route("/loki", studio.log), *entrance.routes(door), *editor]
    guarded = Middleware(guard.Guard, door=door, sessions=sessions, origin=origin)
    return Starlette(
        # The guard is inside, so that what it raises is told by the same handlers.
        routes=[Mount("", routes=within, middleware=[guarded])],
        middleware=[Middleware(guard.Outside, strings=strings, locale=locale)],
        exception_handlers={HTTPException: studio.missing, MaaseutuError: studio.failed},
    )


def _page(request: Request, template: str, path: str, status: int = 200, **values: Any) -> Response:
    text = pages.rendered(template, spoken(request), path, person=request.scope["person"], **values)
    return HTMLResponse(text, status)


def _message(request: Request, kind: str, status: int) -> Response:
    path = request.url.path.removeprefix(f"{pages.PREFIX}/")
    if path.startswith("api/"):
        return problems.response(status, spoken(request)(f"studio.{kind}"))
    return _page(request, "message.html", path, status, kind=kind)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _origin(base_url: str) -> str:
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
