"""Child processes: each in its own session, signalled as a group, with what it said in the error."""

import errno
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

from core.errors import ChildFailed, DiskFull, MaaseutuError, Misconfigured

GRACE_SECONDS = 5.0
TAIL_LINES = 12
# ffmpeg ends with the negative error number; its log, on the same disk, may have had no room for the words.
NO_SPACE = 256 - errno.ENOSPC


class Child:
    """A running child. Its error output goes to ``log``, so that it can neither block nor be lost.

    On leaving the context the child and all its descendants are stopped: SIGTERM, five seconds, SIGKILL.

    Raises:
        Misconfigured: the program cannot be started.
    """

    def __init__(
        self, argv: Sequence[str], log: Path, *, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        self.argv = list(argv)
        self.log = log
        with log.open("ab") as errors:
            self._process = _started(self.argv, errors, cwd, dict(env) if env is not None else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Process id, which is the id of its group too."""
        return self._process.pid

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


def _started(
    argv: list[str], errors: BinaryIO, cwd: Path | None, env: dict[str, str] | None
) -> "subprocess.Popen[bytes]":
    quiet = subprocess.DEVNULL
    try:
        return subprocess.Popen(
            argv, stdin=quiet, stdout=quiet, stderr=errors, cwd=cwd, env=env, start_new_session=True
        )
    except OSError as error:
        what = f"{argv[0]} cannot be started ({error.strerror})."
        raise Misconfigured(what, "Check that it is there and may be run, or install it again.") from error


def run(argv: Sequence[str], log: Path, *, timeout: float, cwd: Path | None = None) -> None:
    """Run a child to its end.

    Raises:
        ChildFailed: it ended with an error, by a signal, or not within ``timeout`` seconds.
        DiskFull: it said that no space is left.
    """
    with Child(argv, log, cwd=cwd) as child:
        code = child.wait(timeout)
        if code is None:
            raise ChildFailed(f"{Path(argv[0]).name} was not ready in {timeout:.0f} s.", f"Its log is {log}.")
        if code != 0:
            raise child.error()
