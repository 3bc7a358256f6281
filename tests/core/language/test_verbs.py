"""Verbs in the passive, by their base forms."""

import pytest

from core.language.verbs import is_denied_passive, passive

PRESENT = [
    ("annetaan", "antaa"), ("puhutaan", "puhua"), ("luetaan", "lukea"), ("viedään", "viedä"), ("mennään", "mennä"),
    ("halutaan", "haluta"), ("vuokrataan", "vuokrata"), ("myönnetään", "myöntää"), ("noustaan", "nousta"),
]  # fmt: skip
PAST = [("annettiin", "antaa"), ("tehtiin", "tehdä"), ("tultiin", "tulla"), ("hylättiin", "hylätä")]
NEITHER = [
    ("rantaan", "ranta"), ("pöytään", "pöytä"), ("kohtiin", "kohta"), ("asiaan", "asia"), ("alkuun", "alku"),
    ("antaa", "antaa"), ("", "antaa"), ("antoi", "antaa"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "base"), PRESENT)
def test_present(word, base):
    assert passive(word, [base]) == "present"


@pytest.mark.parametrize(("word", "base"), PAST)
def test_past(word, base):
    assert passive(word, [base]) == "past"


@pytest.mark.parametrize(("word", "base"), NEITHER)
def test_other_words(word, base):
    assert not passive(word, [base])


def test_after_a_denial():
    assert is_denied_passive("peritä", ["periä"])
    assert not is_denied_passive("perii", ["periä"])
