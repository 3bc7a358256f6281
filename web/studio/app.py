"""The studio: where signed-in producers correct, and nobody else comes. An application of its own, under /studio/."""

from collections.abc import Mapping, Sequence

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from core.bucket import Bucket
from web.strings import Strings


def create_studio(
    archive: Bucket,
    site: Bucket,
    strings: Mapping[str, Strings],
    *,
    locale: str = "fi",
    editor: Sequence[BaseRoute] = (),
) -> Starlette:
    """The application. ``editor`` are the routes of ``web.studio.editor.routes``; their paths begin after /studio."""
    return Starlette(routes=[*editor])
