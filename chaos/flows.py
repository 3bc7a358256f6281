"""Kills of a whole stack while its flow captures a broadcast: ``python -m chaos flows [-n 6] [--seed 1]``.

Gives 1 when anything was lost and not marked, or a recording was never sealed.
"""

import argparse
import hashlib
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import psutil

from chaos import stream, table, truth
from chaos.campaign import PIECE_SECONDS, SLACK_MS, Outcome, Plan, as_json
from chaos.faults import Where
from chaos.stand import GIVE_UP_SECONDS
from config import stores
from config.settings import PREFIX, Settings, load
from core.archive.recordings import RecordingStore
from core.errors import ChildFailed, MaaseutuError
from maaseutu import processes, requests, runs, state
from maaseutu.processes import Program
from sample.live_source import LiveSource
from tasks.lives import RUN_ID

SECONDS = 40
WINDOW = 60
BEAT_SECONDS = 20.0
"""Who beats prepares the recording, so the flow begins no preparing of its own, which is not what is tried here."""
READY_SECONDS = 300.0
BEGIN_SECONDS = 180.0
DEADLINE_SECONDS = 180.0
AFTER_SWEEP_SECONDS = 120.0
GRACE_SECONDS = 30.0
POLL_SECONDS = 0.1
BLOWS = {
    "kill flow": ("flow",),
    "kill everything": ("all",),
    "kill worker": ("worker",),
    "kill S3 server": ("storage",),
    "kill flow and worker": ("flow", "worker"),
    "kill Prefect server": ("prefect",),
}


class Stand:
    """A stack in a process of its own, which can be killed with all that it has started, and started again.

    Raises:
        ChildFailed: it is not ready in five minutes.
    """

    def __init__(self, folder: Path) -> None:
        self._state = folder / "state"
        self._log = folder / "stand.log"
        env = {name: text for name, text in os.environ.items() if not name.startswith((PREFIX, "PREFECT_"))}
        argv = (sys.executable, "-m", "chaos.stand", str(self._state))
        # In a folder of its own, where no settings of an operator lie.
        env["PYTHONPATH"] = str(Path(__file__).parents[1])
        self._program = Program("stand", "The stack", argv, env, self._log, self._is_ready, READY_SECONDS, folder)
        self._pid = 0

    def __enter__(self) -> "Stand":
        try:
            self.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        process = processes.launch(self._program)
        self._pid = process.pid
        until = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            if process.poll() is not None or time.monotonic() > until:
                raise ChildFailed(f"The stack does not start: {processes.tail(self._log)}")
            threading.Event().wait(POLL_SECONDS)

    def start_again(self) -> str:
        """Start it as an operator would, who tries once more; tells what hindered the first start."""
        try:
            self.start()
        except ChildFailed as error:
            said = processes.tail(self._state / "logs" / "storage.log").splitlines()[-3:]
            sys.stderr.write(f"{error}\nThe S3 server said: {' / '.join(said)}\n")
            self.start()
            return "; the stack started only at the second try"
        return ""

    def _is_ready(self) -> bool:
        found = state.read(self._state)
        return found.ready and found.pid == self._pid

    @property
    def settings(self) -> Settings:
        """As whoever works with it has them."""
        return load(state=self._state, private_sources="127.0.0.1", give_up_seconds=GIVE_UP_SECONDS)

    def kill(self, *names: str) -> int:
        """kill -9 of services by their names, of ``flow``, the runs, or of ``all`` with the supervisor first.

        Gives how many processes that were.
        """
        found = state.read(self._state)
        pids = [service.pid for service in found.services if service.name in names]
        if "all" in names:
            pids = [found.pid, *(service.pid for service in found.services)]
        if {"flow", "all"} & {*names}:
            pids += [one.pid for one in processes.marked(found.mark) if _is_flow(one)]
        for pid in pids:
            processes.signal_process(pid, signal.SIGKILL)
        if "all" in names:
            processes.end(processes.marked(found.mark), grace=0)
        return len(pids)

    def _end(self) -> None:
        mark = state.mark_of(self._state)
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self._pid)
            process.terminate()
            with suppress(psutil.TimeoutExpired):
                process.wait(GRACE_SECONDS)
            process.kill()
        processes.end(processes.marked(mark), grace=0)


def _is_flow(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return RUN_ID in process.environ()
    return False


def plans(count: int, seed: int) -> list[Plan]:
    """The campaigns of a seed: every kind in turn, each at a moment by chance."""
    found = []
    for number in range(count):
        chance = random.Random(int.from_bytes(hashlib.sha256(f"flows/{seed}/{number}".encode()).digest()[:8]))
        at_ms, seconds = chance.uniform(3000, SECONDS * 1000 * 0.8), chance.uniform(1, 6)
        found.append(Plan(number, seed, "", list(BLOWS)[number % len(BLOWS)], Where(0, 0), True, at_ms, seconds))
    return found


def run(plan: Plan, file: Path, stand: Stand, folder: Path) -> Outcome:
    """One campaign on a stack that runs, and that runs again afterwards."""
    broadcast = f"chaos-flows-{plan.seed}-{plan.number:03d}"
    live = LiveSource(file, folder, segment_seconds=PIECE_SECONDS, window=WINDOW, when_asked=True)
    store = RecordingStore(stores.archive(stand.settings), broadcast)
    with live, _beating(store):
        about = requests.Description(title="Chaos", broadcast=broadcast)
        runs.start(stand.settings, requests.CAPTURE, requests.capture(live.url, about), broadcast)
        if not _until(lambda: live.now_ms >= plan.at_ms and bool(store.segments()), BEGIN_SECONDS):
            return _judged(plan, store, "nothing was recorded before the blow")
        note = f"{stand.kill(*BLOWS[plan.blow])} processes killed"
        if "all" in BLOWS[plan.blow]:
            threading.Event().wait(plan.seconds)
            note += stand.start_again()
        if not _until(lambda: store.recording().sealed, DEADLINE_SECONDS):
            # As the schedule does every ten minutes.
            runs.start(stand.settings, requests.SWEEP, {"dry_run": False}, "sweep")
            swept = _until(lambda: store.recording().sealed, AFTER_SWEEP_SECONDS)
            note += f"; not sealed in {DEADLINE_SECONDS:.0f} s, {'but by' if swept else 'nor by'} the sweep"
    return _judged(plan, store, note)


@contextmanager
def _beating(store: RecordingStore) -> Iterator[None]:
    """Signs of life of somebody who prepares the recording."""
    over = threading.Event()

    def beat() -> None:
        while True:
            with suppress(MaaseutuError):
                store.beat()
            if over.wait(BEAT_SECONDS):
                return

    store.beat()
    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _until(true: Callable[[], bool], seconds: float) -> bool:
    """Whether it became true in time; while the store is away it is not."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(MaaseutuError):
            if true():
                return True
        threading.Event().wait(POLL_SECONDS)
    return False


def _judged(plan: Plan, store: RecordingStore, note: str) -> Outcome:
    recording = store.recording()
    if not recording.sealed:
        recording = recording.model_copy(update={"segments": tuple(store.segments())})
    frames = truth.frames(store, recording)
    offered = range(SECONDS * stream.FPS)
    found = truth.judged(frames, recording, offered, slack_ms=SLACK_MS, mute=range(0))
    lost_ms = (found.marked + found.unmarked) * stream.FRAME_MS
    # The server keeps the whole broadcast: nothing needs to be lost but the piece that was coming.
    return Outcome(plan, recording.sealed, found, max(0, lost_ms - PIECE_SECONDS * 1000), note)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main(argv: Sequence[str]) -> int:
    """Run, print and judge."""
    parser = argparse.ArgumentParser(prog="python -m chaos flows", description="Kill flows, workers and servers.")
    parser.add_argument("-n", type=int, default=6, help="how many campaigns")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=Path, help="also put the table between the marks of this page")
    chosen = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, _leave)
    found: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        file = stream.make(folder / "numbered.ts", seconds=SECONDS)
        with Stand(folder) as stand:
            for plan in plans(chosen.n, chosen.seed):
                own = folder / f"run-{plan.number:03d}"
                own.mkdir()
                found.append(run(plan, file, stand, own))
                sys.stderr.write(f"{len(found)}/{chosen.n} {as_json(found[-1])}\n")
    rows = table.lines(found)
    sys.stdout.write("\n".join(rows) + "\n")
    if chosen.write:
        told = [f"`python -m chaos flows -n {chosen.n} --seed {chosen.seed}`", "", *rows]
        page = chosen.write.read_text(encoding="utf-8")
        chosen.write.write_text(table.written(page, told, "flows"), encoding="utf-8")
    return int(any(one.found.unmarked or not one.sealed for one in found))
