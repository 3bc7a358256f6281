"""Programs as children of the supervisor: started, watched, started again, stopped with all their descendants.

Every child carries a mark in its environment, which its own children inherit. By it they are found again, even when
their parent is gone, and nobody else's process can be mistaken for one of them.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic

import psutil

from core.errors import ChildFailed

MARK = "MAASEUTU_STACK"
TAIL_LINES = 15
POLL_S = 0.1
TELL_EVERY_S = 10.0
"""Somebody waits at the terminal."""
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0
LARGEST_LOG = 20 << 20
LAUNCHER = Path(__file__).with_name("launch.py")

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. ``ready`` says whether it does its work; ``start_s`` is how long that may take."""

    name: str
    title: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    ready: Callable[[], bool]
    start_s: float = 60.0
    cwd: Path | None = None


@dataclass(slots=True)
class Service:
    """A program that is kept running. Linux ends it with the thread that started it, so that one must live as long."""

    program: Program
    report: Report
    _process: "subprocess.Popen[bytes] | None" = None
    _started: float = 0.0
    _pause: float = 1.0
    _next: float = 0.0
    restarts: int = field(default=0)

    @property
    def pid(self) -> int:
        """Process id, which is the id of its group too; 0 before the first start."""
        return self._process.pid if self._process else 0

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it in a session of its own. The log of the run before is kept as ``NAME.log.1``."""
        self._process = launch(self.program)
        self._started = monotonic()

    def wait_ready(self) -> float:
        """Wait until it does its work; gives the seconds since its start.

        Raises:
            ChildFailed: it ended, or was not ready in time.
        """
        deadline, told_at = self._started + self.program.start_s, monotonic()
        while not self.program.ready():
            if not self.alive:
                raise ChildFailed(f"{self.program.title} ended at its start: {tail(self.program.log)}", self._look)
            if monotonic() > deadline:
                raise ChildFailed(f"{self.program.title} was not ready in {self.program.start_s:.0f} s.", self._look)
            if monotonic() - told_at >= TELL_EVERY_S:
                told_at = monotonic()
                self.report(f"{self.program.title} is starting: {told_at - self._started:.0f} s")
            Event().wait(POLL_S)
        return monotonic() - self._started

    @property
    def _look(self) -> str:
        return f"Its log is {self.program.log}."

    def mend(self) -> bool:
        """Start it again if it died, after a pause that doubles with every early death. True when it was started."""
        trim(self.program.log)
        if self.alive or self._process is None:
            return False
        if not self._next:
            self._plan()
            return False
        if monotonic() < self._next:
            return False
        self._next = 0.0
        self.restarts += 1
        self.start()
        return True

    def _plan(self) -> None:
        if monotonic() - self._started > STEADY_S:
            self._pause = 1.0
        code = self._process.returncode if self._process else None
        self.report(f"{self.program.title} ended ({_ending(code)}); starting it again in {self._pause:.0f} s.")
        self._next = monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE_S)

    def stop(self, grace: float) -> None:
        """SIGTERM to its group, ``grace`` seconds, SIGKILL."""
        if self._process is None:
            return
        signal_group(self.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        signal_group(self.pid, signal.SIGKILL)
        self._process.wait()


def launch(program: Program) -> "subprocess.Popen[bytes]":
    """Start a program in a session of its own; everything it says goes to its log."""
    rotate(program.log)
    argv = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), *program.argv]
    with program.log.open("ab") as log:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(program.env),
            cwd=program.cwd,
            start_new_session=True,
        )


def finish(program: Program, report: Report) -> float:
    """Run a program to its end within ``start_s``, and report now and then; gives the seconds it took.

    Raises:
        ChildFailed: it ended with an error, or not in time.
    """
    began = monotonic()
    process = launch(program)
    try:
        while (code := _ended(process)) is None and monotonic() - began < program.start_s:
            report(f"{program.title}: {monotonic() - began:.0f} s")
    finally:
        signal_group(process.pid, signal.SIGKILL)
        process.wait()
    if code != 0:
        how = "did not end in time" if code is None else f"ended with {_ending(code)}"
        raise ChildFailed(f"{program.title} {how}: {tail(program.log)}", f"Its log is {program.log}.")
    return monotonic() - began


def _ended(process: "subprocess.Popen[bytes]") -> int | None:
    """Its exit code; None if it goes on for longer than somebody should wait without a word."""
    with suppress(subprocess.TimeoutExpired):
        return process.wait(TELL_EVERY_S)
    return None


def marked(mark: str) -> list[psutil.Process]:
    """All processes that carry ``mark``, wherever they are in the tree."""
    return [process for process in psutil.process_iter() if _carries(process, mark)] if mark else []


def _carries(process: psutil.Process, mark: str) -> bool:
    try:
        return bool(process.environ().get(MARK) == mark)
    except (psutil.Error, OSError):
        return False


def end(processes: Iterable[psutil.Process], grace: float) -> int:
    """SIGTERM, ``grace`` seconds in all, SIGKILL. Gives how many there were. A reused process id is left alone."""
    found = list(processes)
    for process in found if grace else []:
        with suppress(psutil.Error):
            process.terminate()
    _, left = psutil.wait_procs(found, timeout=grace) if grace else ([], found)
    for process in left:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, timeout=1)
    return len(found)


def signal_group(pid: int, number: int) -> None:
    """Send a signal to a process group, if it still is there."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def signal_process(pid: int, number: int) -> None:
    """Send a signal to one process, if it still is there."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def rotate(log: Path) -> None:
    """Keep the log of the run before as ``NAME.log.1``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(log.name + ".1"))


def trim(log: Path) -> None:
    """Keep a log that became too large as ``NAME.log.1`` and empty it; its writer, which appends, goes on in it."""
    with suppress(FileNotFoundError):
        if log.stat().st_size > LARGEST_LOG:
            shutil.copyfile(log, log.with_name(log.name + ".1"))
            os.truncate(log, 0)


def tail(log: Path) -> str:
    """The last lines of a log."""
    with suppress(FileNotFoundError):
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        return "\n".join(lines[-TAIL_LINES:]) or "it said nothing"
    return "it has no log"


def _ending(code: int | None) -> str:
    return f"signal {signal.Signals(-code).name}" if code is not None and code < 0 else f"exit code {code}"
