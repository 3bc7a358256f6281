"""The life of a forked process: it waits for a run, and then is what ``python -m prefect.engine`` would have been.

Prefect begins a run by a supervisor, which prepares the run's folder and environment and then executes the engine: two
interpreters that import all of Prefect, one after the other. Here both are done in one process that has it already.
"""

import atexit
import ctypes
import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from prefect.context import refresh_global_settings_context
from prefect.logging.configuration import setup_logging
from prefect.runner import _workspace_runtime_bootstrap as bootstrap
from prefect.runner import _workspace_supervisor as supervisor
from prefect.utilities.processutils import get_sys_executable

from tasks.lives import RUN_ID

SEAT = RUN_ID.lower()
"""A variable of the fork server that keeps the place of a run's id in what Linux shows as the environment."""
FREE_SEAT = "-" * 36
"""As long as an id."""
ENGINE = [get_sys_executable(), "-m", "prefect.engine"]


@dataclass(frozen=True, slots=True)
class Job:
    """A run to be: the supervisor's configuration file, and the environment and folder in which it is to begin."""

    config: str
    env: dict[str, str]
    cwd: Path


@dataclass(frozen=True, slots=True)
class _Engine:
    command: list[str]
    cwd: Path
    environment: dict[str, str]


def become(line: Connection) -> None:
    """Say that it waits, in a session of its own, and be the run that ``line`` tells; none, if the worker hangs up."""
    os.setsid()
    line.send(os.getpid())
    try:
        job: Job = line.recv()
    except EOFError:
        return
    line.close()
    _show(job.env[RUN_ID])
    _dress(job.env, job.cwd)
    setup_logging(incremental=False)
    try:
        _be(_prepared(job.config))
    finally:
        # A fork ends without what the end of an interpreter does; Prefect sends the last lines of the log there.
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()


def _show(run_id: str) -> None:
    """Let /proc show whose process it is. What it shows is the memory that the fork server's start was given."""
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_void_p
    seat = getenv(SEAT.encode())
    assert len(run_id) == len(FREE_SEAT) == len(ctypes.string_at(seat))
    ctypes.memmove(seat - len(SEAT) - 1, f"{RUN_ID}={run_id}".encode(), len(RUN_ID) + 1 + len(run_id))


def _dress(env: Mapping[str, str], cwd: Path) -> None:
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    refresh_global_settings_context()


def _prepared(config: str) -> _Engine:
    """What Prefect's supervisor would execute in the end. It leaves the process when it fails."""
    told: list[_Engine] = []

    async def tell(command: list[str], *, cwd: Path, environment: dict[str, str]) -> int:
        told.append(_Engine(command, cwd, environment))
        return 0

    supervisor._launch_engine = tell
    code = supervisor.main([config])
    if not told:
        sys.exit(code)
    return told[0]


def _be(engine: _Engine) -> None:
    path = [str(engine.cwd), *engine.environment["PYTHONPATH"].split(os.pathsep)]
    if engine.command != ENGINE or not {*path} <= {*sys.path}:
        # Of another project, whose modules may have the names of ours.
        os.chdir(engine.cwd)
        os.execvpe(engine.command[0], engine.command, engine.environment)
    sys.path[:] = dict.fromkeys([*path, *sys.path])
    _dress(engine.environment, engine.cwd)
    sys.exit(bootstrap._run_engine(engine.environment["PREFECT__FLOW_ENTRYPOINT"]))
