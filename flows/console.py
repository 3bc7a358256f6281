"""Where flow runs write their log lines: the worker, which reads them, may end before they do."""

import logging
from contextlib import suppress

from prefect.logging.handlers import PrefectConsoleHandler


class ConsoleHandler(PrefectConsoleHandler):
    """Prefect's console, but a line that nobody reads any more is dropped.

    Prefect writes through rich, which answers a broken pipe by leaving the program (``Console.on_broken_pipe``): the
    death of a worker would end each of its runs, a live recording among them, at the next line of its log. prefect.yaml
    names this class in the environment of every run.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; never leaves the program."""
        with suppress(SystemExit):
            super().emit(record)
