"""Subscribing to messages, and leaving: forms that need no script. Nothing is stored before an address is confirmed.

Nobody learns here who is a member: whoever asks gets the same answer, and only the address's owner gets a letter.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, make_msgid
from typing import NamedTuple
from urllib.parse import parse_qs

from limits import RateLimitItemPerDay, RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from config import catalogue
from core import keys, names
from core.errors import InvalidInput, MaybeDelivered, NotDelivered
from core.telling import post
from core.telling.desk import Desk
from core.telling.members import LONGEST_TOPIC, MOST_TOPICS, Asked, Wish, plain
from core.telling.post import Server
from core.text import mentions
from web import letters, plain_pages
from web.limits import client
from web.links import Links
from web.places import alphabet
from web.render import called, rendered
from web.strings import Strings

LONGEST_FORM = 16_000
FORM_SECONDS = 10.0
MOST_TOWNS = 20
FIELDS = 3
"""So many municipalities the form has room for; the operator can give a member more."""
AT_A_TIME = 4
"""Letters on their way: a mail server that hangs must not keep the threads that answer everybody."""
PER_CLIENT = RateLimitItemPerHour(10)
PER_ADDRESS = RateLimitItemPerDay(3)
IN_ALL = RateLimitItemPerHour(300)
WISHES = (Wish.MENTIONED, Wish.DISCUSSED, Wish.PUBLISHED, Wish.PLANNED, Wish.LIVE, Wish.CHECKED)


class Filled(NamedTuple):
    """The form as somebody filled it in."""

    address: str = ""
    wishes: tuple[str, ...] = ()
    towns: tuple[str, ...] = ("",) * FIELDS
    programmes: tuple[str, ...] = ()
    topics: str = ""


class Subscribing:
    """The pages of ``tilaa/`` in every language."""

    def __init__(self, desk: Desk, server: Server, every: Mapping[str, Strings], base_url: str) -> None:
        self._desk, self._server, self._every, self._links = desk, server, every, Links(base_url)
        self._counts = FixedWindowRateLimiter(MemoryStorage())
        self._sending = asyncio.Semaphore(AT_A_TIME)

    def routes(self) -> list[Route]:
        """What is answered here instead of out of the bucket."""
        return [route for strings in self._every.values() for route in _Pages(self, strings).routes()]

    def link(self, path: str, token: str) -> str:
        """A whole address with a token."""
        return f"{self._links.to(path)}?t={token}"

    def may(self, request: Request) -> bool:
        """Whether a client may ask once more in this hour; so many from everywhere may, too."""
        name = client(request.scope)
        return (not name or self._counts.hit(PER_CLIENT, "client", name)) and self._counts.hit(IN_ALL, "all")

    async def send(self, asked: Asked, strings: Strings) -> bool:
        """Send the link; whether it went. One address gets so many a day, whoever asks: of more, nobody is told."""
        if self._sending.locked():
            return False
        async with self._sending:
            return await run_in_threadpool(self._send, asked, strings)

    def _send(self, asked: Asked, strings: Strings) -> bool:
        if not self._counts.hit(PER_ADDRESS, "address", self._desk.seal.id(asked.address)):
            return True
        link = self.link(strings.folder + keys.CONFIRM, self._desk.link(asked))
        letter = letters.confirmation(asked, self._every, link)
        mail = post.message(self._server, asked.address, letter, make_msgid(domain=self._server.domain))
        mail["Date"] = format_datetime(datetime.now(UTC))
        try:
            return post.send(self._server, mail)
        except (NotDelivered, MaybeDelivered):
            return False

    async def asked(self, request: Request) -> Asked | None:
        """What the link of a letter asks for."""
        return await run_in_threadpool(self._desk.asked, request.query_params.get("t", ""))

    async def confirm(self, asked: Asked) -> None:
        """Let somebody in."""
        await run_in_threadpool(self._desk.confirm, asked, datetime.now(UTC))

    async def leave(self, request: Request) -> bool:
        """Let somebody out, if the link is ours."""
        return await run_in_threadpool(self._desk.leave, request.query_params.get("t", ""))

    async def knows(self, request: Request) -> bool:
        """Whether the link by which somebody leaves is ours."""
        return bool(await run_in_threadpool(self._desk.seal.left, request.query_params.get("t", "")))


class _Pages:
    """Those of one language."""

    def __init__(self, whole: Subscribing, strings: Strings) -> None:
        self._whole, self._strings = whole, strings

    def routes(self) -> list[Route]:
        """The three of them, and the way to the first for who types its address."""
        folder, both = f"/{self._strings.folder}", ["GET", "POST"]
        return [
            Route(folder + keys.SUBSCRIBE.rstrip("/"), self.folder),
            Route(folder + keys.SUBSCRIBE, self.subscribe, methods=both),
            Route(folder + keys.CONFIRM, self.confirm, methods=both),
            Route(folder + keys.UNSUBSCRIBE, self.leave, methods=both),
        ]

    async def folder(self, request: Request) -> Response:
        """What a static host does with the name of a folder."""
        return RedirectResponse(f"{keys.SUBSCRIBE}?{request.url.query}".rstrip("?"), status_code=308)

    async def subscribe(self, request: Request) -> Response:
        """The form, empty or for the municipality ``kunta``; when it is filled in, a link goes to the address."""
        if request.method != "POST":
            return self._form(Filled(towns=self._towns([self._called(request.query_params.get("kunta", ""))])), {})
        try:
            filled = await self._filled(request)
        except TimeoutError:
            return Response(status_code=408)
        asked, faults = read(filled, self._strings)
        if asked is None:
            return self._form(filled, faults, status=422)
        if not self._whole.may(request):
            text = self._strings("away.busy_messages")
            page = plain_pages.notice(self._strings("away.busy_title"), text, self._strings, self._up)
            return HTMLResponse(page, 429, _NEVER_KEPT)
        went = await self._whole.send(asked, self._strings)
        return self._told("sent") if went else self._told("failed", status=503)

    @property
    def _up(self) -> str:
        return "../" * f"{self._strings.folder}{keys.SUBSCRIBE}".count("/")

    async def _filled(self, request: Request) -> Filled:
        data = bytearray()
        async with asyncio.timeout(FORM_SECONDS):
            async for piece in request.stream():
                data += piece[: LONGEST_FORM - len(data)]
        form = parse_qs(data.decode(errors="replace"), keep_blank_values=True)
        towns = [names.title(name) for name in form.get("kunta", [])]
        return Filled(
            address="".join(form.get("sahkoposti", [""])[0].split()),
            wishes=tuple(form.get("aihe", [])),
            towns=self._towns([name for name in towns if name]),
            programmes=tuple(form.get("sarja", [])),
            topics=names.line(form.get("aihesanat", [""])[0]),
        )

    def _towns(self, given: Sequence[str]) -> tuple[str, ...]:
        return (*given, *("",) * (FIELDS - len(given)))

    def _called(self, slug: str) -> str:
        found = next((each for each in _municipalities() if keys.slug(each) == slug), "")
        return called(found, self._strings.lang)

    async def confirm(self, request: Request) -> Response:
        """What was asked for, with a button: programs that follow the links of letters subscribe nobody."""
        asked = await self._whole.asked(request)
        if asked is None:
            return self._told("old", status=404, again=True)
        if request.method == "POST":
            await self._whole.confirm(asked)
            return self._told("done")
        wishes = [self._strings(f"subscribe.wish_{wish}") for wish in asked.wishes]
        towns = letters.towns(asked.municipalities, self._strings)
        text = self._strings("subscribe.confirm", address=asked.address)
        topics = asked.topics
        return self._told("confirm", text=text, button="confirm_button", wishes=wishes, towns=towns, topics=topics)

    async def leave(self, request: Request) -> Response:
        """A button to leave by, which mail programs press by themselves (RFC 8058); no sign-in."""
        if not await self._whole.knows(request):
            return self._told("unknown", status=404)
        if request.method == "POST":
            await self._whole.leave(request)
            return self._told("left", again=True)
        return self._told("leave", button="leave_button")

    def _form(self, filled: Filled, faults: Mapping[str, str], status: int = 200) -> Response:
        return HTMLResponse(form_page(filled, faults, self._strings), status, _NEVER_KEPT)

    def _told(self, what: str, *, status: int = 200, text: str = "", button: str = "", **more: object) -> Response:
        """A page of ``tilaa/`` that says something; without the token of its address in its links."""
        strings = self._strings
        shown = {"wishes": (), "towns": (), "topics": (), "again": False, "languages": ()} | more
        page = rendered(
            "subscription.html",
            strings,
            keys.SUBSCRIBE,
            title=strings(f"subscribe.{what}_title"),
            text=text or strings(f"subscribe.{what}"),
            button=strings(f"subscribe.{button}") if button else "",
            **shown,
        )
        return HTMLResponse(page, status, _NEVER_KEPT)


_NEVER_KEPT = {"Cache-Control": "no-store"}


def form_page(filled: Filled, faults: Mapping[str, str], strings: Strings) -> str:
    """The page of ``tilaa/``, with what is wrong by the ids of its fields. Pure but for config/."""
    towns = sorted((called(name, strings.lang) for name in _municipalities()), key=alphabet)
    titles = {slug: each.title for slug, each in catalogue.programmes().items()}
    shown = {"asked": filled, "faults": faults, "wishes": WISHES, "towns": towns, "programmes": titles}
    return rendered("subscribe.html", strings, keys.SUBSCRIBE, **shown)


def read(filled: Filled, strings: Strings) -> tuple[Asked | None, dict[str, str]]:
    """What is asked for, or by the ids of the fields what is wrong with them, in their order."""
    if faults := dict(_faults(filled, strings)):
        return None, faults
    codes = [catalogue.municipality(name).code for name in filled.towns if name]
    asked = {
        "address": filled.address,
        "municipalities": tuple(dict.fromkeys(codes)),
        "topics": tuple(dict.fromkeys(_topics(filled))),
        "language": strings.lang,
        "programmes": tuple(slug for slug in catalogue.programmes() if slug in filled.programmes),
        "wishes": tuple(wish for wish in WISHES if wish in filled.wishes),
    }
    return Asked.model_validate(asked), {}


def _faults(filled: Filled, strings: Strings) -> Iterator[tuple[str, str]]:
    address, topics = plain(filled.address), _topics(filled)
    if not address or "://" in address:
        yield "sahkoposti", strings("subscribe.wrong_address")
    if not set(filled.wishes) & set(WISHES):
        yield "aiheet", strings("subscribe.wrong_wishes")
    yield from _town_faults(filled, strings)
    if (Wish.DISCUSSED in filled.wishes and not topics) or not _fit(topics):
        yield "aihesanat", strings("subscribe.wrong_topics", count=MOST_TOPICS)


def _town_faults(filled: Filled, strings: Strings) -> Iterator[tuple[str, str]]:
    given = [name for name in filled.towns if name]
    if Wish.MENTIONED in filled.wishes and not given:
        yield "kunta-1", strings("subscribe.wrong_towns")
    if len(given) > MOST_TOWNS:
        yield "kunta-1", strings("subscribe.wrong_many", count=MOST_TOWNS)
        return
    for number, name in enumerate(filled.towns, 1):
        try:
            _ = name and catalogue.municipality(name)
        except InvalidInput:
            near = called(catalogue.nearest_municipality(name).name_fi, strings.lang)
            yield f"kunta-{number}", strings("subscribe.wrong_town", name=name, near=near)


def _topics(filled: Filled) -> list[str]:
    return [topic for text in filled.topics.split(",") if (topic := text.strip())]


def _fit(topics: Sequence[str]) -> bool:
    return len(topics) <= MOST_TOPICS and all(2 <= len(topic) <= LONGEST_TOPIC for topic in topics)


def _municipalities() -> list[str]:
    return [each.name_fi for each in mentions.municipalities(catalogue.MUNICIPALITIES)]
