"""Every file and playlist of a folder of odd media goes into the archive: ``python -m chaos media [FOLDER]``.

Each in a process of its own, with a limit of time, by the same code as the flows' tasks. Gives 1 when one hangs, ends
with an error that is none of ours, loses what was stored before, or is stored in part without a mark.
"""

import argparse
import multiprocessing
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from chaos import outcomes, stream, taker
from chaos.outcomes import Outcome, Taken
from chaos.site import STAND_IN_SECONDS, Site
from chaos.store import Store
from chaos.table import written
from chaos.taker import Answer, Job, Way
from config import stores
from config.settings import Settings
from core import digests, keys
from core.archive import segments
from core.archive.recordings import RecordingStore
from core.capture.storer import Closed, describe
from core.models import Segment
from sample.live_source import split

FOLDER = Path("../shared/data/media")
PLAYLISTS = (".m3u8", ".mpd")
LIMIT_SECONDS = 600.0
GIVE_UP_SECONDS = 3.0
AT_ONCE = 6
STAND_INS = 12
EARLIER = 2
"""Pieces that an earlier run of the recorder has stored when a playlist is recorded live."""


class Campaign:
    """All that the jobs share. ``pieces`` are the numbered broadcast's, one second each."""

    def __init__(self, folder: Path, work: Path, settings: Settings) -> None:
        self._folder = folder
        self._work = work
        self._settings = settings.model_copy(
            update={"private_sources": "127.0.0.1", "give_up_seconds": GIVE_UP_SECONDS, "min_free_mb": 1}
        )
        made = stream.make(work / "numbered.ts", seconds=EARLIER + STAND_INS)
        self.pieces = [one.file for one in split(made, work / "pieces", STAND_IN_SECONDS)]
        self._archive = stores.archive(self._settings)
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["chaos.taker"])

    def taken(self, way: Way, name: str, number: int) -> Taken:
        """Take one file or playlist."""
        own = self._work / f"{way}-{number:04d}"
        own.mkdir()
        stand_ins = self.pieces[EARLIER:] if way == "stand-ins" else ()
        with Site(self._folder, stand_ins) as site:
            source = str(self._folder / name) if way == "import" else site.url(name)
            job = Job(way, name, source, f"bad-{way}-{number:04d}", GIVE_UP_SECONDS)
            store = RecordingStore(self._archive, job.id)
            earlier = self._earlier(store) if way in ("live", "stand-ins") else []
            ended = self._run(job, own)
        answer, log = own / "answer", own / "log"
        return Taken(
            job,
            ended,
            Answer.model_validate_json(answer.read_text(encoding="utf-8")) if answer.exists() else None,
            log.read_text(encoding="utf-8", errors="replace") if log.exists() else "",
            earlier,
            list(_lost(store, earlier)),
            sum(1 for path in (own / "spool").rglob("*") if path.stem.isdigit() and path.is_file()),
            frozenset(site.given),
        )

    def _run(self, job: Job, own: Path) -> int | None:
        settings = self._settings.model_copy(update={"state": own})
        process = self._processes.Process(target=taker.run, args=(job, settings, own), daemon=True)
        process.start()
        process.join(LIMIT_SECONDS)
        if process.exitcode is None:
            assert process.pid
            # ffmpeg is in a group of its own.
            for one in [*psutil.Process(process.pid).children(recursive=True), process]:
                one.kill()
            process.join()
            return None
        return process.exitcode

    def _earlier(self, store: RecordingStore) -> list[Segment]:
        """What a killed recorder has left in the archive."""
        ended = datetime.now(UTC) - timedelta(seconds=10)
        for number, path in enumerate(self.pieces[:EARLIER]):
            at = ended - timedelta(seconds=(EARLIER - number) * STAND_IN_SECONDS)
            found = describe(Closed(path, 1, captured_at=at)).model_copy(update={"number": number})
            store.add(found, path)
        return store.segments()


def _lost(store: RecordingStore, earlier: Sequence[Segment]) -> Iterator[str]:
    """Earlier Segments that are not in the archive as they were."""
    there = {segments.name(segment) for segment in store.segments()}
    for name in map(segments.name, earlier):
        key = keys.segments(store.id) + name
        if name not in there or f"-{digests.of_bytes(store.archive.get(key))}." not in name:
            yield name


def jobs(folder: Path) -> Iterator[tuple[Way, str]]:
    """Every file once; a playlist also by its address, live, and live with stand-ins for what it names."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = str(path.relative_to(folder))
        yield "import", name
        if path.suffix in PLAYLISTS:
            yield "address", name
            yield "live", name
        if path.suffix == ".m3u8":
            yield "stand-ins", name


def run(folder: Path, only: str, at_once: int) -> list[Outcome]:
    """Take everything in the folder whose name holds ``only``; tells how each ended."""
    wanted = [(way, name) for way, name in jobs(folder) if only in name]
    found: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="chaos-") as made:
        work = Path(made)
        with Store(work / "store") as store, ThreadPoolExecutor(at_once) as many:
            campaign = Campaign(folder, work, store.settings)
            waiting = [many.submit(campaign.taken, way, name, n) for n, (way, name) in enumerate(wanted)]
            archive = stores.archive(store.settings)
            for done in waiting:
                outcome = outcomes.judged(done.result(), archive)
                found.append(outcome)
                sys.stderr.write(f"{len(found)}/{len(waiting)} {outcome.way} {outcome.name}: {outcome.told}\n")
    return found


def main(argv: Sequence[str]) -> int:
    """Run, print and judge."""
    parser = argparse.ArgumentParser(prog="python -m chaos media", description="Odd media into the archive.")
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--only", default="", help="files whose name holds this")
    parser.add_argument("--at-once", type=int, default=AT_ONCE)
    parser.add_argument("--write", type=Path, help="also put the table between the marks of this page")
    chosen = parser.parse_args(argv)
    if not chosen.folder.is_dir():
        sys.stdout.write(f"There is no folder {chosen.folder} with odd media: nothing was taken.\n")
        return 0
    found = run(chosen.folder.resolve(), chosen.only, chosen.at_once)
    rows = outcomes.lines(found)
    sys.stdout.write("\n".join(rows) + "\n")
    if chosen.write:
        page = chosen.write.read_text(encoding="utf-8")
        chosen.write.write_text(written(page, rows), encoding="utf-8")
    return int(any(one.failed for one in found))
