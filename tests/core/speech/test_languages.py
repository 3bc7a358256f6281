"""Speech in another language than the broadcast's, by espeak-ng and the bundled model: marked, and Finnish never."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.media import sound
from core.models import Passage, Transcript
from core.speech import engines, languages, whisper
from core.speech.engines import faster
from core.speech.engines.base import Hints, Samples, Setup
from core.speech.whisper import Options
from core.speech.windows import Stretch
from core.text import transcript
from evaluation import languages as spoken
from evaluation import sample, sets, sounds

FINNISH_SECONDS = 23
FOREIGN_SECONDS = 24


@pytest.fixture(scope="module")
def options(bundled: Path) -> Options:
    return Options(bundled, "fi")


@pytest.fixture(scope="module")
def finnish() -> Samples:
    """The beginning of the sample."""
    whole: Samples = sound.speech([sample.FILE]).samples[0]
    return whole[: FINNISH_SECONDS * sounds.RATE]


@pytest.fixture(scope="module")
def english() -> Samples:
    """Some sentences by espeak-ng."""
    return _foreign("en")


def _foreign(language: str) -> Samples:
    if not shutil.which("espeak-ng"):
        pytest.skip("NOT TESTED in other languages: espeak-ng is not installed")
    return spoken.foreign(language)[: FOREIGN_SECONDS * sounds.RATE]


@pytest.fixture(scope="module")
def marked(english: Samples, options: Options) -> Transcript:
    """What is made of them in a broadcast in Finnish."""
    return whisper.recognised([english], options)[0]


def _text(found: Transcript) -> str:
    return " ".join(passage.text for passage in found.passages)


@pytest.mark.parametrize("language", ["en", "de"])
def test_another_language_is_marked(language: str, marked: Transcript, options: Options) -> None:
    found = marked if language == "en" else whisper.recognised([_foreign(language)], options)[0]
    first, *_ = found.passages
    assert (first.text, first.unclear, first.words) == (transcript.NOT_RECOGNISED, True, ())
    assert first.language == language
    assert first.start_ms < 1500
    assert first.end_ms > 18_000
    assert not any(passage.words for passage in found.passages if passage.start_ms < first.end_ms)


def test_swedish_is_marked_whatever_it_is_taken_for(options: Options) -> None:
    [mark, *_] = whisper.transcribe(_foreign("sv").astype(np.float32), options).passages
    assert mark.text == transcript.NOT_RECOGNISED
    assert mark.language not in ("", "fi")


def test_it_is_written_in_a_broadcast_of_that_language(english: Samples, options: Options) -> None:
    found = whisper.transcribe(english, options._replace(language="en"))
    assert "municipal council" in _text(found).lower()
    assert not any(passage.language for passage in found.passages)


def test_only_the_windows_in_which_nothing_else_is_spoken_are_marked(
    english: Samples, finnish: Samples, marked: Transcript, options: Options
) -> None:
    first, second = whisper.recognised([finnish, english], options)
    assert not first.passages[0].language
    assert second == marked


def test_finnish_is_never_marked_beside_another_language(english: Samples, finnish: Samples, options: Options) -> None:
    mixed = np.concatenate([finnish[: 12 * sounds.RATE], english[: 12 * sounds.RATE]])
    [found] = whisper.recognised([mixed], options)
    assert not any(passage.language for passage in found.passages)
    assert "huomenta ja tervetuloa" in _text(found)


def test_too_little_sound_is_not_judged(english: Samples, options: Options) -> None:
    engine = engines.engine(Setup(faster.NAME, options.model, threads=1))
    stretches = [Stretch(0.6, 0.6 + seconds) for seconds in (1.5, 5, 15)]
    assert {each.language for each in engine.decode(english, stretches, Hints("fi"))} == {None}


def test_a_model_that_nobody_published_is_not_asked(english: Samples, options: Options, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.symlink_to(Path(options.model))
    [found] = whisper.recognised([english], options._replace(model=own))
    assert not any(passage.language for passage in found.passages)
    assert _text(found) != transcript.NOT_RECOGNISED


def test_what_seems_to_be_said_just_now_is_marked_too(english: Samples, options: Options) -> None:
    found = whisper.glimpse(english, options)
    assert found.passages[0].text == transcript.NOT_RECOGNISED


@pytest.mark.skipif(not shutil.which("text2wave"), reason="NOT TESTED with Festival's voices: it is not installed")
def test_finnish_by_other_voices_over_the_telephone_is_not_marked(options: Options) -> None:
    clean = sets.spoken(sets.COUNCIL).samples[: 72 * sounds.RATE]
    samples = sounds.CONDITIONS["telephone"](clean).astype(np.float32)
    found = spoken.told(samples, options.setup._replace(beam_size=1))
    assert found.judged >= 3
    assert found.marked == []


def _passage(start_ms: int, end_ms: int, language: str = "") -> Passage:
    return Passage(start_ms=start_ms, end_ms=end_ms, text="…" if language else "Hyvää huomenta.", language=language)


def test_a_producer_is_told_from_when_to_when() -> None:
    passages = (
        _passage(0, 4000),
        _passage(605_000, 628_000, "sv"),
        _passage(628_500, 760_000, "sv"),
        _passage(760_000, 770_000, "und"),
        _passage(771_000, 772_000),
        _passage(780_000, 800_000, "cy"),
    )
    cure = "It is not written: if the broadcast is not in Finnish, set its language."
    assert languages.notices(Transcript(language="fi", engine="x", passages=passages)) == [
        f"From 0.10.05 to 0.12.40 somebody speaks what seems to be Swedish. {cure}",
        f"From 0.12.40 to 0.12.50 somebody speaks what seems to be another language. {cure}",
        f"From 0.13.00 to 0.13.20 somebody speaks what seems to be the language cy. {cure}",
    ]
    assert languages.notices(Transcript(language="fi", engine="x", passages=passages[:1])) == []
