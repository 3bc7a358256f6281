"""Runs begin in forks of a process that has imported Prefect and our flows: seconds of two cores less for each.

The fork server is Python's own (multiprocessing). It does nothing but import, has one thread, ends with the worker and
its last run, and is started again when it died. For the worker a fork is like the child that Prefect would have begun:
its process id is the run's, it has a session of its own, and its exit code is told. Its words go to the worker's log.
"""

import multiprocessing
import os
from collections.abc import Callable, Mapping
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import TaskStatus
from anyio.to_thread import run_sync
from prefect.runner import _starter_engine
from prefect.runner._process_manager import ProcessHandle
from prefect.utilities.processutils import run_process

from maaseutu.console import say
from maaseutu.worker.nursery import FREE_SEAT, SEAT, Job, become

PATIENCE_S = 60.0
"""How long a fork may take, with all that is imported before the first one."""
ROOT = Path(__file__).parents[2]
PACKAGES = ("config", "core", "flows", "maaseutu", "tasks", "web")
SUPERVISOR = ("-m", "prefect.runner._workspace_supervisor")
OURS = ("PREFECT", "MAASEUTU")
"""Variables that begin so are read anew by each run. Of others a library may have made use when it was imported."""


class Nursery:
    """Begins runs: by a fork where that is the same as a new interpreter, and as Prefect does otherwise."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._sources = _sources()

    def open(self) -> None:
        """Start the fork server, which imports meanwhile, and let Prefect begin its runs here."""
        os.environ[SEAT] = FREE_SEAT
        self._context.set_forkserver_preload(["maaseutu.worker.nest"])
        forkserver.ensure_running()
        # As the class that calls it says: "Uses module-level `run_process` reference -- patch the module to override."
        _starter_engine.run_process = self._run  # type: ignore[assignment, attr-defined]

    async def _run(
        self,
        command: list[str],
        *,
        stream_output: bool,
        task_status: TaskStatus[ProcessHandle],
        task_status_handler: Callable[[Any], ProcessHandle],
        env: dict[str, str],
        cwd: Path,
        **others: Any,
    ) -> None:
        """Run a flow run's process to its end; ``task_status`` is told its handle when it begins."""
        fork = None
        if self.is_same(command, env, stream_output=stream_output):
            fork = await self.forked(Job(command[-1], {**env}, cwd))
        if fork:
            task_status.started(task_status_handler(fork))
            await _ended(fork)
            return
        await run_process(
            command,
            stream_output=stream_output,
            task_status=task_status,
            task_status_handler=task_status_handler,
            env=env,
            cwd=cwd,
            **others,
        )

    def is_same(self, command: list[str], env: Mapping[str, str], *, stream_output: bool) -> bool:
        """Whether a fork would be the same as what Prefect would start."""
        if tuple(command[1:-1]) != SUPERVISOR or not stream_output or _differs(env):
            return False
        if self._sources != _sources():
            say("The code has changed since the worker began: runs begin slowly until it is started again.")
            return False
        return True

    async def forked(self, job: Job) -> ForkServerProcess | None:
        """The process of a run that has begun; None, with nothing begun, when it cannot be forked."""
        try:
            with anyio.fail_after(PATIENCE_S):
                fork, line = await run_sync(self._fork, abandon_on_cancel=True)
            with line:
                line.send(job)
        except (OSError, EOFError) as error:
            say(f"A run begins slowly: no process could be forked for it ({error!r}).")
            return None
        return fork

    def _fork(self) -> tuple[ForkServerProcess, Connection]:
        line, theirs = self._context.Pipe()
        fork = self._context.Process(target=become, args=(theirs,))
        with theirs:
            fork.start()
        line.recv()
        return fork, line


async def _ended(fork: ForkServerProcess) -> None:
    """Wait for the end of a process. The fork server tells its code; by Linux it is seen even if that one is gone."""
    assert fork.pid
    try:
        watched = os.pidfd_open(fork.pid)
    except ProcessLookupError:
        watched = None
    try:
        if watched is not None:
            await anyio.wait_readable(watched)
    except BaseException:
        fork.kill()
        raise
    finally:
        if watched is not None:
            os.close(watched)
        with anyio.CancelScope(shield=True):
            await run_sync(fork.join)


def _differs(env: Mapping[str, str]) -> bool:
    names = {name for name, _ in env.items() ^ os.environ.items()}
    return any(not name.startswith(OURS) and name != SEAT for name in names)


def _sources() -> frozenset[tuple[Path, int]]:
    """Our modules, each with the time of its last change."""
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return frozenset((path, path.stat().st_mtime_ns) for path in found)
