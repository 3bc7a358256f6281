"""The words that occur in a search index, with how often they do."""

from typing import NamedTuple

import tantivy

MAX_BEGINNINGS = 64
"""Words that a beginning stands for, the commonest."""
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
