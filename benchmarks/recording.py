"""What recording costs: processor, memory, and how soon a Segment is safe; alone, ten at once, and for an hour.

The recorder runs in a process of its own. The stream is served from this one, so its cost is not counted.
"""

import math
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks import own_stack
from benchmarks.figures import Figure
from benchmarks.process import alone, children_seconds
from config import stores
from config.settings import Settings
from core import child
from core.archive import segments
from core.archive.recordings import RecordingStore
from core.capture import recorder
from core.capture.limit import Limit
from core.capture.recorder import Options
from core.media import ffmpeg
from core.models import Segment
from core.outside import addresses
from core.sources import Source
from sample.live_source import LiveSource

MEDIA_S = 60
PIECE_S = 4.0
WINDOW = 30
"""Pieces that the stream keeps: enough that a recorder that starts late on a busy machine has its beginning."""
MANY = 10
HOUR_S = 3600
HOUR_SPEED = 30.0
POINTS = 6
GOAL_SHARE = 0.05
GOAL_BYTES = 150e6
GOAL_LATENCY_S = 1.0
GOAL_GROWTH = 1.1
"""Flat is: in the second half of an hour never a tenth more than in the first."""
MAKE_TIMEOUT_S = 600.0


class Cost(NamedTuple):
    """Of one recording. ``grown`` is resident memory beyond the ``idle`` process's, once a second, in bytes."""

    seconds: float
    gaps: int
    cpu: float
    wall: float
    idle: int
    grown: tuple[int, ...]
    latencies: tuple[float, ...]


def run(*, quick: bool) -> list[Figure]:
    """The figures; ``quick`` leaves out the hour."""
    with own_stack.running(services=("storage",)) as stack, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = _film(folder / "six.ts", "6M", "1920x1080")
        with _on_air(film, folder / "one") as url:
            one = alone(record, stack.settings, url, "bench-one", folder / "spool")
        with _on_air(film, folder / "many") as url, ThreadPoolExecutor(MANY) as pool:
            ids = [f"bench-many-{i}" for i in range(MANY)]
            many = list(pool.map(lambda i: alone(record, stack.settings, url, i, folder / "spool"), ids))
        figures = [*_of_one(one), *_of_many(many)]
        if not quick:
            small = _film(folder / "one.ts", "1M", "640x360")
            with _on_air(small, folder / "hour", speed=HOUR_SPEED, rounds=True) as url:
                seconds = HOUR_S / HOUR_SPEED
                hour = alone(record, stack.settings, url, "bench-hour", folder / "spool", seconds)
            figures += _of_hour(hour)
        return figures


def _of_one(cost: Cost) -> list[Figure]:
    share, memory = cost.cpu / cost.wall, max(cost.grown)
    late = _quantile(cost.latencies, 0.95)
    return [
        Figure("recording: 6 Mbit/s, share of a core", f"{share:.1%}", f"< {GOAL_SHARE:.0%}", share < GOAL_SHARE),
        Figure(
            "recording: memory beyond the idle process",
            f"{memory / 1e6:.0f} MB",
            f"< {GOAL_BYTES / 1e6:.0f} MB",
            memory < GOAL_BYTES,
        ),
        Figure(
            "recording: closed → verified in the archive, P95",
            f"{late * 1000:.0f} ms of {len(cost.latencies)} Segments",
            f"< {GOAL_LATENCY_S:.0f} s",
            late < GOAL_LATENCY_S,
        ),
    ]


def _of_many(costs: list[Cost]) -> list[Figure]:
    least = min(cost.seconds for cost in costs)
    whole = least >= MEDIA_S - 1 and not any(cost.gaps for cost in costs)
    latencies = [late for cost in costs for late in cost.latencies]
    return [
        Figure(
            f"recording: {MANY} at once, the shortest",
            f"{least:.1f} s of {MEDIA_S} s, {sum(cost.gaps for cost in costs)} gaps",
            "all, 0 gaps",
            whole,
        ),
        Figure(f"recording: {MANY} at once, closed → verified, P95", f"{_quantile(latencies, 0.95) * 1000:.0f} ms"),
    ]


def _of_hour(cost: Cost) -> list[Figure]:
    resident = tuple(cost.idle + grown for grown in cost.grown)
    half = len(resident) // 2
    ratio = max(resident[half:]) / max(resident[:half])
    curve = [max(part) for part in _parts(resident, POINTS)]
    said = " ".join(f"{size / 1e6:.0f}" for size in curve) + f", idle {cost.idle / 1e6:.0f}"
    return [
        Figure(f"recording: {cost.seconds / 60:.0f} min at {HOUR_SPEED:.0f} times the speed, RSS, MB", said),
        Figure("recording: second half / first half", f"{ratio:.2f}", f"< {GOAL_GROWTH}", ratio < GOAL_GROWTH),
    ]


def _parts(values: tuple[int, ...], count: int) -> Iterator[tuple[int, ...]]:
    size = math.ceil(len(values) / count)
    return (values[i : i + size] for i in range(0, len(values), size))


def _quantile(values: tuple[float, ...] | list[float], share: float) -> float:
    return sorted(values)[math.ceil(share * len(values)) - 1]


def _film(path: Path, rate: str, size: str) -> Path:
    """A minute at a constant bit rate, with noise, so that the rate is reached."""
    argv = [ffmpeg.program(), *ffmpeg.QUIET, "-f", "lavfi", "-i", f"testsrc2=s={size}:r=25,noise=alls=30:allf=t"]
    argv += ["-f", "lavfi", "-i", "sine=f=300:r=48000", "-t", str(MEDIA_S), "-c:v", "libx264", "-preset", "ultrafast"]
    argv += ["-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate, "-x264-params", "nal-hrd=cbr"]
    argv += ["-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", str(path)]
    child.run(argv, path.with_suffix(".log"), timeout=MAKE_TIMEOUT_S)
    return path


@contextmanager
def _on_air(film: Path, folder: Path, *, speed: float = 1.0, rounds: bool = False) -> Iterator[str]:
    with LiveSource(film, folder, segment_seconds=PIECE_S, window=WINDOW, speed=speed, loop=rounds) as source:
        source.wait_until_live()
        yield source.url


class _Timed(RecordingStore):
    """Remembers how long after its closing, which is when it got its name, each Segment was verified."""

    def __init__(self, settings: Settings, broadcast_id: str) -> None:
        super().__init__(stores.archive(settings), broadcast_id)
        self.latencies: list[float] = []

    def add(self, segment: Segment, path: Path) -> None:
        closed_at = path.stat().st_ctime
        super().add(segment, path)
        self.latencies.append(time.time() - closed_at)


def record(settings: Settings, url: str, broadcast_id: str, spool: Path, limit: float = 0) -> Cost:
    """Record in this process, and say what it cost."""
    store = _Timed(settings, broadcast_id)
    options = Options(spool, give_up_seconds=30, rules=addresses.parse("127.0.0.1"))
    own = psutil.Process()
    idle, began, cpu = own.memory_info().rss, time.monotonic(), time.process_time() + children_seconds()
    with _sampling(lambda: own.memory_info().rss - idle) as grown:
        source = Source(url, live=True)
        done = recorder.record(
            source, store, options, stop=threading.Event(), report=lambda _: None, limit=Limit(limit)
        )
    used = time.process_time() + children_seconds() - cpu
    seconds = segments.duration_ms(done.segments) / 1000
    return Cost(seconds, len(done.gaps), used, time.monotonic() - began, idle, tuple(grown), tuple(store.latencies))


@contextmanager
def _sampling(measure: Callable[[], int]) -> Iterator[list[int]]:
    found, over = [measure()], threading.Event()

    def sample() -> None:
        while not over.wait(1.0):
            found.append(measure())

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    yield found
    over.set()
    thread.join()
