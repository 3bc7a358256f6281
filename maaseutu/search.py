"""Search from the command line: asks the web application as a viewer's browser does."""

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

from config.settings import Settings
from core.errors import InvalidInput, Misconfigured, SourceUnavailable
from core.search.query import is_one_word
from maaseutu import progress

TIMEOUT_S = 90
MAX_LIMIT = 100
"""More than this the application does not answer at a time."""
NOT_ALL = "No place has all the words. These have some of them."
PART_OF_IT = "The word itself was not found. These places have parts of it."


def find(settings: Settings, words: str, *, limit: int, episode: str = "") -> dict[str, Any]:
    """The answer of ``/api/v1/search``: total, items. The first search may wait while the word forms are loaded.

    Raises:
        Misconfigured: no web application is known.
        InvalidInput: it refuses the question, and says why.
        SourceUnavailable: it does not answer.
    """
    if not settings.site_url:
        raise Misconfigured("No stack is running.", "Start it with `maaseutu up`, or set MAASEUTU_PUBLIC_URL.")
    asked = {"q": words, "limit": limit} | ({"episode": episode} if episode else {})
    url = f"{settings.site_url}/api/v1/search?{urlencode(asked)}"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            found: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        raise InvalidInput(f"The search was refused ({error}).", _detail(error)) from error
    except (OSError, ValueError) as error:
        raise SourceUnavailable(f"{settings.site_url} does not answer ({error}).", "See `maaseutu status`.") from error
    return found


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error).get("detail", ""))
    except ValueError:
        return "See `maaseutu status`."


def told(found: dict[str, Any], words: str) -> list[str]:
    """The answer as lines: the hits, then how many there are, and what of the question they do not have."""
    shown = [line for hit in found["items"] for line in lines(hit)]
    total = f"{found['total']} found for: {words}"
    if found["total"] > len(found["items"]):
        total += f" ({len(found['items'])} are shown; --limit shows up to {MAX_LIMIT})"
    return [*shown, *([PART_OF_IT if is_one_word(words) else NOT_ALL] if found["relaxed"] else []), total]


def lines(hit: dict[str, Any]) -> list[str]:
    """A hit as two lines: time and words, then title and link."""
    at = progress.clock(int(hit["start_ms"]))
    return [f"{at:>8}  {hit['text']}", f"          {hit['title']} · {hit['url']}"]
