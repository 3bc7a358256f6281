"""Prefect's own command line, for the server on SQLite: it does not stand still for a minute, and refuses less.

A transaction takes the write lock of SQLite when it begins. Prefect lets most of them read first, and a write after
that is refused at once when anything was written meanwhile: "database is locked", and the client is to ask again.

The cursor of a statement that failed is closed at once. Under Python 3.11 freeing an open one takes the mutex of its
connection. The error's traceback keeps it until rubbish is collected, perhaps by the event loop while that connection
waits for the write lock, which only the event loop can give back: nothing was answered until the wait ended, 60 s.
"""

import sqlite3
from typing import Any, Self

from prefect.cli import app
from sqlalchemy import event
from sqlalchemy.engine import Engine


def mend(engines: type[Engine] | Engine) -> None:
    """Let these engines do both."""
    event.listen(engines, "before_cursor_execute", _lock_first, retval=True)
    event.listen(engines, "do_connect", _with_closing_cursors)


def _lock_first(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
    return "BEGIN IMMEDIATE" if statement == "BEGIN DEFERRED" else statement, parameters


def _with_closing_cursors(dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
    # An operator may have named another database in Prefect's own settings.
    if dialect.name == "sqlite":
        options["factory"] = _Connection


class _Cursor(sqlite3.Cursor):
    """Closes itself when its statement fails."""

    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        try:
            return super().execute(sql, parameters)
        except Exception:
            self.close()
            raise

    def executemany(self, sql: str, seq_of_parameters: Any, /) -> Self:
        try:
            return super().executemany(sql, seq_of_parameters)
        except Exception:
            self.close()
            raise


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


if __name__ == "__main__":
    mend(Engine)
    app()
