"""Two recorders of one broadcast, each with outages of its own: ``python -m chaos.pair [-n 6] [--seed 1]``.

Each loses three tenths of the broadcast, at random, and never both at once. What they have is woven as a viewer sees
it, and read from pixels and samples. Gives 1 when more than the seams is missing.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from chaos import faults, stream, truth
from chaos.campaign import DEADLINE_SECONDS, GIVE_UP_SECONDS, PIECE_SECONDS, SPEED, WINDOW, Recorder
from chaos.faults import During, OnPieces, Variants, Where
from chaos.recorder import Task
from chaos.store import Store
from config import stores
from core.archive.recordings import RecordingStore
from core.models import Recording
from sample.live_source import LiveSource
from tasks.following import Followed

SECONDS = 60
LOST_SHARE = 0.3
LONGEST = 6
NAMES = ("", "b")
LATE_TICKS = 1234 * 90_000
"""How far the second source's timestamps are from the first's: an encoder of its own began to count by itself."""
SEAM_FRAMES = 2
"""Where two recordings meet, the moment is known to less than a frame on each side."""


class Plan(NamedTuple):
    """Which pieces each recorder cannot have."""

    number: int
    seed: int
    outages: tuple[tuple[Where, ...], tuple[Where, ...]]


class Outcome(NamedTuple):
    """What each recorder had alone, and both together."""

    plan: Plan
    alone: tuple[truth.Truth, ...]
    woven: truth.Truth
    seams: int
    sealed: bool


def plan(number: int, seed: int) -> Plan:
    """Outages of both, in random order, with at least a piece of both between two of them."""
    chance = random.Random(f"{seed}/{number}")
    lost = round(SECONDS / PIECE_SECONDS * LOST_SHARE)
    both = [(which, length) for which in (0, 1) for length in _lengths(lost, chance)]
    chance.shuffle(both)
    # What is left over goes between them, and before and behind all.
    spare = SECONDS // PIECE_SECONDS - 2 * lost - len(both) - 1
    cuts = sorted(chance.randrange(spare + 1) for _ in both)
    found: tuple[list[Where], list[Where]] = ([], [])
    at = 0
    for (which, length), before, cut in zip(both, [0, *cuts], cuts, strict=False):
        at += 1 + cut - before
        found[which].append(Where(at, length))
        at += length
    return Plan(number, seed, (tuple(found[0]), tuple(found[1])))


def _lengths(whole: int, chance: random.Random) -> Iterator[int]:
    while whole:
        length = min(whole, chance.randrange(2, LONGEST + 1))
        yield length
        whole -= length


def run(what: Plan, file: Path, store: Store, folder: Path) -> Outcome:
    """Run one campaign in ``folder``, which is made."""
    name = f"pair-{what.seed}-{what.number:04d}"
    with ExitStack() as stack:
        recorders = []
        for which, outages in zip(NAMES, what.outages, strict=True):
            live = stack.enter_context(_on_air(file, folder / f"live{which}", outages, late=bool(which)))
            recorders.append(_recorder(live, name, which, store, folder))
        for recorder in recorders:
            recorder.start()
            stack.callback(recorder.kill)
        until = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < until and None in [recorder.status() for recorder in recorders]:
            threading.Event().wait(0.1)
        sealed = [recorder.status() for recorder in recorders] == [0, 0]
    return _judged(what, name, store, sealed=sealed)


@contextmanager
def _on_air(file: Path, folder: Path, outages: tuple[Where, ...], *, late: bool) -> Iterator[LiveSource]:
    folder.mkdir(parents=True)
    live = LiveSource(file, folder, segment_seconds=PIECE_SECONDS, window=WINDOW, speed=SPEED)
    with live:
        if late:
            # All files are the same: of the variants, none is used.
            faults.moved(LATE_TICKS, announced=False)(live, Where(0, 0), Variants(*[folder] * 5), folder)
        for where in outages:
            pieces = [live.segments[number] for number in range(where.first, where.first + where.length)]
            live.faults.append(OnPieces(tuple(piece.name for piece in pieces), faults.missing))
            live.faults.append(During(live, pieces[0].start_ms, pieces[-1].end_ms, faults.failed))
        yield live


def _recorder(live: LiveSource, name: str, which: str, store: Store, folder: Path) -> Recorder:
    own, settings = folder / f"recorder{which}", store.settings
    own.mkdir()
    task = Task(
        url=live.url,
        id=name,
        recorder=which,
        spool=own / "spool",
        bucket=settings.archive_bucket,
        endpoint=settings.s3_endpoint,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        give_up_seconds=GIVE_UP_SECONDS,
    )
    return Recorder(task, own)


def _judged(what: Plan, name: str, store: Store, *, sealed: bool) -> Outcome:
    archive = stores.archive(store.settings)
    alone = []
    for which in NAMES:
        own = RecordingStore(archive, name, which)
        alone.append(_truth(own, own.recording()))
    followed = Followed(store.settings, name)
    followed.look()
    parts = followed.look()
    shown = tuple(segment for part in parts for segment in part.segments)
    whole = Recording(broadcast=name, segments=shown, gaps=followed.gaps)
    seams = sum(one.recorder != next_.recorder for one, next_ in zip(shown, shown[1:], strict=False))
    return Outcome(what, tuple(alone), _truth(RecordingStore(archive, name), whole), seams, sealed)


def _truth(store: RecordingStore, recording: Recording) -> truth.Truth:
    found = truth.frames(store, recording)
    return truth.judged(found, recording, range(SECONDS * stream.FPS), slack_ms=PIECE_SECONDS * 1250, mute=range(0))


def is_whole(one: Outcome) -> bool:
    """Whether nothing is missing, or shown twice, but a frame or two at the seams."""
    most = one.seams * SEAM_FRAMES
    return one.sealed and one.woven.marked + one.woven.unmarked <= most and one.woven.doubled <= most


def rows(outcomes: list[Outcome]) -> list[str]:
    """The table, in seconds but for the seams."""
    columns = ("campaign", "offered", "first alone", "second alone", "both", "seams", "missing", "doubled", "whole")
    lines = ["| " + " | ".join(columns) + " |", "|---|" + "---:|" * (len(columns) - 1)]
    for one in sorted(outcomes, key=lambda one: one.plan.number):
        woven = one.woven
        counts = (woven.offered, *(alone.captured for alone in one.alone), woven.captured)
        told = [str(one.plan.number), *(f"{count / stream.FPS:.1f}" for count in counts), str(one.seams)]
        told += [f"{count / stream.FPS:.2f}" for count in (woven.marked + woven.unmarked, woven.doubled)]
        lines.append("| " + " | ".join([*told, "yes" if is_whole(one) else "NO"]) + " |")
    return lines


def main(argv: list[str]) -> int:
    """Run, print and judge."""
    parser = argparse.ArgumentParser(prog="python -m chaos.pair", description="Two recorders with outages.")
    parser.add_argument("-n", type=int, default=6, help="how many campaigns")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(argv)
    found = []
    with tempfile.TemporaryDirectory(prefix="chaos-") as name, Store(Path(name) / "store") as store:
        file = stream.make(Path(name) / "film.ts", seconds=SECONDS, sound="murmur")
        for number in range(chosen.n):
            outcome = run(plan(number, chosen.seed), file, store, Path(name) / f"run-{number:04d}")
            found.append(outcome)
            sys.stderr.write(f"{number + 1}/{chosen.n} {outcome}\n")
    sys.stdout.write("\n".join(rows(found)) + "\n")
    return int(not all(map(is_whole, found)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
