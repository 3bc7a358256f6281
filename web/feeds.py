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

register_namespace("", ATOM)
register_namespace("media", MEDIA)


def atom(cards: Iterable[EpisodeCard], strings: Strings, base_url: str = "") -> str:
    """The feed of the cards, newest first. An entry's "updated" is when its broadcast ended."""
    newest = sorted(cards, key=lambda c: (_updated(c), c.id), reverse=True)
    base = f"{base_url.rstrip('/')}/" if base_url else ""
    root = Element(_name("feed"), {"{http://www.w3.org/XML/1998/namespace}lang": strings.lang})
    _text(root, "title", strings("site.title"))
    _text(root, "subtitle", strings("site.tagline"))
    _text(root, "id", _identity("maaseutu-live"))
    _text(root, "updated", _stamp(max(map(_updated, newest), default=EPOCH)))
    SubElement(SubElement(root, _name("author")), _name("name")).text = strings("site.title")
    SubElement(root, _name("link"), {"rel": "self", "type": "application/atom+xml", "href": f"{base}syote.xml"})
    SubElement(root, _name("link"), {"rel": "alternate", "type": "text/html", "href": base or "./"})
    for card in newest:
        _entry(root, card, strings, base)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _entry(root: Element, card: EpisodeCard, strings: Strings, base: str) -> None:
    folder = f"{base}jaksot/{quote(card.id)}/"
    entry = SubElement(root, _name("entry"))
    _text(entry, "title", card.title)
    _text(entry, "id", _identity(card.id))
    _text(entry, "published", _stamp(card.starts_at))
    _text(entry, "updated", _stamp(_updated(card)))
    SubElement(entry, _name("link"), {"rel": "alternate", "type": "text/html", "href": folder})
    length = strings("front.duration", duration=strings.duration(card.duration_ms))
    _text(entry, "summary", " ".join(filter(None, [f"{strings.when(card.starts_at)}. {length}.", card.summary])))
    for town in views.towns(card.mentions):
        SubElement(entry, _name("category"), {"term": town.code, "label": town.name})
    if card.poster:
        SubElement(entry, f"{{{MEDIA}}}thumbnail", {"url": f"{folder}{quote(card.version)}/poster.jpg"})


def _name(tag: str) -> str:
    return f"{{{ATOM}}}{tag}"


def _text(parent: Element, tag: str, text: str) -> None:
    # XML 1.0 has no place for control characters, and a title may hold anything.
    SubElement(parent, _name(tag)).text = "".join(c for c in text if c.isprintable() or c in "\n\t")


def _identity(name: str) -> str:
    return uuid5(NAMESPACE_URL, f"maaseutu:{name}").urn


def _updated(card: EpisodeCard) -> datetime:
    return card.starts_at + timedelta(milliseconds=card.duration_ms)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
