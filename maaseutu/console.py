"""The one place that writes to the terminal, and the log that the supervisor keeps of what it said."""

import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path


def say(text: str = "") -> None:
    """One line for the person at the terminal. A terminal that went away is not an error."""
    with suppress(BrokenPipeError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


class Reporter:
    """Says a line on the terminal, with the time, and appends it to a log."""

    def __init__(self, log: Path) -> None:
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)

    def __call__(self, text: str) -> None:
        """Say ``text``."""
        line = f"{datetime.now().astimezone():%H:%M:%S}  {text}"
        say(line)
        with self._log.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows as lines with aligned columns; the first row is the heading."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
