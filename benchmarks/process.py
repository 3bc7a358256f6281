"""Measurements in processes of their own, so that the memory and processor time of one is not in another's figures."""

import multiprocessing
import os
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from maaseutu.services import ALLOCATOR

P = ParamSpec("P")
R = TypeVar("R")


def alone(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What ``function`` gives in a new process. What it raises is raised here; what it says is error output.

    It has the memory allocator that our processes have.
    """
    os.environ.update(ALLOCATOR)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _speak_quietly) as pool:
        return pool.submit(function, *args, **kwargs).result()


def _speak_quietly() -> None:
    sys.stdout = sys.stderr


def peak_bytes() -> int:
    """The most memory this process had at any time.

    Linux counts into ``ru_maxrss`` what the parent had when it started this process; VmHWM is of this one alone.
    """
    status = Path("/proc/self/status")
    rows = status.read_text().splitlines() if status.exists() else []
    own = [int(row.split()[1]) for row in rows if row.startswith("VmHWM:")]
    return 1024 * (own or [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss])[0]


def children_seconds() -> float:
    """Processor time, user and system, of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
