"""What is asked: clauses with what is known of their words, and filters. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, product
from typing import NamedTuple

from core.language.morphology import unknown
from core.models import Record, WordForms
from core.search.entries import Kind
from core.search.passages import ALIKE, swedish
from core.search.query import Clause
from core.search.thesaurus import Phrase, Thesaurus
from core.search.vocabulary import Vocabulary

MAX_WAYS = 16
"""Readings of a phrase that are asked: each word of it may have several base forms."""


class Filters(Record):
    """What an answer must be of. ``kinds`` are the kinds of documents; None is all but the notes, which repeat what
    was said. ``municipality`` is a code of Statistics Finland, ``year`` that of the broadcast in UTC."""

    episode: str | None = None
    programme: str | None = None
    year: int | None = None
    municipality: str | None = None
    kinds: tuple[Kind, ...] | None = None


class Asked(NamedTuple):
    """A clause with what is known of its words. ``readings`` are the bases of each word; ``parts``, of a single one,
    the parts of the compound it is; ``name``: it is a municipality, and not the word of the same letters; ``same`` are
    phrases that mean the same; ``beginnings``: the words that begin as the clause does. ``stems`` are the words'
    bases in Swedish, if the index has them all. ``occurs``: the index has the single word; ``common``: in many of its
    documents."""

    clause: Clause
    readings: tuple[tuple[str, ...], ...] = ()
    parts: tuple[str, ...] = ()
    name: bool = False
    same: tuple[Phrase, ...] = ()
    beginnings: tuple[str, ...] = ()
    stems: Phrase = ()
    occurs: bool = True
    common: bool = False

    @property
    def word(self) -> str:
        """The first word as it is written."""
        return self.clause.words[0]

    @property
    def is_plain(self) -> bool:
        """Whether it is a single word that stands for nothing else: all documents that have it have it in ``any``."""
        return self.clause.kind == "word" and not self.name and not self.same

    @property
    def phrases(self) -> Iterable[Phrase]:
        """The readings of the phrase, the likeliest first, and the Swedish one."""
        return (*islice(product(*self.readings), MAX_WAYS), *((self.stems,) if self.stems else ()))

    @property
    def bases(self) -> tuple[str, ...]:
        """Of a single word: its bases, in Finnish and in Swedish."""
        return (*self.readings[0], *self.stems)


def understood(
    clauses: Sequence[Clause], forms: Mapping[str, WordForms], known: Thesaurus, words: Vocabulary
) -> list[Asked]:
    """The clauses with their bases. ``words`` are those of the index.

    Words next to each other that mean the same as something else are one clause: a phrase, or what it means.
    """
    asked: list[Asked] = []
    at = 0
    while at < len(clauses):
        taken, same = _synonyms(clauses, at, forms, known)
        if taken > 1:
            phrase = tuple(clause.words[0] for clause in clauses[at : at + taken])
            asked.append(_understood(Clause(phrase, "phrase"), forms, known, words)._replace(same=same))
        else:
            asked.append(_counted(_understood(clauses[at], forms, known, words)._replace(same=same), words))
        at += max(1, taken)
    return asked


def _synonyms(
    clauses: Sequence[Clause], at: int, forms: Mapping[str, WordForms], known: Thesaurus
) -> tuple[int, tuple[Phrase, ...]]:
    """How many clauses from here on are words that mean the same as these phrases; the most that do."""
    for length in range(min(known.longest, len(clauses) - at), 0, -1):
        piece = clauses[at : at + length]
        if all(clause.kind == "word" and not clause.negative for clause in piece):
            readings = [(clause.words[0], *_forms(clause.words[0], forms).bases) for clause in piece]
            for phrase in islice(product(*readings), MAX_WAYS):
                if others := known.others(phrase):
                    return length, others
    return 0, ()


def _understood(clause: Clause, forms: Mapping[str, WordForms], known: Thesaurus, words: Vocabulary) -> Asked:
    if clause.kind == "prefix":
        return Asked(clause, beginnings=tuple(words.beginning(clause.words[0])))
    if clause.kind == "phrase":
        return Asked(clause, tuple(_forms(word, forms).bases for word in clause.words), stems=_stems(clause, words))
    of_word = _forms(clause.words[0], forms)
    named = tuple(base for base in of_word.bases if base in known.names)
    if named and (clause.named or clause.words[0] in known.names):
        # ``Nokia`` is not the plural of soot, and ``Lahti`` with its capital no bay.
        name = clause.named and not ALIKE.isdisjoint(named)
        return Asked(clause, (named,), name=name)
    return Asked(clause, (of_word.bases,), of_word.parts, stems=_stems(clause, words))


def _counted(asked: Asked, words: Vocabulary) -> Asked:
    if not asked.is_plain:
        return asked
    said = dict.fromkeys((asked.word, *asked.bases))
    return asked._replace(
        occurs=any(words.has("any", word) for word in said),
        common=any(words.is_common(base) for base in asked.bases),
    )


def _stems(clause: Clause, words: Vocabulary) -> Phrase:
    found = tuple(map(swedish, clause.words))
    return found if all(words.has("base", stem) for stem in found) else ()


def _forms(word: str, forms: Mapping[str, WordForms]) -> WordForms:
    return forms.get(word) or unknown(word)
