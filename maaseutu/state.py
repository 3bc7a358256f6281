"""What a running stack leaves in the state folder: who runs, where, and how others reach it.

``stack.lock`` is held by the supervisor as long as it lives, ``stack.json`` says what runs, ``stack.env`` holds the
settings by which other commands find it. All can be deleted while nothing runs.
"""

import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil
from pydantic import AwareDatetime, BaseModel, ValidationError

from config.settings import PREFIX, STACK_FILE, Settings

STATE_FILE = "stack.json"
LOCK_FILE = "stack.lock"
TOLD = ("s3_endpoint", "s3_access_key", "s3_secret_key", "prefect_api_url", "web_port", "public_url")


class Running(BaseModel):
    """One service of the stack as it runs."""

    name: str
    title: str
    pid: int
    created: float
    log: Path
    restarts: int = 0


class StackState(BaseModel):
    """A stack. ``pid`` is 0 after it was stopped; the ports are kept for the next one."""

    pid: int = 0
    created: float = 0.0
    mark: str = ""
    started_at: AwareDatetime | None = None
    ready: bool = False
    ports: dict[str, int] = {}
    urls: dict[str, str] = {}
    services: tuple[Running, ...] = ()


class Lock:
    """The right to run the stack of a state folder. It ends with the process that holds it, however that ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_FILE
        self._file: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Take it; False when another process has it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    @property
    def held(self) -> bool:
        """Whether we have it."""
        return self._file is not None

    def release(self) -> None:
        """Give it back."""
        if self._file:
            self._file.close()
            self._file = None


def new_mark(folder: Path) -> str:
    """A mark for the processes of one stack: secret, and bound to its state folder."""
    return f"{secrets.token_hex(16)} {folder.resolve()}"


def mark_of(folder: Path) -> str:
    """The mark of the last stack of this folder, else nothing.

    A state file that was copied from elsewhere names a stack that may well be running there: it is none of ours.
    """
    mark = read(folder).mark
    return mark if mark.partition(" ")[2] == str(folder.resolve()) else ""


def is_running(folder: Path) -> bool:
    """Whether a supervisor holds the stack of this folder."""
    if not (folder / LOCK_FILE).exists():
        return False
    lock = Lock(folder)
    free = lock.acquire()
    lock.release()
    return not free


def read(folder: Path) -> StackState:
    """What the last stack wrote; an empty state when there was none, or when its file is damaged."""
    try:
        return StackState.model_validate_json((folder / STATE_FILE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return StackState()


def write(folder: Path, state: StackState) -> None:
    """Replace the state file as a whole."""
    write_private(folder / STATE_FILE, state.model_dump_json(indent=2))


def write_environment(folder: Path, settings: Settings) -> None:
    """Tell other commands how to reach the stack."""
    shown = {name: getattr(settings, name) for name in TOLD}
    shown["s3_secret_key"] = settings.s3_secret_key.get_secret_value()
    lines = [f"{PREFIX}{name.upper()}={value}\n" for name, value in shown.items() if value]
    write_private(folder / STACK_FILE, "".join(lines))


def forget_environment(folder: Path) -> None:
    """Remove what a stack that no longer runs told of itself."""
    if not is_running(folder):
        (folder / STACK_FILE).unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; it appears as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)


def created(pid: int) -> float:
    """When a process began, by which a reused process id is told apart; 0 when it is gone."""
    with suppress(psutil.Error):
        return float(psutil.Process(pid).create_time())
    return 0.0


def is_alive(pid: int, began: float) -> bool:
    """Whether the process that began then still runs."""
    return bool(pid) and abs(created(pid) - began) < 0.01
