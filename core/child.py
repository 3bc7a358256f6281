"""Child processes: each in its own session, signalled as a group, with what it said in the error."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Self

from core.errors import ChildFailed, DiskFull, MaaseutuError, Misconfigured

GRACE_SECONDS = 5.0
TAIL_LINES = 12
IN_BACKGROUND = 10
"""The niceness of a child in the background: beside one that wants the whole processor it has a tenth of it."""
PATIENCE = 0.25
"""It yields for this part of its time limit: what is not ready by then is lost, and all that it has cost."""
# ffmpeg ends with the negative error number; its log, on the same disk, may have had no room for the words.
NO_SPACE = 256 - errno.ENOSPC
# PR_SET_PDEATHSIG is 1. It stays over exec; who was orphaned before it was set ends by itself.
BIND = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
os.execvp(sys.argv[2], sys.argv[2:])
"""


class Child:
    """A running child. Its error output goes to ``log``, so that it can neither block nor be lost.

    On leaving the context the child and all its descendants are stopped: SIGTERM, five seconds, SIGKILL.
    A ``bound`` child is killed by the system when the thread that started it ends, also by ``kill -9`` (Linux only).
    ``given`` is what it can read from its standard input.

    Raises:
        Misconfigured: the program cannot be started.
    """

    def __init__(
        self,
        argv: Sequence[str],
        log: Path,
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        given: bytes = b"",
        bound: bool = False,
    ) -> None:
        self.argv = list(argv)
        self.log = log
        started = _bound(self.argv) if bound else self.argv
        with log.open("ab") as errors, _readable(given) as start:
            self._process = _started(started, start, errors, cwd, dict(env) if env is not None else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Process id, which is the id of its group too."""
        return self._process.pid

    def be_nice(self, niceness: int) -> None:
        """Give it and its children less of the processor than others who want it; 0 is an ordinary share.

        Where Linux shares the processor among sessions first (sched(7), autogroups), the child's session has to yield,
        too: within it there is nobody to yield to. Where it does not, only root gives an ordinary share back.
        """
        with suppress(ProcessLookupError, PermissionError):
            os.setpriority(os.PRIO_PGRP, self.pid, niceness)
        with suppress(OSError):
            Path(f"/proc/{self.pid}/autogroup").write_text(str(niceness), encoding="ascii")

    def poll(self) -> int | None:
        """Exit code, negative when a signal ended it; None while it runs."""
        return self._process.poll()

    def wait(self, timeout: float | None = None) -> int | None:
        """Exit code, or None when ``timeout`` seconds were not enough."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, grace: float = GRACE_SECONDS) -> int:
        """End the whole group: SIGTERM, ``grace`` seconds, SIGKILL. Gives the exit code."""
        if self.poll() is None:
            self._signal(signal.SIGTERM)
            self.wait(grace)
        self._signal(signal.SIGKILL)
        return self._process.wait()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def tail(self) -> str:
        """The last lines of its error output."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:])

    def error(self) -> MaaseutuError:
        """What to raise for a child that ended badly."""
        said = self.tail()
        if "No space left on device" in said or self.poll() == NO_SPACE:
            return DiskFull(f"The disk of {self.log.parent} is full.", "Make room; what was written is kept.")
        what = f"{Path(self.argv[0]).name} ended with {self.poll()}: {said or 'it said nothing'}"
        return ChildFailed(what, f"Its log is {self.log}.")


def _bound(argv: list[str]) -> list[str]:
    """The same program, started by a Python that first binds its life to ours."""
    return [sys.executable, "-I", "-S", "-c", BIND, str(os.getpid()), *argv]


@contextmanager
def _readable(given: bytes) -> Iterator[int]:
    """A pipe that holds ``given``, which must be short; nothing to read when it is empty."""
    if not given:
        yield subprocess.DEVNULL
        return
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "wb", buffering=0) as pipe:
            pipe.write(given)
        yield reading
    finally:
        os.close(reading)


def _started(
    argv: list[str], start: int, errors: BinaryIO, cwd: Path | None, env: dict[str, str] | None
) -> "subprocess.Popen[bytes]":
    quiet = subprocess.DEVNULL
    try:
        return subprocess.Popen(
            argv, stdin=start, stdout=quiet, stderr=errors, cwd=cwd, env=env, start_new_session=True
        )
    except OSError as error:
        what = f"{argv[0]} cannot be started ({error.strerror})."
        raise Misconfigured(what, "Check that it is there and may be run, or install it again.") from error


def run(
    argv: Sequence[str], log: Path, *, timeout: float, cwd: Path | None = None, in_background: bool = False
) -> None:
    """Run a child to its end; ``in_background`` it leaves most of the processor to whoever wants it, for a while.

    Raises:
        ChildFailed: it ended with an error, by a signal, or not within ``timeout`` seconds.
        DiskFull: it said that no space is left.
    """
    with Child(argv, log, cwd=cwd) as child:
        code = _waited(child, timeout) if in_background else child.wait(timeout)
        if code is None:
            raise ChildFailed(f"{Path(argv[0]).name} was not ready in {timeout:.0f} s.", f"Its log is {log}.")
        if code != 0:
            raise child.error()


def _waited(child: Child, timeout: float) -> int | None:
    child.be_nice(IN_BACKGROUND)
    code = child.wait(timeout * PATIENCE)
    if code is None:
        child.be_nice(0)
        code = child.wait(timeout * (1 - PATIENCE))
    return code
