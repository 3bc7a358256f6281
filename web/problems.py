"""What the API answers when it cannot do what was asked: RFC 9457, ``application/problem+json``."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

from core.models import Record

MEDIA_TYPE = "application/problem+json"


class Fault(Record):
    """One value that cannot be taken: where it stood in the request, and why."""

    where: str
    why: str


class Problem(Record):
    """A fault of a request, or of the service. ``detail`` says what to do about it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    errors: tuple[Fault, ...] = ()


def response(
    status: int, detail: str, *, errors: tuple[Fault, ...] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """The answer. Nobody keeps it."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors)
    shown = {"Cache-Control": "no-store", **(headers or {})}
    return Response(problem.model_dump_json(), status, shown, MEDIA_TYPE)
