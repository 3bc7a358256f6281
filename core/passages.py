"""The search index's folder and what it holds: fields, stored passages, and the check when it is opened."""

import fcntl
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tantivy
from pydantic import AwareDatetime

from core.models import Passage, Record, SearchDocument, WordForms
from core.morphology import tokens, unknown, word_times

SCHEMA_VERSION = "2"
"""Raise it when a field, a stored record or the meaning of a term changes: indexes of other versions are rebuilt."""

RECENCY_PER_YEAR = 3e-4
"""A year newer weighs about 0.02 % more: far less than any difference of words, and 32 bits still tell five hours."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_log = logging.getLogger(__name__)


class StoredPassage(Record):
    """What the index keeps of a passage. ``times`` and ``forms`` belong to the tokens of ``text``."""

    episode: str
    version: str
    title: str
    programme: str
    starts_at: AwareDatetime
    number: int
    start_ms: int
    end_ms: int
    text: str
    times: tuple[int | None, ...]
    forms: dict[str, WordForms]


def schema() -> tantivy.Schema:
    """Fields of words are split at spaces: the words are cut and folded before (core.morphology)."""
    builder = tantivy.SchemaBuilder()
    for name in ("episode", "programme", "kind", "meta"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("exact", tokenizer_name="whitespace", index_option="position")
    for name in ("base", "part"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    builder.add_float_field("recency", fast=True)
    builder.add_bytes_field("stored", stored=True)
    return builder.build()


def opened(folder: Path, fields: tantivy.Schema) -> tantivy.Index:
    """The folder's index, or a new one in its place if it is damaged or of another version."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        version = folder / "schema-version"
        if folder.exists() and not (version.exists() and version.read_text() == SCHEMA_VERSION):
            _put_aside(folder, "it has another schema")
        folder.mkdir(exist_ok=True)
        version.write_text(SCHEMA_VERSION)
        try:
            return _checked(folder, fields)
        except BaseException as error:
            # A cut file makes the library panic, and its PanicException is not an Exception and cannot be imported.
            if not isinstance(error, ValueError) and type(error).__name__ != "PanicException":
                raise
            _put_aside(folder, f"it is damaged: {error}")
        folder.mkdir()
        version.write_text(SCHEMA_VERSION)
        return _checked(folder, fields)


def _checked(folder: Path, fields: tantivy.Schema) -> tantivy.Index:
    index = tantivy.Index(fields, path=str(folder))
    searcher = index.searcher()
    found = searcher.search(tantivy.Query.all_query(), limit=1).hits
    for _, address in found:
        searcher.doc(address)
    return index


def _put_aside(folder: Path, reason: str) -> None:
    aside = folder.with_name(f"{folder.name}.aside-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}")
    folder.rename(aside)
    _log.warning("Search index %s is put aside as %s and made anew: %s", folder, aside.name, reason)


def stored(document: SearchDocument, number: int, passage: Passage) -> StoredPassage:
    """The ``number``-th passage of the document with its share of the forms."""
    words = sorted({token.folded for token in tokens(passage.text)})
    known = {word: document.forms[word] for word in words if word in document.forms}
    return StoredPassage(
        episode=document.episode,
        version=document.version,
        title=document.title,
        programme=document.programme,
        starts_at=document.starts_at,
        number=number,
        start_ms=passage.start_ms,
        end_ms=passage.end_ms,
        text=passage.text,
        times=word_times(passage) if passage.words else (),
        forms={word: forms for word, forms in known.items() if forms != unknown(word)},
    )


def tail_mark(episode: str) -> str:
    """The term by which the passages of an episode's tail are found again."""
    return f"tail {episode}"


def passage_document(passage: StoredPassage, *, in_tail: bool = False) -> tantivy.Document:
    """The passage as the index takes it: one term a word, all its bases, all its parts."""
    words = [token.folded for token in tokens(passage.text)]
    forms = [passage.forms.get(word) or unknown(word) for word in words]
    years = (passage.starts_at - _EPOCH).total_seconds() / 31_557_600
    document = tantivy.Document()
    document.add_text("kind", "passage")
    if in_tail:
        document.add_text("meta", tail_mark(passage.episode))
    document.add_text("episode", passage.episode)
    document.add_text("programme", passage.programme)
    document.add_text("exact", " ".join(words))
    document.add_text("base", " ".join(base for known in forms for base in known.bases))
    document.add_text("part", " ".join(part for known in forms for part in known.parts))
    document.add_float("recency", max(0.0, years * RECENCY_PER_YEAR))
    document.add_bytes("stored", passage.model_dump_json().encode())
    return document


def position_document(position: str) -> tantivy.Document:
    """The last followed key. A document among the others, for a commit of theirs to be a commit of it."""
    document = tantivy.Document()
    document.add_text("meta", "position")
    document.add_bytes("stored", position.encode())
    return document


def read(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> str:
    """What a document stores: a passage as JSON, or the position."""
    content: Any = searcher.doc(address).get_first("stored")
    return bytes(content).decode()
