"""Real children that end well, badly, or not at all."""

import errno
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from core.child import Child, run
from core.errors import ChildFailed, DiskFull, Misconfigured

STUBBORN = "import signal, sys; signal.signal(15, signal.SIG_IGN); sys.stderr.write('deaf\\n'); sys.stderr.flush()\n"
GROUPED = pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="the system does not group sessions")
FOREVER = "while True: signal.pause()"


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def _until(path: Path, text: str) -> None:
    deadline = time.monotonic() + 20
    while text not in path.read_text():
        assert time.monotonic() < deadline, path.read_text()
        threading.Event().wait(0.02)


def test_a_good_child(tmp_path: Path) -> None:
    run(_python("import sys; sys.stderr.write('fine')"), tmp_path / "log", timeout=20)
    assert (tmp_path / "log").read_text() == "fine"


def test_one_in_the_background_leaves_the_processor_to_others(tmp_path: Path) -> None:
    code = """
import os, sys, time
while not os.getpriority(os.PRIO_PROCESS, 0):
    time.sleep(0.01)
sys.stderr.write(str(os.getpriority(os.PRIO_PROCESS, 0)))
"""
    run(_python(code), tmp_path / "log", timeout=20, in_background=True)
    assert (tmp_path / "log").read_text() == "10"


@GROUPED
def test_one_in_the_background_yields_as_a_session_too(tmp_path: Path) -> None:
    code = """
import sys, time
while (group := open("/proc/self/autogroup").read().split())[-1] == "0":
    time.sleep(0.01)
sys.stderr.write(group[-1])
"""
    run(_python(code), tmp_path / "log", timeout=20, in_background=True)
    assert (tmp_path / "log").read_text() == "10"


@GROUPED
def test_one_in_the_background_yields_only_for_a_part_of_its_time(tmp_path: Path) -> None:
    code = """
import time
for wanted in ("10", "0"):
    while open("/proc/self/autogroup").read().split()[-1] != wanted:
        time.sleep(0.01)
"""
    run(_python(code), tmp_path / "log", timeout=10, in_background=True)


def test_what_it_said_is_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match=r"ended with 3: cannot do it") as raised:
        run(_python("import sys; sys.stderr.write('cannot do it'); sys.exit(3)"), tmp_path / "log", timeout=20)
    assert str(tmp_path / "log") in raised.value.cure


def test_a_crash_is_told_by_its_signal(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match=f"ended with -{signal.SIGSEGV.value}: it said nothing"):
        run(_python("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"), tmp_path / "log", timeout=20)


def test_a_full_disk_is_recognised(tmp_path: Path) -> None:
    code = "import sys; sys.exit('av_interleaved_write_frame(): No space left on device')"
    with pytest.raises(DiskFull, match=str(tmp_path)):
        run(_python(code), tmp_path / "log", timeout=20)


def test_a_full_disk_is_recognised_when_there_is_no_room_for_the_words_either(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match=str(tmp_path)):
        run(_python(f"import sys; sys.exit({256 - errno.ENOSPC})"), tmp_path / "log", timeout=20)


def test_a_child_that_is_not_ready_in_time_is_ended(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="not ready in 1 s"):
        run(_python("import signal; signal.pause()"), tmp_path / "log", timeout=1)


def test_a_program_that_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="nowhere/ffmpeg cannot be started") as raised:
        run([str(tmp_path / "nowhere/ffmpeg")], tmp_path / "log", timeout=1)
    assert raised.value.cure


def test_one_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    with Child(_python(STUBBORN + FOREVER), tmp_path / "log") as child:
        _until(child.log, "deaf")
        assert child.stop(grace=0.3) == -signal.SIGKILL
    assert not psutil.pid_exists(child.pid)


def test_grandchildren_end_too(tmp_path: Path) -> None:
    code = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {STUBBORN + FOREVER!r}])\n"
    code += "sys.stderr.write(f'pid {p.pid}.\\n'); sys.stderr.flush(); p.wait()"
    with Child(_python(code), tmp_path / "log") as child:
        _until(child.log, "deaf")
        _until(child.log, "pid ")
        grandchild = int(child.log.read_text().split("pid ")[1].split(".")[0])
    _gone(grandchild)


def _gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)


def test_only_the_end_of_a_long_log_is_told(tmp_path: Path) -> None:
    with Child(
        _python("import sys; [sys.stderr.write(f'line {i}\\n') for i in range(100)]"), tmp_path / "log"
    ) as child:
        assert child.wait(20) == 0
        assert child.tail().splitlines() == [f"line {i}" for i in range(88, 100)]


def test_a_child_reads_what_it_is_given(tmp_path: Path) -> None:
    code = "import sys; sys.stderr.write(sys.stdin.read()[::-1])"
    with Child(_python(code), tmp_path / "log", given=b"abc", bound=True) as child:
        assert child.wait(20) == 0
    assert (tmp_path / "log").read_text() == "cba"


BINDING = """
import sys
from pathlib import Path
from core.child import Child
log, how, code = sys.argv[1:]
with Child([sys.executable, "-c", code], Path(log), bound=how == "bound") as child:
    print(child.pid, flush=True)
    child.wait()
"""


@pytest.mark.parametrize("how", ["bound", "free"])
def test_a_bound_child_ends_with_a_killed_parent(how: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", BINDING, str(log), how, STUBBORN + FOREVER]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        _until(log, "deaf")
        parent.kill()
    if how == "free":
        assert child.is_running()
        child.kill()
    psutil.wait_procs([child], timeout=20)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
