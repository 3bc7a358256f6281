"""oEmbed 1.0 (oembed.com): how another site shows an episode in a frame. Pure."""

import re
from html import escape
from typing import Any
from urllib.parse import unquote, urlsplit

from core import identifiers, keys
from core.models import EpisodeCard
from web.links import Links
from web.strings import Strings

WIDTH, HEIGHT = 640, 360
EPISODE = re.compile(rf"/(?:{keys.EPISODES}|{keys.EMBEDS})({identifiers.PATTERN})(?:/|/index\.html)?")


def answer(card: EpisodeCard, strings: Strings, links: Links, widest: int = 0, tallest: int = 0) -> dict[str, Any]:
    """The answer; a frame of 16:9 in the bounds asked for, where 0 is none."""
    width = max(1, min([bound for bound in (widest, tallest * WIDTH // HEIGHT) if bound], default=WIDTH))
    height = max(1, width * HEIGHT // WIDTH)
    told: dict[str, Any] = {
        "version": "1.0",
        "type": "video",
        "provider_name": strings("site.title"),
        "provider_url": links.to(keys.FRONT_PAGE),
        "title": card.title,
        "width": width,
        "height": height,
        "html": frame(links, card.id, card.title, width, height),
    }
    if poster := links.poster(card):
        told |= {"thumbnail_url": poster, "thumbnail_width": WIDTH, "thumbnail_height": HEIGHT}
    return told


def frame(links: Links, name: str, title: str, width: int = WIDTH, height: int = HEIGHT) -> str:
    """The HTML that shows an episode's player on another page."""
    return (
        f'<iframe src="{escape(links.to(keys.embed(name)))}" width="{width}" height="{height}" '
        f'title="{escape(title)}" allow="fullscreen; picture-in-picture" allowfullscreen '
        'style="border:0;max-width:100%" loading="lazy"></iframe>'
    )


def episode_of(url: str, base_url: str) -> str:
    """The id of the episode whose page has that address on this site; empty for any other address."""
    parts, own = urlsplit(url), urlsplit(base_url)
    path = unquote(parts.path).removeprefix(own.path.rstrip("/"))
    found = EPISODE.fullmatch(path)
    return found[1] if found and parts.netloc == own.netloc and parts.scheme in {"http", "https"} else ""
