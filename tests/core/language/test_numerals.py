"""Finnish numerals, parsed; beside them words that only look like numerals."""

import pytest

from core.language import numerals


@pytest.mark.parametrize(
    ("letters", "value", "case"),
    [
        ("kuusi", 6, "nom"),
        ("viisitoista", 15, "nom"),
        ("neljästätoista", 14, "ela"),
        ("kaksikymmentäviisi", 25, "nom"),
        ("kahdellakymmenellä", 20, "ade"),
        ("kahtakymmentä", 20, "par"),
        ("kahdeksankymmentä", 80, "nom"),
        ("kahdeksankymmenen", 80, "gen"),
        ("sata", 100, "nom"),
        ("satakaksi", 102, "nom"),
        ("sadanviiden", 105, "gen"),
        ("viidestäsadasta", 500, "ela"),
        ("kaksituhattakolmesataa", 2300, "nom"),
        ("tuhatyhdeksänsataayhdeksänkymmentäviisi", 1995, "nom"),
        ("kahdestatuhannestakahdestakymmenestäkuudesta", 2026, "ela"),
        ("kaksituhattakaksikymmentäkuudella", 2026, "ade"),
        ("yhdeksääntuhanteenviiteensataan", 9500, "ill"),
        ("kaksisataaviisikymmentätuhatta", 250_000, "nom"),
    ],
)
def test_cardinals(letters, value, case):
    number = numerals.parse(letters)
    assert (number.value, number.cases, number.spoken) == (value, {case}, False)


@pytest.mark.parametrize(
    ("letters", "value"), [("kaks", 2), ("kakskytviis", 25), ("kolkytkuus", 36), ("viistoist", 15)]
)
def test_spoken_short_forms_are_told(letters, value):
    number = numerals.parse(letters)
    assert (number.value, number.spoken) == (value, True)


@pytest.mark.parametrize(
    "word",
    ["kuusamo", "viitasaari", "kolari", "kaksin", "yhteensä", "tuhansia", "kymmeniä", "toista", "kaksikymmenen", "pari"]
    + ["kolmeneljä", "kaksikymmentäkaksikymmentä", "ensimmäinen", "parikymmentä", "sadoittain", "", "a" * 200],
)
def test_no_numerals(word):
    assert numerals.parse(word) is None


@pytest.mark.parametrize(
    ("letters", "ending"),
    [
        ("kahden", "n"),
        ("kahta", "ta"),
        ("kolmea", "a"),
        ("kolmeen", "een"),
        ("seitsemää", "ää"),
        ("neljäätoista", "ää"),
        ("kahdessakymmenessä", "ssä"),
        ("kolmeasataa", "aa"),
        ("sataan", "aan"),
    ],
)
def test_endings_after_a_colon_are_those_of_the_style_guide_of_the_eu(letters, ending):
    assert numerals.parse(letters).ending == ending


@pytest.mark.parametrize(
    ("letters", "value", "case"),
    [
        ("ensimmäinen", 1, "nom"),
        ("toiseen", 2, "ill"),
        ("kolmas", 3, "nom"),
        ("kolmantena", 3, "ess"),
        ("kolmannestatoista", 13, "ela"),
        ("kahdettakymmenettä", 20, "par"),
        ("kahdeskymmenesyhdes", 21, "nom"),
        ("kahdeskymmenesensimmäinen", 21, "nom"),
        ("kolmantenakymmenentenäensimmäisenä", 31, "ess"),
    ],
)
def test_days_of_a_month(letters, value, case):
    assert numerals.ordinal(letters) == (value, case)


@pytest.mark.parametrize("word", ["kolme", "kolmannes", "sadas", "kolmaskymmenestoinen", "kolmasti", "toinentoistaan"])
def test_no_days(word):
    assert numerals.ordinal(word) is None
