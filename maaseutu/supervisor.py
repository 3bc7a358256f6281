"""``maaseutu up`` and ``maaseutu down``: run the stack in the foreground or in the background, and stop it."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic, time
from types import FrameType

from config.settings import Settings, load
from core.errors import ChildFailed, MaaseutuError
from maaseutu import processes, state
from maaseutu.console import Reporter, say
from maaseutu.stack import Stack

START_S = 360.0
STOP_S = 15.0
POLL_S = 0.2
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def up(*, detach: bool = False) -> None:
    """Start the stack, or say that it runs. In the foreground this returns when it was stopped.

    Raises:
        MaaseutuError: it could not be started; what was started is stopped.
    """
    settings = fresh()
    if state.is_running(settings.state):
        wait_until_ready(settings.state, lambda: state.is_running(settings.state))
        say("The stack is running already.")
        announce(settings, "`maaseutu down`")
    elif detach:
        _start_detached(settings)
    else:
        _run(settings)


def fresh() -> Settings:
    """The settings in force, without what a stack that no longer runs told of itself."""
    state.forget_environment(load().state)
    return load()


def _run(settings: Settings) -> None:
    processes.rotate(settings.logs / "supervisor.log")
    report = Reporter(settings.logs / "supervisor.log")
    stack = Stack(settings, report=report)
    with _signals_interrupt():
        try:
            stack.start()
            announce(settings, "Ctrl-C in this window")
            Event().wait()
        except KeyboardInterrupt:
            report("Stopping…")
        except MaaseutuError as error:
            report(f"Not started. {error}")
            raise
        finally:
            _ignore_signals()
            stack.stop()


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """SIGTERM and SIGHUP stop the stack as Ctrl-C does."""
    before = {number: signal.signal(number, _interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _ignore_signals() -> None:
    """A second Ctrl-C must not leave half of the stack running."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _start_detached(settings: Settings) -> None:
    log = settings.logs / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with (settings.logs / "supervisor.err").open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "maaseutu.cli", "up"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
    wait_until_ready(settings.state, lambda: process.poll() is None, log)
    announce(settings, "`maaseutu down`")


def wait_until_ready(folder: Path, lives: Callable[[], bool], log: Path | None = None) -> None:
    """Wait for the stack of ``folder``, showing the lines that it writes into ``log``.

    Raises:
        ChildFailed: its supervisor ended, or it was not ready in time.
    """
    began, deadline, shown = time(), monotonic() + START_S, 0
    while not (state.read(folder).ready and state.is_running(folder)):
        shown = _show(log, shown, began)
        if not lives():
            raise ChildFailed(f"The stack did not start: {processes.tail(folder / 'logs/supervisor.log')}", _LOOK)
        if monotonic() > deadline:
            raise ChildFailed(f"The stack was not ready in {START_S:.0f} s.", _LOOK)
        Event().wait(POLL_S)
    _show(log, shown, began)


_LOOK = "Run `maaseutu doctor`, or `maaseutu up` to see it start."


def _show(log: Path | None, shown: int, began: float) -> int:
    # Until the new supervisor has said something, the log is that of the one before.
    fresh_log = log if log and log.exists() and log.stat().st_mtime >= began else None
    lines = fresh_log.read_text(errors="replace").splitlines() if fresh_log else []
    for line in lines[shown:]:
        say(line)
    return max(shown, len(lines))


def announce(settings: Settings, stop: str) -> None:
    """Say where everything is, and what stops it."""
    urls = state.read(settings.state).urls
    say()
    say(f"  Site         {urls.get('site', '-')}")
    say(f"  Prefect UI   {urls.get('prefect', '-')}")
    say(f"  Logs         {settings.logs}")
    say(f"  To stop it   {stop}")
    say()


def down() -> None:
    """Stop the running stack; end what a killed one left behind."""
    folder = load().state
    running = state.read(folder)
    if not state.is_running(folder):
        left = processes.end(processes.marked(state.mark_of(folder)), grace=0)
        say(f"Ended {left} processes that a killed stack had left." if left else "No stack is running.")
    elif state.is_alive(running.pid, running.created):
        _stop_supervisor(folder, running.pid, state.mark_of(folder))
    state.forget_environment(folder)


def _stop_supervisor(folder: Path, pid: int, mark: str) -> None:
    began = monotonic()
    processes.signal_process(pid, signal.SIGTERM)
    while state.is_running(folder) and monotonic() - began < STOP_S:
        Event().wait(POLL_S)
    if state.is_running(folder):
        processes.signal_process(pid, signal.SIGKILL)
        processes.end(processes.marked(mark), grace=0)
    say(f"Stopped in {monotonic() - began:.1f} s.")
