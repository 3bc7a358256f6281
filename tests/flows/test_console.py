"""A run's log goes to its worker, and the worker may be gone."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TALK = """
from prefect.logging import get_logger
from prefect.logging.configuration import setup_logging
setup_logging()
get_logger().warning("one")
get_logger().warning("two")
open("left", "w").close()
"""


def _talk(folder: Path, handler: str) -> subprocess.Popen[bytes]:
    """A process that logs into a pipe which nobody reads, then leaves a file."""
    reading, writing = os.pipe()
    os.close(reading)
    told = os.environ | {"PYTHONPATH": str(ROOT), "PREFECT_HOME": str(folder / "prefect")}
    try:
        return subprocess.Popen(
            [sys.executable, "-c", TALK],
            cwd=folder,
            env=told | {"PREFECT_LOGGING_HANDLERS_CONSOLE_CLASS": handler},
            stdout=writing,
            stderr=writing,
        )
    finally:
        os.close(writing)


def test_a_run_outlives_the_reader_of_its_log(tmp_path: Path) -> None:
    _talk(tmp_path, "flows.console.ConsoleHandler").wait(60)
    assert (tmp_path / "left").exists()


def test_prefects_own_console_would_end_it(tmp_path: Path) -> None:
    """When this fails, rich or Prefect has changed, and flows/console.py may go."""
    assert _talk(tmp_path, "prefect.logging.handlers.PrefectConsoleHandler").wait(60) != 0
    assert not (tmp_path / "left").exists()
