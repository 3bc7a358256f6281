"""The podcast: RSS 2.0 with the tags of Apple and of Podcasting 2.0, and its chapters. Pure and without "now"."""

import json
from collections.abc import Iterable, Sequence
from email.utils import format_datetime
from html import escape
from typing import NamedTuple
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from core import keys
from core.media.soundfile import MEDIA_TYPE, SoundFile
from core.models import Chapter, EpisodeCard
from web import feeds
from web.links import Links
from web.strings import Strings

ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
IDENTITIES = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""The namespace of podcast:guid, from its specification (podcastindex.org/namespace/1.0#guid)."""
CHAPTERS_TYPE = "application/json+chapters"
TRANSCRIPTS = {"captions.vtt": "text/vtt", "captions.srt": "application/x-subrip"}

register_namespace("itunes", ITUNES)
register_namespace("podcast", PODCAST)


class Heard(NamedTuple):
    """An episode with the sound file that its version has."""

    card: EpisodeCard
    sound: SoundFile


class Channel(NamedTuple):
    """What a podcast is: of the whole site, or of a programme. ``key`` is where it lies."""

    key: str
    title: str
    page: str
    language: str


def rss(heard: Iterable[Heard], channel: Channel, strings: Strings, links: Links) -> str:
    """The feed, the newest episode first. Its addresses must be whole ones: ``links`` needs a base."""
    newest = sorted(heard, key=lambda each: (each.card.starts_at, each.card.id), reverse=True)
    root = Element("rss", {"version": "2.0"})
    top = SubElement(root, "channel")
    address = links.to(channel.key)
    feeds.text(top, "title", channel.title)
    feeds.text(top, "link", links.to(channel.page))
    feeds.text(top, "description", _html(strings("site.tagline")))
    feeds.text(top, "language", channel.language)
    if newest:
        feeds.text(top, "lastBuildDate", format_datetime(max(feeds.updated(each.card) for each in newest)))
    atom = {"rel": "self", "type": "application/rss+xml", "href": address}
    SubElement(top, f"{{{feeds.ATOM}}}link", atom)
    feeds.text(top, _itunes("author"), strings("site.title"))
    feeds.text(top, _itunes("explicit"), "false")
    SubElement(top, _itunes("category"), {"text": "Government"})
    feeds.text(top, _podcast("guid"), str(uuid5(IDENTITIES, address.partition("://")[2].rstrip("/"))))
    feeds.text(top, _podcast("medium"), "podcast")
    for each in newest:
        _item(top, each, channel.language, strings, links)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _item(top: Element, each: Heard, language: str, strings: Strings, links: Links) -> None:
    card, item = each.card, SubElement(top, "item")
    feeds.text(item, "title", card.title)
    feeds.text(item, "link", links.episode(card.id))
    SubElement(item, "guid", {"isPermaLink": "false"}).text = feeds.identity(card.id)
    feeds.text(item, "pubDate", format_datetime(card.starts_at))
    feeds.text(item, "description", _html(feeds.about(card, strings)))
    sound = {"url": links.to(each.sound.key), "length": str(each.sound.size), "type": MEDIA_TYPE}
    SubElement(item, "enclosure", sound)
    feeds.text(item, _itunes("duration"), str(round(card.duration_ms / 1000)))
    if poster := links.poster(card):
        SubElement(item, _itunes("image"), {"href": poster})

    def file(name: str) -> str:
        return links.to(keys.asset(card.id, card.version, name))

    SubElement(item, _podcast("chapters"), {"url": file("chapters.json"), "type": CHAPTERS_TYPE})
    for name, kind in TRANSCRIPTS.items():
        SubElement(item, _podcast("transcript"), {"url": file(name), "type": kind, "language": language})


def chapters_json(chapters: Sequence[Chapter]) -> str:
    """The chapters as podcast programs read them (JSON Chapters 1.2.0)."""
    listed = [
        {"startTime": c.start_ms / 1000, "endTime": c.end_ms / 1000, "title": c.title} for c in chapters if c.title
    ]
    return json.dumps({"version": "1.2.0", "chapters": listed}, ensure_ascii=False) + "\n"


def _html(text: str) -> str:
    # Of RSS a description is HTML: what a person said must stay text in there.
    return escape(text, quote=False)


def _itunes(tag: str) -> str:
    return f"{{{ITUNES}}}{tag}"


def _podcast(tag: str) -> str:
    return f"{{{PODCAST}}}{tag}"
