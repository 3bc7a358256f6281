"""Becomes the program it is given, after asking Linux to end it when its supervisor ends.

Run as a file, in an isolated interpreter: ``launch.py SUPERVISOR_PID PROGRAM ARGUMENTS…``. The request survives exec.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Never returns: the process becomes the program, or ends when the supervisor is gone already."""
    supervisor, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != supervisor:
        sys.exit(1)
    os.execvp(program[0], program)


if __name__ == "__main__":
    main()
