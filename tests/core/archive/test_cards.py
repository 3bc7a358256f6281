"""What the search index is told of an episode, and what lists of all episodes are made of."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from config import stores
from core import keys
from core.archive import cards
from core.bucket import Bucket
from core.models import Change, EpisodeCard, SearchDocument
from maaseutu.stack import Stack
from tests.web import demo


@pytest.fixture
def site(storage: Stack) -> Bucket:
    """An empty public bucket."""
    made = stores.site(storage.settings.model_copy(update={"site_bucket": f"site-{uuid4().hex[:8]}"}))
    made.create(public=True)
    return made


def note(site: Bucket, name: str) -> None:
    """The entry of the change log, which comes before the card."""
    now = datetime.now(UTC)
    site.put_record(keys.change(now, name, "v1"), Change(at=now, kind="published", episode=name, version="v1"))


def show(site: Bucket, name: str) -> None:
    site.put_record(keys.card(name), cards.card(demo.older(name, demo.episode()), "v1"))


def test_lists_are_written_again_when_another_run_shows_or_withdraws_an_episode_meanwhile(site: Bucket) -> None:
    seen: list[list[str]] = []

    def write(found: list[EpisodeCard]) -> int:
        seen.append([card.id for card in found])
        if len(seen) == 1:
            # Its entry was there before the cards were read.
            show(site, "two")
        if len(seen) == 2:
            note(site, "one")
            site.delete(keys.card("one"))
        return len(seen)

    note(site, "one")
    show(site, "one")
    note(site, "two")
    assert cards.listing(site, write) == 3
    assert seen == [["one"], ["one", "two"], ["two"]]
    assert cards.listing(site, write) == 4


def test_the_search_is_told_of_chapters_notes_and_municipalities() -> None:
    episode = demo.episode()
    document = cards.search_document(episode, "v1")
    assert (document.language, document.chapters, document.mentions) == ("fi", episode.chapters, episode.mentions)
    lines = [line for section in episode.notes.sections for line in section.lines]
    assert sorted(document.notes, key=repr) == sorted([*episode.notes.summary, *lines], key=repr)
    assert [line.at_ms for line in document.notes] == sorted(line.at_ms for line in document.notes)


def test_a_document_of_an_earlier_release_is_read() -> None:
    document = cards.search_document(demo.episode(), "v1")
    new = {"language", "chapters", "notes", "mentions"}
    read = SearchDocument.model_validate_json(document.model_dump_json(exclude=new))
    assert read == document.model_copy(update={"chapters": (), "notes": (), "mentions": ()})
