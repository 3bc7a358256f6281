"""Base forms and compound parts of Finnish words, wherever they are wanted on a machine.

The transducer of pypykko needs 1 GB of memory and some seconds to load, and then about a millisecond a word (measured
with pypykko 0.3.0). So ``Analyser`` keeps it in a child process, of which one at a time serves on a machine, and
remembers every answer in a small file, the vocabulary, that all processes share. Every word is looked up in its
folded form (``fold``): the case in which it happened to be written changes nothing.
"""

import contextlib
import fcntl
import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from core.errors import ChildFailed
from core.models import WordForms
from core.morphology import Token, analyse, fold, inflected, tokens, unknown, weight, word_times

__all__ = ["ANALYSIS_VERSION", "Analyser", "Token", "analyse", "fold", "tokens", "word_times"]

ANALYSIS_VERSION = "1"
"""Raise it when the rules of core.morphology or the release of pypykko change: all that is known is then forgotten."""

INFLECTED_VERSION = f"{ANALYSIS_VERSION}, inflected 2"
"""Under which the forms of names are kept."""

BATCH = 200
"""Words a request. A whole request must fit in a pipe (64 kB), for the child may still be loading when it is sent."""

TURN_S = 10.0
"""How long a busy child serves before it makes room for another process's child."""

ANSWER_S = 180.0
"""How long an answer may take, waiting for another process's child and loading included."""

RESTARTS = 5
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


class _Child:
    """The child process: a line in, a line out. It starts when asked, and again after it has ended by itself."""

    def __init__(self, arguments: tuple[str, ...]) -> None:
        self._command = (sys.executable, "-m", "core.finnish", *arguments)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: deque[str] = deque(maxlen=20)
        self._closed = False

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process and process.poll() is None else None

    def ask(self, line: str) -> str:
        """The answer to a line. Raises ChildFailed."""
        with self._lock:
            for _ in range(RESTARTS):
                if (answer := self._exchange(line)) is not None:
                    return answer
        raise ChildFailed("The analyser of Finnish words ended before it could answer.", "Ask again.")

    def close(self) -> None:
        self._closed = True
        if process := self._process:
            if process.stdin:
                process.stdin.close()
            self._kill(process)

    def _exchange(self, line: str) -> str | None:
        process = self._running()
        # A child that has just ended because nobody asked is no failure: the end of its output says so below.
        with contextlib.suppress(BrokenPipeError):
            os.write(_descriptor(process.stdin), f"{line}\n".encode())
        answer = self._read(_descriptor(process.stdout))
        if answer.endswith(b"\n"):
            return answer.decode()
        code = self._kill(process)
        if code or self._closed:
            raise ChildFailed(
                f"The analyser of Finnish words ended with status {code}: {' | '.join(self._errors)}",
                "It needs about 1 GB of free memory, and the package pypykko.",
            )
        return None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process and self._process.poll() is None:
            return self._process
        root = str(Path(__file__).parent.parent)
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                self._command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True, bufsize=0,
                env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
            )  # fmt: skip
        except OSError as error:
            raise ChildFailed(f"The analyser of Finnish words cannot start: {error}.") from error
        threading.Thread(target=self._watch, args=(self._process,), daemon=True).start()
        return self._process

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Keep the last error lines, and take leave of the child when it ends by itself (no zombie is left)."""
        for line in process.stderr or ():
            self._errors.append(line.decode(errors="replace").rstrip())
        process.wait()

    def _read(self, source: int) -> bytes:
        answer, deadline = b"", time.monotonic() + ANSWER_S
        while not answer.endswith(b"\n"):
            ready, _, _ = select.select([source], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(source, 65_536) if ready else b""
            if not chunk:
                break
            answer += chunk
        return answer

    def _kill(self, process: subprocess.Popen[bytes]) -> int:
        try:
            return process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()


def _descriptor(pipe: IO[bytes] | None) -> int:
    if pipe is None or pipe.closed:
        raise ChildFailed("The analyser of Finnish words is closed.")
    return pipe.fileno()


class Analyser:
    """Forms of words, from the vocabulary or from the child. Safe among threads and among processes."""

    def __init__(self, vocabulary: Path, *, idle_s: float = 60.0) -> None:
        """``vocabulary`` is the shared file; the child ends after ``idle_s`` seconds without a question."""
        self.path = vocabulary
        self._lock = threading.Lock()
        self._database = _vocabulary(vocabulary)
        self._weights: dict[str, float | None] = {}
        self._child = _Child((str(idle_s), str(vocabulary.absolute().with_name(f"{vocabulary.name}.turn"))))

    @property
    def child_pid(self) -> int | None:
        """The child that runs now, if one does."""
        return self._child.pid

    def forms(self, words: Iterable[str]) -> dict[str, WordForms]:
        """The forms of the words, keyed by ``fold(word)``. Raises ChildFailed if the child cannot answer."""
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

        With it a reader that never runs the child can answer for the words people type, which are mostly base forms.
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
        """How implausible the words are (core.morphology.weight), keyed by ``fold(word)``. This process remembers them.

        Raises ChildFailed if the child cannot answer.
        """
        wanted = {fold(word) for word in words}
        with self._lock:
            found = {word: self._weights[word] for word in wanted & self._weights.keys()}
        missing = sorted(wanted - found.keys())
        for start in range(0, len(missing), BATCH):
            fresh = self._put("weights", missing[start : start + BATCH])
            found |= fresh
            with self._lock:
                if len(self._weights) > MOST_WEIGHTS:
                    self._weights.clear()
                self._weights |= fresh
        return found

    def inflected(self, names: Iterable[str]) -> tuple[str, ...]:
        """All forms of the names (core.morphology.inflected). Raises ChildFailed if the child cannot answer."""
        wanted = dict.fromkeys(names)
        found = {name: json.loads(answer) for name, answer in self._kept(wanted, INFLECTED_VERSION).items()}
        missing = [name for name in wanted if name not in found]
        for start in range(0, len(missing), BATCH):
            fresh = self._put("inflected", missing[start : start + BATCH])
            self._keep(fresh, INFLECTED_VERSION, replace=True)
            found |= fresh
        return tuple(dict.fromkeys(form for forms in found.values() for form in forms))

    def close(self) -> None:
        """End the child and close the vocabulary."""
        self._child.close()
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
        return {word: _decoded(known) for word, known in self._put("forms", words).items()}

    def _put(self, question: str, words: list[str]) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._child.ask(json.dumps([question, words], ensure_ascii=False)))
        return answer


def _encoded(forms: WordForms) -> list[list[str]]:
    return [list(forms.bases), list(forms.parts)]


@lru_cache(maxsize=MOST_ANSWERS)
def _recalled(answer: str) -> WordForms:
    return _decoded(json.loads(answer))


def _decoded(answer: list[list[str]]) -> WordForms:
    return WordForms(bases=tuple(answer[0]), parts=tuple(answer[1]))


class _Turn:
    """The right of one child a machine to hold the transducer, as two file locks that die with their process.

    Whoever serves holds the first; whoever waits holds the second (shared), by which the one who serves sees it.
    """

    def __init__(self, path: Path) -> None:
        self._serving: IO[bytes] = path.open("ab")
        self._waiting: IO[bytes] = path.with_name(f"{path.name}.waiting").open("ab")

    def take(self) -> bool:
        """Wait for the turn. False if the parent went away meanwhile."""
        watch = select.poll()
        watch.register(sys.stdin.fileno(), 0)
        while not _locked(self._serving, fcntl.LOCK_EX):
            _locked(self._waiting, fcntl.LOCK_SH)
            if watch.poll(100):
                return False
        fcntl.flock(self._waiting, fcntl.LOCK_UN)
        return True

    def is_wanted(self) -> bool:
        """Whether another child waits."""
        if not _locked(self._waiting, fcntl.LOCK_EX):
            return True
        fcntl.flock(self._waiting, fcntl.LOCK_UN)
        return False


def _locked(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


ANSWERS: dict[str, Callable[[str], Any]] = {
    "forms": lambda word: _encoded(analyse(word)),
    "weights": weight,
    "inflected": inflected,
}
"""What the child can be asked about a word."""


def serve(idle_s: float, turn_file: Path) -> None:
    """The child: answer lines of words on standard input until it closes, or nobody asks, or another must serve."""
    turn = _Turn(turn_file)
    if not turn.take():
        return
    began = asked = time.monotonic()
    while time.monotonic() - asked < idle_s:
        ready, _, _ = select.select([sys.stdin], [], [], min(0.5, idle_s))
        if ready:
            line = sys.stdin.readline()
            if not line:
                return
            question, words = json.loads(line)
            sys.stdout.write(f"{json.dumps({word: ANSWERS[question](word) for word in words})}\n")
            sys.stdout.flush()
            asked = time.monotonic()
        if turn.is_wanted() and (not ready or asked - began > TURN_S):
            return


if __name__ == "__main__":
    serve(float(sys.argv[1]), Path(sys.argv[2]))
