"""Names are listened for once more where they seem to be said, with the real engine and with texts as it gives them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from config.catalogue import MUNICIPALITIES
from core.language.finnish import Analyser
from core.media import sound
from core.models import Passage, Transcript, Word
from core.speech import towns, whisper
from core.speech.biasing import Biased
from core.speech.engines.base import Samples
from core.speech.sounding import Names
from core.speech.whisper import Options
from core.text.mentions import municipalities
from evaluation import sample

WORD_MS, STEP_MS = 300, 400
REAL_SECONDS = 60
OPTIONS = Options(Path(), "fi")
SILENCE = np.zeros(20 * sound.SPEECH_RATE, np.float32)


@pytest.fixture(scope="module")
def names(analyser: Analyser) -> Names:
    return Names(towns.forms(analyser, municipalities(MUNICIPALITIES)))


def text(
    said: str, *, starts: Sequence[int] = (), unclear: bool = False, probability: float | None = 0.9
) -> Transcript:
    """A Passage of words of 300 ms with pauses of 100 ms, or that start at these times and last until the next."""
    words = []
    for at, word in enumerate(said.split()):
        start = starts[at] if starts else at * STEP_MS
        end = starts[at + 1] if starts else start + WORD_MS
        words.append(Word(start_ms=start, end_ms=end, text=word, probability=probability))
    passage = Passage(
        start_ms=words[0].start_ms, end_ms=words[-1].end_ms, text=said, words=tuple(words), unclear=unclear
    )
    return Transcript(language="fi", engine="any", passages=(passage,))


class Heard:
    """An engine that gives one text at first, and another when it is told what to expect."""

    def __init__(self, first: Transcript, second: Transcript | None = None) -> None:
        self.first = first
        self.second = second
        self.expected: list[tuple[str, ...]] = []

    def recognised(self, sounds: Sequence[Samples], _: Options) -> list[Transcript]:
        return [self.first for _ in sounds]

    def hinted(self, sounds: Sequence[Samples], _: Options, hints: Sequence[tuple[str, ...]]) -> list[Transcript]:
        assert self.second
        self.expected += hints
        return [self.second for _ in sounds]


def biased(heard: Heard, analyser: Analyser, names: Names) -> list[Word]:
    way = Biased(heard.recognised, heard.hinted, analyser.weights, names)
    [found] = way.recognised([SILENCE], OPTIONS)
    return [word for passage in found.passages for word in passage.words]


def again(first: str, second: str, analyser: Analyser, names: Names) -> str:
    return " ".join(word.text for word in biased(Heard(text(first), text(second)), analyser, names))


def test_a_name_takes_the_place_of_what_was_heard_at_its_time(analyser: Analyser, names: Names) -> None:
    heard = Heard(text("sitten vadesjoilla, korjataan putkea"), text("siten padasjoella korjatan putkea"))
    found = biased(heard, analyser, names)
    assert [(word.text, word.heard) for word in found] == [
        ("sitten", ""),
        ("Padasjoella,", "vadesjoilla,"),
        ("korjataan", ""),
        ("putkea", ""),
    ]
    assert "Padasjoella" in heard.expected[0]
    # What is cut out for the second hearing begins with the Passage: the times are those of the window.
    assert (found[1].start_ms, found[1].end_ms) == (STEP_MS, STEP_MS + WORD_MS)


def test_what_is_partly_the_name_goes_as_a_whole(analyser: Analyser, names: Names) -> None:
    first = text("vain enonkos kelaja muut", starts=(0, 400, 900, 1500, 1900))
    second = text("vain enonkoskella ja muut", starts=(0, 400, 1200, 1500, 1900))
    found = biased(Heard(first, second), analyser, names)
    assert [word.text for word in found] == ["vain", "Enonkoskella", "ja", "muut"]
    assert {word.heard for word in found[1:3]} == {"enonkos kelaja"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # Nothing that was expected.
        ("sitten vadesjoilla korjataan", "sitten vadesjoella korjataan"),
        # Expected names one after the other, and not what was said.
        ("sitten vadesjoilla korjataan putkea", "Padasjoella Padasjoella Padasjoella Padasjoella Padasjoella"),
        # Another name than those that are near.
        ("sitten vadesjoilla korjataan", "sitten Savukoskella korjataan"),
    ],
)
def test_the_first_text_stays(analyser: Analyser, names: Names, first: str, second: str) -> None:
    assert again(first, second, analyser, names) == first


def test_a_doubted_second_hearing_is_not_believed(analyser: Analyser, names: Names) -> None:
    first, second = text("sitten vadesjoilla korjataan"), text("sitten Padasjoella korjataan", unclear=True)
    assert [word.text for word in biased(Heard(first, second), analyser, names)] == [
        "sitten",
        "vadesjoilla",
        "korjataan",
    ]


@pytest.mark.parametrize(
    ("first", "probability", "taken"),
    [
        # Of the sound of Padasjoella a quarter is not heard in this: a name that is hardly believed is not taken.
        ("sitten vadesjoilla korjataan", 0.05, False),
        ("sitten vadesjoilla korjataan", 0.07, True),
        # It is heard as a part of this, or the engine does not tell.
        ("sitten patasjoillako rjataan", 0.05, True),
        ("sitten vadesjoilla korjataan", None, True),
        # Shorter than the name, and all in it.
        ("sitten patas korjataan", 0.05, False),
    ],
)
def test_a_name_that_is_hardly_probable_has_to_be_heard(
    analyser: Analyser, names: Names, first: str, probability: float | None, *, taken: bool
) -> None:
    second = text("sitten Padasjoella korjataan", probability=probability)
    found = biased(Heard(text(first), second), analyser, names)
    assert ("Padasjoella" in {word.text for word in found}) == taken


@pytest.mark.parametrize(
    "said",
    [
        "kunta päättää asiasta ensi viikolla",
        # It is a name already, or sounds just as one: the mending writes it.
        "Savukosken esitys käsitellään",
        "rannualla kirjastoauto käy",
        # Good Finnish, however near it is to Karijoelta, or to Soini.
        "karjoilta ja soin asiasta",
        "…",
    ],
)
def test_nothing_is_heard_again_where_no_name_seems_to_be_said(analyser: Analyser, names: Names, said: str) -> None:
    assert [word.text for word in biased(Heard(text(said)), analyser, names)] == said.split()


def test_a_long_name_in_two_words_is_listened_for(analyser: Analyser, names: Names) -> None:
    first = text("vain enon koskella on", starts=(0, 400, 700, 1400, 1800))
    second = text("vain Enonkoskella on", starts=(0, 400, 1400, 1800))
    assert [word.text for word in biased(Heard(first, second), analyser, names)] == ["vain", "Enonkoskella", "on"]


def test_the_sample_with_the_real_engine(analyser: Analyser, names: Names, bundled: Path) -> None:
    samples = sound.speech([sample.FILE]).samples[0][: REAL_SECONDS * sound.SPEECH_RATE]
    options = Options(bundled, "fi", threads=3)
    first: list[Transcript] = []

    def remembered(sounds: Sequence[Samples], options: Options) -> list[Transcript]:
        first.extend(whisper.recognised(sounds, options))
        return list(first)

    way = Biased(remembered, whisper.hinted, analyser.weights, names)
    found = whisper.transcribe(samples, options, recognise=way.recognised)
    taken = [(word.text, word.heard) for passage in found.passages for word in passage.words if word.heard]
    # What the base model hears of three names: each is in the sample's text.
    assert {name for name, _ in taken} >= {"Utajärveltä"}
    assert all(name.strip(".,") in names for name, _ in taken)
    spans = [(word.start_ms, word.end_ms) for passage in found.passages for word in passage.words]
    assert spans == sorted(spans)
    # The rest is as it was.
    rest = [word.text for passage in found.passages for word in passage.words if not word.heard]
    heard = {word for _, text in taken for word in text.split()}
    before = [word.text for each in first for passage in each.passages for word in passage.words]
    assert rest == [word for word in before if word not in heard]
    # And three threads hear what one hears.
    alone = Biased(whisper.recognised, whisper.hinted, analyser.weights, names)
    assert found == whisper.transcribe(samples, options._replace(threads=1), recognise=alone.recognised)
