"""What is stored of a document comes back as it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.search.entries import Entry, Forms, entry, packed, unpacked, written

WORDS = st.text(st.sampled_from("aäåiknstu15-:',.é~"), min_size=1, max_size=64)


@settings(max_examples=50, deadline=None)
@given(word=WORDS, bases=st.lists(WORDS, min_size=1, max_size=4), parts=st.lists(WORDS, max_size=4))
def test_forms_come_back(word: str, bases: list[str], parts: list[str]) -> None:
    forms = Forms(tuple(bases), tuple(parts))
    assert unpacked(word, packed(word, forms)) == forms


@pytest.mark.parametrize(
    ("word", "forms", "stored"),
    [
        ("kunta", Forms(("kunta",)), ""),
        ("kunnassa", Forms(("kunta",)), "5ta"),
        ("kuusia", Forms(("kuusi", "kuu")), "1 3"),
        ("pienkuntien", Forms(("pienkunta",), ("pieni", "kunta")), "3a/7i ;kunta"),
        ("kommunen", Forms(("kommunen", "~kommun")), "0 8~kommun"),
    ],
)
def test_forms_are_stored_by_their_difference(word: str, forms: Forms, stored: str) -> None:
    assert packed(word, forms) == stored
    assert unpacked(word, stored) == forms


def test_an_entry_comes_back() -> None:
    kept = Entry(
        "passage", "a", "1", "Äänet", "p", "2026-03-02T07:00:00Z", 3, 5, 9, 'Sanoi: "ei".', [0, None], ["", "1"]
    )
    assert entry(written(kept).decode()) == kept
