"""Where a Finnish text may be broken: gladly between clauses, never inside names and numbers. Pure.

Lines are whole phrases, a clause a line where it can be (Ohjelmatekstitysten laatusuositukset, as told in Saavutettava
tekstitys, sanastelua.fi); a first name stays with the last (Netflix Timed Text Style Guide, General Requirements).
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, combinations, pairwise

from core.language.morphology import tokens
from core.models import WordForms
from core.text.transcript import CLAUSE_END, QUOTES, is_end

CONJUNCTIONS = frozenset(
    ("ja", "sekä", "tai", "eli", "mutta", "vaan", "että", "jotta", "kun", "koska", "jos", "vaikka", "kuin")
    + ("joka", "jotka", "jonka", "jossa")
)
BEFORE_NUMBERS = frozenset(
    ("kello", "klo", "vuosi", "vuonna", "vuoden", "vuoteen", "vuodesta", "numero", "nro", "kohta", "pykälä")
)
"""They belong to the number after them, which then has no unit of its own."""
OF_PLACES = ("maalaiskun", "mlk", "kunna", "kunta", "kunti", "kaupun")
"""Beginnings of words that are part of a municipality's name: Pietarsaaren maalaiskunta, Pedersören kunta."""
MOST_LINES = 3
LEAST_PART = 3
"""A compound is not cut so that fewer letters stand apart."""
STEM = 4
"""So many letters of a compound's part have to be there: the rest may be inflected (uudistus, uudistuksessa)."""

_DIGITS = re.compile(r"[+\u2212-]?\d[\d.,:\u2013-]*\.?")
_NUMERAL = re.compile(
    r"(?:puoli|yksi|kaksi|kolme|neljä|viisi|kuusi|seitsemän|kahdeksan|yhdeksän|kymmenen|kymmentä|sataa?|tuhatta|tuhat"
    r"|toista|miljoonaa?|miljardia?|kahden|kolmen|neljän|viiden|kuuden|sadan|tuhannen)+"
)
_INITIAL = re.compile(r"[^\W\d_]\.")


def is_phrase_border(before: str, after: str) -> bool:
    """Whether a phrase ends between two words."""
    return before.endswith((*CLAUSE_END, ".", "!", "?")) or after.lower() in CONJUNCTIONS


def units(texts: Sequence[str], most: int) -> list[int]:
    """How many words each unit has that is not broken: names, and numbers with what they count; else one.

    A unit has at most ``most`` characters, so a longer row of names is broken all the same. Only the last unit can
    change when words are added.
    """
    sizes: list[int] = []
    room = 0
    for at, text in enumerate(texts):
        if sizes and len(text) < room and _is_bound(texts, at):
            sizes[-1] += 1
            room -= len(text) + 1
        else:
            sizes.append(1)
            room = most - len(text)
    return sizes


def _is_bound(texts: Sequence[str], at: int) -> bool:
    """Whether ``texts[at]`` may not be parted from the word before."""
    before, text = texts[at - 1], texts[at]
    if before.endswith(CLAUSE_END) or (is_end(before, text) and not _INITIAL.fullmatch(before)):
        return False
    return _is_name(before, text) or _is_quantity(texts[at - 2] if at > 1 else "", before, text)


def _is_name(before: str, text: str) -> bool:
    """``Anna Virtanen``, ``Koski Tl``, ``J. K. Paasikivi``, ``Pedersören kunta``, ``LIVE -lähetys``."""
    if text[:1] == "-" and text[1:2].isalpha():
        return True
    if not before.lstrip(QUOTES)[:1].isupper():
        return False
    return text[:1].isupper() or text.lower().startswith(OF_PLACES)


def _is_quantity(earlier: str, before: str, text: str) -> bool:
    """``20 000 euroa``, ``3. joulukuuta``, ``kello 12.30``, ``viisi prosenttia``; of ``vuonna 2026 päätettiin`` two."""
    if _DIGITS.fullmatch(text):
        return before.lower() in BEFORE_NUMBERS or _is_number(before)
    if not _is_number(before) or text.lower() in CONJUNCTIONS:
        return False
    return earlier.lower() not in BEFORE_NUMBERS


def _is_number(text: str) -> bool:
    return bool(_DIGITS.fullmatch(text) or _NUMERAL.fullmatch(text.lower()))


def line_ends(texts: Sequence[str], line: int) -> list[int]:
    """Of each unit, before which one a line of ``line`` characters ends that begins with it and is full.

    It is the unit itself if it does not fit, and the last entry the number of units.
    """
    places = list(accumulate((len(text) + 1 for text in texts), initial=0))
    return [bisect_right(places, place + line + 1) - 1 for place in places]


def lines_of(texts: Sequence[str], line: int, lines: int) -> tuple[str, ...]:
    """Units on as few lines as they need, broken at phrase borders, the upper lines the shorter ones.

    What does not fit is one line.
    """
    for count in range(1, lines + 1):
        ways = [_joined(texts, cuts) for cuts in combinations(range(1, len(texts)), count - 1)]
        if fitting := [way for way in ways if max(map(len, way)) <= line]:
            return min(fitting, key=_unevenness)
    return (" ".join(texts),)


def _joined(texts: Sequence[str], cuts: Sequence[int]) -> tuple[str, ...]:
    return tuple(" ".join(texts[a:b]) for a, b in pairwise((0, *cuts, len(texts))))


def _unevenness(found: Sequence[str]) -> int:
    return sum(_weight(upper, lower) for upper, lower in pairwise(found))


def _weight(upper: str, lower: str) -> int:
    at_border = is_phrase_border(upper.rsplit(" ", 1)[-1], lower.split(" ", 1)[0])
    return abs(len(lower) - len(upper)) + 4 * (len(upper) > len(lower)) - 10 * at_border


def hyphenated(word: str, forms: Mapping[str, WordForms], line: int, lines: int) -> tuple[str, ...]:
    """A word that is too long for a line, cut at borders of its compound; whole where the borders are not certain.

    ``forms`` are those of the Episode, keyed by the folded word.
    """
    cuts = sorted(_borders(word, forms))
    for count in range(1, min(lines, len(cuts) + 1)):
        ways = [_cut(word, chosen) for chosen in combinations(cuts, count)]
        if fitting := [way for way in ways if max(map(len, way)) <= line]:
            return min(fitting, key=_unevenness)
    return (word,)


def _cut(word: str, cuts: Sequence[int]) -> tuple[str, ...]:
    pieces = [word[a:b] for a, b in pairwise((0, *cuts, len(word)))]
    return (*(piece if piece.endswith("-") else f"{piece}-" for piece in pieces[:-1]), pieces[-1])


def _borders(word: str, forms: Mapping[str, WordForms]) -> Iterator[int]:
    """Places in ``word`` between parts of a compound, or after a hyphen of its own."""
    for token in tokens(word):
        for at, sign in enumerate(token.text[:-1], token.start + 1):
            if sign == "-" and at - token.start > LEAST_PART:
                yield at
        folded = token.folded
        if len(folded) == len(token.text) and folded in forms:
            yield from (token.start + at for at in _compound(folded, forms[folded].parts))


def _compound(folded: str, parts: Sequence[str]) -> set[int]:
    """Borders that are certain: parts in their base form end there, from the beginning on, and another part begins.

    So a part that is inflected inside (kunnan|hallitus) gives none.
    """
    reached, borders = [0], set[int]()
    while reached:
        start = reached.pop()
        for part in parts:
            end = start + len(part)
            if not folded.startswith(part, start) or end in borders or len(part) < LEAST_PART:
                continue
            if any(folded.startswith(other[:STEM], end) for other in parts if len(other) >= LEAST_PART):
                borders.add(end)
                reached.append(end)
    return {at for at in borders if len(folded) - at >= LEAST_PART}
