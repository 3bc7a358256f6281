"""The Atom feed (RFC 4287). Pure and without "now": a feed changes only when what it lists does."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from core.models import EpisodeCard
from web import views
from web.strings import Strings

ATOM = "http://www.w3.org/2005/Atom"
MEDIA = "http://search.yahoo.com/mrss/"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

register_namespace("atom", ATOM)
register_namespace("media", MEDIA)


def atom(cards: Iterable[EpisodeCard], strings: Strings, base_url: str = "") -> str:
    """The feed of the cards, newest first. An entry's "updated" is when its broadcast ended."""
    newest = sorted(cards, key=lambda c: (updated(c), c.id), reverse=True)
    base = f"{base_url.rstrip('/')}/" if base_url else ""
    root = Element("feed", {"xmlns": ATOM, "{http://www.w3.org/XML/1998/namespace}lang": strings.lang})
    text(root, "title", strings("site.title"))
    text(root, "subtitle", strings("site.tagline"))
    text(root, "id", identity("maaseutu-live"))
    text(root, "updated", stamp(max(map(updated, newest), default=EPOCH)))
    SubElement(SubElement(root, "author"), "name").text = strings("site.title")
    SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{base}syote.xml"})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": base or "./"})
    for card in newest:
        _entry(root, card, strings, base)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _entry(root: Element, card: EpisodeCard, strings: Strings, base: str) -> None:
    folder = f"{base}jaksot/{quote(card.id)}/"
    entry = SubElement(root, "entry")
    text(entry, "title", card.title)
    text(entry, "id", identity(card.id))
    text(entry, "published", stamp(card.starts_at))
    text(entry, "updated", stamp(updated(card)))
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": folder})
    text(entry, "summary", about(card, strings))
    for town in views.towns(card.mentions):
        SubElement(entry, "category", {"term": town.code, "label": town.name})
    if card.poster:
        SubElement(entry, f"{{{MEDIA}}}thumbnail", {"url": f"{folder}{quote(card.version)}/poster.jpg"})


def about(card: EpisodeCard, strings: Strings) -> str:
    """When it was, how long it is, and its summary: what every feed says of an episode."""
    length = strings("front.duration", duration=strings.duration(card.duration_ms))
    return " ".join(filter(None, [f"{strings.when(card.starts_at)}. {length}.", card.summary]))


def text(parent: Element, tag: str, content: str) -> None:
    """Add an element with text; XML 1.0 has no place for control characters, and a title may hold anything."""
    SubElement(parent, tag).text = "".join(c for c in content if c.isprintable() or c in "\n\t")


def identity(name: str) -> str:
    """A name that is the same in every feed, and for ever."""
    return uuid5(NAMESPACE_URL, f"maaseutu:{name}").urn


def updated(card: EpisodeCard) -> datetime:
    """When its broadcast ended."""
    return card.starts_at + timedelta(milliseconds=card.duration_ms)


def stamp(moment: datetime) -> str:
    """A moment as feeds write it (RFC 3339), in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
