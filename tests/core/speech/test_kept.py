"""Windows are decoded once: what is kept of them is found by their sound, and is the same whoever decodes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from config import stores
from core.bucket import Bucket
from core.media import sound
from core.speech import whisper, windows
from core.speech.kept import Kept
from evaluation import sample
from maaseutu.stack import Stack

SECONDS = 15


@pytest.fixture(scope="module")
def options(bundled: Path) -> whisper.Options:
    return whisper.Options(bundled, "fi")


@pytest.fixture(scope="module")
def sounds() -> list[sound.Samples]:
    """The beginnings of the windows of the sample's last 40 seconds, and silence."""
    samples = sound.speech([sample.FILE]).samples[0][-40 * sound.SPEECH_RATE :]
    cut = [[round(edge * sound.SPEECH_RATE) for edge in window] for window in windows.of_samples(samples)]
    return [
        *(samples[a:b][: SECONDS * sound.SPEECH_RATE] for a, b in cut),
        np.zeros(SECONDS * sound.SPEECH_RATE, np.float32),
    ]


@pytest.fixture
def archive(storage: Stack) -> Bucket:
    made = stores.archive(storage.settings.model_copy(update={"archive_bucket": f"archive-{uuid4().hex[:8]}"}))
    made.create(versioned=True)
    return made


def test_a_window_does_not_depend_on_the_others(options: whisper.Options, sounds: list[sound.Samples]) -> None:
    together = whisper.recognised(sounds, options)
    alone = [found for samples in reversed(sounds) for found in whisper.recognised([samples], options)]
    assert together == alone[::-1]
    assert len(together[0].passages) > 1
    assert together[-1].passages == ()


def test_what_is_kept_is_not_decoded_again(
    options: whisper.Options, sounds: list[sound.Samples], archive: Bucket
) -> None:
    first = Kept(archive)
    [one] = first.recognised(sounds[1:2], options)
    second = Kept(archive)
    every = second.recognised(sounds, options)
    assert (first.windows.decoded, first.windows.found) == (1, 0)
    assert (second.windows.decoded, second.windows.found) == (len(sounds) - 1, 1)
    again = Kept(archive)
    assert again.recognised(sounds, options) == every
    assert (again.windows.decoded, again.windows.found) == (0, len(sounds))
    assert every[1] == one
    assert [each.model_dump_json() for each in every] == [
        each.model_dump_json() for each in whisper.recognised(sounds, options)
    ]


def test_what_is_heard_with_names_in_mind_is_kept_apart(
    options: whisper.Options, sounds: list[sound.Samples], archive: Bucket
) -> None:
    first, second = Kept(archive), Kept(archive)
    hints = [("Vieremä",), (), ("Utajärvi", "Vieremä")]
    asked = [*sounds[:2], sounds[0]]
    made = first.hinted(asked, options, hints)
    assert made == whisper.hinted(asked, options, hints)
    assert second.hinted(asked[:1], options, hints[:1]) == made[:1]
    assert second.hinted(asked[:1], options, [("Inari",)]) == whisper.hinted(asked[:1], options, [("Inari",)])
    assert (first.second.decoded, second.second.decoded, second.second.found) == (3, 1, 1)
    second.recognised(sounds[:1], options._replace(beam_size=1, vocabulary=("Vieremä",)))
    assert (second.windows.decoded, second.second.decoded) == (1, 1)


def test_the_key_tells_sounds_and_ways_apart(options: whisper.Options, sounds: list[sound.Samples]) -> None:
    ways = [options, options._replace(vocabulary=("Vieremä",)), options._replace(beam_size=1)]
    found = {whisper.window_key(samples, way) for samples in sounds for way in ways}
    assert len(found) == len(ways) * len(sounds)
    assert whisper.window_key(sounds[0], options) == whisper.window_key(sounds[0], options._replace(lexicon="other"))


def test_who_waited_for_its_turn_finds_what_was_decoded_meanwhile(
    options: whisper.Options, sounds: list[sound.Samples], archive: Bucket
) -> None:
    @contextmanager
    def after_another() -> Iterator[None]:
        Kept(archive).recognised(sounds[-1:], options)
        yield

    late = Kept(archive, after_another)
    assert late.recognised(sounds[-1:], options)[0].passages == ()
    assert (late.windows.decoded, late.windows.found) == (0, 1)
