"""What the search knows of names, numbers, Swedish, synonyms and spelling, and how answers are chosen, with the real
analyser."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from config import catalogue
from core.errors import Misconfigured
from core.models import Chapter, Mention, NoteLine, Passage, SearchDocument
from core.search.index import SearchIndex
from core.search.results import Counts, Group
from core.search.thesaurus import load

SPRING = datetime(2026, 3, 2, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def find(tmp_path_factory, analyser):
    """``find(texts, query)`` gives the texts that answer, best first; the index has nothing else."""
    with SearchIndex(tmp_path_factory.mktemp("search") / "index", known=catalogue.thesaurus()) as index:

        def search(texts, query, *, language="fi", **options):
            index.apply(episode(analyser, "a", texts, language=language), "1")
            return [hit.text for hit in index.search(query, analyser.forms, **options).hits]

        yield search


def episode(analyser, name, texts, *, starts_at=SPRING, programme="kunnat", title="", language="fi", **more):
    passages = tuple(Passage(start_ms=at * 1000, end_ms=at * 1000 + 900, text=text) for at, text in enumerate(texts))
    titles = [title, *(chapter.title for chapter in more.get("chapters", ()))]
    forms = analyser.dictionary([*titles, *texts]) if language == "fi" else {}
    return SearchDocument(
        episode=name, version="1", title=title, programme=programme, starts_at=starts_at,
        passages=passages, forms=forms, language=language, **more,
    )  # fmt: skip


def test_where_any_word_will_do_none_answers_by_what_is_everywhere(find):
    everywhere = ["Se on hyvä."] * 50
    texts = [*everywhere, "Kirjasto suljetaan.", "Tie on poikki."]
    assert sorted(find(texts, "kirjasto on tie", limit=90)) == ["Kirjasto suljetaan.", "Tie on poikki."]
    assert len(find(texts, "on lentoasema", limit=90)) == 51
    assert len(find(texts[40:], "kirjasto on tie", limit=90)) == 12


@pytest.mark.parametrize(
    ("query", "right", "wrong"),
    [
        ("Perho", "Kunnanjohtaja on Perhosta.", "Perheen perho lensi."),
        ("Vaala", "Tämä koskee Vaalaa.", "Nyt on vaalit ja vaalien tulos."),
        ("Ii", "Vieraana on Iin kunta, siis Ii.", "Johtamiskoulutus II ja II:n osa."),
        ("Lahti", "Menemme Lahteen.", "Vene on lahdessa."),
        ("Lahdessa", "Menemme Lahteen.", "Vene on lahdessa."),
        ("Salla", "Sallassa sataa.", "Laki sallii ja sallia saa."),
        ("Nokia", "Nokialla on kokous.", "Takka on täynnä nokea."),
        ("Pello", "Tapaamme Pellolla.", "Lehmä on pellolla."),
        ("Keuruu", "Keuruun kunta päätti.", "Sian keuru on ruma."),
        ("nokia", "Nokialla on kokous.", "Takka on täynnä nokea."),
        ("Multia", "Tervetuloa Multialle.", "Pellon multa on märkää."),
    ],
)
def test_a_municipality_is_not_a_word_like_it(find, query, right, wrong):
    assert find([wrong, right, "Muuta asiaa."], query) == [right]


def test_written_small_a_name_that_is_a_word_finds_both(find):
    assert sorted(find(["Vene on lahdessa.", "Menemme Lahteen."], "lahti")) == ["Menemme Lahteen.", "Vene on lahdessa."]


def test_swedish_text_is_found_in_any_form_of_swedish(find):
    texts = ["Kommunernas ekonomi är svag.", "Skolan stängs."]
    assert find(texts, "kommun", language="sv") == ["Kommunernas ekonomi är svag."]
    assert find(texts, '"kommunens ekonomi"', language="sv") == ["Kommunernas ekonomi är svag."]
    assert find(["Skolan on ruotsia."], "skolor") == []


@pytest.mark.parametrize("query", ["2,5 miljoonaa", "2.5 miljoonaa", "2.5 miljoonan", '"2,5 miljoonaa euroa"'])
def test_a_decimal_may_have_a_point(find, query):
    texts = ["Hinta on 2,5 miljoonaa euroa.", "Hinta on 25 miljoonaa euroa.", "Kello 2 tuli 5 miljoonaa."]
    assert find(texts, query) == ["Hinta on 2,5 miljoonaa euroa."]


def test_what_means_the_same_is_found_after_what_was_asked(find):
    texts = ["Sosiaali- ja terveyspalvelujen rahoitus.", "Sote maksaa.", "Sosiaalinen media ja palvelu."]
    assert find(texts, "sote") == ["Sote maksaa.", "Sosiaali- ja terveyspalvelujen rahoitus."]
    assert find(texts, "sosiaali- ja terveyspalvelut") == ["Sosiaali- ja terveyspalvelujen rahoitus.", "Sote maksaa."]
    assert find(["TE-toimistossa jonotetaan."], "te-toimisto") == ["TE-toimistossa jonotetaan."]


def test_a_minus_takes_away_words_and_phrases_in_any_form(find):
    texts = ["Kunnan koulu.", "Kunnan kirjasto.", "Kunnan oman lain mukaan."]
    assert sorted(find(texts, "kunta -koulut")) == ["Kunnan kirjasto.", "Kunnan oman lain mukaan."]
    assert sorted(find(texts, 'kunta -"oma laki"')) == ["Kunnan kirjasto.", "Kunnan koulu."]
    assert find(texts, "-kunta") == []


def test_a_beginning_finds_all_that_go_on(find):
    texts = ["Kirjasto on auki.", "Kirja on hyvä.", "Koulu on auki."]
    assert sorted(find(texts, "kirj*")) == ["Kirja on hyvä.", "Kirjasto on auki."]
    assert find(texts, "auki kirj", typing=True) == ["Kirjasto on auki."]


def test_a_misspelt_word_is_told_only_from_the_archive(find, tmp_path, analyser):
    with SearchIndex(tmp_path / "index") as index:
        index.apply(episode(analyser, "a", ["Kirjaston aukioloajat.", "Valtuusto päätti."]), "1")
        assert index.search("kirjaasto ja valtuusto", analyser.forms).suggestion == "kirjasto ja valtuusto"
        assert index.search("kirjasto", analyser.forms).suggestion == ""
        assert index.search("neuvola", analyser.forms).suggestion == ""
        assert index.suggest("pieni kirj") == ("pieni kirjasto",)
        assert index.suggest("xyz") == index.suggest("kirja ") == index.suggest("") == ()


@pytest.fixture
def archive(tmp_path, analyser):
    """Two episodes: of 2025, and of 2026 with a title, two chapters, a decision, and a municipality."""
    with SearchIndex(tmp_path / "index") as index:
        old = datetime(2025, 5, 5, 7, tzinfo=UTC)
        index.apply(episode(analyser, "old", ["Koulu ja kunta.", "Muuta."], starts_at=old, programme="kylät"), "1")
        more = {
            "title": "Koulun ilta",
            "chapters": (Chapter(start_ms=0, end_ms=1500, title="Koulut"),),
            "notes": (NoteLine(kind="decision", at_ms=1000, text="Koulu säilyy Vaalassa."),),
            "mentions": (Mention(code="785", name="Vaala", at_ms=1100, said="Vaalassa"),),
        }  # fmt: skip
        texts = ["Avaus.", "Koulu säilyy Vaalassa.", "Koulussa on koulun väkeä."]
        index.apply(episode(analyser, "new", texts, **more), "2")
        yield index


def test_titles_and_chapters_are_found_and_notes_when_asked(archive, analyser):
    found = archive.search("koulu", analyser.forms)
    assert sorted((hit.kind, hit.text) for hit in found.hits if hit.episode == "new") == [
        ("chapter", "Koulut"),
        ("passage", "Koulu säilyy Vaalassa."),
        ("passage", "Koulussa on koulun väkeä."),
        ("title", "Koulun ilta"),
    ]
    (note,) = archive.search("koulu", analyser.forms, kinds=("decision", "action")).hits
    assert (note.kind, note.start_ms, note.text) == ("decision", 1000, "Koulu säilyy Vaalassa.")


@pytest.mark.parametrize(
    ("filters", "total"),
    [({"year": 2025}, 1), ({"year": 2024}, 0), ({"programme": "kylät"}, 1), ({"municipality": "785"}, 2)]
    + [({"municipality": "785", "kinds": ("passage",)}, 1), ({"episode": "new", "kinds": ("chapter", "title")}, 2)],
)
def test_answers_are_chosen(archive, analyser, filters, total):
    assert archive.search("koulu", analyser.forms, **filters).total == total


def test_the_newest_come_first_when_asked(archive, analyser):
    found = archive.search("koulu", analyser.forms, sort="newest", kinds=("passage",))
    assert [(hit.episode, hit.start_ms) for hit in found.hits] == [("new", 1000), ("new", 2000), ("old", 0)]


def test_episodes_tell_how_often_and_when_they_answer(archive, analyser):
    found = archive.search("koulu", analyser.forms, kinds=("passage",), limit=1, offset=0, sort="newest", grouped=True)
    assert found.groups == (Group(episode="new", total=2, times=(1000, 2000)),)


def test_answers_are_counted_by_what_else_could_be_chosen(archive, analyser):
    counts = archive.search("koulu", analyser.forms, year=2026, counted=True).counts
    assert counts.year == {"2025": 1, "2026": 4}
    assert counts.programme == {"kunnat": 4}
    assert counts.municipality == {"785": 2}
    assert counts.kind == {"passage": 2, "chapter": 1, "title": 1, "decision": 1}
    none = archive.search("koulu", analyser.forms, year=2024, counted=True)
    assert (none.total, none.counts.year, none.counts.kind) == (0, {"2025": 1, "2026": 4}, {})
    assert archive.search("-koulu", analyser.forms, counted=True).counts == Counts()


def test_pages_of_one_word_have_everything_once(archive, analyser):
    """A word of its own and its compounds are two questions: pages go on from one to the other."""
    archive.apply(episode(analyser, "more", ["Koulu.", "Kyläkoulu.", "Kansakoulut.", "Kouluissa."]), "3")
    pages = [archive.search("koulu", analyser.forms, limit=2, offset=offset) for offset in range(0, 12, 2)]
    whole = archive.search("koulu", analyser.forms, limit=20)
    assert [hit.text for page in pages for hit in page.hits] == [hit.text for hit in whole.hits]
    assert {page.total for page in pages} == {whole.total} == {len(whole.hits)}
    assert {hit.text for hit in whole.hits[-2:]} == {"Kyläkoulu.", "Kansakoulut."}


def test_many_at_once_are_searched_in_turns_and_answered_as_alone(archive, analyser):
    queries = ["koulu", "kunta talous", "voiko koulu olla", "Perho"] * 8
    before = set(threading.enumerate())
    alone = [archive.search(query, analyser.forms) for query in queries]
    with ThreadPoolExecutor(8) as people:
        assert list(people.map(lambda query: archive.search(query, analyser.forms), queries)) == alone
    turns = [thread for thread in set(threading.enumerate()) - before if thread.name.startswith("search")]
    assert len(turns) <= (os.cpu_count() or 1)


def test_who_waits_for_the_analyser_has_no_turn(archive, analyser):
    loaded = threading.Event()
    number = 1 + (os.cpu_count() or 1)

    def slowly(words):
        assert loaded.wait(60)
        return analyser.forms(words)

    with ThreadPoolExecutor(number) as people:
        waiting = [people.submit(archive.search, "koulu", slowly) for _ in range(number)]
        try:
            assert archive.search("koulu", analyser.forms).total
        finally:
            loaded.set()
        assert all(each.result().total for each in waiting)


@pytest.mark.parametrize("query", ["x" * 10_000, "<script>" * 1250, "'; DROP TABLE a; --" * 500, "(a+)+$" * 1600])
def test_ten_thousand_characters_are_answered_and_not_logged(archive, analyser, query, caplog):
    analyser.forms(["x" * 64, "script", "drop", "table", "a"])
    began = time.process_time()
    archive.search(query, analyser.forms)
    # The goal is 100 ms; it takes about ten, and what grew with the square of the length would take seconds.
    assert time.process_time() - began < 1
    assert not caplog.records


@pytest.mark.parametrize(
    "text", ["[[group]]\nsame = ['sote']", "[[group]]", "group = 1", "[[", "[[group]]\nsame = ['a', '!']"]
)
def test_a_wrong_table_of_synonyms_is_told(text):
    with pytest.raises(Misconfigured, match="ynonyms"):
        load(text, ())
