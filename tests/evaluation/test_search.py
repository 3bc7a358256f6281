"""The measures of search, by hand, and other engines on a few texts."""

import pytest

from evaluation.measures import average_precision, gain, reciprocal_rank
from evaluation.names import Names, judged
from evaluation.rivals import FullText, Stemmed

TEXTS = {"a": "Kunnan koulu on kiinni.", "b": "Kouluissa on kunta mukana.", "c": "Muuta."}


def test_measures_of_an_answer() -> None:
    ranked, right = ["x", "a", "y", "b"], {"a", "b", "c"}
    assert reciprocal_rank(ranked, right) == 0.5
    assert average_precision(ranked, right) == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert gain(ranked, right) == pytest.approx((0.6309 + 0.4307) / (1 + 0.6309 + 0.5), abs=1e-3)
    assert (reciprocal_rank([], right), average_precision([], right), gain([], right)) == (0, 0, 0)
    assert gain(["a", "b", "c"], right) == average_precision(["a", "b", "c"], right) == 1


def test_names_are_judged_by_forms_found_and_traps_hit() -> None:
    names = Names(texts={}, right={"Ii": {"1", "2"}, "Vaala": {"3", "4"}}, traps=frozenset({"trap.ii", "trap.vaali"}))
    found = judged(names, {"Ii": ["1", "2", "trap.ii"], "Vaala": ["3", "9"]})
    assert (found.forms, found.recall, found.traps, found.trapped) == (4, 0.75, 2, 0.5)


@pytest.mark.parametrize(("kind", "stemmed"), [(FullText, []), (Stemmed, ["a", "b"])])
def test_other_engines_find_words(tmp_path, kind, stemmed) -> None:
    engine = kind(tmp_path / "index")
    engine.add(TEXTS.items())
    assert engine.found("koulu kiinni", 10) == ["a"]
    assert sorted(engine.found("koulussa", 10)) == stemmed
    assert sorted(engine.found("kiinni mukana", 10)) == ["a", "b"]
    assert engine.found('"!', 10) == []
