"""The disk of the spool: its budget, a reserve for the last moment, and who is told. A recording never ends for it.

Each recording has a reserve of its own, the file ``reserve`` in its folder, so that no recorder depends on another. A
killed recorder leaves it there; whoever goes on with the recording takes it over, and it is removed when the recording
is sealed, or when another one begins. While it runs, a recorder holds a shared lock of its folder, which ends with it,
also by ``kill -9``: that is how it is known that something is recorded here.
"""

import fcntl
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

from core.capture.watching.alarms import Alarm, Kind
from core.errors import DiskFull, writing

RESERVE = "reserve"
FULL = "The disk was full."
BITS_PER_SECOND = 6_000_000
"""Of a 1080p stream: times are told for it."""
TIMES_FREE = 2
"""A reserve is made when the disk has this many times as much free."""
LAST_SHARE = 16
"""The reserve is freed before a write fails, when less than a sixteenth of it is free: 28 MB of 450, 38 s."""
CLEAR_SHARE = 1.1
"""The alarm is cleared when so much more than the budget is free, so that it does not come and go."""
LOOK_SECONDS = 1.0
RETRY_SECONDS = 0.5
REMIND_SECONDS = 60.0

Result = TypeVar("Result")
Tell = Callable[[Alarm], None]

_log = logging.getLogger(__name__)


class Budget(NamedTuple):
    """Bytes: below ``least`` free there is an alarm and preparing waits; ``reserve`` is kept for the last moment."""

    least: int = 0
    reserve: int = 0


class Room:
    """The room of one live recording; enter it while something is recorded.

    ``tell`` gets the alarms, in the thread of the recorder or in one that looks at the disk each second. It must return
    at once.
    """

    def __init__(self, folder: Path, stop: threading.Event, budget: Budget, tell: Tell | None = None) -> None:
        self._folder = folder
        self._stop = stop
        self._budget = budget
        self._tell = tell
        self._reserve = folder / RESERVE
        self._open: dict[Kind, Alarm] = {}
        self._lock = threading.RLock()
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._run, name="disk", daemon=True)
        self._held = -1

    def __enter__(self) -> Self:
        self._held = _hold(self._folder)
        remove_left(self._folder.parent)
        self._make(TIMES_FREE * self._budget.reserve)
        self.look()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        self._thread.join()
        self._reserve.unlink(missing_ok=True)
        if self._held >= 0:
            os.close(self._held)

    def write(self, do: Callable[[], Result]) -> Result:
        """Do what needs the disk; if there is no room, free the reserve and do it again.

        Raises:
            DiskFull: there is no room, and no reserve.
        """
        while True:
            try:
                with writing(self._folder):
                    done = do()
            except DiskFull as error:
                if not self.failed(error):
                    raise
            else:
                self._over(Kind.FULL)
                return done

    def insist(self, do: Callable[[], Result]) -> Result:
        """The same, until there is room, or the recording is to stop.

        Raises:
            DiskFull: it was to stop before there was room.
        """
        while True:
            try:
                return self.write(do)
            except DiskFull:
                if self._stop.wait(RETRY_SECONDS):
                    raise

    def failed(self, error: DiskFull) -> bool:
        """Somebody could not write: free the reserve. False if there is none: what comes now is lost."""
        with self._lock:
            if self._free(error.what):
                return True
            self._raise(Kind.FULL, "No reserve is left. The recorder tries again.")
            return False

    def wrote(self) -> None:
        """Somebody could write."""
        self._over(Kind.FULL)

    def look(self) -> None:
        """See how much is free, and do and tell what follows from it."""
        with self._lock:
            left = free(self._folder)
            if left < self._budget.reserve // LAST_SHARE:
                self._free(f"Only {left >> 10} KB are free in {self._folder}.")
                left = free(self._folder)
            if left < self._budget.least:
                self._raise(Kind.DISK, f"Only {told(left)} are free in {self._folder.parent}.")
            elif left >= self._budget.least * CLEAR_SHARE:
                self._over(Kind.DISK)
            if not self._reserve.exists() and left >= self._budget.least + TIMES_FREE * self._budget.reserve:
                self._make(0)

    def _run(self) -> None:
        while not self._leaving.wait(LOOK_SECONDS):
            self.look()

    def _make(self, needed: int) -> None:
        """Make the reserve, if ``needed`` bytes are free; one that an earlier run left is kept."""
        wanted, left = self._budget.reserve, free(self._folder)
        if not wanted or (self._reserve.exists() and self._reserve.stat().st_size >= wanted):
            return
        if left < needed:
            _log.warning("No reserve of %s: only %s are free in %s.", told(wanted), told(left), self._folder)
            return
        try:
            with self._reserve.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, wanted)
        except OSError as error:
            self._reserve.unlink(missing_ok=True)
            _log.warning("No reserve of %s in %s: %s", told(wanted), self._folder, error)
            return
        _log.info("A reserve of %s is kept in %s.", told(wanted), self._folder)
        self._over(Kind.RESERVE)

    def _free(self, why: str) -> bool:
        try:
            size = self._reserve.stat().st_size
            self._reserve.unlink()
        except FileNotFoundError:
            return False
        _log.warning("%s The reserve is freed: %s.", why, told(size))
        self._raise(Kind.RESERVE, f"{why} Its {told(size)} are free now.")
        return True

    def _raise(self, kind: Kind, detail: str) -> None:
        with self._lock:
            if kind not in self._open:
                now = datetime.now(UTC)
                self._say(Alarm(kind, now, now, detail))

    def _over(self, kind: Kind) -> None:
        with self._lock:
            if alarm := self._open.get(kind):
                self._say(alarm._replace(cleared_at=datetime.now(UTC)))

    def _say(self, alarm: Alarm) -> None:
        if alarm.cleared_at:
            del self._open[alarm.kind]
        else:
            self._open[alarm.kind] = alarm
        _log.log(logging.INFO if alarm.cleared_at else logging.WARNING, "%s", alarm.text)
        if self._tell:
            self._tell(alarm)


def free(folder: Path) -> int:
    """Bytes that may be written on the disk of a folder by who is not root."""
    return shutil.disk_usage(folder).free


def require(folder: Path, needed: int) -> None:
    """Begin nothing that can be begun again when there is room.

    Raises:
        DiskFull: less than ``needed`` bytes are free.
    """
    left = free(folder)
    if left < needed:
        raise DiskFull(
            f"Only {left >> 20} MB are free in {folder.parent}; {needed >> 20} are needed.",
            "Make room, or set MAASEUTU_STATE to a larger disk.",
        )


def told(size: int) -> str:
    """Bytes in words, with the time for which they are enough."""
    seconds = size * 8 / BITS_PER_SECOND
    length = f"{seconds / 3600:.0f} h" if seconds >= 2 * 3600 else f"{seconds / 60:.0f} min"
    amount = f"{size / 1e9:.0f} GB" if size >= 10e9 else f"{size >> 20} MB"
    return f"{amount} (about {length} of {BITS_PER_SECOND / 1e6:.0f} Mbit/s)"


def is_recording(spool: Path) -> bool:
    """Whether a live recording is being made into this spool, by any process of this machine."""
    return spool.is_dir() and any(_is_held(folder) for folder in spool.iterdir())


def want(spool: Path, work: Path, least: int) -> str:
    """Why nothing should be written into ``work`` now: a recording on the same disk needs what is left. Else empty."""
    if not is_recording(spool) or not work.is_dir() or work.stat().st_dev != spool.stat().st_dev:
        return ""
    left = free(spool)
    return f"Only {told(left)} are free in {spool}, where a broadcast is being recorded." if left < least else ""


def await_room(spool: Path, work: Path, least: int, say: Callable[[str], None]) -> None:
    """Wait while a recording needs what is left of the disk; ``say`` why, at once and each minute."""
    told_at = float("-inf")
    while why := want(spool, work, least):
        if time.monotonic() - told_at >= REMIND_SECONDS:
            told_at = time.monotonic()
            say(f"{why} This waits until {told(least)} are free, or the recording has ended.")
        threading.Event().wait(RETRY_SECONDS)


def remove_left(spool: Path) -> None:
    """Remove the reserves of recorders that run no more."""
    for reserve in spool.glob(f"*/{RESERVE}"):
        if not _is_held(reserve.parent):
            reserve.unlink(missing_ok=True)


def _hold(folder: Path) -> int:
    """A descriptor that holds a shared lock of the folder; -1 where there are no locks."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_SH)
    except OSError as error:
        os.close(held)
        _log.warning("%s cannot be locked (%s): preparing will not wait for this recording.", folder, error)
        return -1
    return held


def _is_held(folder: Path) -> bool:
    try:
        asked = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(asked, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # No locks here.
    finally:
        os.close(asked)
    return False
