"""The passive of Finnish verbs, known by a word and its base forms. Pure.

The lexicon tells a word's base forms and not its form. So the passive is made from each base form, by the classes of
Finnish verbs: ``puhua`` puhutaan, ``antaa`` annetaan, ``viedä`` viedään, ``tulla`` tullaan, ``haluta`` halutaan. A noun
whose base form looks like an infinitive has two syllables: ``pöytään``, ``hautaan``.
"""

import re
from collections.abc import Iterable
from typing import Literal

_LONG = re.compile(r"[aeiouyäö][aä]$")
_SHORT = re.compile(r"(?:d|ll|nn|rr|st)[aä]$")
_CONTRACTED = re.compile(r"[aeiouyäö]t[aä]$")
_VOWELS = re.compile(r"[aeiouyäö]+")

Tense = Literal["present", "past", ""]


def passive(folded: str, bases: Iterable[str]) -> Tense:
    """The tense of a verb in the passive; empty for any other word."""
    return next((tense for base in bases if (tense := _passive(folded, base))), "")


def is_denied_passive(folded: str, bases: Iterable[str]) -> bool:
    """Whether it is the present passive as it stands after ``ei``: ``(ei) peritä``."""
    return passive(f"{folded}{folded[-1:]}n", bases) == "present"


def _passive(folded: str, base: str) -> Tense:
    present, past = _forms(folded, base)
    if not present:
        return ""
    return "present" if folded == present else "past" if folded == past else ""


def _forms(folded: str, base: str) -> tuple[str, str]:
    """The present and the past; the stem of ``antaa`` is taken from the word itself, for its consonants change."""
    last = base[-1:]
    if _LONG.search(base):
        stem = re.sub(r"tt?(?:aan|ään|iin)$", "", folded)
        vowel = "e" if base[-2] in "aä" else base[-2]
        is_stem = stem[:2] == base[:2] and stem.endswith(vowel)
        return (f"{stem}t{last}{last}n", f"{stem}ttiin") if is_stem else ("", "")
    if _SHORT.search(base):
        return f"{base}{last}n", f"{base[:-2]}tiin"
    if _CONTRACTED.search(base) and len(_VOWELS.findall(base)) > 2:
        return f"{base}{last}n", f"{base[:-2]}ttiin"
    return "", ""
