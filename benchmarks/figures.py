"""What a measurement gives, and the table of all of them."""

from collections.abc import Iterable
from typing import NamedTuple

from maaseutu.console import table


class Figure(NamedTuple):
    """A measured value, and the goal with whether it is met, where there is a goal."""

    name: str
    value: str
    goal: str = ""
    met: bool | None = None


def lines(figures: Iterable[Figure]) -> list[str]:
    """The table."""
    verdict = {True: "yes", False: "NO", None: ""}
    heading = ("Figure", "Measured", "Goal", "Met")
    return table([heading, *((f.name, f.value, f.goal, verdict[f.met]) for f in figures)])
