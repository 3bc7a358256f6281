"""Finnish dates and deadlines, said on Tuesday 24 November 2026 unless told otherwise."""

from datetime import date

import pytest

from core.language import dates
from core.language.morphology import tokens

TUESDAY = date(2026, 11, 24)
SAID = {
    "ensi maanantaihin mennessä": "2026-11-30",
    "perjantaihin mennessä": "2026-11-27",
    "tiistaina": "2026-12-01",
    "keskiviikkona": "2026-11-25",
    "tammikuun loppuun mennessä": "2027-01-31",
    "marraskuun loppuun": "2026-11-30",
    "helmikuun 2028 loppuun": "2028-02-29",
    "maaliskuun puoliväliin mennessä": "2027-03-15",
    "tammikuussa": "2027-01-31",
    "15.3. mennessä": "2027-03-15",
    "viimeistään 1.12.2026": "2026-12-01",
    "5.1.27": "2027-01-05",
    "viikolla 12": "2027-03-28",
    "viikon 50 loppuun mennessä": "2026-12-13",
    "viikolla kaksitoista": "2027-03-28",
    "kolmanteen joulukuuta mennessä": "2026-12-03",
    "3. joulukuuta mennessä": "2026-12-03",
    "viidestoista päivä maaliskuuta": "2027-03-15",
    "joulukuun 3. päivään mennessä": "2026-12-03",
    "kolmanteen päivään mennessä": "2026-12-03",
    "15. tammikuuta 2028": "2028-01-15",
    "24. marraskuuta": "2026-11-24",
    "23. marraskuuta": "2027-11-23",
    "29. helmikuuta": "2028-02-29",
    "huomiseen mennessä": "2026-11-25",
    "ylihuomenna": "2026-11-26",
    "tänään": "2026-11-24",
    "ensi viikolla": "2026-12-06",
    "tämän viikon loppuun mennessä": "2026-11-29",
    "viikon loppuun mennessä": "2026-11-29",
    "ensi viikon perjantaina": "2026-12-04",
    "ensi kuussa": "2026-12-31",
    "kuun loppuun mennessä": "2026-11-30",
    "ensi kuun loppuun": "2026-12-31",
    "vuoden loppuun mennessä": "2026-12-31",
    "ensi vuoden loppuun": "2027-12-31",
    "vuoden 2028 loppuun mennessä": "2028-12-31",
    "kahden viikon kuluessa": "2026-12-08",
    "kuukauden sisällä": "2026-12-24",
    "10 päivän kuluttua": "2026-12-04",
    "ennen maanantaita": "2026-11-29",
    "ennen 1.12.": "2026-11-30",
    "ennen helmikuuta": "2027-01-31",
}
NONE = [
    *("ensi keväänä", "tammikuu", "3 kuntaa", "viikon ajan", "31.2.", "32. päivä", "40.50", "12,5", "vuoden alussa"),
    *("kolme päivää", "kahden viikon matka", "ensi kokouksessa", "kuuntelen ensi kertaa", "", "viikolla 80"),
]


def days(text, said_on=TUESDAY):
    return [each.day.isoformat() for each in dates.found([token.folded for token in tokens(text)], said_on)]


@pytest.mark.parametrize(("text", "day"), SAID.items())
def test_dates(text, day):
    assert days(text) == [day]
    assert days(f"Sihteeri tekee sen {text}, ja muut auttavat.") == [day]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_date(text):
    assert days(text) == []


def test_a_date_counts_from_the_day_on_which_it_was_said():
    assert days("kuukauden kuluessa", date(2027, 1, 31)) == ["2027-02-28"]
    assert days("ensi kuussa", date(2026, 12, 31)) == ["2027-01-31"]
    assert days("maanantaina", date(2026, 11, 23)) == ["2026-11-30"]
    assert days("viikolla 53", date(2026, 12, 30)) == ["2027-01-03"]


def test_several_dates_with_their_places():
    words = [token.folded for token in tokens("Ensin 1.12. ja sitten ensi viikon perjantaina.")]
    assert [(each.first, each.end) for each in dates.found(words, TUESDAY)] == [(1, 2), (4, 7)]
