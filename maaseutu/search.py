"""Search from the command line: asks the web application as a viewer's browser does."""

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

from config.settings import Settings
from core.errors import Misconfigured, SourceUnavailable
from maaseutu import progress

TIMEOUT_S = 90


def find(settings: Settings, words: str, *, limit: int, episode: str = "") -> dict[str, Any]:
    """The answer of ``/api/search``: total, hits. The first search may wait while the word forms are loaded.

    Raises:
        Misconfigured: no web application is known.
        SourceUnavailable: it does not answer, or answers an error.
    """
    if not settings.site_url:
        raise Misconfigured("No stack is running.", "Start it with `maaseutu up`, or set MAASEUTU_PUBLIC_URL.")
    asked = {"q": words, "limit": limit} | ({"episode": episode} if episode else {})
    url = f"{settings.site_url}/api/search?{urlencode(asked)}"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            found: dict[str, Any] = json.load(answer)
    except (OSError, ValueError) as error:
        raise SourceUnavailable(f"{settings.site_url} does not answer ({error}).", "See `maaseutu status`.") from error
    return found


def lines(settings: Settings, hit: dict[str, Any]) -> list[str]:
    """A hit as two lines: time and words, then title and link."""
    at = progress.clock(int(hit["start_ms"]))
    return [f"{at:>8}  {hit['text']}", f"          {hit['title']} · {settings.site_url}/{hit['url']}"]
