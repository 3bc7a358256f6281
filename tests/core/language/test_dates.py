"""Finnish dates and deadlines, said on Tuesday 24 November 2026 unless told otherwise."""

from datetime import date

import pytest

from core.language import dates
from core.language.morphology import tokens

TUESDAY = date(2026, 11, 24)
SAID = {
    "ensi maanantaihin mennessä": "2026-11-30",
    "ens maanantaina": "2026-11-30",
    "ensi tiistaina": "2026-12-01",
    "tulevana keskiviikkona": "2026-11-25",
    "tänä perjantaina": "2026-11-27",
    "keskiviikkoon mennessä": "2026-11-25",
    "perjantai-iltaan mennessä": "2026-11-27",
    "perjantaina 27. marraskuuta": "2026-11-27",
    "torstaina 3.12.": "2026-12-03",
    "ensi keskiviikkona 2.12.": "2026-12-02",
    "perjantaina ensi viikolla": "2026-12-04",
    "perjantaina viikolla 50": "2026-12-11",
    "viikon 50 perjantaina": "2026-12-11",
    "viikon päästä perjantaina": "2026-12-04",
    "perjantaina kahden viikon päästä": "2026-12-11",
    "maanantaista perjantaihin": "2026-12-04",
    "huomenna keskiviikkona": "2026-11-25",
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
    "viikolla 48": "2026-11-29",
    "viikolla neljäkymmentä kahdeksan": "2026-11-29",
    "viikoilla 48 ja 49": "2026-12-06",
    "viikon 50 aikana": "2026-12-13",
    "kolmanteen joulukuuta mennessä": "2026-12-03",
    "3. joulukuuta mennessä": "2026-12-03",
    "viidestoista päivä maaliskuuta": "2027-03-15",
    "joulukuun 3. päivään mennessä": "2026-12-03",
    "kolmanteen päivään mennessä": "2026-12-03",
    "15. tammikuuta 2028": "2028-01-15",
    "24. marraskuuta": "2026-11-24",
    "viidestoista kolmatta": "2027-03-15",
    "viidenteentoista kolmatta mennessä": "2027-03-15",
    "29. helmikuuta 2028": "2028-02-29",
    "huomiseen mennessä": "2026-11-25",
    "ylihuomenna": "2026-11-26",
    "tänään": "2026-11-24",
    "huomenna": "2026-11-25",
    "ensi viikolla": "2026-12-06",
    "ens viikolla": "2026-12-06",
    "ensiviikolla": "2026-12-06",
    "ensi viikon kuluessa": "2026-12-06",
    "tämän viikon loppuun mennessä": "2026-11-29",
    "viikon loppuun mennessä": "2026-11-29",
    "ensi viikon perjantaina": "2026-12-04",
    "ensi kuussa": "2026-12-31",
    "kuun loppuun mennessä": "2026-11-30",
    "ensi kuun loppuun": "2026-12-31",
    "ensi kuun viidenteen päivään": "2026-12-05",
    "tämän kuun 30. päivään": "2026-11-30",
    "kuun viimeiseen päivään": "2026-11-30",
    "tammikuun aikana": "2027-01-31",
    "ensi tammikuun loppuun": "2027-01-31",
    "vuoden vaihteeseen mennessä": "2026-12-31",
    "vuodenvaihteeseen mennessä": "2026-12-31",
    "ensi vuoden joulukuussa": "2027-12-31",
    "vuoden 2028 maaliskuun loppuun": "2028-03-31",
    "tänä vuonna": "2026-12-31",
    "vuoden loppuun mennessä": "2026-12-31",
    "ensi vuoden loppuun": "2027-12-31",
    "vuoden 2028 loppuun mennessä": "2028-12-31",
    "kahden viikon kuluessa": "2026-12-08",
    "kahdessa viikossa": "2026-12-08",
    "14 vuorokauden kuluessa": "2026-12-08",
    "kuukauden sisällä": "2026-12-24",
    "10 päivän kuluttua": "2026-12-04",
    "ennen maanantaita": "2026-11-29",
    "ennen 1.12.": "2026-11-30",
    "ennen helmikuuta": "2027-01-31",
    "ennen vuoden loppua": "2026-12-31",
}
NONE = [
    *("ensi keväänä", "tammikuu", "3 kuntaa", "viikon ajan", "31.2.", "32. päivä", "40.50", "12,5", "vuoden alussa"),
    *("kolme päivää", "kahden viikon matka", "ensi kokouksessa", "kuuntelen ensi kertaa", "", "viikolla 80"),
    *("ensi viikonloppuna", "viikonloppuun mennessä", "ennen kesälomia", "jouluun mennessä", "vuodenvaihteessa"),
    *("seuraavana perjantaina", "seuraavalla viikolla", "sitä seuraavan viikon perjantaina", "joka maanantai"),
    *("viime viikon perjantaina", "viime perjantaina", "tänä maanantaina", "kaksi viikkoa sitten perjantaina"),
    *(
        "parin viikon sisällä",
        "noin kahden viikon kuluttua",
        "muutaman viikon päästä",
        "kolmen tai neljän viikon kuluessa",
    ),
    *("kuukauden päästä", "viikon päästä maanantaina", "perjantaina 28. marraskuuta", "huomenna perjantaina"),
    *("14 päivän kuluessa päätöksen tiedoksisaannista", "kahden kuukauden kuluessa siitä", "kerran kahdessa viikossa"),
    *("tilikautta seuraavan vuoden maaliskuun loppuun mennessä", "vaalivuotta edeltävän vuoden loppuun"),
    *("23. marraskuuta", "viikolla 47", "syyskuussa", "viikolla kaksi kokousta", "viikkoon 50 mennessä"),
    *("ennen ensi viikkoa", "ensi viikon alussa", "toisena päivänä", "huomenta", "kello 12.10", "2.5 miljoonaa"),
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


def test_next_is_a_day_only_where_this_week_s_and_next_week_s_are_the_same():
    monday, sunday = date(2026, 11, 23), date(2026, 11, 29)
    assert [days(f"ensi {day}na", monday) for day in ("maanantai", "tiistai", "sunnuntai")] == [["2026-11-30"], [], []]
    assert [days(f"ensi {day}na", sunday) for day in ("maanantai", "tiistai", "sunnuntai")] == [
        [],
        ["2026-12-01"],
        ["2026-12-06"],
    ]
    assert days("ensi maaliskuussa", date(2027, 1, 31)) == []
    assert days("ensi maaliskuussa") == ["2027-03-31"]


def test_a_day_of_next_month_or_year_is_not_this_one_s():
    assert days("ensi kuun viidenteen päivään", date(2026, 11, 3)) == ["2026-12-05"]
    assert days("ensi vuoden maaliskuussa", date(2026, 2, 1)) == ["2027-03-31"]


def test_a_time_without_a_day_has_its_words():
    words = [token.folded for token in tokens("Tehdään parin viikon sisällä tai ensi keskiviikkona.")]
    times = dates.times(words, TUESDAY)
    assert [" ".join(words[each.first : each.end]) for each in times] == ["parin viikon sisällä", "ensi keskiviikkona"]
    assert [each.day for each in times] == [None, None]


def test_several_dates_with_their_places():
    words = [token.folded for token in tokens("Ensin 1.12. ja sitten ensi viikon perjantaina.")]
    assert [(each.first, each.end) for each in dates.found(words, TUESDAY)] == [(1, 2), (4, 7)]
