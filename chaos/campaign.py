"""One campaign: a broadcast with a fault is recorded by a real recorder, which may be killed, into a real store."""

import hashlib
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from chaos import stream, truth
from chaos.faults import FAULTS, Variants, Where, undated
from chaos.recorder import Task
from chaos.store import Store
from chaos.truth import Truth
from config import stores
from core.archive.recordings import RecordingStore
from sample.live_source import LiveSource

SECONDS = 20
PIECE_SECONDS = 1
WINDOW = 15
SHORT_WINDOW = 2
"""The stream forgets so soon where it is to be seen what is lost while the disk is full."""
SPEED = 1.5
LONGEST = 5
GIVE_UP_SECONDS = 8.0
DEADLINE_SECONDS = 100.0
RESTART_SECONDS = 0.3
SLACK_MS = PIECE_SECONDS * 1000 + 250
SMALL_DISK = "2m"
RESERVE_BYTES = 512 << 10
DISK_BLOWS = ("disk full", "disk kept full")
"""The recorder must live through these: it is not started again."""
STORE_BLOWS = ("kill store", "hang store", "store away", "kill all")
"""What is done to the S3 server; no other campaign may use that server meanwhile."""
BLOWS = ("kill recorder", "kill recorder twice", *STORE_BLOWS, *DISK_BLOWS)
KINDS = (*FAULTS, *BLOWS)


class Plan(NamedTuple):
    """What is done to a recording: ``fault`` to its source, ``blow`` to ourselves; either may be empty."""

    number: int
    seed: int
    fault: str
    blow: str
    where: Where
    dated: bool
    at_ms: float
    seconds: float

    @property
    def kind(self) -> str:
        """Its line in the table."""
        return " + ".join(name for name in (self.fault, self.blow) if name)


class Outcome(NamedTuple):
    """How it ended. ``sealed`` is false when the recording never ended; ``note`` says what the recorder said."""

    plan: Plan
    sealed: bool
    found: Truth
    over_ms: int
    note: str


def plans(count: int, seed: int, only: str = "") -> list[Plan]:
    """The campaigns of a seed: every kind in turn; after the first round with a kill as well."""
    kinds = [kind for kind in KINDS if only in ("", kind)]
    return [_plan(number, seed, kinds[number % len(kinds)], not only) for number in range(count)]


def _plan(number: int, seed: int, kind: str, mixed: bool) -> Plan:
    chance = random.Random(int.from_bytes(hashlib.sha256(f"{seed}/{number}".encode()).digest()[:8]))
    # A stream that has no sound at its beginning is refused, which is said to whoever started it; and of pieces that
    # the server has forgotten before it was asked for the first time nobody can know.
    earliest = 3 if kind in {"skipped", "restarted"} else int(kind.startswith("no sound"))
    where = Where(chance.randrange(earliest, 13), chance.randrange(1, LONGEST + 1))
    at_ms, seconds = chance.uniform(2000, 15_000), chance.uniform(1, 6)
    dated = chance.random() < 0.5
    fault, blow = ("", kind) if kind in BLOWS else (kind, "")
    if mixed and number >= len(KINDS) and not blow:
        blow = "kill recorder"
    return Plan(number, seed, fault, blow, where, dated, at_ms, seconds)


class Recorder:
    """The recorder's process, started again whenever it ends before its recording is sealed."""

    def __init__(self, task: Task, folder: Path) -> None:
        self._file = folder / "task.json"
        self._file.touch(0o600)
        self._file.write_text(task.model_dump_json(), encoding="utf-8")
        self._log = folder / "recorder.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        with self._log.open("ab") as log:
            argv = [sys.executable, "-m", "chaos.recorder", str(self._file)]
            self._process = subprocess.Popen(argv, stdout=log, stderr=log)

    def status(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll() if self._process else None

    def kill(self) -> None:
        """kill -9."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def said(self) -> str:
        """The last line of its log."""
        lines = self._log.read_text(encoding="utf-8").splitlines()
        return lines[-1][:160] if lines else ""


def run(plan: Plan, file: Path, variants: Variants, store: Store, folder: Path) -> Outcome:
    """Run one campaign in ``folder``, which is made."""
    folder.mkdir(parents=True)
    window = SHORT_WINDOW if plan.blow == "disk kept full" else WINDOW
    live = LiveSource(file, folder / "live", segment_seconds=PIECE_SECONDS, window=window, speed=SPEED, when_asked=True)
    with live, _spool(folder / "spool", small=plan.blow in DISK_BLOWS) as spool:
        if not plan.dated:
            undated(live)
        if plan.fault:
            FAULTS[plan.fault](live, plan.where, variants, folder)
        recorder = Recorder(_task(plan, live, store, spool), folder)
        blows = _Blows(plan, live, recorder, store, spool)
        recorder.start()
        try:
            note = _supervised(recorder, blows, lives=plan.blow in DISK_BLOWS)
        finally:
            recorder.kill()
            blows.mend()
    return _judged(plan, RecordingStore(stores.archive(store.settings), _id(plan)), note)


def _id(plan: Plan) -> str:
    return f"chaos-{plan.seed}-{plan.number:04d}"


def _task(plan: Plan, live: LiveSource, store: Store, spool: Path) -> Task:
    settings = store.settings
    return Task(
        url=live.url,
        id=_id(plan),
        spool=spool,
        bucket=settings.archive_bucket,
        endpoint=settings.s3_endpoint,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        give_up_seconds=GIVE_UP_SECONDS,
        reserve_bytes=RESERVE_BYTES if plan.blow == "disk full" else 0,
    )


@contextmanager
def _spool(folder: Path, *, small: bool) -> Iterator[Path]:
    """The spool folder; a ``small`` one is a disk of its own, which only root can mount."""
    folder.mkdir()
    if not small:
        yield folder
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class _Blows:
    """What happens to ourselves, each at its moment of the broadcast."""

    def __init__(self, plan: Plan, live: LiveSource, recorder: Recorder, store: Store, spool: Path) -> None:
        ends = plan.at_ms + plan.seconds * 1000
        ballast = spool / "ballast"
        kinds: dict[str, list[tuple[float, Callable[[], None]]]] = {
            "": [],
            "kill recorder": [(plan.at_ms, recorder.kill)],
            "kill recorder twice": [(plan.at_ms, recorder.kill), (ends, recorder.kill)],
            "kill store": [(plan.at_ms, store.kill), (ends, store.start)],
            "hang store": [(plan.at_ms, store.hang), (ends, store.wake)],
            "store away": [(0, store.kill), (ends, store.start)],
            "kill all": [(plan.at_ms, store.kill), (plan.at_ms, recorder.kill), (ends, store.start)],
            "disk full": [(plan.at_ms, lambda: _fill(ballast)), (ends, lambda: ballast.unlink(missing_ok=True))],
            "disk kept full": [(plan.at_ms, self._keep_full), (ends, self._empty)],
        }
        self._ballast = ballast
        self._keeps_full = False
        self._live = live
        self._left = kinds[plan.blow]

    def mend(self) -> None:
        """Undo what was begun: a recorder that gave up before its store came back must not take the store along."""
        if len(self._left) == 1:
            self._left.pop()[1]()

    def turn(self) -> None:
        """Do what is due."""
        while self._left and self._live.now_ms >= self._left[0][0]:
            self._left.pop(0)[1]()
        if self._keeps_full:
            _fill(self._ballast)

    def _keep_full(self) -> None:
        """From now on, whatever is freed is taken at once."""
        self._keeps_full = True

    def _empty(self) -> None:
        self._keeps_full = False
        self._ballast.unlink(missing_ok=True)


def _fill(ballast: Path) -> None:
    """Make it larger until the disk is full."""
    try:
        with ballast.open("ab") as file:
            while True:
                file.write(bytes(4096))
                file.flush()
    except OSError:
        return


def _supervised(recorder: Recorder, blows: _Blows, *, lives: bool) -> str:
    """Wait until the recorder has sealed, starting it again as a supervisor would; gives what it said otherwise.

    One that ``lives`` through what is done to it is not started again.
    """
    until = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < until:
        blows.turn()
        status = recorder.status()
        if status == 0:
            return ""
        if status == 1 or (status and lives):
            return recorder.said()
        if status is not None:
            threading.Event().wait(RESTART_SECONDS)
            recorder.start()
        threading.Event().wait(0.05)
    return f"not sealed in {DEADLINE_SECONDS:.0f} s: {recorder.said()}"


def _judged(plan: Plan, store: RecordingStore, note: str) -> Outcome:
    recording = store.recording()
    recording = (
        recording.model_copy(update={"segments": tuple(store.segments())}) if not recording.sealed else recording
    )
    mute = plan.fault in {"silent", "no sound", "no sound told"}
    first, count = plan.where
    without = range(first * stream.FPS, (first + count) * stream.FPS) if mute else range(0)
    frames = truth.frames(store, recording)
    offered = range(SECONDS * stream.FPS)
    found = truth.judged(frames, recording, offered, slack_ms=SLACK_MS, mute=without)
    lost_ms = (found.marked + found.unmarked) * stream.FRAME_MS
    return Outcome(plan, recording.sealed, found, max(0, lost_ms - allowed_ms(plan)), note)


def allowed_ms(plan: Plan) -> int:
    """What may be lost: the fault's own length and one piece; a kill one piece."""
    own = plan.where.length * PIECE_SECONDS * 1000 if plan.fault else 0
    blow = round(plan.seconds * 1000) if plan.blow in DISK_BLOWS else 0
    return own + blow + PIECE_SECONDS * 1000


def as_json(outcome: Outcome) -> str:
    """One line for the log."""
    return json.dumps({"kind": outcome.plan.kind, **outcome._asdict(), "found": outcome.found._asdict()})
