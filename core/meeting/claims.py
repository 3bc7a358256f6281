"""A text as something that is claimed: its words, names, numbers, dates, and its clauses with what they deny. Pure.

A clause ends at a mark, or before a word that begins one. It is denied by a word of ``negations``, or by a verb that
says "without doing" (``hyväksymättä``), and by two of them it is not; what follows ``että`` is denied with what it
depends on. It is supposed after a word that makes the rest a proposal or a condition (``jos``, ``ehdotan``), and from a
verb in the conditional on.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import NamedTuple

from core.language import dates, numerals
from core.language.cues import Cues
from core.language.dates import Dated
from core.language.morphology import Token, unknown
from core.language.sentences import Sentence
from core.models import WordForms

SIGNS = {"%": " prosenttia ", "€": " euroa ", "§": " pykälä "}
LONGEST_NUMERAL = 5
"""Words that one number may be written in."""

_MARKS = re.compile(r"[.!?…,;:()–—\"”]")
_WITHOUT = ("mattä", "mätta", "matta", "mättä")
_CONDITIONAL = re.compile(r"..(?:isi|isivat|isivät|isin|isimme|isitte|taisiin|täisiin)$")
_LOCAL = re.compile(r"(?:ss[aä]|st[aä]|ll[aä]|lt[aä]|lle|hin|seen|ksi)(?:kin|kaan|kään)?$")
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?:[ \u00a0\u202f]\d{3})+)(?!\d)")
_SPACES = str.maketrans("", "", " \u00a0\u202f")


def plain(text: str) -> str:
    """The text with signs as words and every number in one piece."""
    whole = _THOUSANDS.sub(lambda match: match[0].translate(_SPACES), text)
    for sign, word in SIGNS.items():
        whole = whole.replace(sign, word)
    return whole


class Known(NamedTuple):
    """What is known of the words: their forms, cues, the broadcast's day in Finland, and base forms of names."""

    forms: Mapping[str, WordForms]
    cues: Cues
    said_on: date
    names: frozenset[str] = frozenset()


class Word(NamedTuple):
    """A word with its base forms, what it is made of, and its place: sentence, clause, and whether it opens one."""

    token: Token
    bases: frozenset[str]
    parts: tuple[str, ...]
    sentence: int
    clause: int
    opens: bool
    is_known: bool

    @property
    def folded(self) -> str:
        """As forms are keyed."""
        return self.token.folded

    @property
    def is_capital(self) -> bool:
        """Whether it is written with a capital."""
        return self.token.text[0].isupper()

    @property
    def is_subject(self) -> bool:
        """Whether it stands in the form without an ending."""
        return self.folded in self.bases

    @property
    def is_place(self) -> bool:
        """Whether it stands in a case that says where, whence, whither or to whom."""
        return not self.is_subject and bool(_LOCAL.search(self.folded))

    @property
    def means(self) -> frozenset[str]:
        """The base forms, and what the word is made of: ``kunnanhallitus`` is also about a ``hallitus``."""
        return self.bases if "epä" in self.parts else self.bases.union(self.parts)


class Number(NamedTuple):
    """A number: its first word and the one after its last, and whether it may also be a mere word (``toinen``)."""

    first: int
    end: int
    value: Decimal
    is_doubtful: bool = False


class Clause(NamedTuple):
    """The base forms of a clause's words that say something, whether it is denied, and whether only supposed."""

    bases: frozenset[str]
    means: frozenset[str]
    is_denied: bool
    is_supposed: bool


@dataclass(frozen=True)
class Claim:
    """A text, sentence by sentence. ``known`` are base forms of names."""

    sentences: Sequence[Sentence]
    forms: Mapping[str, WordForms]
    cues: Cues
    said_on: date
    known: frozenset[str] = frozenset()

    @cached_property
    def words(self) -> list[Word]:
        """All words."""
        return list(self._words())

    def _words(self) -> Iterator[Word]:
        clause = 0
        for number, sentence in enumerate(self.sentences):
            end = 0
            for at, (token, bases) in enumerate(zip(sentence.words, sentence.bases, strict=True)):
                is_border = bool(_MARKS.search(sentence.text, end, token.start)) or token.folded in self._borders
                clause += at == 0 or is_border
                opens = at == 0 or bool(re.search(r"[.!?…:]", sentence.text[end : token.start]))
                known = self.forms.get(token.folded) or unknown(token.folded)
                is_known = known != unknown(token.folded)
                yield Word(token, bases, known.parts, number, clause, opens, is_known)
                end = token.end

    @property
    def _borders(self) -> frozenset[str]:
        return frozenset((*self.cues.evidence.borders, *self.cues.evidence.through))

    @cached_property
    def folded(self) -> list[str]:
        """All words as forms are keyed."""
        return [word.folded for word in self.words]

    @cached_property
    def dates(self) -> tuple[Dated, ...]:
        """All dates."""
        return dates.found(self.folded, self.said_on)

    @cached_property
    def numbers(self) -> list[Number]:
        """All numbers, also those of dates."""
        found, at = [], 0
        while at < len(self.words):
            number = _number_at(self.folded, at)
            if number:
                found.append(number)
            at = number.end if number else at + 1
        return found

    @cached_property
    def said(self) -> frozenset[str]:
        """Everything that the words mean."""
        return frozenset().union(*(word.means for word in self.words))

    def is_content(self, word: Word) -> bool:
        """Whether a word says something."""
        return not (word.bases & self._empty or word.folded in self._empty or self.denies(word))

    @cached_property
    def _empty(self) -> frozenset[str]:
        return frozenset(self.cues.stopwords) - set(self.cues.evidence.telling)

    def denies(self, word: Word) -> bool:
        """Whether a word denies its clause."""
        return word.folded in self.cues.evidence.negations or word.folded.endswith(_WITHOUT)

    @cached_property
    def clauses(self) -> list[Clause]:
        """All clauses that say something, in order."""
        return list(self._clauses())

    def _clauses(self) -> Iterator[Clause]:
        sentence, supposed, denied = -1, False, False
        for words in self._by_clause():
            if words[0].sentence != sentence:
                sentence, supposed, denied = words[0].sentence, False, False
            goes_through = denied and words[0].folded in self.cues.evidence.through
            denied = bool((goes_through + sum(map(self.denies, words))) % 2)
            supposed = supposed or any(map(self._supposes, words))
            content = [word for word in words if self.is_content(word) or word.folded.endswith(_WITHOUT)]
            content = content or [word for word in words if denied]
            if content:
                bases = frozenset().union(*(word.bases for word in content))
                yield Clause(bases, bases.union(*(word.means for word in content)), denied, supposed)

    def _by_clause(self) -> Iterator[list[Word]]:
        for number in dict.fromkeys(word.clause for word in self.words):
            yield [word for word in self.words if word.clause == number]

    def _supposes(self, word: Word) -> bool:
        is_void = bool(word.bases.union((word.folded,)).intersection(self.cues.decisions.voids))
        return is_void or (not word.is_subject and bool(_CONDITIONAL.search(word.folded)))

    @cached_property
    def denied_heads(self) -> frozenset[str]:
        """What is denied itself: the first word after a negation that says something, or the last before it."""
        return frozenset().union(*(word.bases for words in self._by_clause() for word in self._heads(words)))

    def _heads(self, words: list[Word]) -> Iterator[Word]:
        for at, word in enumerate(words):
            if word.folded.endswith(_WITHOUT):
                yield word
            elif self.denies(word):
                after = [each for each in words[at + 1 :] if self.is_content(each)]
                before = [each for each in words[:at] if self.is_content(each)]
                yield from after[:1] or before[-1:]

    @cached_property
    def stated(self) -> frozenset[str]:
        """The base forms of what some clause states: denied neither itself nor by its clause."""
        return frozenset().union(*(clause.bases for clause in self.clauses if not clause.is_denied))

    def names(self, others: frozenset[str] = frozenset()) -> list[int]:
        """The places of names: words with a capital inside a sentence, known ones and ``others`` also at its start."""
        known = self.known | others
        return [
            at
            for at, word in enumerate(self.words)
            if word.is_capital and (not word.opens or bool(word.bases & known) or self._goes_on(at))
        ]

    def _goes_on(self, at: int) -> bool:
        """Whether a name of two words begins here, at the beginning of a sentence."""
        return self.is_beside(at, at + 1) and self.words[at + 1].is_capital and self.is_content(self.words[at])

    def is_beside(self, at: int, other: int) -> bool:
        """Whether two words stand one after the other with nothing between them."""
        if not 0 <= at < other < len(self.words) or other != at + 1:
            return False
        return self.words[at].clause == self.words[other].clause

    @cached_property
    def named(self) -> frozenset[str]:
        """The base forms of all names."""
        return frozenset().union(*(self.words[at].bases for at in self.names()))


def _number_at(words: Sequence[str], at: int) -> Number | None:
    figures = _figures(words[at])
    if figures is not None:
        return Number(at, at + 1, figures)
    for end in range(min(at + LONGEST_NUMERAL, len(words)), at, -1):
        read = numerals.parse("".join(words[at:end]))
        if read and read.value:
            return Number(at, end, Decimal(read.value), is_doubtful=read.value == 1)
    ordinal = numerals.ordinal(words[at])
    return Number(at, at + 1, Decimal(ordinal[0]), is_doubtful=ordinal[0] < 3) if ordinal else None


def _figures(word: str) -> Decimal | None:
    """``300``, ``12,5``, ``2026:n``."""
    bare = word.partition(":")[0]
    try:
        return Decimal(bare.replace(",", ".")).normalize() if bare[:1].isdigit() else None
    except InvalidOperation:
        return None
