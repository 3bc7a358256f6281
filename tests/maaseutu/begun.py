"""Flows whose runs the worker begins in tests."""

import json
import os
import signal
from pathlib import Path

from prefect import flow
from prefect.logging import get_run_logger


@flow
def told(to: str) -> None:
    """Write down what its process is."""
    found = {
        "pid": os.getpid(),
        "parent": os.getppid(),
        "session": os.getsid(0),
        "folder": os.getcwd(),  # noqa: PTH109
        "run": os.environ["PREFECT__FLOW_RUN_ID"],
        "console": os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_CLASS"],
        "variable": os.environ.get("VARIABLE_OF_A_JOB"),
    }
    get_run_logger().info("It is told.")
    Path(to).write_text(json.dumps(found))


@flow
def failing() -> None:
    """Raise an error."""
    raise ValueError("It fails.")


@flow
def killed() -> None:
    """Be killed, as by a system without memory."""
    os.kill(os.getpid(), signal.SIGKILL)


@flow
def waiting(to: str) -> None:
    """Write the process id, and wait for a signal."""
    Path(to).write_text(json.dumps(os.getpid()))
    signal.pause()
