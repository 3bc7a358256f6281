"""Windows lie on the recording's grid: the same sound gives the same ones, however it was cut into Parts."""

from pathlib import Path

import numpy as np
import pytest

from core.archive import segments
from core.media import sound
from core.models import TICKS_PER_SECOND, Segment
from core.speech import windows
from core.speech.windows import Stretch, Window
from evaluation import sample

pytestmark = pytest.mark.slow

TARGETS_MS = (8_000, 20_000, 60_000, 600_000)


def _windows(recorded: dict[Segment, Path], target_ms: int) -> list[Window]:
    parts = segments.parts(recorded, target_ms=target_ms, sealed=True)
    for part in parts:
        assert all(a.end_tick >= b.pts for a, b in zip(part.heard, part.heard[1:], strict=False))
    return [window for part in parts for window in windows.of_part(part, recorded)]


def test_they_do_not_depend_on_the_parts(recorded: dict[Segment, Path]) -> None:
    first, *others = [_windows(recorded, target_ms) for target_ms in TARGETS_MS]
    assert len(first) == 5
    for other in others:
        assert [window.start for window in other] == [window.start for window in first]
        for a, b in zip(first, other, strict=True):
            assert np.array_equal(a.samples, b.samples)


def test_they_hold_all_the_sound_and_the_engine_can_hear_each(recorded: dict[Segment, Path]) -> None:
    found = _windows(recorded, 20_000)
    for window, after in zip(found, found[1:], strict=False):
        assert len(window.samples) == round((after.start - window.start) * sound.SPEECH_RATE / TICKS_PER_SECOND)
    whole = sound.speech(list(recorded.values())).samples[0]
    assert abs(sum(len(window.samples) for window in found) - len(whole)) < 0.1 * sound.SPEECH_RATE
    assert max(len(window.samples) for window in found) <= windows.LONGEST_SECONDS * sound.SPEECH_RATE


def test_a_border_is_known_before_the_sound_after_it(recorded: dict[Segment, Path]) -> None:
    """A live recording: what was known of its first minute stays so when more comes."""
    early = list(recorded)[:14]
    parts = segments.parts(early, target_ms=20_000, sealed=False)
    known = [window for part in parts for window in windows.of_part(part, recorded)]
    later = _windows(recorded, 20_000)
    assert 0 < len(known) < len(later)
    assert [window.start for window in known] == [window.start for window in later[: len(known)]]


def test_a_sound_that_is_there_whole_is_cut_alike(recorded: dict[Segment, Path]) -> None:
    found = _windows(recorded, 60_000)
    whole = windows.of_samples(sound.speech([sample.FILE]).samples[0])
    starts = [(window.start - found[0].start) / TICKS_PER_SECOND for window in found]
    assert np.allclose([stretch.start for stretch in whole], starts, atol=0.1)


def test_short_sound_is_one_window() -> None:
    assert windows.of_samples(np.zeros(3200, np.float32)) == [Stretch(0, 0.2)]
    assert windows.of_samples(np.zeros(0, np.float32)) == []


def test_pauses_join_and_silences_part() -> None:
    spoken = [Stretch(1, 5), Stretch(6, 9), Stretch(14, 20)]
    assert windows.phrases(spoken) == [Stretch(1, 9), Stretch(14, 20)]
    assert windows.phrases([]) == []


def test_halves_meet_at_the_quietest_place() -> None:
    samples = np.random.default_rng(0).standard_normal(10 * sound.SPEECH_RATE).astype(np.float32)
    first, second = windows.halves(samples, Stretch(1, 10))
    assert (first.start, second.end) == (1, 10)
    assert 4 <= first.end == second.start <= 7
    assert windows.halves(samples, Stretch(1, 3)) == [Stretch(1, 3)]
