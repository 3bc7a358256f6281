"""The search index on disk, with the real analyser."""

import itertools
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import core.search.index
from core.errors import ChildFailed, Misconfigured
from core.models import Passage, SearchDocument, Word, WordForms
from core.search.index import SearchIndex
from core.search.passages import documents
from core.search.results import Hit, Results

ROOT = Path(__file__).parents[3]
MORNING = datetime(2026, 3, 2, 7, tzinfo=UTC)


@pytest.fixture
def index(tmp_path):
    with SearchIndex(tmp_path / "index") as index:
        yield index


@pytest.fixture
def document(analyser):
    def make(episode, *texts, starts_at=MORNING, programme="kunnat", version="1"):
        passages = tuple(
            text if isinstance(text, Passage) else Passage(start_ms=at * 1000, end_ms=at * 1000 + 900, text=text)
            for at, text in enumerate(texts)
        )
        forms = analyser.dictionary(passage.text for passage in passages)
        return SearchDocument(
            episode=episode,
            version=version,
            title=f"Lähetys {episode}",
            programme=programme,
            starts_at=starts_at,
            passages=passages,
            forms=forms,
        )

    return make


def texts(results):
    return [hit.text for hit in results.hits]


def test_a_word_is_found_by_its_base_form_and_inside_compounds(index, document, analyser):
    index.apply(document("a", "Pienkuntien rahat loppuvat.", "Näin on monissa kunnissa.", "Muuta asiaa."), "001")
    found = index.search("kunta", analyser.forms)
    assert texts(found) == ["Näin on monissa kunnissa.", "Pienkuntien rahat loppuvat."]
    assert found.hits[0].highlights == ((16, 24),)
    assert found.total == 2
    assert not found.relaxed


def test_a_rare_compound_ranks_below_the_word_itself(index, document, analyser):
    index.apply(document("a", "Pienkuntien.", *["Kunnissa on kunnan väkeä ja monta muuta asiaa."] * 30), "001")
    assert texts(index.search("kunta", analyser.forms, limit=40))[-1] == "Pienkuntien."


@pytest.mark.parametrize("query", ["2300", "2 300", "2\u00a0300 euroa", '"2 300 euroa"'])
def test_a_figure_is_found_with_any_space_or_none(index, document, analyser, query):
    index.apply(
        document("a", "Se maksaa 2\u00a0300 euroa.", "Kello 2 kuntia oli 300.", "Se maksaa 12\u00a0300 euroa."), "1"
    )
    assert texts(index.search(query, analyser.forms)) == ["Se maksaa 2\u00a0300 euroa."]


def test_a_hit_tells_all(index, document, analyser):
    spoken = [(4000, "Ja"), (4300, " Savukosken"), (5000, " esitystä.")]
    words = tuple(Word(start_ms=at, end_ms=at + 200, text=text, probability=0.9) for at, text in spoken)
    passage = Passage(start_ms=4000, end_ms=5500, text="Ja Savukosken esitystä.", words=words, unclear=True)
    index.apply(document("a", passage), "001")
    (hit,) = index.search("savukoski esitys", analyser.forms).hits
    assert hit == Hit(
        episode="a",
        version="1",
        title="Lähetys a",
        programme="kunnat",
        starts_at=MORNING,
        start_ms=4300,
        passage_start_ms=4000,
        end_ms=5500,
        text="Ja Savukosken esitystä.",
        highlights=((3, 13), (14, 22)),
        score=hit.score,
    )


def test_all_words_are_asked_first_then_any(index, document, analyser):
    index.apply(document("a", "Kunnan talous on kunnossa.", "Kyläkoulun talous."), "001")
    assert texts(index.search("talous kyläkoulu", analyser.forms)) == ["Kyläkoulun talous."]
    relaxed = index.search("kyläkoulu kunta", analyser.forms)
    assert relaxed.relaxed
    assert sorted(texts(relaxed)) == ["Kunnan talous on kunnossa.", "Kyläkoulun talous."]


def test_a_compound_that_nobody_said_is_sought_by_its_parts(index, document, analyser):
    index.apply(document("a", "Kunnan talous.", "Muuta asiaa."), "001")
    found = index.search("kuntatalous", analyser.forms)
    assert (found.relaxed, texts(found)) == (True, ["Kunnan talous."])
    assert found.hits[0].highlights == ((0, 6), (7, 13))


def test_quoted_words_match_in_their_order_in_any_form_as_written_first(index, document, analyser):
    index.apply(document("a", "Kuntien taloudet.", "Kunnan talous on hyvä.", "Talous kunnan on."), "001")
    for query in ('"kunnan talous"', "”Kunnan talous”"):
        assert texts(index.search(query, analyser.forms)) == ["Kunnan talous on hyvä.", "Kuntien taloudet."]
    assert texts(index.search('"kunnan talous" hyvä', analyser.forms)) == ["Kunnan talous on hyvä."]
    assert index.search('"kunnan talous"', analyser.forms).hits[0].highlights == ((0, 6), (7, 13))


def test_ties_are_ordered_newest_broadcast_first(index, document, analyser):
    days = [3, 1, 4, 0, 2]
    with index.batch():
        for day in days:
            index.apply(document(f"d{day}", "Kunta.", starts_at=MORNING + timedelta(days=day)), f"{day}")
    assert [hit.episode for hit in index.search("kunta", analyser.forms).hits] == ["d4", "d3", "d2", "d1", "d0"]
    pages = [index.search("kunta", analyser.forms, limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [hit.episode for page in pages for hit in page.hits] == ["d4", "d3", "d2", "d1", "d0"]
    assert {page.total for page in pages} == {5}


def test_one_episode_or_programme_can_be_asked(index, document, analyser):
    index.apply(document("a", "Kunta."), "001")
    index.apply(document("b", "Kunta.", programme="kylät"), "002")
    assert [hit.episode for hit in index.search("kunta", analyser.forms, episode="a").hits] == ["a"]
    assert [hit.episode for hit in index.search("kunta", analyser.forms, programme="kylät").hits] == ["b"]
    assert index.search("kunta", analyser.forms, episode="c") == Results()


def test_a_new_version_replaces_and_a_removal_removes(index, document, analyser):
    assert index.position == ""
    index.apply(document("a", "Kunta ja kylä."), "001")
    index.apply(document("a", "Kaupunki.", version="2"), "002")
    assert (index.position, texts(index.search("kunta", analyser.forms))) == ("002", [])
    assert index.search("kaupunki", analyser.forms).hits[0].version == "2"
    index.remove("a", "003")
    assert (index.position, index.dump()) == ("003", [])


def test_an_index_made_again_is_the_same(tmp_path, document):
    documents = [document(name, f"Kunta {name}.", "Pienkuntien asia.") for name in "abc"]
    with SearchIndex(tmp_path / "one") as one, SearchIndex(tmp_path / "two") as two:
        for at, changed in enumerate([documents[1], documents[0], documents[2], documents[1]]):
            one.apply(changed, f"{at}")
        one.apply(document("gone", "Pois."), "4")
        one.remove("gone", "5")
        with two.batch():
            for changed in documents:
                two.apply(changed, "5")
        assert one.dump() == two.dump()
        assert len(one.dump()) == 9
        assert one.position == two.position == "5"


def test_what_was_not_committed_is_gone_with_its_position(tmp_path, document):
    code = """
import os, sys
from pathlib import Path
from core.search.index import SearchIndex
from core.models import SearchDocument
index = SearchIndex(Path(sys.argv[1]))
document = SearchDocument.model_validate_json(sys.stdin.read())
index.apply(document, "1")
with index.batch():
    index.remove(document.episode, "2")
    os._exit(9)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "index")]
    done = subprocess.run(command, cwd=ROOT, input=document("a", "Kunta.").model_dump_json(), text=True, check=False)
    assert done.returncode == 9
    with SearchIndex(tmp_path / "index") as index:
        assert (index.position, len(index.dump())) == ("1", 2)


def test_half_a_change_never_meets_the_next_commit(index, document, monkeypatch):
    index.apply(document("a", "Kunta."), "1")
    make = documents

    def interrupted(document):
        yield next(make(document))
        raise KeyboardInterrupt

    monkeypatch.setattr(core.search.index, "documents", interrupted)
    with pytest.raises(KeyboardInterrupt):
        index.apply(document("b", "Kylä.", "Kaupunki."), "2")
    monkeypatch.undo()
    index.remove("c", "3")
    assert (index.position, len(index.dump())) == ("3", 2)


def test_one_writes_and_others_read(tmp_path, document, analyser):
    with SearchIndex(tmp_path / "index") as writer, SearchIndex(tmp_path / "index") as reader:
        writer.apply(document("a", "Kunta."), "001")
        assert reader.position == "001"
        assert texts(reader.search("kunta", analyser.forms)) == ["Kunta."]
        with pytest.raises(Misconfigured, match="another process"):
            reader.apply(document("b", "Kunta."), "002")
        writer.close()
        reader.apply(document("b", "Kylä."), "002")
        assert writer.position == "002"


@pytest.mark.parametrize("damage", ["meta.json", ".managed.json", "*.store", "*.term", "*.idx", "schema-version"])
def test_a_damaged_or_foreign_index_is_put_aside(tmp_path, document, analyser, damage):
    folder = tmp_path / "index"
    with SearchIndex(folder) as index:
        index.apply(document("a", "Kunta."), "001")
    for file in folder.glob(damage):
        file.write_bytes(file.read_bytes()[:3] + b"?")
    with SearchIndex(folder) as index:
        assert (index.position, index.dump()) == ("", [])
        index.apply(document("a", "Kunta."), "001")
        assert index.search("kunta", analyser.forms).total == 1
    assert len(list(tmp_path.glob("index.aside-*"))) == 1


def test_without_the_analyser_words_are_found_as_written(index, document):
    def failing(words):
        raise ChildFailed("No memory.")

    index.apply(document("a", "Kunnan asia."), "001")
    assert texts(index.search("kunnan", failing)) == ["Kunnan asia."]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    passages = (Passage(start_ms=0, end_ms=1, text='Kunta (pieni) sanoi: "ei" – EU:n 50 % tuki.'),)
    with SearchIndex(tmp_path_factory.mktemp("small") / "index") as index:
        document = SearchDocument(
            episode="a", version="1", title="", programme="p", starts_at=MORNING, passages=passages, forms={}
        )
        index.apply(document, "1")
        yield index


def plain(words):
    return {word: WordForms(bases=(word,)) for word in words}


@pytest.mark.parametrize(
    "query",
    ["", " ", '"', '""', '"kunta', "kunta:", "(kunta", "kunta)", "AND", "kunta OR", "+kunta -pieni", "text:*", "a^2~"]
    + ["[a TO b]", "\\", "/x/", "\0", "\ud800", "kunta " * 2000, "x" * 10_000, '"' + "kunta " * 2000 + '"'],
)
def test_odd_queries_are_no_errors(small, query):
    assert small.search(query, plain).total in (0, 1)


@given(query=st.text(max_size=200), limit=st.integers(-5, 200), offset=st.integers(-5, 10**12))
@settings(max_examples=150)
def test_no_query_is_an_error(small, query, limit, offset):
    small.search(query, plain, limit=limit, offset=offset)


@given(words=st.permutations(['"', "kunta", "(", "pieni", ":", "-", '"', "*", "ei"]))
@settings(max_examples=50)
def test_no_order_of_marks_is_an_error(small, words):
    found = small.search(" ".join(words), plain)
    assert all(start < end for hit in found.hits for start, end in itertools.chain(hit.highlights))


def test_the_year_is_that_of_finland(index, document):
    new_year = datetime(2025, 12, 31, 22, 30, tzinfo=UTC)
    index.apply(document("a", "Kunta.", starts_at=new_year), "1")
    assert index.search("kunta", lambda words: {}, year=2026).total == 1
    assert index.search("kunta", lambda words: {}, year=2025).total == 0
