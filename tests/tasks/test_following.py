"""Two recorders of one broadcast, each away for a third of it: together they have it all."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config import stores
from core.archive.recordings import RecordingStore
from core.capture import recorder
from core.capture.disk import Budget, Room
from core.capture.recorder import Options
from core.errors import DiskFull
from core.media import listening, sound
from core.models import TICKS_PER_SECOND, Broadcast, Part
from core.sources import Source
from maaseutu.demo import SAMPLE, about
from maaseutu.stack import Stack
from sample.live_source import LiveSource, Reply
from tasks.following import Followed
from tests.core.archive.test_segments import AT
from tests.core.server import LOCAL

SPEED = 4.0
LENGTH_MS = about()["duration_ms"]
OUTAGES = {"": ((10, 26), (50, 66)), "b": ((30, 46), (70, 88))}
"""Seconds of the broadcast at which each recorder reaches nothing: about 30 % of it, and never both."""


class _Away:
    """A fault: the source does not answer during the outages, and never has the pieces of them."""

    def __init__(self, source: LiveSource, outages: tuple[tuple[int, int], ...]) -> None:
        self._source = source
        self._outages = outages
        self._lost = {f"/{piece.name}" for piece in source.segments if self._is_in_one(piece.start_ms)}

    def _is_in_one(self, at_ms: float) -> bool:
        return any(start * 1000 <= at_ms < end * 1000 for start, end in self._outages)

    def __call__(self, path: str, reply: Reply) -> Reply:
        if path in self._lost:
            return Reply(404)
        return Reply(503) if self._is_in_one(self._source.now_ms) else reply


@pytest.fixture
def recorded(storage: Stack, tmp_path: Path) -> str:
    """A broadcast that two recorders followed, whose clocks differ by two seconds; gives its id."""
    broadcast_id = f"test-{uuid.uuid4().hex[:12]}"
    with ThreadPoolExecutor() as pool:
        done = [
            pool.submit(_record, storage, broadcast_id, name, tmp_path / (name or "a"), skew)
            for name, skew in (("", 0), ("b", 2))
        ]
        for one in done:
            one.result()
    return broadcast_id


def _record(storage: Stack, broadcast_id: str, name: str, folder: Path, skew: int) -> None:
    store = RecordingStore(stores.archive(storage.settings), broadcast_id, name)
    store.announce(Broadcast(id=broadcast_id, programme="maaseutu-live", title="Koe", starts_at=AT))
    starts_at = AT.replace(second=skew)
    file = SAMPLE / "broadcast.mp4"
    with LiveSource(file, folder, speed=SPEED, window=100, starts_at=starts_at) as source:
        source.faults.append(_Away(source, OUTAGES[name]))
        source.wait_until_live()
        options = Options(folder / "spool", give_up_seconds=20, rules=LOCAL)
        stream = Source(source.url, live=True)
        recorder.record(stream, store, options, stop=threading.Event(), report=lambda _: None)


def _places(store: RecordingStore, part: Part, folder: Path) -> tuple[float, float]:
    """Where the Part's sound is in the sample, and where the timeline has it, in seconds."""
    files = [store.fetch(segment, folder) for segment in part.segments]
    heard = sound.decode(files, listening.RATE, "mono").cut(part.start_pts, part.end_pts)[0]
    whole = sound.decode([SAMPLE / "broadcast.mp4"], listening.RATE, "mono")
    found = listening.locate(heard, whole.samples[0])
    assert found is not None
    return found[0] / listening.RATE + whole.start / TICKS_PER_SECOND, part.start_ticks / TICKS_PER_SECOND


def test_what_each_has_lost_the_other_gives(storage: Stack, recorded: str, tmp_path: Path) -> None:
    archive = stores.archive(storage.settings)
    for name, outages in OUTAGES.items():
        gaps = RecordingStore(archive, recorded, name).recording().gaps
        assert len(gaps) == len(outages)
        assert all(gap.lost_ms > 4000 for gap in gaps)
    short = storage.settings.model_copy(update={"min_free_mb": 1 << 40})
    (live := short.spool / "followed").mkdir(parents=True)
    with (
        Room(live, threading.Event(), Budget()),
        pytest.raises(DiskFull, match="where a broadcast is being recorded"),
    ):
        Followed(short, recorded).look()
    followed = Followed(short, recorded)
    parts = followed.look()
    assert followed.sealed
    assert followed.gaps == ()
    assert {segment.recorder for part in parts for segment in part.segments} == {"", "b"}
    assert parts[-1].end_ms == pytest.approx(LENGTH_MS, abs=100)
    store = RecordingStore(archive, recorded)
    for part in parts:
        there, here = _places(store, part, tmp_path)
        assert there == pytest.approx(here, abs=0.05)
