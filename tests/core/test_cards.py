"""What the search index is told of an episode."""

from core import cards
from core.models import SearchDocument
from tests.web import demo


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
