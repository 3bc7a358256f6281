"""Pages of municipalities and regions as text."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from config import catalogue
from core.archive import cards
from core.models import Quote
from core.text import mentions
from core.text.places import Place, by_municipality, mentioned
from tests.web import demo, feed_rules
from tests.web.test_render import Page
from web import maps, places, render, strings

EVERY = mentions.municipalities(catalogue.MUNICIPALITIES)
MAP = maps.drawn(maps.seats(catalogue.SEATS))
HOSTILE = "<script>alert(1)</script> & Vieremä"


@pytest.fixture(scope="module")
def every():
    """The languages."""
    return strings.load_all()


@pytest.fixture(scope="module")
def towns():
    """All municipalities, of which three are mentioned."""
    shown = demo.episode()
    return places.named(EVERY, by_municipality([(demo.card(shown), mentioned(shown))]))


def town(towns, name):
    return next(each for each in towns if each.municipality.name_fi == name)


def hostile():
    card = cards.card(demo.episode(title=HOSTILE), "v1")
    quote = Quote(code="925", at_ms=4200, text=HOSTILE, start=28, end=35, speaker=HOSTILE)
    return places.Named(next(m for m in EVERY if m.code == "925"), (Place(card=card, language="fi", quotes=(quote,)),))


def test_every_municipality_and_region_is_in_the_overview(every, towns):
    for text in every.values():
        page = Page(places.overview(towns, text, MAP))
        links = page.values("href")
        assert {f"{each.slug}/" for each in towns} <= set(links)
        assert sum(f"{link}" in {f"{each.slug}/" for each in towns} for link in links) == 2 * 308 + 2 * 3
        assert sum("maakunnat/" in link for link in links) == 19
        ids = page.values("id")
        assert len(ids) == len(set(ids))


def test_names_are_those_of_the_language_and_sort_as_it_does(every, towns):
    assert list(places.by_letter(towns, "fi"))[-2:] == ["Y", "Ä"]
    assert [each.called("sv") for each in places.by_letter(towns, "sv")["Å"]] == ["Åbo"]
    assert "<h1>Närpes</h1>" in places.page(town(towns, "Närpiö"), every["sv"])
    assert "<h1>Närpiö</h1>" in places.page(town(towns, "Närpiö"), every["en"])


def test_a_page_tells_facts_with_their_source_and_every_quote(every, towns):
    text = places.page(town(towns, "Vieremä"), every["fi"], "https://example.org")
    assert "3\u00a0295" in text
    assert "31.12.2025" in text
    assert "Tilastokeskus" in text
    assert text.count("<mark>") == 2
    assert '<iframe src="https://example.org/kunnat/vierema/upotus.html"'.replace("<", "&lt;") in text
    other = places.page(town(towns, "Vieremä"), every["sv"])
    assert f'href="../../jaksot/{demo.ID}/#t=4.2"' in other
    assert 'href="../../../kunnat/vierema/syote.xml"' in other
    assert 'href="../../../kunnat/vierema/" lang="fi" hreflang="fi"' in other


def test_who_said_it_is_told_where_that_is_known(every, towns):
    of = town(towns, "Vieremä")
    place = of.places[0].model_copy(
        update={"quotes": tuple(quote.model_copy(update={"speaker": "Anna"}) for quote in of.places[0].quotes)}
    )
    known = replace(of, places=(place,))
    for shown in (places.page, places.box):
        assert 'class="who"' not in shown(of, every["fi"])
        assert shown(known, every["fi"]).count('<b class="who">Anna</b>') == len(place.quotes)
    assert "<description>Anna: " in places.rss(known, every["fi"])


def test_where_nothing_was_said_the_page_says_so(every, towns):
    for text in every.values():
        page = places.page(town(towns, "Perho"), text)
        assert text("places.none", name="Perho") in page
        assert "<mark>" not in page


def test_hostile_text_is_text(every):
    for text in (places.page(hostile(), every["fi"]), places.box(hostile(), every["fi"])):
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; <mark>Vieremä</mark>" in text
    item = ElementTree.fromstring(places.rss(hostile(), every["fi"]).encode()).find("channel/item")
    assert item is not None
    said = "&lt;script>alert(1)&lt;/script> &amp; Vieremä"
    assert item.findtext("description") == f"{said}: {said}"


def test_the_feed_is_rss(every, towns):
    text = places.rss(town(towns, "Kuhmoinen"), every["fi"], "https://example.org")
    assert feed_rules.faults(feed_rules.RSS, text.encode()) == []
    channel = ElementTree.fromstring(text.encode()).find("channel")
    assert channel is not None
    assert channel.findtext("link") == "https://example.org/kunnat/kuhmoinen/"
    assert [each.findtext("link") for each in channel.iter("item")] == [
        f"https://example.org/jaksot/{demo.ID}/#t=4.2",
        f"https://example.org/jaksot/{demo.ID}/#t=33.8",
    ]
    assert {each.findtext("pubDate") for each in channel.iter("item")} == {"Tue, 24 Nov 2026 07:00:00 GMT"}
    ids = [each.findtext("guid") for each in channel.iter("item")]
    assert len(ids) == len(set(ids)) == 2


def test_prose_is_there_in_every_language(every):
    for name in render.TEXTS:
        for text in every.values():
            page = render.text_page(name, text)
            Page(page)
            assert page.count("<h1>") == 1
            assert "{contact}" not in page
            assert text("contact.unknown") in page
    for lang, text in every.items():
        assert "306/2019" in render.text_page("saavutettavuus", text), lang


def test_every_link_within_the_site_leads_to_a_page(tmp_path):
    """The whole example site as a static host would serve it: no link leads nowhere. It has no media."""
    demo.write_pages(tmp_path)
    broken = []
    for path in sorted(tmp_path.rglob("*.html")):
        if "kunnat" in path.parts and path.parent.name not in {"kunnat", "vierema", "narpio"}:
            continue
        for link in Page(path.read_text(encoding="utf-8")).values("href"):
            elsewhere = link.startswith(("mailto:", "#", "/", "haku")) or "://" in link or "/haku" in link
            if elsewhere or link.endswith("/poster.jpg"):
                continue
            target = (path.parent / link.partition("#")[0].partition("?")[0]).resolve()
            if not (target / "index.html" if target.is_dir() else target).is_file():
                broken.append((str(path.relative_to(tmp_path)), link))
    assert broken == []
    assert Path(tmp_path / "404.html").is_file()
