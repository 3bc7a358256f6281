"""The search index of one machine: what was said, titles, chapters and notes, found by any inflected form and inside
compounds.

It is a copy that can be made again from the published search documents. So a damaged one, or one of another schema, is
put aside and begun anew, with an empty position: whoever follows the change log then starts from its beginning.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import tantivy

from core.errors import ChildFailed, Misconfigured, Retryable
from core.models import SearchDocument, WordForms
from core.search import suggestions
from core.search.asking import Asked, Filters, understood
from core.search.building import Builder
from core.search.entries import Kind
from core.search.finding import Finder, Question
from core.search.passages import documents, opened, position_document, read, schema, tail_mark
from core.search.query import Clause, parse
from core.search.results import MAX_OFFSET, Results, Sort
from core.search.thesaurus import Thesaurus
from core.search.vocabulary import Vocabulary

HEAP_BYTES = 32_000_000

_log = logging.getLogger(__name__)

Forms = Callable[[Iterable[str]], dict[str, WordForms]]


class SearchIndex:
    """The index in a folder. Many may read; the first to write stays the only writer until it closes."""

    def __init__(self, folder: Path, *, known: Thesaurus = Thesaurus()) -> None:  # noqa: B008, it is immutable
        """Open the folder's index, or begin a new one. ``known`` are names and words that mean the same."""
        self._folder = folder
        self._known = known
        self._lock = threading.RLock()
        self._writer: tantivy.IndexWriter | None = None
        self._batching = False
        self._schema = schema()
        self._builder = Builder(self._schema)
        self._index = opened(folder, self._schema)
        self._seen: tuple[int, int] | None = None
        # More at a time than there are cores would take them from each other, and the unlucky would wait longest.
        self._turns = ThreadPoolExecutor(os.cpu_count(), "search")

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
        with self._writing(position) as writer:
            writer.delete_documents_by_term("episode", document.episode)
            for made in documents(document):
                writer.add_document(made)

    def apply_tail(self, document: SearchDocument) -> None:
        """Replace the passages of the episode's tail, which are beside its others. Errors as for ``apply``.

        With the episode itself, replaced or removed, they are gone.
        """
        with self._writing(self.position) as writer:
            writer.delete_documents_by_term("meta", tail_mark(document.episode))
            for made in documents(document, in_tail=True):
                writer.add_document(made)

    def remove(self, episode: str, position: str) -> None:
        """Forget the episode and store the position, both or neither. Errors as for ``apply``."""
        with self._writing(position) as writer:
            writer.delete_documents_by_term("episode", episode)

    def has(self, episode: str) -> bool:
        """Whether anything of the episode is in the index."""
        return bool(self._searcher().doc_freq("episode", episode))

    def rewrite(self, documents_of_all: Iterable[SearchDocument], position: str) -> None:
        """Replace everything, and the position, all or nothing: no file keeps a word of what was there before.

        What is removed otherwise stays in the files, and its words among those that are suggested, until the library
        joins them with others. Errors as for ``apply``.
        """
        with self._lock:
            with self._writing(position) as writer:
                writer.delete_all_documents()
                for document in documents_of_all:
                    for made in documents(document):
                        writer.add_document(made)
            with self._failing_whole():
                writer.garbage_collect_files()

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
        """Every stored document as JSON, sorted: two indexes of the same documents give the same."""
        searcher = self._searcher()
        everything = tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, tantivy.Query.all_query()), (tantivy.Occur.MustNot, self._term("meta", "position"))]
        )
        hits = searcher.search(everything, limit=max(1, searcher.num_docs)).hits
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
        year: int | None = None,
        municipality: str | None = None,
        kinds: Sequence[Kind] | None = None,
        sort: Sort = "relevance",
        typing: bool = False,
        grouped: bool = False,
        counted: bool = False,
    ) -> Results:
        """Documents that have all of the query (search.query), else any of it or of its parts; best first, then newest.

        ``forms`` gives the base forms (``Analyser.forms``). The filters are those of search.asking. ``typing``: the
        last word is not finished. ``grouped``: tell of each episode on the page how often and when it answers.
        ``counted``: tell how many answers other filters would leave. No query is an error; one that asks
        for nothing has no results. ``offset`` ends at MAX_OFFSET. As many are searched at a time as there are cores, in
        the order in which their words were understood.
        """
        searcher = self._searcher()
        asked = self._understood(searcher, parse(query, typing=typing), forms)
        filters = Filters(
            episode=episode, programme=programme, year=year, municipality=municipality, kinds=tuple(kinds or ()) or None
        )
        question = Question(asked, filters, max(1, limit), min(max(0, offset), MAX_OFFSET), sort, grouped, counted)
        results = self._turns.submit(Finder(searcher, self._builder).results, question).result()
        if results.total and not results.relaxed:
            return results
        return results.model_copy(update={"suggestion": suggestions.instead(query, asked, Vocabulary(searcher))})

    def suggest(self, typed: str, *, limit: int = 8) -> tuple[str, ...]:
        """What somebody may be typing: base forms of the archive that begin as the last word, the commonest first."""
        return suggestions.completions(typed, Vocabulary(self._searcher()), limit=limit)

    def _understood(self, searcher: tantivy.Searcher, clauses: Sequence[Clause], forms: Forms) -> list[Asked]:
        words = {word for clause in clauses if clause.kind != "prefix" for word in clause.words}
        return understood(clauses, _known(words, forms), self._known, Vocabulary(searcher))

    def _term(self, field: str, value: str) -> tantivy.Query:
        return self._builder.term(field, value)

    def _searcher(self) -> tantivy.Searcher:
        # Another process may have committed, which puts another file in this one's place.
        state = (self._folder / "meta.json").stat()
        seen = (state.st_ino, state.st_mtime_ns)
        if seen != self._seen:
            self._index.reload()
            self._seen = seen
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


def _known(words: set[str], forms: Forms) -> dict[str, WordForms]:
    """Forms of the words. When the analyser fails, the words as written still find something."""
    try:
        return forms(words) if words else {}
    except ChildFailed as error:
        _log.warning("Searching without base forms: %s", error)
        return {}
