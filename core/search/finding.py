"""Finds what answers at one moment of the index: the page, its episodes, and what other filters would leave."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import tantivy

from core.search.asking import Asked, Filters
from core.search.building import WHOLE_WORD, Builder
from core.search.entries import KINDS, Entry, entry
from core.search.matching import Matcher
from core.search.ordering import Best, Scored, newer_first, newer_of_few
from core.search.passages import COUNTED, read
from core.search.results import MAX_TIMES, Counts, Group, Hit, Results, Sort
from core.search.vocabulary import Vocabulary

MAX_COUNTED = 1000
"""Values of a field that are counted; there are 308 municipalities."""


class Question(NamedTuple):
    """What is asked, which of the answers are wanted in what order, and what is told besides: of the episodes of the
    page, and of other filters."""

    asked: Sequence[Asked]
    filters: Filters
    limit: int
    offset: int
    sort: Sort
    grouped: bool
    counted: bool


class Finder:
    """Finds in one moment of the index."""

    def __init__(self, searcher: tantivy.Searcher, builder: Builder) -> None:
        self._searcher = searcher
        self._builder = builder

    def results(self, question: Question) -> Results:
        """The answers, without a suggestion."""
        results = Results()
        wanted = [each for each in question.asked if not each.clause.negative]
        manners = (False, True) if all(each.occurs for each in wanted) else (True,)
        for relaxed in manners if wanted else ():
            total, found = self._found(question, relaxed=relaxed)
            if total:
                hits = self._hits(question, found, relaxed=relaxed)
                groups = self._groups(question, hits, relaxed=relaxed) if question.grouped else ()
                results = Results(total=total, hits=hits, relaxed=relaxed, groups=groups)
                break
        if question.counted and wanted:
            results = results.model_copy(update={"counts": self._counts(question, relaxed=results.relaxed)})
        return results

    def _found(self, question: Question, *, relaxed: bool) -> Best:
        """What answers, and first of all what has the words as words of their own."""
        if question.sort == "relevance" and not relaxed:
            return self._several(question) or self._single(question) or self._best(question)
        field = "newest" if question.sort == "newest" else None
        query = self._builder.query(question.asked, question.filters, relaxed=relaxed)
        # Where any word will do, hardly two documents weigh the same, and much of the archive answers: there the date
        # is not worth its time.
        found: Any = self._searcher.search(query, limit=question.limit, offset=question.offset, order_by_field=field)
        return Best(found.count, found.hits)

    def _best(self, question: Question) -> Best:
        query = self._builder.query(question.asked, question.filters, relaxed=False)
        return newer_first(self._searcher, query, question.limit, question.offset)

    def _several(self, question: Question) -> Best | None:
        """Of several words, where documents that have each as a word of its own fill the page."""
        several = self._builder.several(question.asked, question.filters, Vocabulary(self._searcher))
        if not several:
            return None
        best = newer_of_few(self._searcher, several.own, question.limit, question.offset, more=several.more)
        if best and len(best.hits) == question.limit and best.hits[-1][0] > several.others_most:
            return Best(self._count(several.either), best.hits)
        return None

    def _single(self, question: Question) -> Best | None:
        """Of one word, those that have it as a word of its own, and then the others."""
        tiers = self._builder.tiers(question.asked, question.filters)
        if not tiers:
            return None
        first = newer_first(self._searcher, tiers.own, question.limit, question.offset)
        own = [(score + WHOLE_WORD, at) for score, at in first.hits]
        if lacking := question.limit - len(own):
            others = newer_first(self._searcher, tiers.others, lacking, max(0, question.offset - first.total))
            return Best(first.total + others.total, [*own, *others.hits])
        return Best(self._count(tiers.either), own)

    def _count(self, query: tantivy.Query) -> int:
        """How many documents answer. It is a fraction of the work of a search, which works out a score for each."""
        found: Any = self._searcher.aggregate(query, {"all": {"filter": "*"}})
        return int(found["all"]["doc_count"])

    def _hits(self, question: Question, found: Sequence[Scored], *, relaxed: bool) -> tuple[Hit, ...]:
        matcher = Matcher(question.asked, relaxed=relaxed)
        hits = [_hit(entry(read(self._searcher, at)), matcher, score) for score, at in found]
        if question.sort == "relevance":
            hits.sort(key=lambda hit: (-hit.score, -hit.starts_at.timestamp(), hit.passage_start_ms))
        return tuple(hits)

    def _groups(self, question: Question, hits: Sequence[Hit], *, relaxed: bool) -> tuple[Group, ...]:
        groups = []
        for episode in dict.fromkeys(hit.episode for hit in hits):
            own = question.filters.model_copy(update={"episode": episode})
            wanted = self._builder.query(question.asked, own, relaxed=relaxed)
            found: Any = self._searcher.search(wanted, limit=MAX_TIMES, order_by_field="start", order=tantivy.Order.Asc)
            groups.append(Group(episode=episode, total=found.count, times=tuple(time for time, _ in found.hits)))
        return tuple(groups)

    def _counts(self, question: Question, *, relaxed: bool) -> Counts:
        """Fields that nothing is asked of are counted in one pass."""
        passes: dict[Filters, list[str]] = {}
        for field in COUNTED:
            others = question.filters.model_copy(update={"kinds": KINDS} if field == "kind" else {field: None})
            passes.setdefault(others, []).append(field)
        counts: dict[str, dict[str, int]] = {}
        for others, fields in passes.items():
            wanted = {field: {"terms": {"field": field, "size": MAX_COUNTED}} for field in fields}
            found: Any = self._searcher.aggregate(self._builder.query(question.asked, others, relaxed=relaxed), wanted)
            for field in fields:
                counts[field] = {each["key"]: each["doc_count"] for each in found[field]["buckets"]}
        return Counts.model_validate(counts)


def _hit(found: Entry, matcher: Matcher, score: float) -> Hit:
    places = matcher.matches(found)
    said = next((place.time for place in places if place.time is not None), found.start_ms)
    return Hit(
        episode=found.episode,
        version=found.version,
        title=found.title,
        programme=found.programme,
        starts_at=found.starts_at,
        start_ms=said,
        passage_start_ms=found.start_ms,
        end_ms=found.end_ms,
        text=found.text,
        highlights=tuple((place.start, place.end) for place in places),
        score=float(score),
        kind=found.kind,
    )
