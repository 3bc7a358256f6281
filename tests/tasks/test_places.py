"""The pages of municipalities in a real store: what is written when, and that nothing stale stays."""

from uuid import uuid4

import pytest

from config import catalogue, stores
from core import keys
from core.bucket import Bucket
from core.text import places
from tasks.places import drafts, publish_lists, write, written
from tests.web import demo

PAGES = 3 * (308 + 19 + 1 + 4) + 2 * 308 + 1
"""Municipalities, regions, overview, prose and subscribing in each of three languages; boxes and feeds; 404.html."""


@pytest.fixture
def settings(storage):
    """Those of the store, with an empty public bucket of their own."""
    own = {"public_url": "https://example.org", "site_bucket": f"site-{uuid4().hex[:8]}"}
    return storage.settings.model_copy(update=own)


@pytest.fixture
def public(settings):
    """That bucket."""
    site = stores.site(settings)
    site.create(public=True)
    return site


def publish(site, shown, version=demo.VERSION):
    site.put_record(keys.mentions(shown.broadcast.id, version), places.mentioned(shown))
    site.put_record(keys.card(shown.broadcast.id), demo.card(shown, version))


def text(site, key):
    return site.get(key).decode()


def _retitled(episode):
    chapters = tuple(chapter.model_copy(update={"title": f"{chapter.title}!"}) for chapter in episode.chapters)
    return episode.model_copy(update={"chapters": chapters})


def test_only_what_changes_is_written(public, settings, monkeypatch):
    assert write(public, settings).written == PAGES
    assert "ei vielä mainintoja" in text(public, "kunnat/vierema/index.html")
    assert write(public, settings).written == 0

    # Three municipalities of three regions, overview and programme, in three languages.
    publish(public, demo.episode())
    assert write(public, settings).written == 3 * (3 + 3 + 1 + 1) + 2 * 3
    page = text(public, "kunnat/vierema/index.html")
    assert page.count("<mark>Vieremä</mark>") == page.count("<mark>Vieremällä</mark>") == 1
    assert f'href="../../jaksot/{demo.ID}/#t=4.2"' in page
    assert write(public, settings).written == 0

    # Another version with the same quotes changes the programme's page, which shows its picture, and no other.
    publish(public, demo.episode(), "v2")
    assert write(public, settings).written == 3

    # So do the names of chapters, which cards tell and no page of a municipality shows.
    publish(public, shown := _retitled(demo.episode()), "v2")
    assert demo.card(shown, "v2").chapters != demo.card(demo.episode(), "v2").chapters
    assert write(public, settings).written == 3

    # What someone else overwrote or removed is written again.
    public.put("kunnat/vierema/index.html", b"older")
    public.delete("sv/kunnat/perho/index.html")
    assert write(public, settings).written == 2
    assert "<mark>Vieremä</mark>" in text(public, "kunnat/vierema/index.html")

    # A withdrawal leaves nothing behind.
    public.delete(keys.card(demo.ID))
    assert write(public, settings).written == 3 * (3 + 3 + 1) + 2 * 3
    assert "ei vielä mainintoja" in text(public, "kunnat/vierema/index.html")
    assert public.head("ohjelmat/maaseutu-live/index.html") is None
    assert public.head("sv/ohjelmat/maaseutu-live/index.html") is None
    assert write(public, settings).written == 0

    # With the front page and the feeds, each card is read once for all of them.
    stores.archive(settings).create()
    publish(public, demo.episode())
    read, get = list[str](), Bucket.get

    def counting(bucket, key):
        read.append(key)
        return get(bucket, key)

    monkeypatch.setattr(Bucket, "get", counting)
    publish_lists.fn(settings)
    assert read.count(keys.card(demo.ID)) == read.count(keys.mentions(demo.ID, demo.VERSION)) == 1
    assert f'href="jaksot/{demo.ID}/"' in text(public, keys.FRONT_PAGE)


def test_a_lost_or_damaged_record_of_what_was_written_only_costs_time(public):
    assert written(public) == {}
    public.put(keys.WRITTEN, b"{")
    assert written(public) == {}


def test_another_contact_changes_only_the_prose(settings):
    before, after = drafts(settings, []), drafts(settings.model_copy(update={"contact": "palaute@example.org"}), [])
    changed = {key for key in before if before[key].inputs != after[key].inputs}
    names = ("tietoa", "saavutettavuus", "tietosuoja")
    assert changed == {f"{folder}{name}/index.html" for folder in ("", "sv/", "en/") for name in names}
    assert '<a href="mailto:palaute@example.org">' in after["tietoa/index.html"].make()


def test_a_map_with_other_places_is_drawn_anew(settings, monkeypatch, tmp_path):
    before = drafts(settings, [])
    moved = catalogue.SEATS.read_text(encoding="utf-8").replace("005,63.00", "005,64.00")
    (tmp_path / "seats.csv").write_text(moved, encoding="utf-8")
    monkeypatch.setattr(catalogue, "SEATS", tmp_path / "seats.csv")
    after = drafts(settings, [])
    changed = [key for key in before if before[key].inputs != after[key].inputs]
    assert changed == ["kunnat/index.html", "sv/kunnat/index.html", "en/kunnat/index.html"]
