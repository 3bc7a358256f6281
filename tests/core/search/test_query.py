"""What is read out of what viewers type."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search.query import MAX_CLAUSES, Clause, is_written_like_a_name, parse, term

WORD = st.from_regex(r"[a-zåäö]{2,12}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("kunta Koulu", [Clause(("kunta",)), Clause(("koulu",), named=True)]),
        ('"Kunnan talous"', [Clause(("kunnan", "talous"), "phrase")]),
        ("”kunnan talous„", [Clause(("kunnan", "talous"), "phrase")]),
        ("kunta -koulu", [Clause(("kunta",)), Clause(("koulu",), negative=True)]),
        ('-"oma laki"', [Clause(("oma", "laki"), "phrase", negative=True)]),
        ("kunt*", [Clause(("kunt",), "prefix")]),
        ("-kunt*", [Clause(("kunt",), "prefix", negative=True)]),
        ("k*", [Clause(("k",))]),
        ("sosiaali- ja te-toimisto", [Clause(("sosiaali",)), Clause(("ja",)), Clause(("te-toimisto",))]),
        ("2021 - 2023", [Clause(("2021",)), Clause(("2023",))]),
        ("2 300 2.5", [Clause(("2300",)), Clause(("2,5",))]),
        ('kunta "koulu', [Clause(("kunta",)), Clause(("koulu",))]),
        ("kunta kunta", [Clause(("kunta",))]),
        ('"" - * ** "!"', []),
    ],
)
def test_a_query_is_read(text: str, clauses: list[Clause]) -> None:
    assert list(parse(text)) == clauses


def test_the_last_word_may_be_unfinished() -> None:
    assert parse("pieni kun", typing=True)[-1] == Clause(("kun",), "prefix")
    for finished in ("pieni kun ", 'pieni "kun"', "k"):
        assert all(clause.kind != "prefix" for clause in parse(finished, typing=True))


def test_names_are_told_from_abbreviations() -> None:
    assert [word for word in ("Ii", "Iin", "II", "II:n", "ii", "Perho", "EU") if is_written_like_a_name(word)] == [
        "Ii",
        "Iin",
        "Perho",
    ]


@given(words=st.lists(st.tuples(WORD, st.booleans()), max_size=8, unique_by=lambda word: word[0]))
def test_words_and_minus_words_come_back(words: list[tuple[str, bool]]) -> None:
    text = " ".join(f"{'-' * negative}{word}" for word, negative in words)
    assert [(clause.words[0], clause.negative) for clause in parse(text)] == words


@given(phrases=st.lists(st.lists(WORD, min_size=1, max_size=4), max_size=4, unique_by=tuple))
def test_phrases_come_back(phrases: list[list[str]]) -> None:
    found = parse(" ".join(f'"{" ".join(words)}"' for words in phrases))
    assert [list(clause.words) for clause in found] == phrases
    assert all(clause.kind == "phrase" for clause in found)


@given(text=st.text(max_size=300), typing=st.booleans())
def test_every_text_is_read(text: str, typing: bool) -> None:
    """A fuzz run: whatever is typed, the clauses are few, different, of folded words, and the same each time."""
    found = parse(text, typing=typing)
    assert found == parse(text, typing=typing)
    assert len(found) == len(set(found)) <= MAX_CLAUSES
    assert all(clause.words and all(word == term(word) for word in clause.words) for clause in found)


@pytest.mark.parametrize(
    "text",
    ['"' * 10_000, "-" * 10_000, "(a+)+$" * 1700, "a" * 10_000, "a\u0301" * 5000, "1 000" * 2000, "'" * 10_000]
    + ["'; DROP TABLE texts; --" * 400, "<script>alert(1)</script>" * 400, "\u202eقانون البلدية " * 600]
    + ["👩‍👩‍👧" * 1200, " ".join(f"sana{number}" for number in range(1400)), "*" * 10_000, "ja on ei " * 1100],
)
def test_ten_thousand_characters_are_read_in_linear_time(text: str) -> None:
    began = time.process_time()
    assert len(parse(text[:10_000])) <= MAX_CLAUSES
    # It takes a few ms; what grew with the square of the length would take seconds.
    assert time.process_time() - began < 0.5
