"""Random campaigns against the recorder: ``python -m chaos [-n 200] [--seed 1] [--only KIND]``.

``python -m chaos media [FOLDER]``, ``flows`` and ``speech`` are other kinds (chaos.media, chaos.flows, chaos.speech).

Gives 1 when anything was lost and not marked, or a recording was never sealed.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path

from chaos import faults, flows, media, speech, table
from chaos.campaign import KINDS, PIECE_SECONDS, SECONDS, STORE_BLOWS, Outcome, Plan, as_json, plans, run
from chaos.store import Store

AT_ONCE = 8
OTHERS = {"media": media.main, "flows": flows.main, "speech": speech.main}


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description="Random faults against the recorder.")
    parser.add_argument("-n", type=int, default=200, help="how many campaigns")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", choices=["", *KINDS], metavar="KIND", help=f"of: {', '.join(KINDS)}")
    parser.add_argument("--at-once", type=int, default=AT_ONCE)
    parser.add_argument("--write", type=Path, help="also put the table between the marks of this page")
    return parser.parse_args()


def outcomes(some: list[Plan], folder: Path, at_once: int) -> Iterator[Outcome]:
    """Run them, several at once; those that kill the store have one of their own, one after the other."""
    file, variants = faults.variants(folder, SECONDS, PIECE_SECONDS)
    with ExitStack() as stack:
        steady = stack.enter_context(Store(folder / "steady"))
        killed = stack.enter_context(Store(folder / "killed"))
        many = stack.enter_context(ThreadPoolExecutor(at_once))
        single = stack.enter_context(ThreadPoolExecutor(1))
        waiting = []
        for plan in some:
            pool, store = (single, killed) if plan.blow in STORE_BLOWS else (many, steady)
            waiting.append(pool.submit(run, plan, file, variants, store, folder / f"run-{plan.number:04d}"))
        for done in as_completed(waiting):
            yield done.result()


def main() -> int:
    """Run, print and judge."""
    chosen = arguments()
    found: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        for outcome in outcomes(plans(chosen.n, chosen.seed, chosen.only), Path(folder), chosen.at_once):
            found.append(outcome)
            sys.stderr.write(f"{len(found)}/{chosen.n} {as_json(outcome)}\n")
    rows = table.lines(found)
    sys.stdout.write("\n".join(rows) + "\n")
    if chosen.write:
        page = chosen.write.read_text(encoding="utf-8")
        told = [f"`make chaos N={chosen.n} SEED={chosen.seed}`", "", *rows]
        chosen.write.write_text(table.written(page, told), encoding="utf-8")
    return int(any(one.found.unmarked or not one.sealed for one in found))


if __name__ == "__main__":
    other = OTHERS.get(sys.argv[1] if len(sys.argv) > 1 else "")
    sys.exit(other(sys.argv[2:]) if other else main())
