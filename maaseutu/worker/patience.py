"""Prefect's process worker, which does not give a run up for what went wrong before its process began.

Prefect opens an event stream for every run that it starts. When a busy server is slow to greet it, the connection is
lost, and Prefect calls the run crashed: no process ever ran, so no hook makes it go on. A broadcast happens once.

It also revives, when it begins, the runs that were killed together with the worker before: nobody else saw them die.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
from anyio.abc import TaskStatus
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import PrefectException
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker, ProcessWorkerResult
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_exponential

from maaseutu.console import say
from maaseutu.services import POOL, worker_name
from tasks import lives

T = TypeVar("T")
ATTEMPTS = 5


class Worker(ProcessWorker):
    """Starts flow runs as processes of this machine."""

    @classmethod
    def __dispatch_key__(cls) -> str:
        """Its name among the kinds of workers that Prefect knows; the pools it serves stay of the type "process"."""
        return POOL

    async def run(
        self,
        flow_run: FlowRun,
        configuration: ProcessJobConfiguration,
        task_status: TaskStatus[int] | None = None,
    ) -> ProcessWorkerResult:
        """Run it to its end. After an error before its process began it is tried again; the last one is raised."""
        status = _Status(task_status)
        return await insist(
            lambda: super(Worker, self).run(flow_run, configuration, status), may_repeat=lambda: not status.has_started
        )


class _Status(TaskStatus[int]):
    """Passes on that the process began, and remembers it."""

    def __init__(self, told: TaskStatus[int] | None) -> None:
        self._told = told
        self.has_started = False

    def started(self, value: int | None = None) -> None:
        self.has_started = True
        if self._told is not None and value is not None:
            self._told.started(value)


async def insist(begin: Callable[[], Awaitable[T]], may_repeat: Callable[[], bool], pause_s: float = 1.0) -> T:
    """What ``begin()`` gives. After an error it is begun again while ``may_repeat()``, five times in all.

    Raises:
        Exception: the last error, as it was. Prefect's own kinds are not told apart: the lost greeting is a bare one.
    """
    tries = AsyncRetrying(
        retry=retry_if_exception(lambda error: isinstance(error, Exception) and may_repeat()),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(pause_s),
        reraise=True,
    )

    # tenacity awaits what `async def` made, and only that.
    async def attempt() -> T:
        return await begin()

    return await tries(attempt)


def revive() -> None:
    """Let go on what was killed together with the worker before this one."""
    try:
        with get_client(sync_client=True) as client:
            for name in lives.revive(client, worker_name()):
                say(f"{name} was killed with its worker, and goes on.")
    except (httpx.HTTPError, PrefectException) as error:
        say(f"What was killed with the worker is left to the sweep: Prefect does not answer ({error}).")
