"""Base forms and compound parts of Finnish words, wherever they are wanted on a machine.

The transducer of pypykko needs 1 GB of memory and some seconds to load, and then about a millisecond a word (measured
with pypykko 0.3.0). So ``Analyser`` asks a process that serves the whole machine (``language.morphology_server``), and
remembers every answer in a small file, the vocabulary, that all processes share. Every word is looked up in its
folded form (``fold``): the case in which it happened to be written changes nothing.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.language.morphology import Token, analyse, fold, tokens, unknown, word_times
from core.language.morphology_server import Transducer
from core.models import WordForms

__all__ = ["ANALYSIS_VERSION", "Analyser", "Token", "analyse", "fold", "tokens", "word_times"]

ANALYSIS_VERSION = "1"
"""Raise it when the rules of language.morphology or the release of pypykko change: what is known is forgotten."""

INFLECTED_VERSION = f"{ANALYSIS_VERSION}, inflected 2"
"""Under which the forms of names are kept."""

BATCH = 200
"""Words a request."""

MOST_WEIGHTS = 200_000
MOST_ANSWERS = 65_536
"""So many are remembered in memory: some 20 MB each."""


def _vocabulary(path: Path) -> sqlite3.Connection:
    """The answers so far. It is a cache: a file that is no database is put aside and begun anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _database(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        path.replace(path.with_name(f"{path.name}.damaged"))
        return _database(path)


def _database(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute(
        "CREATE TABLE IF NOT EXISTS forms (word TEXT, version TEXT, answer TEXT NOT NULL,"
        " PRIMARY KEY (word, version)) WITHOUT ROWID"
    )
    return database


class Analyser:
    """Forms of words, from the vocabulary or from the transducer. Safe among threads and among processes."""

    def __init__(self, vocabulary: Path, *, idle_s: float = 60.0) -> None:
        """``vocabulary`` is the shared file; the transducer ends after ``idle_s`` seconds without a question."""
        self.path = vocabulary
        self._lock = threading.Lock()
        self._database = _vocabulary(vocabulary)
        self._weights: dict[str, float | None] = {}
        self._transducer = Transducer(f"{ANALYSIS_VERSION} {vocabulary.absolute()}", idle_s=idle_s)

    @property
    def transducer_pid(self) -> int | None:
        """The process that was asked last, while it is known to be there."""
        return self._transducer.pid

    def forms(self, words: Iterable[str]) -> dict[str, WordForms]:
        """The forms of the words, keyed by ``fold(word)``. Raises ChildFailed if the transducer cannot answer."""
        wanted = {fold(word) for word in words} - {""}
        found = self._recall(wanted)
        # What has no letter needs no lexicon.
        found |= {word: unknown(word) for word in wanted - found.keys() if not any(map(str.isalpha, word))}
        missing = sorted(wanted - found.keys())
        for start in range(0, len(missing), BATCH):
            fresh = self._ask(missing[start : start + BATCH])
            self._store(fresh, replace=True)
            found |= fresh
        return found

    def dictionary(self, texts: Iterable[str]) -> dict[str, WordForms]:
        """The forms of all words of the texts, and of their base forms and parts: what a search document carries.

        With it a reader that never asks the transducer can answer for what people type, which is mostly base forms.
        """
        found = self.forms(token.text for text in texts for token in tokens(text))
        found |= self.forms(word for forms in found.values() for word in (*forms.bases, *forms.parts))
        # In one order, however much of it was known before: pages are named by what is in them.
        return dict(sorted(found.items()))

    def learn(self, forms: Mapping[str, WordForms]) -> None:
        """Remember forms that came with a search document.

        A base form of which nothing is known yet becomes its own base, until a real answer replaces it. Its parts are
        those of the word, unless the word has several bases and it cannot be told whose they are.
        """
        self._store({fold(word): known for word, known in forms.items()}, replace=True)
        sure = [known for known in forms.values() if len(known.bases) == 1 or not known.parts]
        own = {base: WordForms(bases=(base,), parts=known.parts) for known in sure for base in known.bases}
        self._store(own, replace=False)

    def weights(self, words: Iterable[str]) -> dict[str, float | None]:
        """How implausible the words are (language.morphology.weight), keyed by ``fold(word)``. The process remembers.

        Raises ChildFailed if the transducer cannot answer.
        """
        wanted = {fold(word) for word in words}
        with self._lock:
            found = {word: self._weights[word] for word in wanted & self._weights.keys()}
        missing = sorted(wanted - found.keys())
        for start in range(0, len(missing), BATCH):
            fresh = self._transducer.ask("weights", missing[start : start + BATCH])
            found |= fresh
            with self._lock:
                if len(self._weights) > MOST_WEIGHTS:
                    self._weights.clear()
                self._weights |= fresh
        return found

    def inflected(self, names: Iterable[str]) -> tuple[str, ...]:
        """All forms of the names (morphology.inflected). Raises ChildFailed if the transducer cannot answer."""
        wanted = dict.fromkeys(names)
        found = {name: json.loads(answer) for name, answer in self._kept(wanted, INFLECTED_VERSION).items()}
        missing = [name for name in wanted if name not in found]
        for start in range(0, len(missing), BATCH):
            fresh = self._transducer.ask("inflected", missing[start : start + BATCH])
            self._keep(fresh, INFLECTED_VERSION, replace=True)
            found |= fresh
        return tuple(dict.fromkeys(form for forms in found.values() for form in forms))

    def close(self) -> None:
        """Ask no more, and close the vocabulary."""
        self._transducer.close()
        with self._lock:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _recall(self, words: Iterable[str]) -> dict[str, WordForms]:
        return {word: _recalled(answer) for word, answer in self._kept(words, ANALYSIS_VERSION).items()}

    def _store(self, forms: Mapping[str, WordForms], *, replace: bool) -> None:
        self._keep({word: _encoded(known) for word, known in forms.items()}, ANALYSIS_VERSION, replace=replace)

    def _kept(self, words: Iterable[str], version: str) -> dict[str, str]:
        query = "SELECT word, answer FROM forms WHERE version = ? AND word IN (SELECT value FROM json_each(?))"
        with self._lock:
            rows = self._database.execute(query, (version, json.dumps(list(words)))).fetchall()
        return dict(rows)

    def _keep(self, answers: Mapping[str, Any], version: str, *, replace: bool) -> None:
        rows = [(word, version, json.dumps(answer)) for word, answer in answers.items()]
        query = f"INSERT OR {'REPLACE' if replace else 'IGNORE'} INTO forms VALUES (?, ?, ?)"
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany(query, rows)
            self._database.execute("COMMIT")

    def _ask(self, words: list[str]) -> dict[str, WordForms]:
        return {word: _decoded(known) for word, known in self._transducer.ask("forms", words).items()}


def _encoded(forms: WordForms) -> list[list[str]]:
    return [list(forms.bases), list(forms.parts)]


@lru_cache(maxsize=MOST_ANSWERS)
def _recalled(answer: str) -> WordForms:
    return _decoded(json.loads(answer))


def _decoded(answer: list[list[str]]) -> WordForms:
    return WordForms(bases=tuple(answer[0]), parts=tuple(answer[1]))
