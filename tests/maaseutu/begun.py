"""Flows whose runs tests of the worker begin; each writes down what it is."""

import json
import os
import signal
import sys
from pathlib import Path

from prefect import flow
from prefect.logging import get_run_logger


@flow
def told(to: str) -> str:
    """Write what the process is, and end well."""
    found = {
        "pid": os.getpid(),
        "parent": os.getppid(),
        "session": os.getsid(0),
        "folder": os.getcwd(),
        "console": os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_CLASS"],
        "main": sys.argv,
        "run": os.environ["PREFECT__FLOW_RUN_ID"],
    }
    get_run_logger().info("This line is in the log of the run.")
    Path(to).write_text(json.dumps(found))
    return "told"


@flow
def failing() -> None:
    """Raise an error."""
    raise ValueError("It fails.")


@flow
def killed() -> None:
    """Be killed from within, as by the kernel when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


@flow
def waiting(to: str) -> None:
    """Write the process id, and wait for a signal."""
    Path(to).write_text(str(os.getpid()))
    signal.pause()
