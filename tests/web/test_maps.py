"""The map of municipalities."""

import pytest

from config import catalogue
from core.text import mentions
from tests.web.test_places import towns
from tests.web.test_render import Page
from web import maps, places, strings

__all__ = ["towns"]

EVERY = {town.name_fi: town.code for town in mentions.municipalities(catalogue.MUNICIPALITIES)}
MAP = maps.drawn(maps.seats(catalogue.SEATS))


def test_every_municipality_lies_where_it_does_in_finland():
    assert set(MAP.places) == set(EVERY.values())
    across, down = ({name: MAP.places[code][axis] for name, code in EVERY.items()} for axis in (0, 1))
    assert min(down, key=down.get) == "Utsjoki"
    assert max(down, key=down.get) == "Hanko"
    assert min(across, key=across.get) == "Eckerö"
    assert max(across, key=across.get) == "Ilomantsi"
    assert down["Oulu"] < down["Kajaani"] < down["Helsinki"]
    assert MAP.width == pytest.approx(maps.HEIGHT / 2, abs=60)


def test_it_is_as_far_across_as_down():
    """By air it is 150 km from Helsinki to Turku, and 540 to Oulu."""
    helsinki, turku, oulu = (complex(*MAP.places[EVERY[name]]) for name in ("Helsinki", "Turku", "Oulu"))
    assert abs(helsinki - turku) / abs(helsinki - oulu) == pytest.approx(150 / 540, rel=0.05)


def test_areas_grow_as_counts_do():
    assert maps.radii([100, 25, 1]) == [15.0, 7.5, maps.SMALLEST]
    assert maps.radii([]) == []


def test_those_that_were_mentioned_stand_on_the_map_and_in_a_list(towns):
    text = places.overview(towns, strings.load("sv"), MAP)
    page = Page(text)
    assert text.count("<circle") == 3
    assert text.count("h0") == 308
    assert "GeoNames" in text
    assert page.values("href").count("kuhmoinen/") == 4
    silent = [places.Named(town.municipality) for town in towns]
    assert "<circle" not in places.overview(silent, strings.load("fi"), MAP)


def test_a_municipality_without_a_known_place_is_only_in_the_lists(towns):
    unknown = next(town for town in towns if town.municipality.name_fi == "Vieremä").municipality.code
    shown = maps.Map(MAP.width, {code: place for code, place in MAP.places.items() if code != unknown})
    text = places.overview(towns, strings.load("fi"), shown)
    assert text.count("<circle") == 2
    assert Page(text).values("href").count("vierema/") == 3
