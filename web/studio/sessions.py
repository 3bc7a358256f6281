"""Who is signed in, kept in one file, so that a restart of the process signs nobody out.

The browser has a random id in a cookie, the file only its digest: who reads the file cannot take a session over.
"""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

ID_BYTES = 32
LOCK_S = 5.0
STEP = timedelta(minutes=1)
"""That somebody is there is noted once in that time."""
TABLE = """CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, grants TEXT NOT NULL,
    begun REAL NOT NULL, seen REAL NOT NULL)"""


class Identity(NamedTuple):
    """Who signed in, as the way of signing in knows them. What the ``grants`` allow is asked with every request."""

    account: str
    name: str
    grants: tuple[str, ...] = ()


def _now() -> datetime:
    return datetime.now(UTC)


class Sessions:
    """The sessions in a file. One ends ``longest`` after its beginning, and ``idle`` after the last request."""

    def __init__(self, path: Path, *, longest: timedelta, idle: timedelta, now: Callable[[], datetime] = _now) -> None:
        self._path, self._longest, self._idle, self._now = path, longest, idle, now

    @property
    def longest(self) -> timedelta:
        """After this the person signs in again."""
        return self._longest

    def begin(self, identity: Identity) -> str:
        """A new session; gives its id."""
        made, at = secrets.token_urlsafe(ID_BYTES), self._now().timestamp()
        with self._opened() as file:
            file.execute("DELETE FROM sessions WHERE begun <= ? OR seen <= ?", self._oldest())
            row = (_digest(made), identity.account, identity.name, json.dumps(identity.grants), at, at)
            file.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)", row)
        return made

    def find(self, session: str) -> Identity | None:
        """Whose it is; None when there is none, or it is over."""
        with self._opened() as file:
            columns = "SELECT account, name, grants, seen FROM sessions WHERE id = ? AND begun > ? AND seen > ?"
            row = file.execute(columns, (_digest(session), *self._oldest())).fetchone()
            if row is None:
                return None
            at = self._now().timestamp()
            if at - row[3] > STEP.total_seconds():
                file.execute("UPDATE sessions SET seen = ? WHERE id = ?", (at, _digest(session)))
        return Identity(row[0], row[1], tuple(json.loads(row[2])))

    def end(self, session: str) -> None:
        """Sign out."""
        with self._opened() as file:
            file.execute("DELETE FROM sessions WHERE id = ?", (_digest(session),))

    def end_all(self, account: str) -> int:
        """Sign out everywhere; gives from how many places."""
        with self._opened() as file:
            return file.execute("DELETE FROM sessions WHERE account = ?", (account,)).rowcount

    def _oldest(self) -> tuple[float, float]:
        now = self._now()
        return (now - self._longest).timestamp(), (now - self._idle).timestamp()

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        if not self._path.exists():
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
        with closing(sqlite3.connect(self._path, timeout=LOCK_S)) as file, file:
            file.execute(TABLE)
            yield file


def _digest(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()
