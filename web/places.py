"""Pages of municipalities and regions: where they were mentioned, with the words around it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from functools import cached_property
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from core import keys
from core.models import EpisodeCard, Quote
from core.text.mentions import Municipality
from core.text.places import Place
from web import feeds, maps, views
from web.maps import Map
from web.render import called, rendered
from web.strings import Strings

IN_A_BOX = 3
"""How many quotes an embedded box shows."""
IN_A_FEED = 50
MOST_NAMED = 10


@dataclass(frozen=True)
class Named:
    """A municipality with the broadcasts in which it was mentioned, newest first."""

    municipality: Municipality
    places: tuple[Place, ...] = ()

    @property
    def slug(self) -> str:
        """Its name in addresses, the same in each language."""
        return keys.slug(self.municipality.name_fi)

    @cached_property
    def count(self) -> int:
        """How many quotes there are."""
        return sum(len(place.quotes) for place in self.places)

    @property
    def newest(self) -> list[tuple[Place, Quote]]:
        """Every quote with its broadcast, the newest broadcast first."""
        return [(place, quote) for place in self.places for quote in place.quotes]

    def called(self, lang: str) -> str:
        """Its name in a language of the pages."""
        return called(self.municipality.name_fi, lang)


def named(municipalities: Iterable[Municipality], found: Mapping[str, tuple[Place, ...]]) -> tuple[Named, ...]:
    """Each municipality with what was found of it (core.text.places.by_municipality)."""
    return tuple(Named(each, found.get(each.code, ())) for each in municipalities)


def by_region(towns: Sequence[Named]) -> dict[str, list[Named]]:
    """Finnish name of each region → its municipalities; both in the order of the Finnish alphabet."""
    regions: dict[str, list[Named]] = {}
    for town in sorted(
        towns, key=lambda each: (alphabet(each.municipality.region), alphabet(each.municipality.name_fi))
    ):
        regions.setdefault(town.municipality.region, []).append(town)
    return regions


def by_letter(towns: Sequence[Named], lang: str) -> dict[str, list[Named]]:
    """First letter → municipalities, as their names begin in a language of the pages."""
    letters: dict[str, list[Named]] = {}
    for town in sorted(towns, key=lambda each: alphabet(each.called(lang))):
        letters.setdefault(town.called(lang)[0].upper(), []).append(town)
    return letters


def alphabet(name: str) -> str:
    """By this names sort as Finnish and Swedish have it: å, ä, ö after z."""
    return name.lower().translate(str.maketrans("åäö", "{|}"))


def page(town: Named, strings: Strings, base_url: str = "") -> str:
    """The page of ``kunnat/SLUG/``. Only with the site's address can it tell how to embed the box."""
    path = f"{keys.MUNICIPALITIES}{town.slug}/"
    address = f"{base_url}/{path}" if base_url else ""
    return rendered("place.html", strings, path, town=town, address=address)


def box(town: Named, strings: Strings) -> str:
    """The page of ``kunnat/SLUG/upotus.html``, which other sites show in a frame: the newest quotes."""
    path = f"{keys.MUNICIPALITIES}{town.slug}/upotus.html"
    return rendered("box.html", strings, path, town=town, newest=town.newest[:IN_A_BOX])


def overview(towns: Sequence[Named], strings: Strings, map_: Map) -> str:
    """The page of ``kunnat/``: all municipalities by region and by letter, and on a map those that were mentioned."""
    most = most_mentioned(towns, strings.lang)
    shown = [town for town in most if town.municipality.code in map_.places]
    circles = list(zip(shown, maps.radii([town.count for town in shown]), strict=True))
    found = {"regions": by_region(towns), "letters": by_letter(towns, strings.lang), "most": most[:MOST_NAMED]}
    return rendered("places.html", strings, keys.MUNICIPALITIES, **found, map=map_, height=maps.HEIGHT, circles=circles)


def most_mentioned(towns: Sequence[Named], lang: str) -> list[Named]:
    """Those that were mentioned, most first."""
    return sorted((town for town in towns if town.count), key=lambda town: (-town.count, alphabet(town.called(lang))))


def region_page(region: str, towns: Sequence[Named], strings: Strings) -> str:
    """The page of ``maakunnat/SLUG/``: its municipalities, ``towns``, those mentioned most first."""
    path = f"{keys.REGIONS}{keys.slug(region)}/"
    ordered = sorted(towns, key=lambda town: (-town.count, alphabet(town.called(strings.lang))))
    return rendered("region.html", strings, path, region=region, towns=ordered)


def rss(town: Named, strings: Strings, base_url: str = "") -> str:
    """The RSS 2.0 feed of ``kunnat/SLUG/syote.xml``: an item for each quote, newest first.

    RSS wants whole addresses: without ``base_url`` the links are relative, which most readers understand.
    """
    base = f"{base_url}/" if base_url else "../../"
    home = f"{base}{keys.MUNICIPALITIES}{town.slug}/"
    name = town.called(strings.lang)
    root = Element("rss", {"version": "2.0", "xmlns:atom": feeds.ATOM})
    channel = SubElement(root, "channel")
    _text(channel, "title", strings("places.feed_title", name=name))
    _text(channel, "link", home)
    _text(channel, "description", strings("places.feed_about", name=name))
    _text(channel, "language", strings.lang)
    if base_url:
        myself = {"rel": "self", "type": "application/rss+xml", "href": f"{home}syote.xml"}
        SubElement(channel, "atom:link", myself)
    for place, quote in town.newest[:IN_A_FEED]:
        _item(channel, place.card, quote, strings, base)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _item(channel: Element, card: EpisodeCard, quote: Quote, strings: Strings, base: str) -> None:
    item = SubElement(channel, "item")
    _text(item, "title", strings("places.feed_item", title=card.title, at=strings.position(quote.at_ms)))
    link = f"{base}{keys.EPISODES}{card.id}/#t={views.seconds(quote.at_ms)}"
    _text(item, "link", link)
    # Plain text, that readers take for HTML: a sign of it would be read as markup.
    said = f"{quote.speaker}: {quote.text}" if quote.speaker else quote.text
    _text(item, "description", said.replace("&", "&amp;").replace("<", "&lt;"))
    _text(item, "pubDate", format_datetime(card.starts_at.astimezone(UTC), usegmt=True))
    SubElement(item, "guid", {"isPermaLink": "false"}).text = f"{card.id}#{quote.code}@{quote.at_ms}"


def _text(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = "".join(c for c in text if c.isprintable() or c in "\n\t")
