"""A recording of twelve hours: what is written of it is whole, in order, and its times count hours in two digits."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from core import keys
from core.language.morphology import unknown
from core.models import Episode, Passage, SearchDocument, Transcript, Word
from core.search.index import SearchIndex
from core.text import captionfiles, captions
from tests.core.text.test_captionfiles import parts, read_srt, read_vtt
from tests.web import demo
from web import render, strings

pytestmark = pytest.mark.slow

HOURS, PART_MS = 12, 60_000
SENTENCE = "Kunnanvaltuusto käsittelee talousarvion kokouksessa numero {} ja päättää hankinnoista yksimielisesti."
PASSAGE_MS, WORD_MS = 6000, 500


def _passage(number: int) -> Passage:
    at = number * PASSAGE_MS
    texts = SENTENCE.format(number).split()
    starts = range(at, at + WORD_MS * len(texts), WORD_MS)
    words = (
        Word(start_ms=t, end_ms=t + 450, text=text, probability=0.9) for t, text in zip(starts, texts, strict=True)
    )
    return Passage(
        id=f"p{number}", start_ms=at, end_ms=at + WORD_MS * len(texts), text=" ".join(texts), words=tuple(words)
    )


@pytest.fixture(scope="module")
def episode() -> Episode:
    """Twelve hours in which somebody speaks all the time: 7200 Passages."""
    passages = tuple(_passage(number) for number in range(HOURS * 3_600_000 // PASSAGE_MS))
    return demo.episode().model_copy(
        update={
            "duration_ms": HOURS * 3_600_000,
            "transcript": Transcript(language="fi", engine="x", passages=passages),
            "chapters": (),
        }
    )


@pytest.fixture(scope="module")
def shown(episode: Episode) -> tuple[captions.Caption, ...]:
    """Its captions."""
    return tuple(captions.cues(episode.transcript.passages))


def test_all_words_are_captions_and_the_files_are_read_as_they_were_written(episode, shown):
    said = " ".join(passage.text for passage in episode.transcript.passages)
    assert " ".join(line for caption in shown for line in caption.lines) == said
    assert all(one.end_ms <= other.start_ms for one, other in pairwise(shown))
    assert read_vtt(captionfiles.webvtt(shown)) == shown
    assert read_srt(captionfiles.srt(shown)) == shown
    assert "\n11:59:5" in captionfiles.webvtt(shown)


def test_the_rendition_of_captions_has_a_segment_for_every_part(shown):
    ends = range(PART_MS, HOURS * 3_600_000 + 1, PART_MS)
    found = captionfiles.segments(shown, parts(*((1, end) for end in ends)))
    assert len(found) == HOURS * 60
    assert all("WEBVTT" in text and "-->" in text for text in found)
    assert sum(text.count("-->") for text in found) <= len(shown) + len(ends)


def test_the_page_and_the_words_hold_it_all(episode):
    page = render.episode_page(episode, "v1", strings.load("fi"))
    assert page.count('class="passage') == len(episode.transcript.passages)
    assert "11.59.54" in page
    words = json.loads(captionfiles.words_json(episode))
    assert len(words["passages"]) == len(episode.transcript.passages)


def test_its_last_minute_is_found(episode, tmp_path: Path):
    passages = episode.transcript.passages
    document = SearchDocument(
        episode=episode.broadcast.id,
        version="1",
        title=episode.broadcast.title,
        programme=episode.broadcast.programme,
        starts_at=episode.broadcast.starts_at,
        passages=passages,
        forms={},
    )
    last = len(passages) - 1
    with SearchIndex(tmp_path / "index") as index:
        index.apply(document, keys.CHANGES)
        results = index.search(str(last), lambda words: {word: unknown(word) for word in words})
    assert [hit.passage_start_ms for hit in results.hits] == [last * PASSAGE_MS]
