"""Until when a recording goes on: so many seconds from its first picture, unless it is told otherwise meanwhile."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

LONGEST_SECONDS = 24 * 3600.0
"""A broadcast is at most a day long, live or as a file: what goes on is a channel, not a broadcast."""


def steady_clock() -> Callable[[], datetime]:
    """The time of day, UTC, that goes on evenly from now: setting the machine's clock must not end a recording."""
    began, since = datetime.now(UTC), time.monotonic()
    return lambda: began + timedelta(seconds=time.monotonic() - since)


class Limit:
    """The end of one recording. The recorder asks, any other thread may move it.

    Once the recorder has been told that it is reached it stays so: who moves it later learns that it is too late.
    """

    def __init__(self, seconds: float = 0, *, now: Callable[[], datetime] | None = None) -> None:
        """``seconds`` 0: to the end of the source. A recording is at most ``LONGEST_SECONDS`` long in any case."""
        self._seconds = seconds
        self._now = now or steady_clock()
        self._lock = threading.Lock()
        self._began_at: datetime | None = None
        self._told: datetime | None = None
        self._reached = False

    @property
    def began_at(self) -> datetime | None:
        """When the first media came; None before."""
        with self._lock:
            return self._began_at

    @property
    def told(self) -> datetime | None:
        """The end that somebody asked for while it ran, if anybody did."""
        with self._lock:
            return self._told

    @property
    def planned(self) -> datetime | None:
        """When it ends if the source does not end before; None when nobody said, or nothing has come yet."""
        with self._lock:
            return self._planned()

    def begin(self) -> None:
        """The first media has come; later calls change nothing."""
        with self._lock:
            self._began_at = self._began_at or self._now()

    def resume(self, began_at: datetime | None, told: datetime | None) -> None:
        """Go on after a recorder that was killed: what it knew of the same recording holds."""
        with self._lock:
            known = [at for at in (self._began_at, began_at) if at]
            self._began_at = min(known, default=None)
            self._told = self._told or told

    def move(self, until: datetime) -> bool:
        """Let it end at ``until``, at once if that is past, after a day at most; False when it has ended already."""
        with self._lock:
            if not self._reached:
                self._told = min(until, self._latest() or until)
            return not self._reached

    def is_reached(self) -> bool:
        """Whether the recording must end now."""
        with self._lock:
            ends = (self._planned(), self._latest())
            self._reached = self._reached or any(end and self._now() >= end for end in ends)
            return self._reached

    def _latest(self) -> datetime | None:
        return self._began_at + timedelta(seconds=LONGEST_SECONDS) if self._began_at else None

    def _planned(self) -> datetime | None:
        if self._told or not self._seconds or not self._began_at:
            return self._told
        return self._began_at + timedelta(seconds=self._seconds)
