"""Finnish words that decide how a number before them is written: units in all cases, months, and endings of cases."""

import re
from collections.abc import Iterator

from core.language.numerals import harmonic, inflected

INVARIABLE = ("viime", "ensi", "eri", "koko", "aika")
"""Attributes that have no cases: the word after them shows it."""

# strong stem, weak stem, ending of the partitive
_UNITS = """
prosentti prosenti a, prosenttiyksikkö prosenttiyksikö ä, promille promille a,
euro euro a, sentti senti ä, dollari dollari a, kruunu kruunu a,
metri metri ä, kilometri kilometri ä, senttimetri senttimetri ä, millimetri millimetri ä,
neliömetri neliömetri ä, neliökilometri neliökilometri ä, kuutiometri kuutiometri ä, hehtaari hehtaari a,
tonni tonni a, kilo kilo a, kilogramma kilogramma a, gramma gramma a, litra litra a,
kilowattitunti kilowattitunni a, megawattitunti megawattitunni a, kilowatti kilowati a, megawatti megawati a
"""
_LARGE = "miljoona miljoona a, miljardi miljardi a"

MONTH = re.compile(r"(tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)kuu(ta|n)$")
VAGUE = frozenset(
    ("muutama", "muutaman", "muutamaa", "pari", "parin", "paria", "monta", "monen", "usea", "usean", "useita", "toista")
    + ("puoli", "puolen", "joku", "jokin", "jonkin", "joitakin")
)
"""Before ``sata tuhatta`` they make it many hundreds of thousands."""
_FUNCTION = frozenset(
    ("niin", "kuin", "ennen", "sitten", "ihan", "noin", "siinä", "siitä", "tässä", "tästä", "missä", "mistä", "sitä")
    + (
        "tätä",
        "mitä",
        "mutta",
        "että",
        "jotta",
        "vielä",
        "täällä",
        "siellä",
        "lisää",
        "asti",
        "saakka",
        "kautta",
        "kunnes",
    )
    + (
        "joka",
        "jota",
        "jossa",
        "josta",
        "kesken",
        "vain",
        "vaan",
        "kanssa",
        "jälkeen",
        "mukaan",
        "aikana",
        "sekä",
        "eikä",
    )
    + ("kohta", "aina", "siksi", "miksi", "täältä", "sieltä", "hyvin", "näin", "kun")
)
"""Words that end like a case and stand in none."""
_ENDINGS = {
    "gen": r"n", "par": r"[aä]", "ine": r"ss[aä]", "ela": r"st[aä]", "ade": r"ll[aä]", "abl": r"lt[aä]",
    "all": r"lle", "tra": r"ksi", "ess": r"n[aä]", "ill": r"(?:([aeiouyäö])\1|seee?|h[aeiouyäö]|siii?)n",
}  # fmt: skip
_SHOWS = {case: re.compile(rf"[a-zäöå-]+{ending}$") for case, ending in _ENDINGS.items()}


def _forms(rows: str) -> Iterator[tuple[str, str]]:
    for row in rows.split(","):
        strong, weak, partitive = row.split()
        essive = strong + harmonic("na", partitive)
        yield strong, "nom"
        for case, (form, _) in inflected(weak, strong + partitive, f"{strong}{strong[-1]}n", essive).items():
            yield form, case


LARGE = {form: case for form, case in _forms(_LARGE)}
"""``miljoona`` and ``miljardi`` in all cases."""
UNITS = {form: case for form, case in _forms(_UNITS)} | LARGE | dict.fromkeys(("km", "kg", "ha"), "par")
"""What is measured in, in all cases of the singular; the recogniser writes some of it short."""


def agrees(cases: frozenset[str], after: str) -> bool:
    """Whether the word after a numeral of these cases is its unit: ``kaksi prosenttia``, ``kahdella prosentilla``."""
    case = UNITS.get(after)
    return case in cases - {"nom"} or ("nom" in cases and case in ("par", "nom"))


def shows(after: str, cases: frozenset[str]) -> bool:
    """Whether the word after a numeral stands in its case, so that a figure needs no ending."""
    is_word = len(after) > 3 and after not in _FUNCTION
    return is_word and any(_SHOWS[case].match(after) for case in cases if case in _SHOWS)


def is_amount(after: str) -> bool:
    """Whether the word may be what is counted, which stands in the partitive."""
    return shows(after, frozenset(("par",)))


def is_counted(after: str) -> bool:
    """Whether the word may be what is counted, in any case: ``10000 asukkaan``."""
    return shows(after, frozenset(_SHOWS))
