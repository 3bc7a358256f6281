"""What all tasks share: when to try again, where to work, and the line to the settings."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import psutil
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger
from prefect.utilities.annotations import quote

from config.settings import Settings
from core.capture import disk
from core.errors import DiskFull, MaaseutuError, Retryable, writing

T = TypeVar("T")

FOREVER = "public, max-age=31536000, immutable"
ALWAYS_ASK = "no-cache"
"""How long who has read an object of the site may keep it: what never changes, and what may change at any time."""

LEASE_SECONDS = 60.0
"""A killed run's hold on a limit ends after this; Prefect takes no shorter lease."""


def worth_a_retry(_task: Any, _run: Any, state: Any) -> bool:
    """Whether the same call may succeed in a moment: the error's class says it; what we do not know is not tried."""
    try:
        state.result()
    except MaaseutuError as error:
        return isinstance(error, Retryable)
    return False


STEP: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": [2, 10, 30],
    "retry_condition_fn": worth_a_retry,
    "cache_policy": NO_CACHE,
    "persist_result": False,
}
"""Options of every task. Prefect caches nothing: what a Part's task made is found in the archive by its content key."""


def as_it_is(value: T) -> T:
    """A large record on its way to a task, which gets the record itself.

    Prefect would look for results of other tasks in each of its words, twice: seconds for four hours of speech.
    """
    return cast("T", quote(value))


@contextmanager
def work_folder(settings: Settings) -> Iterator[Path]:
    """An empty folder for one step, removed afterwards; what killed runs left is removed too."""
    root = settings.state / "work"
    with writing(root):
        root.mkdir(parents=True, exist_ok=True)
        _remove_dead(root)
        with tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-", dir=root) as folder:
            yield Path(folder)


def await_room(settings: Settings) -> None:
    """Before a Part is prepared: wait while a recording on this machine needs what is left of the disk."""
    say = get_run_logger().warning
    disk.await_room(settings.spool, settings.state, settings.min_free_mb << 20, say)


def require_room(settings: Settings) -> None:
    """The same for who must not wait.

    Raises:
        DiskFull: a recording on this machine needs what is left of the disk.
    """
    if why := disk.want(settings.spool, settings.state, settings.min_free_mb << 20):
        raise DiskFull(why, "Make room; it goes on by itself.")


def _remove_dead(root: Path) -> None:
    for folder in root.iterdir():
        pid = folder.name.split("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
