"""The search index of one machine: passages, found by any inflected form and inside compounds.

It is a copy that can be made again from the published search documents. So a damaged one, or one of another schema, is
put aside and begun anew, with an empty position: whoever follows the change log then starts from its beginning.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import tantivy
from pydantic import AwareDatetime

from core.errors import ChildFailed, Misconfigured, Retryable
from core.models import Record, SearchDocument, WordForms
from core.morphology import fold, tokens, unknown
from core.passages import StoredPassage, opened, passage_document, position_document, read, schema, stored, tail_mark

EXACT, BASE, PART = 0.3, 1.0, 0.5
"""Weights of a word as written, of its base form, and as part of a compound, from the prototype on Finnish-TDT."""

KIN = 0.25
"""Weight, only where nothing has all the words, of the parts of a compound that was asked for: ``kriisikunta`` also
asks a little for ``kunta``. On 72 Finnish questions it lifts MRR@10 from 0.71 to 0.77."""

WHOLE_WORD = 20.0
"""Added for every query word found as a word of its own. BM25 of one term stays below ln(documents) * 2.2, times PART:
18 at ten million passages. So a compound's part never ranks above the word, however rare that compound is."""

MAX_QUERY = 10_000
MAX_CLAUSES = 64
MAX_OFFSET = 10_000
HEAP_BYTES = 32_000_000

_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_QUOTED = re.compile(r'["“”„«»]([^"“”„«»]*)["“”„«»]')
_log = logging.getLogger(__name__)

Forms = Callable[[Iterable[str]], dict[str, WordForms]]


class Hit(Record):
    """A passage that answers. ``start_ms`` is when the first matching word was said, ``passage_start_ms`` when the
    passage begins; ``highlights`` are ranges of characters of ``text`` that match."""

    episode: str
    version: str
    title: str
    programme: str
    starts_at: AwareDatetime
    start_ms: int
    passage_start_ms: int
    end_ms: int
    text: str
    highlights: tuple[tuple[int, int], ...]
    score: float


class Results(Record):
    """``total`` passages answer, of which ``hits`` are the asked page. ``relaxed``: none has all the words."""

    total: int = 0
    hits: tuple[Hit, ...] = ()
    relaxed: bool = False


class _Clause(NamedTuple):
    """A word of the query, or quoted words that must follow each other as they are."""

    words: tuple[str, ...]
    quoted: bool
    bases: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


class SearchIndex:
    """The index in a folder. Many may read; the first to write stays the only writer until it closes."""

    def __init__(self, folder: Path) -> None:
        """Open the folder's index, or begin a new one."""
        self._folder = folder
        self._lock = threading.RLock()
        self._writer: tantivy.IndexWriter | None = None
        self._batching = False
        self._schema = schema()
        self._index = opened(folder, self._schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let another process write."""
        with self._lock:
            writer, self._writer = self._writer, None
            if writer is not None:
                writer.wait_merging_threads()

    @property
    def position(self) -> str:
        """The last key of the change log that the index has followed; empty at the beginning."""
        searcher = self._searcher()
        found = searcher.search(self._term("meta", "position"), limit=1).hits
        return read(searcher, found[0][1]) if found else ""

    def apply(self, document: SearchDocument, position: str) -> None:
        """Replace the episode's passages and the position, both or neither.

        Raises Misconfigured when another process writes this index, Retryable when the disk refuses.
        """
        passages = [stored(document, number, passage) for number, passage in enumerate(document.passages)]
        with self._writing(position) as writer:
            writer.delete_documents_by_term("episode", document.episode)
            for passage in passages:
                writer.add_document(passage_document(passage))

    def apply_tail(self, document: SearchDocument) -> None:
        """Replace the passages of the episode's tail, which are beside its others. Errors as for ``apply``.

        With the episode itself, replaced or removed, they are gone.
        """
        passages = [stored(document, number, passage) for number, passage in enumerate(document.passages)]
        with self._writing(self.position) as writer:
            writer.delete_documents_by_term("meta", tail_mark(document.episode))
            for passage in passages:
                writer.add_document(passage_document(passage, in_tail=True))

    def remove(self, episode: str, position: str) -> None:
        """Forget the episode and store the position, both or neither. Errors as for ``apply``."""
        with self._writing(position) as writer:
            writer.delete_documents_by_term("episode", episode)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Changes made inside become visible and durable together: for following many changes at once."""
        with self._lock:
            self._batching = True
            try:
                yield
            finally:
                self._batching = False
                self._commit()

    def dump(self) -> list[str]:
        """Every stored passage as JSON, sorted: two indexes of the same documents give the same."""
        searcher = self._searcher()
        hits = searcher.search(self._term("kind", "passage"), limit=max(1, searcher.num_docs)).hits
        return sorted(read(searcher, address) for _, address in hits)

    def search(
        self,
        query: str,
        forms: Forms,
        *,
        limit: int = 20,
        offset: int = 0,
        episode: str | None = None,
        programme: str | None = None,
    ) -> Results:
        """Passages that have all words of the query, else any of them or of their parts; best first, then newest.

        ``forms`` gives the base forms (``Analyser.forms``). Words in quotation marks match as they are and in that
        order. No query is an error; one without words has no results. ``offset`` ends at MAX_OFFSET.
        """
        clauses = _clauses(query, forms)
        limit, offset = max(1, limit), min(max(0, offset), MAX_OFFSET)
        filters = {"episode": episode, "programme": programme}
        searcher = self._searcher()
        for relaxed in (False, True) if clauses else ():
            asked = self._query(clauses, filters, relaxed=relaxed)
            found: Any = searcher.search(asked, limit=limit, offset=offset, weight_by_field="recency")
            if found.count:
                wanted = [clause if relaxed else clause._replace(parts=()) for clause in clauses]
                hits = [_hit(read(searcher, address), wanted, score) for score, address in found.hits]
                hits.sort(key=lambda hit: (-hit.score, -hit.starts_at.timestamp(), hit.passage_start_ms))
                return Results(total=found.count, hits=tuple(hits), relaxed=relaxed)
        return Results()

    def _query(self, clauses: list[_Clause], filters: Mapping[str, str | None], *, relaxed: bool) -> tantivy.Query:
        # Without all words required, being a word of its own says less than being rare: ``voiko`` is one too.
        bonus, kin = (0.0, KIN) if relaxed else (WHOLE_WORD, 0.0)
        occur = tantivy.Occur.Should if relaxed else tantivy.Occur.Must
        words = tantivy.Query.boolean_query([(occur, self._clause_query(clause, bonus, kin)) for clause in clauses])
        chosen = [self._term(field, value) for field, value in filters.items() if value is not None]
        silent = [(tantivy.Occur.Must, tantivy.Query.const_score_query(term, 0.0)) for term in chosen]
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, words), *silent])

    def _clause_query(self, clause: _Clause, bonus: float, kin: float) -> tantivy.Query:
        query = tantivy.Query
        if clause.quoted:
            return query.boost_query(self._phrase(clause.words), BASE)
        exact = self._term("exact", clause.words[0])
        bases = query.disjunction_max_query([self._term("base", base) for base in clause.bases])
        parts = query.disjunction_max_query([self._term("part", word) for word in {*clause.bases, *clause.words}])
        weighed = [(exact, EXACT), (bases, BASE), (parts, PART)]
        if kin:
            weighed += [(self._term(field, part), kin) for part in clause.parts for field in ("base", "part")]
        ways = [query.boost_query(way, weight) for way, weight in weighed]
        if bonus:
            ways.append(query.const_score_query(query.disjunction_max_query([exact, bases]), bonus))
        return query.boolean_query([(tantivy.Occur.Should, way) for way in ways])

    def _phrase(self, words: tuple[str, ...]) -> tantivy.Query:
        if len(words) == 1:
            return self._term("exact", words[0])
        return tantivy.Query.phrase_query(self._schema, "exact", list(words))

    def _term(self, field: str, value: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value)

    def _searcher(self) -> tantivy.Searcher:
        # Another process may have committed; without a change this costs microseconds.
        self._index.reload()
        return self._index.searcher()

    @contextmanager
    def _writing(self, position: str) -> Iterator[tantivy.IndexWriter]:
        with self._lock:
            self._writer = self._writer or self._new_writer()
            with self._failing_whole():
                yield self._writer
                self._writer.delete_documents_by_term("meta", "position")
                self._writer.add_document(position_document(position))
            if not self._batching:
                self._commit()

    def _commit(self) -> None:
        if self._writer is not None:
            with self._failing_whole():
                self._writer.commit()

    @contextmanager
    def _failing_whole(self) -> Iterator[None]:
        """Half a change must never meet the next commit, and after an error the writer may be dead: begin with a new
        one, at the last commit. That includes what stopped us from outside."""
        try:
            yield
        except BaseException as error:
            writer, self._writer = self._writer, None
            if writer is not None:
                with suppress(ValueError, OSError):
                    writer.rollback()
            if isinstance(error, ValueError | OSError):
                raise Retryable(f"The search index could not be written: {error}.", "Is the disk full?") from error
            raise

    def _new_writer(self) -> tantivy.IndexWriter:
        try:
            return self._index.writer(HEAP_BYTES, 1)
        except ValueError as error:
            raise Misconfigured(
                f"The search index in {self._folder} is being written by another process: {error}",
                "Give every follower a folder of its own.",
            ) from error


def _clauses(query: str, forms: Forms) -> list[_Clause]:
    """What the query asks for, at most MAX_CLAUSES different things. An unpaired quotation mark means nothing.

    ``2 300`` is one word, typed with whatever space, or none.
    """
    query = _THOUSANDS.sub("\u00a0", query[:MAX_QUERY])
    quoted = [tuple(token.folded for token in tokens(match)) for match in _QUOTED.findall(query)]
    single = [(token.folded,) for token in tokens(_QUOTED.sub(" ", query))]
    clauses = [_Clause(words, quoted=True) for words in quoted if words]
    clauses += [_Clause(word, quoted=False) for word in single]
    clauses = list(dict.fromkeys(clauses))[:MAX_CLAUSES]
    known = _known([clause.words[0] for clause in clauses if not clause.quoted], forms)
    return [clause if clause.quoted else _with_forms(clause, known[clause.words[0]]) for clause in clauses]


def _with_forms(clause: _Clause, forms: WordForms) -> _Clause:
    return clause._replace(bases=forms.bases, parts=forms.parts)


def _known(words: list[str], forms: Forms) -> dict[str, WordForms]:
    """Forms of the words. When the analyser fails, the words as written still find something."""
    found: dict[str, WordForms] = {}
    try:
        found = forms(words) if words else {}
    except ChildFailed as error:
        _log.warning("Searching without base forms: %s", error)
    return {word: found.get(fold(word)) or unknown(word) for word in words}


def _hit(content: str, clauses: list[_Clause], score: float) -> Hit:
    passage = StoredPassage.model_validate_json(content)
    matching = _matches(passage, clauses)
    places = tokens(passage.text)
    times = [passage.times[at] for at in matching if at < len(passage.times)]
    said = next((time for time in times if time is not None), passage.start_ms)
    return Hit(
        **passage.model_dump(include={"episode", "version", "title", "programme", "starts_at", "end_ms", "text"}),
        start_ms=said,
        passage_start_ms=passage.start_ms,
        highlights=tuple((places[at].start, places[at].end) for at in matching),
        score=score,
    )


def _matches(passage: StoredPassage, clauses: list[_Clause]) -> list[int]:
    """Which tokens of the passage answer the query, in order."""
    words = [token.folded for token in tokens(passage.text)]
    single = {word for clause in clauses if not clause.quoted for word in clause.words + clause.bases + clause.parts}
    found = set()
    for at, word in enumerate(words):
        forms = passage.forms.get(word) or unknown(word)
        if word in single or not single.isdisjoint(forms.bases) or not single.isdisjoint(forms.parts):
            found.add(at)
        for phrase in (clause.words for clause in clauses if clause.quoted):
            if tuple(words[at : at + len(phrase)]) == phrase:
                found.update(range(at, at + len(phrase)))
    return sorted(found)
