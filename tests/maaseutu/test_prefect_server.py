"""How the Prefect server's database behaves, with Prefect's own configuration of it on a real file."""

import asyncio
import gc
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from prefect.server.database.configurations import AioSqliteConfiguration
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from maaseutu.prefect_server import mend

PATIENCE_MS = 10_000
TWICE = text("INSERT INTO runs VALUES (1)")
ONCE = text("INSERT INTO runs VALUES (2)")


@pytest.fixture
def other(tmp_path: Path) -> sqlite3.Connection:
    """Somebody else who writes into the database, or is told at once that it is locked."""
    made = sqlite3.connect(tmp_path / "prefect.db", timeout=0, isolation_level=None)
    made.execute("PRAGMA journal_mode = WAL")
    made.execute("CREATE TABLE runs (number INTEGER UNIQUE)")
    made.execute("INSERT INTO runs VALUES (1)")
    return made


def _with_engine(folder: Path, use: Callable[[AioSqliteConfiguration, AsyncEngine], Awaitable[None]]) -> None:
    async def whole() -> None:
        prefect = AioSqliteConfiguration(f"sqlite+aiosqlite:///{folder / 'prefect.db'}")
        engine = await prefect.engine()
        mend(engine.sync_engine)
        await use(prefect, engine)

    asyncio.run(whole())


def test_a_transaction_that_reads_first_may_write(tmp_path: Path, other: sqlite3.Connection) -> None:
    async def use(prefect: AioSqliteConfiguration, engine: AsyncEngine) -> None:
        async with await prefect.session(engine) as session, prefect.begin_transaction(session):
            await session.execute(text("SELECT * FROM runs"))
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("INSERT INTO runs VALUES (3)")
            await session.execute(ONCE)

    _with_engine(tmp_path, use)
    assert other.execute("SELECT * FROM runs").fetchall() == [(1,), (2,)]


def test_a_failed_statement_does_not_hold_the_event_loop(tmp_path: Path, other: sqlite3.Connection) -> None:
    """Its error is freed while its connection waits for a lock that this same event loop gives back."""

    async def use(_: AioSqliteConfiguration, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            await connection.exec_driver_sql(f"PRAGMA busy_timeout = {PATIENCE_MS}")
            errors = [await _error(connection)]
            begun = await _told_of_a_beginning(connection)
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(connection.execute(ONCE))
            await begun.wait()
            errors.clear()
            gc.collect()
            other.execute("COMMIT")
            await waiting

    _with_engine(tmp_path, use)
    assert other.execute("SELECT * FROM runs").fetchall() == [(1,), (2,)]


async def _error(connection: AsyncConnection) -> IntegrityError:
    try:
        await connection.execute(TWICE)
    except IntegrityError as error:
        await connection.rollback()
        return error
    pytest.fail("The number was taken twice.")


async def _told_of_a_beginning(connection: AsyncConnection) -> asyncio.Event:
    """Set when SQLite begins with the next statement; from then to its end it holds the connection's mutex."""
    loop, begun = asyncio.get_running_loop(), asyncio.Event()
    raw = await connection.get_raw_connection()
    await raw.driver_connection.set_trace_callback(lambda _: loop.call_soon_threadsafe(begun.set))
    return begun


def test_another_database_is_connected_to_as_prefect_does() -> None:
    async def use() -> None:
        engine = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
        mend(engine.sync_engine)
        with pytest.raises(ConnectionRefusedError):
            await engine.connect().start()

    asyncio.run(use())
