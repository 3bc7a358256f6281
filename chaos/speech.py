"""A kill while an episode is prepared: ``python -m chaos speech [--minutes 10]``.

A recording is imported and prepared, killed half-way, and prepared again. Gives 1 when a byte of its text, or of its
first Part's tracks, differs from that of an undisturbed run, when a window was decoded twice, or a Part made anew.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from config import catalogue, stores
from config.recognition import recognition
from config.settings import Settings, environment, load
from core import keys
from core.archive import segments
from core.archive.recordings import RecordingStore
from core.capture import recorder
from core.errors import ChildFailed
from core.media import encode, ffmpeg
from core.models import Broadcast, Part, Segment
from core.speech import whisper, windows
from maaseutu.demo import SAMPLE
from maaseutu.stack import Stack
from tasks.transcription import finished, hearing

MINUTES = 10.0
SKIPPED_SECONDS = 5
"""It begins later than the sample, so that no window of it is one that another recording of the sample has left."""
DEADLINE_SECONDS = 3600.0
POLL_SECONDS = 0.2
ROOT = Path(__file__).parents[1]
PREPARE = "import sys; from flows.prepare import *; prepare_episode(PrepareRequest(broadcast=sys.argv[1]))"
COUNTED = re.compile(r"Part \d+: (\d+) (?:windows decoded|heard once more for names), (\d+) (?:of these )?found\.")


class Outcome(NamedTuple):
    """Windows in all, and how many were kept at the kill; windows and second hearings that were decoded and found after
    it, and that came to be kept by that; of ``done`` results of Parts (tracks, text) ``remade`` were made anew;
    ``altered`` results have other bytes."""

    windows: int
    before: int
    found: int
    decoded: int
    added: int
    done: int
    remade: int
    altered: int

    @property
    def twice(self) -> int:
        """Windows and second hearings that were decoded again."""
        return self.decoded - self.added


class _Recorded(NamedTuple):
    """A recording with what is to be known of it."""

    store: RecordingStore
    parts: list[Part]
    files: dict[Segment, Path]
    options: whisper.Options
    encoding: encode.Options

    def done(self) -> dict[str, str]:
        """The Parts' results that are there, with the version of the object: one made anew has another."""
        tracks = [keys.encoded(encode.key(part, self.encoding), "result.json") for part in self.parts]
        texts = [keys.speech(whisper.key(part, self.options)) for part in self.parts]
        archive = self.store.archive
        return {key: str(archive.version(key)) for key in (*tracks, *texts) if archive.head(key)}

    def kept(self, wanted: Sequence[str]) -> int:
        """How many of the windows are kept."""
        return sum(self.store.archive.head(key) is not None for key in wanted)

    @property
    def all_kept(self) -> int:
        """How many windows and second hearings the archive keeps, also of other recordings."""
        return sum(1 for _ in self.store.archive.list(keys.WINDOWS))


def preparing(settings: Settings, broadcast: str, folder: Path) -> subprocess.Popen[bytes]:
    """A run of prepare_episode in a process of its own, with a Prefect of its own; ``folder`` has its log."""
    told = environment(settings) | {"PREFECT_HOME": str(folder / "prefect")}
    with (folder / "prepare.log").open("ab") as log:
        argv = [sys.executable, "-c", PREPARE, broadcast]
        return subprocess.Popen(argv, cwd=ROOT, env=told, stdout=log, stderr=log, start_new_session=True)


def run(settings: Settings, minutes: float, folder: Path, film: Path = SAMPLE / "broadcast.mp4") -> Outcome:
    """Import, prepare, kill, prepare again, and compare. ``settings`` are of a stack that runs.

    Raises:
        ChildFailed: preparing failed, or was ready before it could be killed.
    """
    recorded = _recorded(settings, minutes, folder, film)
    cut = [windows.of_part(part, recorded.files) for part in recorded.parts]
    wanted = [keys.window(whisper.window_key(w.samples, recorded.options)) for some in cut for w in some]
    _killed(preparing(settings, recorded.store.id, folder), recorded, wanted)
    before, kept, done = recorded.kept(wanted), recorded.all_kept, recorded.done()
    log = folder / "prepare.log"
    killed_at = log.stat().st_size
    if preparing(settings, recorded.store.id, folder).wait(DEADLINE_SECONDS):
        raise ChildFailed(f"Preparing again failed: {log.read_text()[-2000:]}")
    counts = [tuple(map(int, found)) for found in COUNTED.findall(log.read_bytes()[killed_at:].decode())]
    decoded, found = (sum(count[at] for count in counts) for at in (0, 1))
    added = recorded.all_kept - kept
    now = recorded.done()
    remade = sum(now.get(key) != version for key, version in done.items())
    altered = sum(_is_altered(settings, recorded, part) for part in recorded.parts) + _is_other(recorded, folder)
    return Outcome(len(wanted), before, found, decoded, added, len(done), remade, altered)


def _recorded(settings: Settings, minutes: float, folder: Path, film: Path) -> _Recorded:
    store = RecordingStore(stores.archive(settings), f"killed-{minutes:g}-min".replace(".", "-"))
    at = datetime(2026, 11, 24, 7, tzinfo=UTC)
    broadcast = store.announce(Broadcast(id=store.id, programme="maaseutu-live", title="Keskeytetty", starts_at=at))
    # A sweep of the stack leaves alone what somebody prepares.
    store.beat()
    long = _long(film, folder / "long.mp4", minutes)
    options = recorder.Options(spool=settings.spool)
    recording = recorder.import_file(long, store, options, starts_at=at, report=lambda _: None)
    parts = segments.parts(recording.segments, target_ms=settings.part_seconds * 1000, sealed=True)
    files = {segment: store.fetch(segment, folder) for segment in recording.segments}
    encoding = encode.Options(catalogue.ladder(), settings.encode_threads, settings.ffmpeg)
    return _Recorded(store, parts, files, recognition(settings, broadcast), encoding)


def _long(film: Path, path: Path, minutes: float) -> Path:
    """The film again and again, by stream copy."""
    source = ("-stream_loop", "-1", "-ss", str(SKIPPED_SECONDS), "-i", str(film))
    argv = [ffmpeg.program(), *ffmpeg.QUIET, *source, "-t", str(minutes * 60), "-c", "copy", str(path)]
    subprocess.run(argv, check=True)
    return path


def _killed(process: subprocess.Popen[bytes], recorded: _Recorded, wanted: Sequence[str]) -> None:
    """kill -9 when half of the windows are kept, and a Part's tracks and text."""
    until = time.monotonic() + DEADLINE_SECONDS
    while recorded.kept(wanted) < len(wanted) / 2 or len(recorded.done()) < 2:
        if process.poll() is not None or time.monotonic() > until:
            raise ChildFailed("Preparing ended before half of the windows were kept.", "Look at prepare.log.")
        threading.Event().wait(POLL_SECONDS)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _is_altered(settings: Settings, recorded: _Recorded, part: Part) -> bool:
    """Whether the Part's text has other bytes than that of a run that nothing disturbs, and that keeps nothing."""
    broadcast = recorded.store.broadcast()
    hear = hearing(settings, broadcast, whisper.recognised, whisper.hinted)
    heard = whisper.transcribe_part(part, recorded.files, recorded.options, hear)
    undisturbed = finished(settings, broadcast, heard).model_dump_json().encode()
    return recorded.store.archive.get(keys.speech(whisper.key(part, recorded.options))) != undisturbed


def _is_other(recorded: _Recorded, folder: Path) -> bool:
    """Whether the first Part's tracks have other bytes than those that nothing disturbs."""
    episode = recorded.store.episode()
    if episode is None:
        return True
    work = folder / "again"
    work.mkdir()
    again = encode.encode_part(recorded.parts[0], recorded.files, work, recorded.encoding)
    return [track.sha256 for track in again.tracks] != [track.sha256 for track in episode.parts[0].tracks]


def main(argv: Sequence[str]) -> int:
    """Run, print and judge."""
    parser = argparse.ArgumentParser(prog="python -m chaos speech", description="A kill while speech is recognised.")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long the recording is")
    chosen = parser.parse_args(argv)
    with (
        tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as made,
        Stack(load(state=Path(made) / "state")) as stack,
    ):
        outcome = run(stack.settings, chosen.minutes, Path(made))
    sys.stdout.write(
        f"{outcome.windows} windows in {chosen.minutes:g} minutes: {outcome.before} decoded before the kill. "
        f"After it {outcome.found} windows and second hearings were found and {outcome.decoded} decoded, "
        f"{outcome.twice} of them twice. Of {outcome.done} results {outcome.remade} were made anew; "
        f"{outcome.altered} have other bytes than undisturbed.\n"
    )
    return int(outcome.twice != 0 or outcome.remade != 0 or outcome.altered != 0)
