"""Memory of the embedded stack when it has nothing to do."""

import os
from threading import Event
from typing import NamedTuple

import psutil

from benchmarks import own_stack
from benchmarks.figures import Figure
from benchmarks.process import alone
from maaseutu import processes, state

IDLE_S = 20.0
GOAL_BYTES = 1.5e9


class Memory(NamedTuple):
    """Of all processes together; ``shared_once`` (PSS) is None where the system does not tell it."""

    processes: int
    resident: int
    shared_once: int | None


def run() -> list[Figure]:
    """The figures."""
    found = alone(idle)
    once = "not readable here" if found.shared_once is None else f"{found.shared_once / 1e6:.0f} MB"
    return [
        Figure("memory: processes of the idle stack", f"{found.processes}"),
        Figure(
            f"memory: RSS of all after {IDLE_S:.0f} s",
            f"{found.resident / 1e6:.0f} MB",
            f"< {GOAL_BYTES / 1e6:.0f} MB",
            found.resident < GOAL_BYTES,
        ),
        Figure("memory: PSS of all (shared pages once)", once),
    ]


def idle() -> Memory:
    """Bring a stack up, leave it alone, and count: its services, their children, and this supervisor."""
    with own_stack.running() as stack:
        Event().wait(IDLE_S)
        mark = state.read(stack.settings.state).mark
        counted = [psutil.Process(os.getpid()), *processes.marked(mark)]
        resident = sum(process.memory_info().rss for process in counted)
        return Memory(len(counted), resident, _shared_once(counted))


def _shared_once(counted: list[psutil.Process]) -> int | None:
    try:
        return sum(int(process.memory_full_info().pss) for process in counted)
    except (psutil.Error, AttributeError):
        return None
