"""The words that occur in a search index, with how often they do."""

from math import log
from typing import NamedTuple

import tantivy

MAX_BEGINNINGS = 64
"""Words that a beginning stands for, the commonest."""
COMMON = 0.1
"""A word in a larger share of the documents tells little of any. On 72 Finnish questions (evaluation.search) MRR@10 is
0.767 with such words, 0.774 without them, and 0.732 without those of a twentieth."""
MANY = 40
"""So many documents at least: where there are fewer, a person can look at them all."""
BM25_MOST = 2.2
"""Times the word's rarity: 1 + k1 (tantivy 0.27)."""
SWEDISH = "~"
"""Before the base of a word of Swedish text: it is no letter of any word, and keeps them apart."""


class Vocabulary(NamedTuple):
    """The vocabulary of one moment of the index."""

    searcher: tantivy.Searcher

    def beginning(self, letters: str, *, field: str = "exact", limit: int | None = MAX_BEGINNINGS) -> list[str]:
        """The words of the field that begin with these letters, the commonest first."""
        found = self.searcher.terms_with_prefix(field, letters, limit=limit)
        return [word for word, _ in found if not word.startswith(SWEDISH)]

    def has(self, field: str, word: str) -> bool:
        """Whether the word occurs in the field."""
        return bool(self.searcher.doc_freq(field, word))

    def most(self, field: str, word: str) -> float:
        """What the library's BM25 gives a document for the word at most. It counts with what was replaced, for which
        there is room here."""
        documents, having = 2 * self.searcher.num_docs, self.searcher.doc_freq(field, word)
        return BM25_MOST * log(1 + (documents - having + 0.5) / (having + 0.5))

    def is_common(self, word: str) -> bool:
        """Whether so many documents have the base that it tells little of any."""
        return self.searcher.doc_freq("base", word) > max(MANY, COMMON * self.searcher.num_docs)
