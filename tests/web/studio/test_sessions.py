"""Sessions in their file, by a clock that a test turns."""

import sqlite3
import stat
from datetime import UTC, datetime, timedelta

import pytest

from web.studio.sessions import Identity, Sessions

ANNA = Identity("anna", "Anna", ("producer", "anna@example.org"))


class Clock:
    """What time it is."""

    def __init__(self):
        self.now = datetime(2026, 11, 28, 9, tzinfo=UTC)

    def __call__(self):
        return self.now

    def turn(self, **by):
        self.now += timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(tmp_path, clock):
    """The sessions, as a process that has just started opens them."""
    limits = {"longest": timedelta(hours=12), "idle": timedelta(hours=2)}
    return lambda: Sessions(tmp_path / "studio" / "sessions.sqlite", **limits, now=clock)


def test_a_restart_loses_nobody_and_the_file_has_no_ids(opened, tmp_path):
    session = opened().begin(ANNA)
    assert opened().find(session) == ANNA
    file = tmp_path / "studio" / "sessions.sqlite"
    assert session.encode() not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert opened().find("another") is None


def test_a_session_ends_when_nobody_is_there(opened, clock):
    session = opened().begin(ANNA)
    clock.turn(minutes=119)
    assert opened().find(session) == ANNA
    clock.turn(minutes=119)
    assert opened().find(session) == ANNA
    clock.turn(minutes=120)
    assert opened().find(session) is None


def test_a_session_ends_though_somebody_is_there(opened, clock):
    session = opened().begin(ANNA)
    for _ in range(11):
        clock.turn(hours=1)
        assert opened().find(session)
    clock.turn(hours=1)
    assert opened().find(session) is None


def test_signing_out_here_and_everywhere(opened):
    here, there, further = (opened().begin(ANNA) for _ in range(3))
    other = opened().begin(Identity("eero", "Eero"))
    opened().end(here)
    assert [bool(opened().find(each)) for each in (here, there, further, other)] == [False, True, True, True]
    assert opened().end_all("anna") == 2
    assert [bool(opened().find(each)) for each in (there, further, other)] == [False, False, True]


def test_those_that_are_over_are_removed(opened, clock, tmp_path):
    opened().begin(ANNA)
    clock.turn(hours=3)
    opened().begin(ANNA)
    with sqlite3.connect(tmp_path / "studio" / "sessions.sqlite") as file:
        assert file.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
