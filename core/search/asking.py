"""From clauses to a query of the index: which fields are asked, and how much each weighs. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, product
from math import log2
from typing import NamedTuple

import tantivy

from core.language.morphology import unknown
from core.models import Record, WordForms
from core.search.entries import Kind
from core.search.passages import ALIKE, MOST_RECENCY, NOTE, swedish
from core.search.query import Clause
from core.search.thesaurus import Phrase, Thesaurus
from core.search.vocabulary import Vocabulary

EXACT, BASE, PART = 0.3, 1.0, 0.5
"""Weights of a word as written, of its base form, and as part of a compound, from the prototype on Finnish-TDT."""

SAME = 0.5
"""Weight of words that mean the same: below those that were asked for."""

KIN = 0.25
"""Weight, only where nothing has all the words, of the parts of a compound that was asked for: ``kriisikunta`` also
asks a little for ``kunta``. On 72 Finnish questions it lifts MRR@10 from 0.71 to 0.77."""

WHOLE_WORD = 20.0
"""Added for every query word found as a word of its own, and for a phrase found as it is written. BM25 of one term
stays below ln(documents) * 2.2, times PART: 18 at ten million passages. So a compound's part never ranks above the
word, however rare that compound is."""

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


class Way(NamedTuple):
    """Any of the words in the field, the best of them counting, with a weight."""

    field: str
    words: tuple[str, ...]
    weight: float = 1.0


class Tiers(NamedTuple):
    """Documents that have a word as a word of its own, which go before all others; those others; both."""

    own: tantivy.Query
    others: tantivy.Query
    either: tantivy.Query


class Several(NamedTuple):
    """Documents that have each of several words as a word of its own, and all that have them in any way.

    To the scores of the first ``more`` is to be added; then those of all others are at most ``others_most``, weighed by
    their dates as they may be.
    """

    own: tantivy.Query
    either: tantivy.Query
    more: float
    others_most: float


class Builder:
    """Makes queries for one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def query(self, asked: Sequence[Asked], filters: Filters, *, relaxed: bool) -> tantivy.Query:
        """Documents that have all of it, or, ``relaxed``, any, and of these filters. What is negative, none has."""
        wanted = [each for each in asked if not each.clause.negative]
        if relaxed:
            return self._filtered(_should(self._relaxed(_telling(wanted))), asked, filters)
        return self._filtered(self._all(wanted), asked, filters)

    def tiers(self, asked: Sequence[Asked], filters: Filters) -> Tiers | None:
        """Where one word is asked, its tiers. Two questions are cheaper than one with a weight that makes this
        difference."""
        wanted = [each for each in asked if not each.clause.negative]
        if len(wanted) != 1 or wanted[0].clause.kind != "word" or wanted[0].name:
            return None
        exact, base, part, *same = self._ways(wanted[0])
        own = _should([exact, base])
        first = tantivy.Query.boolean_query([(tantivy.Occur.Must, own), (tantivy.Occur.Should, part)])
        others = tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, _should([part, *same])), (tantivy.Occur.MustNot, own)]
        )
        either = _should([self._anyhow(wanted[0]), *same])
        return Tiers(*(self._filtered(query, asked, filters) for query in (first, others, either)))

    def several(self, asked: Sequence[Asked], filters: Filters, words: Vocabulary) -> Several | None:
        """Where several words are asked, and nothing else. Few documents have all of them as words of their own; most
        of the time goes into scores of others, which are not on the page."""
        wanted = [each for each in asked if not each.clause.negative]
        if len(wanted) < 2 or not all(each.is_plain for each in wanted):
            return None
        ways = [way for each in wanted for way in _words(each)]
        own = _must([self._way(way) for way in ways if way.field == "base"])
        own = _also(own, [self._way(way) for way in ways if way.field != "base"])
        either = _must([self._anyhow(each) for each in wanted])
        most = [way.weight * max(words.most(way.field, word) for word in way.words) for way in ways]
        lacking = min(each for each, way in zip(most, ways, strict=True) if way.field == "base")
        more = WHOLE_WORD * len(wanted)
        others_most = (more - WHOLE_WORD + sum(most) - lacking) * log2(2 + MOST_RECENCY)
        own, either = self._filtered(own, asked, filters), self._filtered(either, asked, filters)
        return Several(own, either, more, others_most)

    def _anyhow(self, asked: Asked) -> tantivy.Query:
        """Documents that have the word as written, by its bases or as a part: for counting, of one field."""
        return _should([self.term("any", word) for word in dict.fromkeys((asked.word, *asked.bases))])

    def _filtered(self, words: tantivy.Query, asked: Sequence[Asked], filters: Filters) -> tantivy.Query:
        without = [self._without(each) for each in asked if each.clause.negative]
        without += [] if filters.kinds else [self.term("meta", NOTE)]
        not_this = [(tantivy.Occur.MustNot, query) for query in without]
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, words), *self._filters(filters), *not_this])

    def term(self, field: str, value: str) -> tantivy.Query:
        """Documents that have the term in the field."""
        return tantivy.Query.term_query(self._schema, field, value)

    def _filters(self, filters: Filters) -> list[tuple[tantivy.Occur, tantivy.Query]]:
        single = {**filters.model_dump(exclude={"kinds"}, exclude_none=True)}
        chosen = [self.term(field, str(value)) for field, value in single.items()]
        chosen += [self._any([self.term("kind", kind) for kind in filters.kinds])] if filters.kinds else []
        return [(tantivy.Occur.Must, tantivy.Query.const_score_query(term, 0.0)) for term in chosen]

    def _all(self, wanted: Sequence[Asked]) -> tantivy.Query:
        """Documents that have all clauses. Phrases, which cost most, are looked for only where the plain words are."""
        plain = [each for each in wanted if each.is_plain]
        others = [each for each in wanted if not each.is_plain]
        if not plain or all(each.clause.kind != "phrase" for each in others):
            return _must([self._clause(each) for each in wanted])
        words = [tantivy.Query.const_score_query(self._anyhow(each), 0.0) for each in plain]
        found = _must([self._clause(each, words) for each in others])
        return _also(found, [way for each in plain for way in (*self._ways(each), *self._over(each))])

    def _clause(self, asked: Asked, beside: Sequence[tantivy.Query] = ()) -> tantivy.Query:
        """All ways of one clause; what it has as a word of its own, or as it is written, is far above them.

        The library adds what is far above only to documents that have the clause: among its ways, it would have to look
        at every document of each in the slower of its two manners. Each way is only looked for with all ``beside``."""
        return _also(_should([_must([way, *beside]) for way in self._ways(asked)]), self._over(asked))

    def _over(self, asked: Asked) -> list[tantivy.Query]:
        """What is far above all ways of a clause."""
        is_word = asked.clause.kind == "word" and not asked.name
        return [_above(self._way(Way("base", asked.bases)))] if is_word else self._written(asked)

    def _relaxed(self, wanted: Sequence[Asked]) -> list[tantivy.Query]:
        """All ways of all clauses, and the parts of compounds. What is asked twice is asked once, with both weights.

        A word of its own is not above a part here: that says less than being rare, and ``voiko`` is one too.
        """
        weights: dict[Way, float] = {}
        for each in wanted:
            kin = (Way(field, (part,), KIN) for part in each.parts for field in ("base", "part"))
            for way in (*_words(each), *kin):
                same = way._replace(weight=1.0)
                weights[same] = weights.get(same, 0.0) + way.weight
        words = [self._way(way._replace(weight=weight)) for way, weight in weights.items()]
        return [*words, *(way for each in wanted for way in (*self._others(each), *self._written(each)))]

    def _ways(self, asked: Asked) -> list[tantivy.Query]:
        """The ways in which a document can have it, of which any will do, with their weights."""
        return [*map(self._way, _words(asked)), *self._others(asked)]

    def _others(self, asked: Asked) -> list[tantivy.Query]:
        """Those ways that are not of single words, and what means the same."""
        own = []
        if asked.clause.kind == "prefix":
            own = self._prefix(asked)
        elif asked.clause.kind == "phrase":
            own = self._quoted(asked)
        same = [_boosted(self._phrase("base", phrase), SAME) for phrase in asked.same]
        same += [_boosted(self.term("part", phrase[0]), SAME * PART) for phrase in asked.same if len(phrase) == 1]
        return [*own, *same]

    def _way(self, way: Way) -> tantivy.Query:
        words = self._any([self.term(way.field, word) for word in way.words])
        return words if way.weight == 1 else _boosted(words, way.weight)

    def _prefix(self, asked: Asked) -> list[tantivy.Query]:
        # The beginning as a word of its own goes first.
        own = [_boosted(self.term("exact", asked.word), EXACT)]
        found = [self.term("exact", word) for word in asked.beginnings]
        return [*own, tantivy.Query.const_score_query(self._any(found), 1.0)] if found else own

    def _quoted(self, asked: Asked) -> list[tantivy.Query]:
        as_written = _boosted(self._phrase("exact", asked.clause.words), EXACT)
        return [as_written, *(self._phrase("base", phrase) for phrase in asked.phrases)]

    def _written(self, asked: Asked) -> list[tantivy.Query]:
        """A phrase as it is written is above all others, also where any word will do."""
        return [_above(self._phrase("exact", asked.clause.words))] if asked.clause.kind == "phrase" else []

    def _without(self, asked: Asked) -> tantivy.Query:
        """What a negative clause excludes: its words in any form, but not compounds with them."""
        if asked.clause.kind == "prefix":
            return self._any([self.term("exact", word) for word in (asked.word, *asked.beginnings)])
        if asked.clause.kind == "phrase":
            return _should(self._quoted(asked))
        field, bases = ("named", asked.readings[0]) if asked.name else ("base", asked.bases)
        return self._any([self.term("exact", asked.word), *(self.term(field, base) for base in asked.readings[0])])

    def _phrase(self, field: str, words: Sequence[str]) -> tantivy.Query:
        if len(words) == 1:
            return self.term(field, words[0])
        return tantivy.Query.phrase_query(self._schema, field, list(words))

    def _any(self, ways: list[tantivy.Query]) -> tantivy.Query:
        return ways[0] if len(ways) == 1 else tantivy.Query.disjunction_max_query(ways)


def _words(asked: Asked) -> list[Way]:
    """How documents can have a single word: as written, by its bases, as part of a compound."""
    if asked.clause.kind != "word":
        return []
    if asked.name:
        return [Way("named", (base,)) for base in asked.readings[0]]
    parts = tuple(dict.fromkeys((*asked.readings[0], asked.word)))
    return [Way("exact", (asked.word,), EXACT), Way("base", asked.bases), Way("part", parts, PART)]


def _telling(wanted: Sequence[Asked]) -> Sequence[Asked]:
    """Without the words that nearly every document has, if any other occurs: most of the archive would answer, and a
    long question would take most of its time."""
    rare = [each for each in wanted if not each.common]
    return rare if any(each.occurs for each in rare) else wanted


def _boosted(query: tantivy.Query, weight: float) -> tantivy.Query:
    return tantivy.Query.boost_query(query, weight)


def _above(query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, WHOLE_WORD)


def _should(ways: list[tantivy.Query]) -> tantivy.Query:
    return ways[0] if len(ways) == 1 else tantivy.Query.boolean_query([(tantivy.Occur.Should, way) for way in ways])


def _also(wanted: tantivy.Query, more: Iterable[tantivy.Query]) -> tantivy.Query:
    """What is wanted; of such documents the scores of what else they have are added.

    One inside the other: of several side by side the library would go through all documents, and not look up the few.
    """
    for each in more:
        wanted = tantivy.Query.boolean_query([(tantivy.Occur.Must, wanted), (tantivy.Occur.Should, each)])
    return wanted


def _must(wanted: list[tantivy.Query]) -> tantivy.Query:
    return wanted[0] if len(wanted) == 1 else tantivy.Query.boolean_query([(tantivy.Occur.Must, w) for w in wanted])
