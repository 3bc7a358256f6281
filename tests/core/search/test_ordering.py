"""The best of the answers, beside what the library itself gives when it weighs every document."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.models import Passage, SearchDocument, WordForms
from core.search import ordering
from core.search.asking import Asked
from core.search.building import Builder
from core.search.index import SearchIndex
from core.search.passages import schema

EPISODES = 12
TEXTS = ("kunta", "kunta kunta", "kunta ja muuta", "kunta ja vielä paljon muuta asiaa", "koulu kunta koulu", "koulu")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchIndex]:
    """Of the first episode a version was replaced; the newest broadcast is not the last that came."""
    with SearchIndex(tmp_path_factory.mktemp("ordering") / "index") as made:
        with made.batch():
            made.apply(episode(0, ("vanha kunta",)), "0")
        with made.batch():
            for number in range(EPISODES):
                made.apply(episode(number), str(number))
        yield made


def episode(number: int, texts: tuple[str, ...] = TEXTS) -> SearchDocument:
    said = [text for text in texts for _ in range(30)]
    return SearchDocument(
        episode=f"e{number}",
        version="1",
        title="",
        programme="p",
        starts_at=datetime(2021, 1, 1, tzinfo=UTC) + timedelta(days=number * 5 % EPISODES * 40),
        passages=tuple(Passage(start_ms=at * 1000, end_ms=at * 1000 + 900, text=text) for at, text in enumerate(said)),
        forms={},
    )


@pytest.mark.parametrize("word", ["kunta", "koulu", "asiaa", "puuttuu"])
@pytest.mark.parametrize(("limit", "offset"), [(20, 0), (7, 35), (100, 0), (100, 28), (100, 29), (20, 5000)])
def test_it_is_what_the_library_gives(index: SearchIndex, word: str, limit: int, offset: int) -> None:
    searcher, query = index._searcher(), Builder(schema()).term("exact", word)
    whole: Any = searcher.search(query, limit=limit, offset=offset, weight_by_field="recency")
    found = ordering.newer_first(searcher, query, limit, offset)
    assert found.total == whole.count
    assert [at for _, at in found.hits] == [at for _, at in whole.hits]
    assert [score for score, _ in found.hits] == pytest.approx([score for score, _ in whole.hits])


def test_the_best_few_are_weighed_where_they_hold_the_page(index: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """An episode has fewer documents than are weighed; ``kunta`` is alone in more, which weigh the same."""
    searcher, made = index._searcher(), Builder(schema())
    weighing = Counting(searcher)
    ordering.newer_first(weighing, made.term("episode", "e3"), 20, 0)
    assert weighing.orders == [None]
    ordering.newer_first(weighing, made.term("exact", "kunta"), 20, 0)
    assert weighing.orders == [None, None, "recency"]


class Counting:
    """A searcher that tells by what it was asked to weigh."""

    def __init__(self, searcher: Any) -> None:
        self._searcher = searcher
        self.orders: list[str | None] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._searcher, name)

    def search(self, *args: Any, weight_by_field: str | None = None, **options: Any) -> Any:
        self.orders.append(weight_by_field)
        return self._searcher.search(
            *args, **options, **({"weight_by_field": weight_by_field} if weight_by_field else {})
        )


@pytest.fixture(scope="module")
def compounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchIndex]:
    """Of two words many have both as words of their own, some one of them in a compound, some both."""
    texts = (
        "kunta koulu",
        "kunta on koulu ja kunta",
        "kuntakoulu",
        "kunta kyläkoulu",
        "koulu kuntakoulu kunta",
        "kylä",
    )
    parts = {"kuntakoulu": ("kunta", "koulu"), "kyläkoulu": ("kylä", "koulu")}
    forms = {word: WordForms(bases=(word,), parts=found) for word, found in parts.items()}
    with SearchIndex(tmp_path_factory.mktemp("compounds") / "index") as made:
        with made.batch():
            for number in range(4):
                document = episode(number, texts)
                made.apply(document.model_copy(update={"forms": forms}), str(number))
        yield made


@pytest.mark.parametrize(
    ("query", "limit", "offset", "of_their_own"),
    [("kunta koulu", 20, 0, True), ("koulu kunta -kylä", 20, 40, True), ("kunta koulu", 100, 20, True)]
    + [("kunta koulu", 20, 350, False), ("kunta kylä", 20, 0, False), ("kunta puuttuu", 20, 0, False)],
)
def test_several_words_are_answered_as_if_all_were_scored(
    compounds: SearchIndex, monkeypatch: pytest.MonkeyPatch, query: str, limit: int, offset: int, of_their_own: bool
) -> None:
    """Where documents that have all of them as words of their own fill the page, no others are scored."""
    scored: list[object] = []
    whole = Builder.query
    monkeypatch.setattr(Builder, "query", lambda *args, **kw: scored.append(args) or whole(*args, **kw))
    found = compounds.search(query, lambda _: {}, limit=limit, offset=offset)
    assert bool(scored) is not of_their_own
    monkeypatch.setattr(Builder, "several", lambda *_: None)
    expected = compounds.search(query, lambda _: {}, limit=limit, offset=offset)
    assert found.total == expected.total
    assert [(hit.episode, hit.start_ms) for hit in found.hits] == [(hit.episode, hit.start_ms) for hit in expected.hits]
    assert [hit.score for hit in found.hits] == pytest.approx([hit.score for hit in expected.hits])


@pytest.mark.parametrize("query", ['"kunta on" koulu', 'koulu "kunta koulu" -kylä', '"kunta kyläkoulu" kylä koulu'])
def test_phrases_with_words_are_answered_as_if_looked_for_everywhere(
    compounds: SearchIndex, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    found = compounds.search(query, lambda _: {})
    assert found.total >= 120
    assert not found.relaxed
    monkeypatch.setattr(Asked, "is_plain", False)
    expected = compounds.search(query, lambda _: {})
    assert found.total == expected.total
    assert [(hit.episode, hit.start_ms) for hit in found.hits] == [(hit.episode, hit.start_ms) for hit in expected.hits]
    assert [hit.score for hit in found.hits] == pytest.approx([hit.score for hit in expected.hits])


def test_all_answers_are_told_whatever_of_them_is_on_the_page(index: SearchIndex) -> None:
    """Of those that are not on it only the number is asked; what was replaced is none of them."""
    expected = EPISODES * 30 * sum("kunta" in text for text in TEXTS)
    for limit in (1, 20, 2000):
        found = index.search("kunta", lambda _: {}, limit=limit)
        assert found.total == expected
        assert len(found.hits) == min(limit, expected)
