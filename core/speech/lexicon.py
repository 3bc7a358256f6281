"""What words cost by the lexicon of Finnish: the likelier a word is, the less."""

from collections.abc import Callable, Iterable, Mapping

from core.language.morphology import PROPER
from core.speech.alike import SHORT

Weights = Callable[[Iterable[str]], Mapping[str, float | None]]
"""How implausible words are, by the lexicon: 0 for a word of its own, None for no word (core.language.finnish)."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


UNKNOWN, UNKNOWN_LETTER = 3.0, 0.5
"""What an unknown word costs, and each of its letters: joining two of them gains nothing."""
PER_WORD = 0.4
SHORT_LETTER = 0.5
FARTHEST = 1.6
"""What is put in place must cost less: the lexicon lets almost any words be joined, at 1 for each border."""
PLAIN = 0.9
"""A word below this stands in the lexicon by itself; compounds made on the spot cost 1 and more."""
FUNCTION_WORDS = _set(
    "ja on ei se ne jo me te he tai kun jos niin nyt taas oli ovat ole olla että eli mutta kuin myös sen sitä ota sai"
    " saa vei voi vuosi maa työ tie yö suu pää kuu puu luo jää aika asia joka mitä mikä kuka siis ensi sata kaksi kolme"
    " neljä viisi yksi"
)
"""Short words that are said all the time. Others of their length are more often a piece of a word."""


class Lexicon:
    """Costs of words, asked for in one go and remembered."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._known: dict[str, float | None] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Ask for all of these at once."""
        wanted = {text.lower() for text in texts} - self._known.keys()
        if wanted:
            self._known |= self._weights(wanted)

    def is_known(self, text: str) -> bool:
        """Whether it is a word, or holds no letters."""
        return self._of(text) is not None

    def is_common(self, text: str) -> bool:
        """Whether it stands in the lexicon as more than a name."""
        weight = self._of(text)
        return weight is not None and weight < PROPER

    def is_likely(self, text: str) -> bool:
        """Whether it may be put in place of something else."""
        weight = self._of(text)
        return weight is not None and weight < FARTHEST

    def is_plain(self, text: str) -> bool:
        """Whether it stands in the lexicon by itself."""
        weight = self._of(text)
        return weight is not None and weight < PLAIN

    def cost(self, texts: Iterable[str]) -> float:
        """What these words cost together."""
        return sum(self._cost(text) + PER_WORD for text in texts)

    def _of(self, text: str) -> float | None:
        self.learn((text,))
        return self._known.get(text.lower(), 0.0)

    def _cost(self, text: str) -> float:
        weight = self._of(text)
        cost = UNKNOWN + UNKNOWN_LETTER * len(text) if weight is None else weight
        short = len(text) <= SHORT and text.lower() not in FUNCTION_WORDS
        return cost + short * (SHORT + 1 - len(text)) * SHORT_LETTER
