"""Sound as it should not be, on its way through a recording: the words are the same, at the same time, or none."""

from pathlib import Path

import numpy as np
import pytest

from core.media import sound
from core.models import Transcript
from core.speech import whisper
from core.speech.whisper import Options
from tests.core.speech.odd import Odd, late, recorded

SECONDS = 12
LATE_SECONDS = 3


ODD = {
    "8 kHz, one channel": Odd(after=("-ar", "8000", "-ac", "1")),
    "96 kHz": Odd(after=("-ar", "96000")),
    "5.1": Odd(after=("-af", "pan=5.1|FC=0.7*FL+0.7*FR|FL=0.01*FL|FR=0.01*FR")),
    "channels that cancel each other": Odd(after=("-af", "pan=stereo|c0=FL|c1=-1*FL")),
    "one silent channel": Odd(after=("-af", "pan=stereo|c0=FL|c1=0*FL")),
    "clipped": Odd(after=("-af", "volume=24dB")),
    "late": late(LATE_SECONDS),
}


@pytest.fixture(scope="module")
def options(bundled: Path) -> Options:
    return Options(bundled, "fi")


@pytest.fixture(scope="module")
def right(options: Options, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    return _words(_recognised(Odd(), tmp_path_factory.mktemp("right"), options))


def _recognised(odd: Odd, folder: Path, options: Options, *, seconds: float = SECONDS) -> Transcript:
    """The beginning of the sample with another sound, recorded and recognised."""
    cut = recorded(odd, folder, seconds=seconds)
    (part,) = cut.parts
    return whisper.transcribe_part(part, cut.files, options)


def _words(transcript: Transcript) -> dict[str, int]:
    """When each word is said first, in milliseconds."""
    words = [word for passage in transcript.passages for word in passage.words]
    return {word.text.strip(".,").lower(): word.start_ms for word in reversed(words)}


@pytest.mark.parametrize("name", ODD)
def test_the_words_are_heard_at_their_time(name: str, right: dict[str, int], options: Options, tmp_path: Path) -> None:
    heard = _words(_recognised(ODD[name], tmp_path, options, seconds=SECONDS + LATE_SECONDS * (name == "late")))
    same = heard.keys() & right.keys()
    assert len(same) >= 0.6 * len(right), (sorted(heard), sorted(right))
    off = [heard[word] - right[word] for word in same]
    assert abs(np.median(off) - LATE_SECONDS * 1000 * (name == "late")) < 150


def test_a_fifth_of_a_second_has_no_words(options: Options, tmp_path: Path) -> None:
    assert _recognised(Odd(), tmp_path, options, seconds=0.2).passages == ()


def test_a_hole_in_the_timestamps_moves_no_word(right: dict[str, int], options: Options, tmp_path: Path) -> None:
    low, high = 0.6, 1.2  # Before the first word.
    odd = Odd(after=("-af", f"aselect='not(between(t,{low},{high}))'"))
    heard = _words(_recognised(odd, tmp_path, options))
    same = heard.keys() & right.keys()
    assert len(same) >= 0.7 * len(right)
    assert abs(np.median([heard[word] - right[word] for word in same])) < 150


def test_unlike_channels_are_mixed() -> None:
    left, right = np.ones(100, np.float32), np.full(100, 0.5, np.float32)
    assert np.allclose(sound.middle(np.stack([left, right])), 0.75)
    assert np.allclose(sound.middle(np.stack([left, -left])), 1)
    assert np.allclose(sound.middle(np.stack([left, 0 * left])), 0.5)
    assert sound.middle(np.zeros((2, 0), np.float32)).shape == (0,)
