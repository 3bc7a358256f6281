"""What the watching found, told in every way: the run's log, an event, an artifact, messages to the producer."""

import contextvars
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from prefect.artifacts import create_markdown_artifact
from prefect.logging import get_run_logger

from config.settings import Settings
from core.capture.storer import Closed
from core.capture.watching.alarms import Alarm, clock, length
from core.capture.watching.watcher import Watcher
from core.errors import Misconfigured
from core.models import Broadcast
from core.telling.notices import Address, Message, Notices, addresses
from tasks.announcements import announce_alarm

COLUMNS = "| since | until | how long | what |\n|---|---|---|---|\n"


class Watching:
    """Watches one recording for a run: enter it, and give it to the recorder as its observer.

    Messages come first, by themselves. What is told to Prefect has a thread of its own: a server that is away delays
    neither the messages nor the watching, and stops nothing.
    """

    def __init__(self, settings: Settings, broadcast: Broadcast, folder: Path, minutes: int = 0) -> None:
        self._broadcast = broadcast
        self._key = f"watch-{folder.name.replace('.', '-')}"
        self._logger = get_run_logger()
        self._notices = Notices(self._known(settings))
        self._alarms: list[Alarm] = []
        self._context = contextvars.copy_context()  # The run's, so that event and artifact name it.
        self._prefect = ThreadPoolExecutor(1, thread_name_prefix="alarms")
        until = datetime.now(UTC) + timedelta(minutes=minutes) if minutes else None
        self._watcher = Watcher(folder, self.tell, planned_until=until)

    def offer(self, closed: Closed) -> None:
        """A file has been closed."""
        self._watcher.offer(closed)

    def plan(self, until: datetime | None) -> None:
        """The recording shall end at another time."""
        self._watcher.plan(until)

    def close(self, *, ended: bool) -> None:
        """Measure what waits, tell it, and stop watching."""
        self._watcher.close(ended=ended)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """After the recording is sealed there is time to wait for a mail server."""
        self._notices.close()
        self._prefect.shutdown()

    def _known(self, settings: Settings) -> list[Address]:
        """The addresses; a wrong setting must not stop a recording, so it is only logged."""
        try:
            return addresses(settings.notify.get_secret_value())
        except Misconfigured as error:
            self._logger.error("Nobody is told of alarms: %s", error)
            return []

    def tell(self, alarm: Alarm) -> None:
        """Tell of an alarm in every way; returns at once."""
        self._notices.send(message(self._broadcast, alarm))
        self._prefect.submit(self._context.run, self._show, alarm).add_done_callback(self._log_failure)

    def _show(self, alarm: Alarm) -> None:
        self._alarms = [*(one for one in self._alarms if not _same(one, alarm)), alarm]
        self._logger.log(logging.INFO if alarm.cleared_at else logging.WARNING, "%s", alarm.text)
        announce_alarm(self._broadcast, alarm)
        about = f"Alarms of {self._broadcast.title}"
        create_markdown_artifact(table(self._alarms), key=self._key, description=about)

    def _log_failure(self, done: "Future[None]") -> None:
        if error := done.exception():
            self._logger.error("An alarm could not be shown in Prefect: %s", error)


def message(broadcast: Broadcast, alarm: Alarm) -> Message:
    """What a producer gets: which broadcast, what, since when, and what to do."""
    return Message(f"{broadcast.title}: {alarm.headline}", alarm.text, alarm.cleared_at is None)


def table(alarms: list[Alarm]) -> str:
    """All alarms as Markdown, the first first; times in Helsinki."""
    return COLUMNS + "".join(_row(alarm) for alarm in sorted(alarms, key=lambda alarm: alarm.began_at))


def _row(alarm: Alarm) -> str:
    until, lasted = "", ""
    if alarm.cleared_at:
        until, lasted = clock(alarm.cleared_at), length(round((alarm.cleared_at - alarm.began_at).total_seconds()))
    return f"| {clock(alarm.began_at)} | {until} | {lasted} | {f'{alarm.what} {alarm.detail}'.strip()} |\n"


def _same(one: Alarm, other: Alarm) -> bool:
    return (one.kind, one.began_at) == (other.kind, other.began_at)
