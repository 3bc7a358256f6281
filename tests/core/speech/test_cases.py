"""The form of a name that was said is chosen by the engine, among those that sound alike."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from config.catalogue import MUNICIPALITIES
from core.language.finnish import Analyser
from core.media import sound
from core.models import Passage, Transcript, Word
from core.speech import repair, towns, whisper
from core.speech.cases import Cased
from core.speech.engines.base import Samples
from core.speech.sounding import Names
from core.speech.whisper import Options
from core.text.mentions import municipalities
from evaluation import sample

WORD_MS = 400
OPTIONS = Options(Path(), "fi")
SILENCE = np.zeros(20 * sound.SPEECH_RATE, np.float32)
SAID = "Kunnanhallitus kokoontui Posioon eilen."


@pytest.fixture(scope="module")
def names(analyser: Analyser) -> Names:
    return Names(towns.forms(analyser, municipalities(MUNICIPALITIES)))


class Ear:
    """An engine that wrote one text, and finds those texts likeliest in which one of these words stands."""

    def __init__(self, wrote: str, *likely: str, probability: float = 0.6, unclear: bool = False) -> None:
        times = enumerate(wrote.split())
        words = tuple(
            Word(start_ms=at * WORD_MS, end_ms=(at + 1) * WORD_MS, text=text, probability=probability)
            for at, text in times
        )
        passage = Passage(start_ms=0, end_ms=words[-1].end_ms, text=wrote, words=words, unclear=unclear)
        self._found = Transcript(language="fi", engine="any", passages=(passage,))
        self._likely = likely
        self.asked: list[str] = []

    def recognised(self, sounds: Sequence[Samples], _: Options) -> list[Transcript]:
        return [self._found for _ in sounds]

    def likelihoods(self, _: Sequence[Samples], __: Options, texts: Sequence[Sequence[str]]) -> list[list[float]]:
        self.asked += [text for some in texts for text in some]
        return [[-20.0 + 5 * sum(word in text for word in self._likely) for text in some] for some in texts]


def chosen(ear: Ear, analyser: Analyser, names: Names) -> Transcript:
    [found] = Cased(ear.recognised, ear.likelihoods, analyser.weights, names).recognised([SILENCE], OPTIONS)
    return found


def test_the_likelier_form_stands_with_what_was_heard(analyser: Analyser, names: Names) -> None:
    [passage] = chosen(Ear("Kunnanhallitus kokoontui Posion, eilen.", "Posioon"), analyser, names).passages
    assert passage.text == "Kunnanhallitus kokoontui Posioon, eilen."
    assert [(word.text, word.heard) for word in passage.words if word.heard] == [("Posioon,", "Posion,")]
    assert [word.start_ms for word in passage.words] == [0, 400, 800, 1200]


def test_forms_are_compared_in_the_mended_sentence(analyser: Analyser, names: Names) -> None:
    ear = Ear("kunnanhallitus kokontui rannualle", "Ranualla")
    [passage] = chosen(ear, analyser, names).passages
    assert "kunnanhallitus kokoontui Ranualle" in ear.asked
    assert passage.text == "kunnanhallitus kokoontui Ranualla"
    assert [word.heard for word in passage.words] == ["", "kokontui", "rannualle"]
    assert repair.repaired(passage.words, analyser.weights, names) == passage.words


def test_each_name_of_a_sentence_has_its_own_form(analyser: Analyser, names: Names) -> None:
    ear = Ear("Inarissa ja Posion asiat", "Inarista", "Posioon")
    assert chosen(ear, analyser, names).passages[0].text == "Inarista ja Posioon asiat"


def test_another_form_has_to_be_likelier_and_more_so_by_its_letters(analyser: Analyser, names: Names) -> None:
    def heard(more: float) -> str:
        ear = Ear("Palaamme Inarissa")
        way = Cased(
            ear.recognised,
            lambda _, __, texts: [[more if "Inarista" in text else 0.0 for text in some] for some in texts],
            analyser.weights,
            names,
        )
        [found] = way.recognised([SILENCE], OPTIONS)
        return found.passages[0].words[1].text

    assert (heard(1.9), heard(2.1)) == ("Inarissa", "Inarista")


@pytest.mark.parametrize(
    "ear",
    [
        Ear(SAID, "Posion ", probability=0.95),
        Ear(SAID, "Posion ", unclear=True),
        Ear("Kunnan hallitus kokoontui eilen."),
        Ear("Iin kunta"),
    ],
    ids=["a sure name", "an unclear passage", "no name", "a name that is like nothing else"],
)
def test_nothing_is_compared(ear: Ear, analyser: Analyser, names: Names) -> None:
    assert chosen(ear, analyser, names) == ear.recognised([SILENCE], OPTIONS)[0]
    assert ear.asked == []


def test_an_engine_that_does_not_tell_changes_nothing(analyser: Analyser, names: Names) -> None:
    ear = Ear(SAID)
    way = Cased(ear.recognised, lambda *_: None, analyser.weights, names)
    assert way.recognised([SILENCE], OPTIONS) == ear.recognised([SILENCE], OPTIONS)


def test_the_sample_with_the_real_engine(analyser: Analyser, names: Names, bundled: Path) -> None:
    """What is said is likelier than what is not; and where a name of it is written in another form, it is mended."""
    samples = sound.speech([sample.FILE]).samples[0][: 20 * sound.SPEECH_RATE]
    options = Options(bundled, "fi", threads=2)
    part = samples[int(8.8 * sound.SPEECH_RATE) : int(11.5 * sound.SPEECH_RATE)]
    texts = [f"Vieraana on {name} kunnanjohtaja." for name in ("Savukosken", "Savukoskeen", "Savukoskella")]
    [told] = whisper.likelihoods([part], options, [texts]) or [[]]
    assert max(told) == told[0]
    assert all(value < 0 for value in told)

    ear = Ear("Vieraana on Savukoskeen kunnanjohtaja.")
    way = Cased(ear.recognised, whisper.likelihoods, analyser.weights, names)
    [found] = way.recognised([np.pad(part, (0, sound.SPEECH_RATE))], options)
    assert found.passages[0].text == "Vieraana on Savukosken kunnanjohtaja."
