"""The API for programs under ``/api/v1``: it describes itself (OpenAPI 3.1), and any site may read it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, FastAPI, Path, Query
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from config import catalogue as tables
from core import digests, identifiers, keys
from core.archive import cards
from core.bucket import Bucket
from core.errors import MaaseutuError, ObjectMissing
from core.models import EpisodeCard, Record, WordForms
from core.search.entries import Kind
from core.search.index import SearchIndex
from core.search.results import MAX_OFFSET, Hit, Sort
from core.text import mentions
from web import catalogue, details, problems, serving
from web.answers import (
    EpisodeDetails,
    EpisodeSummary,
    Found,
    FoundPassage,
    MunicipalityAnswer,
    Page,
    Spoken,
    Suggestions,
)
from web.links import Links

Forms = Callable[[Iterable[str]], dict[str, WordForms]]
R = TypeVar("R", bound=Record)

TITLE = "Maaseutu LIVE"
DESCRIPTION = (
    "Search in what was said in the broadcasts of the network of small Finnish municipalities, and everything that is "
    "public of them. Reading needs no key. Answers carry an ETag: ask again with If-None-Match."
)
MAX_QUERY = 200
MAX_LIMIT = 100

BRIEFLY = "public, max-age=5"
"""What is said on the air is found within seconds, and a withdrawn episode is gone as soon."""
FOR_A_WHILE = "public, max-age=60"

REFUSALS: dict[int | str, dict[str, Any]] = {
    422: {"model": problems.Problem, "description": "A parameter cannot be taken; `errors` says which and why."},
    429: {"model": problems.Problem, "description": "Too much in a minute; `Retry-After` says when to go on."},
    503: {"model": problems.Problem, "description": "The store does not answer; try again in a while."},
}
MISSING: dict[int | str, dict[str, Any]] = {
    404: {"model": problems.Problem, "description": "There is no such episode, or it was withdrawn."}
}

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="So many at a time.")]
Offset = Annotated[int, Query(ge=0, le=MAX_OFFSET, description="So many are passed by; see `next`.")]
Id = Annotated[str, Path(pattern=f"^{identifiers.PATTERN}$", max_length=200, description="As in the page's address.")]
EpisodeId = Annotated[str | None, Query(max_length=200, description="Only of this episode.")]
Programme = Annotated[str | None, Query(max_length=100, description="Only of this programme, by its short name.")]
Year = Annotated[int | None, Query(ge=1900, le=2200, description="Only of broadcasts of this year.")]
Code = Annotated[
    str | None, Query(pattern="^[0-9]{1,5}$", description="Only of this municipality: code of Statistics Finland.")
]


class Api:
    """The answers. ``base_url`` is the site's address as viewers see it; empty: that of the request."""

    def __init__(
        self, public: Bucket, index: SearchIndex, forms: Forms, known: catalogue.Catalogue, base_url: str = ""
    ) -> None:
        self._public, self._index, self._forms, self._base_url = public, index, forms, base_url
        self._catalogue = known
        self._municipalities = mentions.municipalities(tables.MUNICIPALITIES)

    def search(
        self,
        request: Request,
        q: Annotated[str, Query(max_length=MAX_QUERY, description='Words in any form; "in quotes" as they are.')],
        limit: Limit = 20,
        offset: Offset = 0,
        episode: EpisodeId = None,
        programme: Programme = None,
        year: Year = None,
        municipality: Code = None,
        kind: Annotated[
            list[Kind] | None,
            Query(description="Only these; without any, all but the notes, which repeat what was said."),
        ] = None,
        sort: Annotated[Sort, Query(description="What answers best first, or what is newest.")] = "relevance",
    ) -> Response:
        """Passages in which something was said: those with all words, best first; else those with some of them."""
        query, links = q.strip(), self._links(request)
        found = self._index.search(
            query, self._forms, limit=limit, offset=offset, episode=episode or None, programme=programme or None,
            year=year, municipality=municipality, kinds=kind, sort=sort,
        )  # fmt: skip
        answer = Found(
            total=found.total,
            items=tuple(_passage(hit, links) for hit in found.hits),
            next=_next(request, links, offset + limit, found.total),
            query=query,
            relaxed=found.relaxed,
            suggestion=found.suggestion,
        )
        return _answered(request, answer, BRIEFLY)

    def suggest(
        self, request: Request, q: Annotated[str, Query(max_length=MAX_QUERY, description="The beginning of a word.")]
    ) -> Response:
        """What could be meant while somebody types: municipalities, episodes and words that were said."""
        known = self._catalogue.cards()
        places = catalogue.counted(self._municipalities, known)
        answer = Suggestions(items=catalogue.suggested(q, places, known, self._index.suggest(q), self._links(request)))
        return _answered(request, answer, FOR_A_WHILE)

    def episodes(
        self,
        request: Request,
        limit: Limit = 20,
        offset: Offset = 0,
        programme: Programme = None,
        year: Year = None,
        municipality: Code = None,
    ) -> Response:
        """The episodes, the newest broadcast first, with those that are on the air."""
        links = self._links(request)
        found = catalogue.chosen(self._catalogue.cards(), programme=programme, year=year, municipality=municipality)
        return _listed(request, links, found, lambda card: details.summary(card, links), limit, offset)

    def episode(self, request: Request, id: Id) -> Response:
        """All of an episode: transcript, notes, chapters, mentions, and links to media, captions and texts."""
        card = cards.shown(self._public, id)
        if card is None:
            return problems.response(404, f"There is no episode {id}, or it was withdrawn.")
        etag, body = self._details(card)
        return _sent(request, body, etag, serving.REVALIDATED)

    def _details(self, card: EpisodeCard) -> tuple[str, bytes]:
        key = keys.details(card.id, card.version)
        stored = self._public.head(key)
        if stored is None:
            raise ObjectMissing(f"{card.id} was published before there was an API.", "Ask to publish it again.")
        return stored.etag, self._public.get(key)

    def municipalities(
        self,
        request: Request,
        limit: Limit = 20,
        offset: Offset = 0,
        region: Annotated[
            str | None, Query(max_length=100, description="Only of this region, by its Finnish name.")
        ] = None,
        mentioned: Annotated[bool, Query(description="Only those that were named.")] = False,
    ) -> Response:
        """The municipalities of Finland with how often they were named, those named most first."""
        found = [
            each
            for each in catalogue.counted(self._municipalities, self._catalogue.cards())
            if (each.mentions or not mentioned) and region in {None, each.region}
        ]
        return _listed(request, self._links(request), found, lambda each: each, limit, offset)

    def mentions(
        self,
        request: Request,
        limit: Limit = 20,
        offset: Offset = 0,
        municipality: Code = None,
        episode: EpisodeId = None,
        programme: Programme = None,
        year: Year = None,
    ) -> Response:
        """Every time that a municipality was named: the newest broadcast first, and within it in order of speech."""
        links = self._links(request)
        known = catalogue.chosen(self._catalogue.cards(), programme=programme, year=year, municipality=municipality)
        found = [
            spoken
            for card in known
            if episode in {None, card.id}
            for spoken in details.spoken(card, links)
            if municipality in {None, spoken.code}
        ]
        return _listed(request, links, found, lambda spoken: spoken, limit, offset)

    def _links(self, request: Request) -> Links:
        return Links(self._base_url or f"{request.url.scheme}://{request.url.netloc}")


def create(public: Bucket, index: SearchIndex, forms: Forms, known: catalogue.Catalogue, base_url: str = "") -> ASGIApp:
    """The application to mount at ``/api/v1``."""
    api, router = Api(public, index, forms, known, base_url), APIRouter()
    router.get("/search", response_model=Found)(api.search)
    router.get("/suggest", response_model=Suggestions)(api.suggest)
    router.get("/episodes", response_model=Page[EpisodeSummary])(api.episodes)
    router.get("/episodes/{id}", response_model=EpisodeDetails, responses=MISSING)(api.episode)
    router.get("/municipalities", response_model=Page[MunicipalityAnswer])(api.municipalities)
    router.get("/mentions", response_model=Page[Spoken])(api.mentions)
    app = _Described(
        title=TITLE,
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        responses=REFUSALS,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        exception_handlers={
            RequestValidationError: _not_valid,
            HTTPException: _refused,
            MaaseutuError: _failed,
            Exception: _broken,
        },
    )
    app.include_router(router)
    return CORSMiddleware(
        _HeadAsGet(app),
        allow_origins=["*"],
        allow_methods=["GET", "HEAD"],
        allow_headers=["If-None-Match"],
        expose_headers=["ETag", "Link", "Retry-After"],
        max_age=86_400,
    )


class _Described(FastAPI):
    """Its description says of faults what they are; FastAPI gives all answers of a route one type."""

    def openapi(self) -> dict[str, Any]:
        """The description, made once."""
        if self.openapi_schema is None:
            for operation in (get for path in super().openapi()["paths"].values() for get in path.values()):
                for status in set(operation["responses"]) - {"200"}:
                    content = operation["responses"][status]["content"]
                    content[problems.MEDIA_TYPE] = content.pop("application/json")
        return super().openapi()


class _HeadAsGet:
    """HEAD is what GET would answer; the server leaves the body out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        await self._app({**scope, "method": "GET"} if is_head else scope, receive, send)


def _passage(hit: Hit, links: Links) -> FoundPassage:
    shown = hit.model_dump(exclude={"score", "version"})
    return FoundPassage(**shown, url=links.moment(hit.episode, hit.start_ms))


def _listed(
    request: Request, links: Links, found: Sequence[Any], shown: Callable[[Any], R], limit: int, offset: int
) -> Response:
    page: Page[R] = Page(
        total=len(found),
        items=tuple(shown(each) for each in found[offset : offset + limit]),
        next=_next(request, links, offset + limit, len(found)),
    )
    return _answered(request, page, FOR_A_WHILE)


def _next(request: Request, links: Links, offset: int, total: int) -> str | None:
    if offset >= total or offset > MAX_OFFSET:
        return None
    path = str(request.scope["path"]).removeprefix(request.scope.get("root_path", ""))
    return f"{links.to(details.API)}{path}?{request.url.include_query_params(offset=offset).query}"


def _answered(request: Request, record: Record, cache: str) -> Response:
    body = record.model_dump_json().encode()
    following = getattr(record, "next", None)
    extra = {"Link": f'<{following}>; rel="next"'} if following else {}
    return _sent(request, body, f'"{digests.of_bytes(body)[:32]}"', cache, extra)


def _sent(request: Request, body: bytes, etag: str, cache: str, extra: Mapping[str, str] | None = None) -> Response:
    headers = {"ETag": etag, "Cache-Control": cache, **(extra or {})}
    if serving.is_known(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, "application/json")


async def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = tuple(
        problems.Fault(where=".".join(map(str, each["loc"])), why=str(each["msg"])) for each in error.errors()
    )
    told = "; ".join(f"{fault.where}: {fault.why}" for fault in faults)
    return problems.response(422, f"Correct the request. {told}", errors=faults)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = f"{error.detail}. /api/v1/openapi.json describes what there is."
    return problems.response(error.status_code, detail, headers=error.headers)


async def _failed(request: Request, error: Exception) -> Response:
    if isinstance(error, ObjectMissing):
        return problems.response(404, str(error))
    return problems.response(503, "The store does not answer. Try again in a while.", headers={"Retry-After": "30"})


async def _broken(request: Request, error: Exception) -> Response:
    return problems.response(500, "This is a fault of the service, and is in its log.")
