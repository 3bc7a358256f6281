"""Finnish numerals: from the words, in any case, to numbers. Pure; a closed class, so a table and a small grammar.

Cardinals below a million, of which all parts agree or only the last one is inflected, and ordinals of the days of a
month. Spoken short forms (``kaks``, ``kolkyt``) are marked.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

NOMINATIVE = "nom"
LONGEST = 90
"""Letters of the longest numeral that is parsed; longer strings are none."""

_LOCAL = (("ine", "ssa"), ("ela", "sta"), ("ade", "lla"), ("abl", "lta"), ("all", "lle"), ("tra", "ksi"))
_FRONT = str.maketrans("ao", "äö")
_CARDINALS = (
    # value, nominative, weak stem, partitive, illative, essive
    (1, "yksi", "yhde", "yhtä", "yhteen", "yhtenä"),
    (2, "kaksi", "kahde", "kahta", "kahteen", "kahtena"),
    (3, "kolme", "kolme", "kolmea", "kolmeen", "kolmena"),
    (4, "neljä", "neljä", "neljää", "neljään", "neljänä"),
    (5, "viisi", "viide", "viittä", "viiteen", "viitenä"),
    (6, "kuusi", "kuude", "kuutta", "kuuteen", "kuutena"),
    (7, "seitsemän", "seitsemä", "seitsemää", "seitsemään", "seitsemänä"),
    (8, "kahdeksan", "kahdeksa", "kahdeksaa", "kahdeksaan", "kahdeksana"),
    (9, "yhdeksän", "yhdeksä", "yhdeksää", "yhdeksään", "yhdeksänä"),
    (10, "kymmenen", "kymmene", "kymmentä", "kymmeneen", "kymmenenä"),
    (100, "sata", "sada", "sataa", "sataan", "satana"),
    (1000, "tuhat", "tuhanne", "tuhatta", "tuhanteen", "tuhantena"),
)
_SPOKEN = {
    1: ("yks",), 2: ("kaks",), 5: ("viis",), 6: ("kuus",), 7: ("seittemän",), 8: ("kaheksan",), 9: ("yheksän",),
    30: ("kolkyt",), 40: ("nelkyt",), 70: ("seiskyt",),
}  # fmt: skip
_TEEN = {"toista": False, "toist": True}
_TIMES_TEN = "kyt"
_ORDINALS = {
    3: "kolma", 4: "neljä", 5: "viide", 6: "kuude", 7: "seitsemä", 8: "kahdeksa", 9: "yhdeksä", 10: "kymmene",
}  # fmt: skip
_COMPOUND_ORDINALS = _ORDINALS | {1: "yhde", 2: "kahde"}
_FIRST_TWO = {1: ("ensimmäinen", "ensimmäise", "ensimmäistä"), 2: ("toinen", "toise", "toista")}
LAST_DAY = 31


class Numeral(NamedTuple):
    """A number as it was said: its value, the cases it may stand in, and the ending of its last inflected part.

    ``spoken`` tells that it has a short form that is not written; ``parts`` of how many words it is made.
    """

    value: int
    cases: frozenset[str]
    ending: str
    spoken: bool = False
    parts: int = 1

    @property
    def is_nominative(self) -> bool:
        """Whether it may be the form without an ending."""
        return NOMINATIVE in self.cases

    @property
    def is_bare_round(self) -> bool:
        """``sata`` or ``tuhat`` alone, which often means many."""
        return self.parts == 1 and self.value >= 100


def harmonic(ending: str, stem: str) -> str:
    """The ending with the vowels that go with the last vowel of the stem that decides."""
    deciding = [letter for letter in stem if letter in "aouäöy"]
    return ending if deciding and deciding[-1] in "aou" else ending.translate(_FRONT)


def inflected(weak: str, partitive: str, illative: str, essive: str) -> dict[str, tuple[str, str]]:
    """The form of each case but the nominative, and the ending that stands after a figure and a colon."""
    forms = {"gen": (f"{weak}n", "n"), "par": (partitive, _ending_of_partitive(partitive))}
    forms |= {"ill": (illative, illative[-3:]), "ess": (essive, essive[-2:])}
    for case, ending in _LOCAL:
        own = harmonic(ending, partitive[-1])
        forms[case] = (weak + own, own)
    return forms


def _ending_of_partitive(form: str) -> str:
    """``300:aa``, ``7:ää``, ``2:ta``, ``3:a``."""
    is_short = form[-1] != form[-2] and form[-2] != "t"
    return form[-1] if is_short else form[-2:]


@cache
def _atoms() -> dict[str, tuple[Numeral, ...]]:
    """What each word that numerals are made of can be."""
    found: dict[str, list[Numeral]] = {}
    for value, nominative, *rest in _CARDINALS:
        found.setdefault(nominative, []).append(Numeral(value, frozenset((NOMINATIVE,)), ""))
        for case, (form, ending) in inflected(*rest).items():
            found.setdefault(form, []).append(Numeral(value, frozenset((case,)), ending))
    for value, forms in _SPOKEN.items():
        for form in forms:
            found.setdefault(form, []).append(Numeral(value, frozenset((NOMINATIVE,)), "", spoken=True))
    return {form: _united(readings) for form, readings in found.items()}


def _united(readings: Sequence[Numeral]) -> tuple[Numeral, ...]:
    """``kahdeksan`` is nominative and genitive at once."""
    first = readings[0]
    cases = frozenset().union(*(each.cases for each in readings))
    return (first._replace(cases=cases, ending=readings[-1].ending),)


def begins_like_one(word: str) -> bool:
    """Whether a word begins with a numeral in the nominative: ``viisivuotias``, ``satakunta``, ``kuusamolainen``."""
    return word.startswith(_BEGINNINGS)


def goes_on_like_one(word: str) -> bool:
    """Whether a word may be the rest of a numeral that was cut or recognised wrongly: ``toistat``, ``luvulla``."""
    return word.startswith(("toist", "kymmen", "sadat", "tuhan", "luvu", "luku", "vuoti"))


_BEGINNINGS = tuple(row[1] for row in _CARDINALS)


@cache
def parse(letters: str) -> Numeral | None:
    """The numeral that these small letters write without spaces, or None."""
    if not letters or len(letters) > LONGEST:
        return None
    return next((number for number, rest in _whole(letters) if not rest), None)


_Readings = Iterator[tuple[Numeral, str]]
_Parser = Callable[[str], _Readings]


def _atom(letters: str, values: Sequence[int]) -> _Readings:
    """Every atom of these values that the letters begin with, longest first, and the letters after it."""
    for end in range(min(len(letters), 12), 2, -1):
        for atom in _atoms().get(letters[:end], ()):
            if atom.value in values:
                yield atom, letters[end:]


def _whole(letters: str) -> _Readings:
    """[below a thousand] thousand [below a thousand], or what is below a thousand."""
    for times, rest in _times(letters, _below_thousand, (1000,)):
        yield times, rest
        yield from _sums(times, rest, _below_thousand)
    yield from _below_thousand(letters)


def _below_thousand(letters: str) -> _Readings:
    for times, rest in _times(letters, _unit, (100,)):
        yield from _sums(times, rest, _below_hundred)
        yield times, rest
    yield from _below_hundred(letters)


def _below_hundred(letters: str) -> _Readings:
    for tens, rest in _tens(letters):
        yield from _sums(tens, rest, _unit)
        yield tens, rest
    for unit, rest in _unit(letters):
        for teen, is_spoken in _TEEN.items():
            if rest.startswith(teen):
                made = unit._replace(value=unit.value + 10, spoken=unit.spoken or is_spoken, parts=2)
                yield made, rest[len(teen) :]
        yield unit, rest
    yield from _atom(letters, (10,))


def _tens(letters: str) -> _Readings:
    for unit, rest in _unit(letters):
        if unit.value > 1 and unit.is_nominative and rest.startswith(_TIMES_TEN):
            yield Numeral(unit.value * 10, frozenset((NOMINATIVE,)), "", True, 2), rest[len(_TIMES_TEN) :]
        if unit.value > 1:
            yield from _multiplied(unit, rest, (10,))
    yield from _atom(letters, (30, 40, 70))


def _unit(letters: str) -> _Readings:
    return _atom(letters, range(1, 10))


def _times(letters: str, count: _Parser, of: Sequence[int]) -> _Readings:
    for number, rest in count(letters):
        if number.value > 1:
            yield from _multiplied(number, rest, of)
    yield from _atom(letters, of)


def _multiplied(number: Numeral, letters: str, of: Sequence[int]) -> _Readings:
    """``kaksi`` times ``kymmentä``: what is multiplied stands in the partitive after a nominative, else in its case.

    For the long vowels of ``sataa`` and ``tuhatta`` the recogniser often writes ``sata`` and ``tuhat``.
    """
    for atom, rest in _atom(letters, of):
        is_multiplied = "par" in atom.cases or (NOMINATIVE in atom.cases and atom.value > 10)
        cases = atom.cases - {NOMINATIVE} | ({NOMINATIVE} if is_multiplied else frozenset())
        common = cases & number.cases
        if common:
            parts = number.parts + 1
            yield Numeral(number.value * atom.value, common, atom.ending, number.spoken or atom.spoken, parts), rest


def _sums(first: Numeral, letters: str, second: _Parser) -> _Readings:
    """Both parts in one case, or only the last one inflected."""
    for number, rest in second(letters) if letters else ():
        cases = first.cases & number.cases or (number.cases if first.is_nominative else frozenset())
        if cases:
            parts = first.parts + number.parts
            spoken = first.spoken or number.spoken
            yield Numeral(first.value + number.value, cases, number.ending, spoken, parts), rest


def ordinal(letters: str) -> tuple[int, str] | None:
    """The day of a month, 1 to 31, that an ordinal in small letters names, and its case."""
    return _days().get(letters)


@cache
def _days() -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for value in range(1, LAST_DAY + 1):
        for forms in _ordinal_forms(value):
            for case, form in forms.items():
                found.setdefault(form, (value, case))
    return found


def _ordinal_forms(value: int) -> Iterator[dict[str, str]]:
    tens, unit = divmod(value, 10)
    if value < 3:
        yield _adjective(*_FIRST_TWO[value])
    elif value <= 10:
        yield _regular(_ORDINALS[value])
    elif value < 20:
        yield {case: f"{form}toista" for case, form in _regular(_COMPOUND_ORDINALS[unit]).items()}
    else:
        whole = _joined(_regular(_COMPOUND_ORDINALS[tens]), _regular(_ORDINALS[10]))
        if not unit:
            yield whole
            return
        yield _joined(whole, _regular(_COMPOUND_ORDINALS[unit]))
        if unit < 3:
            yield _joined(whole, _adjective(*_FIRST_TWO[unit]))


def _joined(first: dict[str, str], second: dict[str, str]) -> dict[str, str]:
    return {case: first[case] + second[case] for case in first}


def _regular(stem: str) -> dict[str, str]:
    made = inflected(f"{stem}nne", stem + harmonic("tta", stem), f"{stem}nteen", stem + harmonic("ntena", stem))
    return {NOMINATIVE: f"{stem}s"} | {case: form for case, (form, _) in made.items()}


def _adjective(nominative: str, stem: str, partitive: str) -> dict[str, str]:
    made = inflected(stem, partitive, f"{stem}en", stem + harmonic("na", stem))
    return {NOMINATIVE: nominative} | {case: form for case, (form, _) in made.items()}
