"""The answer of the search on the command line."""

from maaseutu import search

HIT = {"start_ms": 65_000, "text": "Kunnan koulu.", "title": "Ilta", "url": "https://example.org/jaksot/ilta/#t=65"}
SHOWN = ["    1:05  Kunnan koulu.", "          Ilta · https://example.org/jaksot/ilta/#t=65"]


def test_what_was_not_found_and_what_is_not_shown_is_said() -> None:
    found = {"items": [HIT], "total": 1, "relaxed": False}
    assert search.told(found, "kunta") == [*SHOWN, "1 found for: kunta"]
    assert search.told(found | {"relaxed": True}, "kunta kissa")[2:] == [search.NOT_ALL, "1 found for: kunta kissa"]
    assert search.told(found | {"relaxed": True}, "kuntakissa -koira")[2] == search.PART_OF_IT
    assert (
        search.told(found | {"total": 11}, "kunta")[2] == "11 found for: kunta (1 are shown; --limit shows up to 100)"
    )
