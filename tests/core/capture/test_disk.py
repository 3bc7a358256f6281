"""The room of a recording: a budget, a reserve for the last moment, alarms; on real disks that are really full."""

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.capture import disk
from core.capture.disk import RESERVE, Budget, Room
from core.capture.watching.alarms import Alarm, Kind
from core.errors import DiskFull
from tests.core.filling import fill

KB = 1 << 10
HUGE = 1 << 60


class Told:
    """The alarms, as (kind, whether it is over)."""

    def __init__(self) -> None:
        self.all: list[tuple[Kind, bool]] = []

    def __call__(self, alarm: Alarm) -> None:
        self.all.append((alarm.kind, alarm.cleared_at is not None))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is looked at only when the test says so."""
    monkeypatch.setattr(disk, "LOOK_SECONDS", 3600.0)


def _room(folder: Path, told: Told, least: int = 0, reserve: int = 0) -> Room:
    folder.mkdir(parents=True, exist_ok=True)
    return Room(folder, threading.Event(), Budget(least, reserve), told)


def _failing(times: int, code: int = errno.ENOSPC) -> Callable[[], str]:
    left = [times]

    def write() -> str:
        if left[0]:
            left[0] -= 1
            raise OSError(code, os.strerror(code))
        return "written"

    return write


def test_a_reserve_takes_its_room_and_goes_with_the_recording(tmp_path: Path, told: Told) -> None:
    with _room(tmp_path / "spool" / "a", told, reserve=512 * KB):
        assert (tmp_path / "spool" / "a" / RESERVE).stat().st_blocks * 512 >= 512 * KB
    assert list((tmp_path / "spool" / "a").iterdir()) == []
    assert told.all == []


def test_no_reserve_where_there_is_not_twice_the_room(
    tmp_path: Path, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    with _room(tmp_path / "a", told, reserve=disk.free(tmp_path) * 3 // 4):
        assert not (tmp_path / "a" / RESERVE).exists()
    assert "No reserve of" in caplog.text


def test_a_write_that_fails_takes_the_reserve(
    unwatched: None, tmp_path: Path, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    with _room(tmp_path / "a", told, reserve=512 * KB) as room:
        assert room.write(_failing(1)) == "written"
        assert not (tmp_path / "a" / RESERVE).exists()
    assert told.all == [(Kind.RESERVE, False)]
    assert "The reserve is freed" in caplog.text


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_write_that_fails_without_a_reserve(code: int, tmp_path: Path, told: Told) -> None:
    room = _room(tmp_path / "a", told)
    with pytest.raises(DiskFull, match="is full"):
        room.write(_failing(1, code))
    with pytest.raises(DiskFull):
        room.write(_failing(1, code))
    assert room.write(_failing(0)) == "written"
    assert told.all == [(Kind.FULL, False), (Kind.FULL, True)]


def test_another_fault_is_not_taken_for_a_full_disk(tmp_path: Path, told: Told) -> None:
    with pytest.raises(PermissionError):
        _room(tmp_path / "a", told).write(_failing(1, errno.EACCES))
    assert told.all == []


def test_what_must_be_written_waits_for_room_or_the_end(tmp_path: Path, told: Told) -> None:
    stop = threading.Event()
    room = Room(tmp_path, stop, Budget(), told)
    assert room.insist(_failing(2)) == "written"
    stop.set()
    with pytest.raises(DiskFull):
        room.insist(_failing(2))


HOLDS = """
import sys, threading
from pathlib import Path
from core.capture.disk import Budget, Room
with Room(Path(sys.argv[1]), threading.Event(), Budget(0, 1 << 19)):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_reserve_of_a_killed_recorder(tmp_path: Path, told: Told) -> None:
    """Whoever goes on with its recording takes it over; any other recorder removes it."""
    spool = tmp_path / "spool"
    for name in "abc":
        (spool / name).mkdir(parents=True)
    argv = [sys.executable, "-c", HOLDS]
    with subprocess.Popen([*argv, str(spool / "a")], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == b"held\n"
            assert disk.is_recording(spool)
            with _room(spool / "b", told, reserve=512 * KB):
                assert (spool / "a" / RESERVE).exists()
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    assert not disk.is_recording(spool)
    kept = (spool / "a" / RESERVE).stat()
    with _room(spool / "a", told, reserve=512 * KB):
        assert (spool / "a" / RESERVE).stat().st_ino == kept.st_ino
    (spool / "a" / RESERVE).write_bytes(bytes(9))
    with _room(spool / "c", told):
        assert not (spool / "a" / RESERVE).exists()


def test_little_room_is_told_once(tmp_path: Path, told: Told) -> None:
    with _room(tmp_path / "a", told, least=HUGE) as room:
        room.look()
    assert told.all == [(Kind.DISK, False)]


def test_an_import_is_refused_where_there_is_little_room(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match=f"are free in {tmp_path.parent}") as raised:
        disk.require(tmp_path, HUGE)
    assert "MAASEUTU_STATE" in raised.value.cure


def test_preparing_waits_for_a_recording(tmp_path: Path, told: Told) -> None:
    """Only while something is recorded, only on its disk; and it says why."""
    spool, work = tmp_path / "spool", tmp_path / "work"
    assert disk.want(spool, work, HUGE) == ""
    work.mkdir()
    said: list[str] = []
    waits = threading.Event()

    def say(text: str) -> None:
        said.append(text)
        waits.set()

    with ThreadPoolExecutor(1) as pool:
        with _room(spool / "a", told):
            assert disk.want(spool, work, 1) == ""
            waiting = pool.submit(disk.await_room, spool, work, HUGE, say)
            assert waits.wait(30)
            assert not waiting.done()
        waiting.result(30)
    assert len(said) == 1
    assert f"are free in {spool}, where a broadcast is being recorded" in said[0]


def test_preparing_on_another_disk_does_not_wait(tmp_path: Path, small_disk: Path, told: Told) -> None:
    with _room(small_disk / "spool" / "a", told):
        assert disk.want(small_disk / "spool", small_disk, HUGE)
        assert disk.want(small_disk / "spool", tmp_path, HUGE) == ""


def test_a_disk_that_fills_and_empties(unwatched: None, small_disk: Path, told: Told) -> None:
    """The budget warns, the reserve is freed before a write fails, and all is as it was when there is room again."""
    with _room(small_disk / "spool" / "a", told, least=512 * KB, reserve=256 * KB) as room:
        fill(small_disk / "ballast", leave=300 * KB)
        room.look()
        assert told.all == [(Kind.DISK, False)]
        assert disk.free(small_disk) >= 256 * KB
        fill(small_disk / "more")
        room.look()
        assert (Kind.RESERVE, False) in told.all
        (small_disk / "spool" / "a" / "segment").write_bytes(bytes(200 * KB))
        (small_disk / "ballast").unlink()
        (small_disk / "more").unlink()
        room.look()
        assert (small_disk / "spool" / "a" / RESERVE).stat().st_size == 256 * KB
    assert told.all == [(Kind.DISK, False), (Kind.RESERVE, False), (Kind.DISK, True), (Kind.RESERVE, True)]


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (120 * 10**9, "120 GB (about 44 h of 6 Mbit/s)"),
        (450 << 20, "450 MB (about 10 min of 6 Mbit/s)"),
        (6 * 10**9, "5722 MB (about 2 h of 6 Mbit/s)"),
    ],
)
def test_room_in_words(size: int, words: str) -> None:
    assert disk.told(size) == words
