"""The judge proves itself: what is cut out, doubled or marked wrongly is told to the frame."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from chaos import stream, truth
from config import stores
from core.archive.recordings import RecordingStore
from core.capture.storer import Closed, describe
from core.models import TICKS_PER_SECOND, Gap, Recording
from maaseutu.stack import Stack
from sample.live_source import Segment, split

SECONDS = 6
OFFERED = range(SECONDS * stream.FPS)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> list[Segment]:
    """The broadcast in six pieces of a second."""
    folder = tmp_path_factory.mktemp("pieces")
    return split(stream.make(folder / "plain.ts", seconds=SECONDS), folder / "plain", 1)


def _recording(storage: Stack, folder: Path, takes: list[list[Path]], gaps: tuple[Gap, ...]) -> truth.Truth:
    """What the judge says of a recording that holds these pieces."""
    store = RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")
    segments = []
    for take, files in enumerate(takes, 1):
        for number, file in enumerate(files):
            path = folder / f"{number:06d}.ts"
            path.write_bytes(file.read_bytes())
            segment = describe(Closed(path, take, captured_at=NOON + timedelta(seconds=len(segments))))
            store.add(segment, path)
            segments.append(segment)
    recording = Recording(broadcast=store.id, segments=tuple(segments), gaps=gaps, sealed=True)
    found = truth.frames(store, recording)
    return truth.judged(found, recording, OFFERED, slack_ms=250, mute=range(0))


def _gap(seconds: float, lost: float) -> Gap:
    return Gap(at_ms=round(seconds * 1000), lost_ms=round(lost * 1000), reason="A test.")


def test_numbers_are_read_back_from_pixels_and_samples() -> None:
    for number in (0, 1, 4095, 4096, 600_001, (1 << stream.BITS) - 1):
        assert stream.number_in_picture(stream.picture(number)) == number
        assert stream.number_in_sound(stream.tones(number)) == number % 4096
    assert stream.number_in_picture(np.full((96, 160), 128, np.uint8)) is None
    assert stream.number_in_sound(np.zeros(stream.WINDOW)) is None


def test_a_whole_recording_is_whole(pieces: list[Segment], storage: Stack, tmp_path: Path) -> None:
    found = _recording(storage, tmp_path, [[piece.file for piece in pieces]], ())
    assert found == truth.Truth(150, 150, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("gaps", "marked", "unmarked", "false_ms"),
    [
        ((), 0, 50, 0),
        ((_gap(2, 2),), 50, 0, 0),
        ((_gap(2, 1),), 25, 25, 0),
        ((_gap(2, 5),), 50, 0, 3000),
        ((_gap(4, 2),), 0, 50, 2000),
    ],
    ids=["no mark", "marked", "too short", "too long", "elsewhere"],
)
def test_a_hole(
    gaps: tuple[Gap, ...],
    marked: int,
    unmarked: int,
    false_ms: int,
    pieces: list[Segment],
    storage: Stack,
    tmp_path: Path,
) -> None:
    files = [piece.file for piece in pieces]
    found = _recording(storage, tmp_path, [files[:2], files[4:]], gaps)
    assert found == truth.Truth(150, 100, marked, unmarked, 0, false_ms, 0)


def test_what_is_stored_twice_is_told(pieces: list[Segment], storage: Stack, tmp_path: Path) -> None:
    files = [piece.file for piece in pieces]
    found = _recording(storage, tmp_path, [files[:3], files[2:]], ())
    assert (found.captured, found.doubled, found.unmarked) == (150, 25, 0)


def test_timestamps_are_moved_and_wrap(pieces: list[Segment], storage: Stack, tmp_path: Path) -> None:
    moved = tmp_path / "moved.ts"
    whole = b"".join(piece.file.read_bytes() for piece in pieces)
    moved.write_bytes(stream.shifted(whole, stream.WRAP - 3 * TICKS_PER_SECOND))
    found = _recording(storage, tmp_path, [[moved]], ())
    assert found == truth.Truth(150, 150, 0, 0, 0, 0, 0)
