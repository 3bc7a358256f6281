"""The documents that answer best, and of equals the newest first.

The library can weigh by a field, but works out a logarithm for every document that answers, which is most of the time
of a search for a common word. A newer broadcast weighs so little more that only the best few can ever change places.
"""

from array import array
from collections.abc import Sequence
from math import log2
from operator import mul
from typing import Any, NamedTuple

import tantivy

from core.search.passages import MOST_RECENCY

CANDIDATES = 256
"""So many of the best are weighed; of most questions they are known to hold the page."""

Scored = tuple[float, tantivy.DocAddress]


class Best(NamedTuple):
    """How many documents answer in ``total``, and those of the page with their scores."""

    total: int
    hits: Sequence[Scored]


def newer_first(searcher: tantivy.Searcher, query: tantivy.Query, limit: int, offset: int) -> Best:
    """What the library gives with ``weight_by_field="recency"``: a score times log2(2 + recency), in 32 bits."""
    if best := newer_of_few(searcher, query, limit, offset):
        return best
    whole: Any = searcher.search(query, limit=limit, offset=offset, weight_by_field="recency")
    return Best(whole.count, whole.hits)


def newer_of_few(
    searcher: tantivy.Searcher, query: tantivy.Query, limit: int, offset: int, *, more: float = 0.0
) -> Best | None:
    """The same, if it is known from the best few. To every score ``more`` is added before it is weighed."""
    if 2 * (offset + limit) > CANDIDATES:
        return None
    found: Any = searcher.search(query, limit=CANDIDATES)
    weighed = _weighed(searcher, found.hits, more)
    page = weighed[offset : offset + limit]
    if len(weighed) < CANDIDATES or page[-1][0] > (found.hits[-1][0] + more) * log2(2 + MOST_RECENCY):
        return Best(found.count, page)
    return None


def _weighed(searcher: tantivy.Searcher, hits: Sequence[Scored], more: float) -> list[Scored]:
    scores, addresses = [score + more for score, _ in hits], [address for _, address in hits]
    newness = array("f", (2 + (value or 0) for value in searcher.fast_field_values("recency", addresses)))
    weights = array("f", map(mul, scores, array("f", map(log2, newness))))
    return sorted(zip(weights, addresses, strict=True), key=lambda each: each[0], reverse=True)
