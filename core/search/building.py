"""From what is asked to queries of the index: which fields are asked, and how much each weighs. Pure."""

from collections.abc import Iterable, Sequence
from math import log2
from typing import NamedTuple

import tantivy

from core.search.asking import Asked, Filters
from core.search.passages import MOST_RECENCY, NOTE
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
