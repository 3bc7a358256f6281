"""What search engines are told: the pages, and of each episode its video (sitemaps.org 0.9, Google's video 1.1)."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from core import keys
from core.models import EpisodeCard
from web import feeds
from web.links import Links
from web.strings import Strings

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
VIDEO = "http://www.google.com/schemas/sitemap-video/1.1"
LONGEST_VIDEO_S = 28_800
"""Google's sitemap tells no longer ones."""
LONGEST_TITLE, LONGEST_DESCRIPTION = 100, 2048

register_namespace("video", VIDEO)


def sitemap(cards: Iterable[EpisodeCard], strings: Strings, links: Links) -> str:
    """The front page and every episode. ``links`` needs a base. A video entry needs a still, so sound has none."""
    newest = sorted(cards, key=lambda card: (card.starts_at, card.id), reverse=True)
    root = Element("urlset", {"xmlns": SITEMAP})
    feeds.text(SubElement(root, "url"), "loc", links.to(keys.FRONT_PAGE))
    for card in newest:
        page = SubElement(root, "url")
        feeds.text(page, "loc", links.episode(card.id))
        feeds.text(page, "lastmod", feeds.stamp(feeds.updated(card)))
        if poster := links.poster(card):
            _video(page, card, poster, strings, links)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _video(page: Element, card: EpisodeCard, poster: str, strings: Strings, links: Links) -> None:
    video = SubElement(page, _name("video"))
    feeds.text(video, _name("thumbnail_loc"), poster)
    feeds.text(video, _name("title"), card.title[:LONGEST_TITLE])
    feeds.text(video, _name("description"), feeds.about(card, strings)[:LONGEST_DESCRIPTION])
    feeds.text(video, _name("player_loc"), links.to(keys.embed(card.id)))
    if seconds := min(round(card.duration_ms / 1000), LONGEST_VIDEO_S):
        feeds.text(video, _name("duration"), str(seconds))
    feeds.text(video, _name("publication_date"), feeds.stamp(card.starts_at))
    if card.live:
        feeds.text(video, _name("live"), "yes")


def robots(links: Links) -> str:
    """Everything may be read; the answers of the search need not be."""
    return f"User-agent: *\nDisallow: /haku\nDisallow: /api/\n\nSitemap: {links.to(keys.SITEMAP)}\n"


def _name(tag: str) -> str:
    return f"{{{VIDEO}}}{tag}"
