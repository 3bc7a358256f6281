"""What every engine takes and gives. An engine decodes stretches of speech; core.speech.whisper says which."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from core.names import shown
from core.speech.windows import Stretch

Samples = NDArray[np.float32]


class Service(NamedTuple):
    """A server that recognises speech: its URL, up to ``/v1``, and its key, if it wants one."""

    url: str = ""
    key: str = ""

    def __repr__(self) -> str:
        """Without secrets: options are shown in logs and in errors."""
        return f"Service({shown(self.url)!r})"


class Setup(NamedTuple):
    """What an engine is made of.

    ``model`` is the folder or file of a model, or a name that the engine itself knows. ``compute`` is the type in which
    it calculates, or ``auto``.
    """

    kind: str
    model: Path | str
    compute: str = "auto"
    beam_size: int = 5
    threads: int = 2
    service: Service = Service()


class Hints(NamedTuple):
    """What is known of the speech: its ``language`` (``fi``), and names and terms that may be said."""

    language: str
    vocabulary: tuple[str, ...] = ()

    @property
    def prompt(self) -> str:
        """The vocabulary as the text of a prompt; empty when there is none.

        It ends as a sentence does: the model writes on in the same manner, and leaves all stops out after a bare list.
        """
        return f"{', '.join(self.vocabulary)}." if self.vocabulary else ""


class HeardWord(NamedTuple):
    """A word as the engine wrote it, when it is said (seconds), and its probability where the engine tells it."""

    start: float
    end: float
    text: str
    probability: float | None


class Heard(NamedTuple):
    """Words that were decoded together, and the engine's own measures of them, where it tells them.

    ``avg_logprob`` is the mean of the tokens' logarithms, ``compression_ratio`` that of the text by zlib (above 2.4 it
    repeats itself), ``no_speech`` the probability that nobody speaks. ``language`` is what seems to be spoken (``und``:
    it cannot be said which); where it is not what was asked for, ``language_probability`` is how sure that is in each
    part. Too little sound does not tell.
    """

    words: tuple[HeardWord, ...]
    avg_logprob: float | None
    compression_ratio: float | None
    no_speech: float | None
    language: str | None = None
    language_probability: float | None = None


class About(NamedTuple):
    """What an engine would work with. None: it does not tell."""

    model: str
    megabytes: int | None
    compute: str
    threads: int | None
    multilingual: bool | None


class Engine(Protocol):
    """Something that recognises speech. Making one costs nothing; the model is loaded by the first ``decode``."""

    @property
    def name(self) -> str:
        """What the transcript says of its origin: engine, model, compute type, beam. Another name, another result."""

    def about(self) -> About:
        """What it would work with, looked at without decoding.

        Raises:
            ModelDamaged: the model is missing or altered.
            Misconfigured: it cannot work with these settings, or a package is not installed.
            RecogniserAway: its server does not answer.
        """

    def require(self, language: str) -> None:
        """Ask at once, without loading the model, whether it can know the language.

        Raises:
            Misconfigured: the model knows only English.
        """

    def decode(
        self, samples: Samples, stretches: Sequence[Stretch], hints: Hints, temperature: float = 0.0
    ) -> Iterator[Heard]:
        """What is said in the ``stretches``, each at most 29 s, of ``samples`` (n,) at 16 kHz; nothing for no stretch.

        Times are seconds of ``samples``. Above the temperature 0 words are drawn by chance. The same sound always gives
        the same words, also then, where the engine lets us choose where its chance begins.

        Raises:
            ModelDamaged, Misconfigured, RecogniserAway: as ``about`` and ``require``.
        """

    def likelihoods(self, samples: Samples, texts: Sequence[str], language: str) -> list[float] | None:
        """How likely each text is, given ``samples`` (n,) at 16 kHz, at most 29 s: its logarithm, summed over tokens.

        None: the engine does not tell.

        Raises:
            ModelDamaged, Misconfigured: as ``about`` and ``require``.
        """
