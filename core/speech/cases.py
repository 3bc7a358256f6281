"""Which form of a name was said, where others of its forms sound alike: the engine compares them in their sentence.

``posion`` and ``Posioon`` are both good Finnish, so no rule of words tells which was said, and the decoder writes the
one that it would rather write. Here each form that is near in sound stands in the mended sentence in turn, and the
engine tells how likely that text is, given the sound. A form in which more letters sound otherwise has to be likelier
by so much more. Nothing but the form of a name changes, and only where the decoder was not sure of it.

To let the acoustic model itself decide between texts is rescoring, as of n-best lists (Ostendorf et al., "Integration
of diverse recognition methodologies through reevaluation of N-best sentence hypotheses", HLT 1991).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from core.models import Passage, Transcript, Word
from core.speech import repair, whisper
from core.speech.biasing import Biased, Hinted, around, replaced
from core.speech.engines.base import Samples
from core.speech.lexicon import Weights
from core.speech.patches import patch
from core.speech.sounding import Names
from core.speech.whisper import Options, Recognise

VERSION = "cases-1"
LONGEST_SECONDS = 28.0
MOST_FORMS = 2
"""A third one was chosen once in the generated meeting, and comparing it takes a fifth of the time."""
SURE = 0.9
"""Of a name with this probability no other form was ever likelier in the generated meeting."""
AFTER = 4
"""So many words after the name are compared: its case hangs on what comes next. All of them decided no better."""
MARGIN, COST = 1.0, 1.0
"""By how much, in the logarithm, another form has to be likelier, and for each letter that sounds otherwise."""

Likely = Callable[[Sequence[Samples], Options, Sequence[Sequence[str]]], list[list[float]] | None]
"""How likely each text is, given its sound (whisper.likelihoods)."""


def naming(recognise: Recognise, hinted: Hinted, weights: Weights, names: Names) -> Recognise:
    """The way in which names are found: heard twice where one seems to be said, and then each in the likelier form."""
    twice = Biased(recognise, hinted, weights, names).recognised
    return Cased(twice, whisper.likelihoods, weights, names).recognised


class _Name(NamedTuple):
    """A name in a mended Passage, by the number of its word, and the sentences in which each form stands in turn.

    ``forms`` begins with the one that was written.
    """

    at: int
    forms: tuple[tuple[float, str], ...]
    texts: tuple[str, ...]


class _Place(NamedTuple):
    """A Passage of a window that names somebody, with its words as they are mended."""

    window: int
    number: int
    words: tuple[Word, ...]
    names: tuple[_Name, ...]


class Cased:
    """A way of recognising: ``recognise``, and then the forms of names that ``likely`` finds likelier."""

    def __init__(self, recognise: Recognise, likely: Likely, weights: Weights, names: Names) -> None:
        self._recognise = recognise
        self._likely = likely
        self._weights = weights
        self._names = names

    def recognised(self, sounds: Sequence[Samples], options: Options) -> list[Transcript]:
        """As ``whisper.recognised``. Where another form is likelier, its Passage is mended already."""
        found = self._recognise(sounds, options)
        places = list(self._places(found))
        heard = [found[place.window].passages[place.number] for place in places]
        cut = [around(sounds[place.window], passage)[1] for place, passage in zip(places, heard, strict=True)]
        told = self._likely(cut, options, [[text for name in place.names for text in name.texts] for place in places])
        if not told:
            return found
        better = {
            (place.window, place.number): (_saying(passage, words),)
            for place, passage, likely in zip(places, heard, told, strict=True)
            if (words := _chosen(place, likely)) != place.words
        }
        return [replaced(each, window, better) for window, each in enumerate(found)]

    def _places(self, found: Sequence[Transcript]) -> Iterator[_Place]:
        for window, each in enumerate(found):
            for number, passage in enumerate(each.passages):
                if passage.unclear or passage.end_ms - passage.start_ms > 1000 * LONGEST_SECONDS:
                    continue
                words = repair.repaired(passage.words, self._weights, self._names)
                if names := tuple(self._doubtful(words)):
                    yield _Place(window, number, words, names)

    def _doubtful(self, words: Sequence[Word]) -> Iterator[_Name]:
        """The names in a sentence that have other forms which sound alike."""
        for at, word in enumerate(words):
            bare = patch(word)
            if bare.text not in self._names or (word.probability or 0.0) > SURE:
                continue
            if near := self._names.forms_near(bare.text, MOST_FORMS):
                forms = ((0.0, bare.text), *near)
                before, after = words[:at], words[at + 1 : at + 1 + AFTER]
                yield _Name(at, forms, tuple(_sentence(before, _written(word, form), after) for _, form in forms))


def _sentence(before: Sequence[Word], word: Word, after: Sequence[Word]) -> str:
    return " ".join(each.text for each in (*before, word, *after))


def _written(word: Word, form: str) -> Word:
    bare = patch(word)
    return word.model_copy(update={"text": f"{bare.before}{form}{bare.after}"})


def _chosen(place: _Place, likely: Sequence[float]) -> tuple[Word, ...]:
    """The words with the likeliest form of each name. One that is another now bears what was ``heard`` there."""
    words, rest = list(place.words), iter(likely)
    for name in place.names:
        worth = [next(rest) - (MARGIN + COST * apart if at else 0.0) for at, (apart, _) in enumerate(name.forms)]
        _, form = name.forms[worth.index(max(worth))]
        word = words[name.at]
        if form != patch(word).text:
            words[name.at] = _written(word, form).model_copy(update={"heard": word.heard or word.text})
    return tuple(words)


def _saying(passage: Passage, words: tuple[Word, ...]) -> Passage:
    return passage.model_copy(update={"words": words, "text": " ".join(word.text for word in words)})
