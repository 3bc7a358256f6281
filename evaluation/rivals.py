"""Other ways to search Finnish, to compare with: plain words in SQLite, and stems in tantivy."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import tantivy

from core.language.morphology import tokens

STEMMED = "finnish"


class Rival(Protocol):
    """An engine that is given texts with names, and asked in words."""

    name: str

    def __init__(self, path: Path) -> None: ...

    def add(self, texts: Iterable[tuple[str, str]]) -> None:
        """Index the texts."""

    def found(self, query: str, limit: int) -> list[str]:
        """The names of texts with all words, best first; with any of them, if none has all."""


class FullText:
    """SQLite FTS5 with its unicode61 tokenizer, by bm25."""

    name = "FTS5 unicode61"

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path)
        self._database.execute("CREATE VIRTUAL TABLE texts USING fts5(name UNINDEXED, text, tokenize='unicode61')")

    def add(self, texts: Iterable[tuple[str, str]]) -> None:
        """Index the texts."""
        with self._database:
            self._database.executemany("INSERT INTO texts VALUES (?, ?)", texts)

    def found(self, query: str, limit: int) -> list[str]:
        """As for Rival."""
        words = [f'"{token.folded}"' for token in tokens(query)]
        for joint in (" AND ", " OR "):
            statement = "SELECT name FROM texts WHERE texts MATCH ? ORDER BY bm25(texts) LIMIT ?"
            if words and (rows := self._database.execute(statement, (joint.join(words), limit)).fetchall()):
                return [row[0] for row in rows]
        return []


class Stemmed:
    """tantivy with its Finnish Snowball stemmer."""

    name = "tantivy, Snowball"

    def __init__(self, path: Path) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("name", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("text", tokenizer_name=STEMMED)
        path.mkdir(parents=True)
        self._index = tantivy.Index(builder.build(), path=str(path))
        analyser = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.lowercase())
        self._index.register_tokenizer(STEMMED, analyser.filter(tantivy.Filter.stemmer("finnish")).build())

    def add(self, texts: Iterable[tuple[str, str]]) -> None:
        """Index the texts."""
        writer = self._index.writer(32_000_000, 1)
        for name, text in texts:
            writer.add_document(tantivy.Document(name=name, text=text))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def found(self, query: str, limit: int) -> list[str]:
        """As for Rival."""
        words = " ".join(token.folded.replace("-", " ").replace(":", " ") for token in tokens(query))
        searcher = self._index.searcher()
        for all_words in (True, False):
            parsed, _ = self._index.parse_query_lenient(words, ["text"], conjunction_by_default=all_words)
            if found := searcher.search(parsed, limit=limit).hits:
                return [str(searcher.doc(address).get_first("name")) for _, address in found]
        return []
