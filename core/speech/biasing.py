"""Contextual biasing: where a name seems to be said, its sound is heard once more by an engine that expects the name.

Whisper writes names that it has read. What it writes of another one is near to it in sound, so the nearest names are
looked for, and these are hot words of a second decoding, of that Passage alone. They only lead: the engine writes what
it hears, and of that only such names are taken as were expected, in a text that sounds like the first one.

To look for a few words out of thousands and to bias to these is after Sun, Zhang and Woodland, "Tree-constrained
Pointer Generator for End-to-end Contextual Speech Recognition" (ASRU 2021); hot words as a prompt are Whisper's own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio

from core.media import sound
from core.models import Passage, Transcript, Word
from core.speech.alike import SHORT, sounding
from core.speech.engines.base import Samples
from core.speech.lexicon import Lexicon, Weights
from core.speech.patches import is_divided, patch
from core.speech.sounding import Names
from core.speech.whisper import Options, Recognise
from core.text import transcript
from core.text.differences import aligned, places

VERSION = "biasing-2"
EDGE_SECONDS = 0.2
"""So much sound around a Passage is heard with it."""
MOST_NAMES = 8
MOST_WORDS = 3
FARTHEST, FARTHEST_OF_SEVERAL = 0.34, 0.25
"""Of a name's letters so many may differ in what was written of it, in one word or in several."""
UNLIKE = 0.4
"""Of a Passage's letters so many may differ in both texts of it."""
LONG_NAME = 8
FAINT, ALIKE = 0.06, 85
"""A name that is less probable than the one counts only where it sounds like what was heard there, or like a part of
that: so many per cent of its letters (Indel)."""
CROSSING = 0.3
"""A word of which more than that is said during a name, and more than that beside it, is partly the name."""

Hinted = Callable[[Sequence[Samples], Options, Sequence[tuple[str, ...]]], list[Transcript]]
"""What seems to be said in each sound, by an engine that expects these words there (whisper.hinted)."""


class _Place(NamedTuple):
    """A Passage of a window that may name somebody, and who that may be."""

    window: int
    number: int
    names: tuple[str, ...]


class Biased:
    """A way of recognising: ``recognise``, and where a name seems to be said, ``hinted``."""

    def __init__(self, recognise: Recognise, hinted: Hinted, weights: Weights, names: Names) -> None:
        self._recognise = recognise
        self._hinted = hinted
        self._weights = weights
        self._names = names

    def recognised(self, sounds: Sequence[Samples], options: Options) -> list[Transcript]:
        """As ``whisper.recognised``."""
        found = self._recognise(sounds, options)
        lexicon = Lexicon(self._weights)
        lexicon.learn(_bare(word) for each in found for passage in each.passages for word in passage.words)
        doubtful = [
            _Place(window, number, names)
            for window, each in enumerate(found)
            for number, passage in enumerate(each.passages)
            if (names := self._expected(passage, lexicon))
        ]
        cut = [around(sounds[place.window], found[place.window].passages[place.number]) for place in doubtful]
        again = (
            self._hinted([samples for _, samples in cut], options, [place.names for place in doubtful]) if cut else []
        )
        better: dict[tuple[int, int], tuple[Passage, ...]] = {}
        for place, (at, _), heard in zip(doubtful, cut, again, strict=True):
            before, after = found[place.window].passages[place.number], tuple(_moved(heard, at))
            if _is_better(before, after, place.names):
                better[place.window, place.number] = _spliced(before, after, place.names)
        return [replaced(each, window, better) for window, each in enumerate(found)]

    def _expected(self, passage: Passage, lexicon: Lexicon) -> tuple[str, ...]:
        """The names that are nearest to what is not good Finnish in the Passage, the nearest first."""
        asked = [(text, limit) for window in _windows(passage.words) for text, limit in self._asked(window, lexicon)]
        best: dict[str, float] = {}
        for (_, limit), near in zip(asked, self._names.near([text for text, _ in asked]), strict=True):
            forms = [(distance, name) for distance, name in near if distance <= limit]
            # One word that sounds just as one form needs no other hearing.
            if limit != FARTHEST or [distance for distance, _ in forms].count(0.0) != 1:
                best |= {name: min(distance, best.get(name, 1.0)) for distance, name in forms}
        return tuple(sorted(best, key=lambda name: (best[name], name)))[:MOST_NAMES]

    def _asked(self, window: Sequence[Word], lexicon: Lexicon) -> Iterator[tuple[str, float]]:
        """What is heard in a window as one word, if it may be a name, and how far that may be from it."""
        texts = [_bare(word) for word in window]
        whole = "".join(texts)
        if len(sounding(whole)) < SHORT or any(text in self._names for text in texts):
            return
        if not all(lexicon.is_plain(text) for text in texts):
            yield whole, FARTHEST if len(texts) == 1 else FARTHEST_OF_SEVERAL
        elif len(texts) > 1 and len(whole) >= LONG_NAME:
            yield whole, 0.0


def _bare(word: Word) -> str:
    return patch(word).text


def _windows(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    for at in range(len(words)):
        for count in range(1, MOST_WORDS + 1):
            window = words[at : at + count]
            if len(window) == count and not is_divided([patch(word) for word in window]):
                yield window


def around(samples: Samples, passage: Passage) -> tuple[int, Samples]:
    """When what is heard with the Passage begins in its window, in ms, and its sound."""
    first = max(0, round((passage.start_ms / 1000 - EDGE_SECONDS) * sound.SPEECH_RATE))
    last = round((passage.end_ms / 1000 + EDGE_SECONDS) * sound.SPEECH_RATE)
    return 1000 * first // sound.SPEECH_RATE, samples[first:last]


def _moved(heard: Transcript, by: int) -> Iterator[Passage]:
    for passage in heard.passages:
        words = [w.model_copy(update={"start_ms": w.start_ms + by, "end_ms": w.end_ms + by}) for w in passage.words]
        times = {"start_ms": passage.start_ms + by, "end_ms": passage.end_ms + by}
        yield passage.model_copy(update={**times, "words": tuple(words)})


def _is_better(before: Passage, after: Sequence[Passage], names: Sequence[str]) -> bool:
    """Whether it has a name that was expected and not written before, is undoubted, and sounds like the first text."""
    if not after or any(passage.unclear for passage in after):
        return False
    old, new = [_bare(w).lower() for w in before.words], [_bare(w).lower() for p in after for w in p.words]
    wanted = {name.lower() for name in names}
    if not wanted.intersection(new) - set(old):
        return False
    first, second = sounding("".join(old)), sounding("".join(new))
    return Levenshtein.normalized_distance(first, second) <= UNLIKE


def _spliced(before: Passage, after: Sequence[Passage], names: Sequence[str]) -> tuple[Passage, ...]:
    """The first text with the names of the other one, each in the place of what was heard at its time.

    Where a name does not begin and end with words of the first text, both texts change places until they agree again.
    """
    wanted = {name.lower(): name for name in names}
    new = [_capital(word, wanted) for passage in after for word in passage.words]
    texts = [[_bare(word).lower() for word in words] for words in (before.words, new)]
    words: list[Word] = []
    for _, low, high, begin, end in places(aligned(*texts)):
        there = "".join(_bare(word) for word in before.words[low:high])
        named = [word for word in new[begin:end] if _bare(word).lower() in wanted and _is_believed(word, there)]
        words += _together(before.words[low:high], new[begin:end], named) if named else before.words[low:high]
    return tuple(p.model_copy(update={"unclear": before.unclear}) for p in transcript.passages(words))


def _is_believed(name: Word, there: str) -> bool:
    """Whether the engine believes what it wrote, or it sounds nearly like a part of what was heard ``there``."""
    if name.probability is None or name.probability >= FAINT:
        return True
    sound = sounding(_bare(name))
    return partial_ratio(sound, sounding(there).ljust(len(sound))) >= ALIKE


def _together(old: Sequence[Word], new: Sequence[Word], named: Sequence[Word]) -> Sequence[Word]:
    shares = [[_overlap(word, name) for name in named] for word in old]
    if any(CROSSING < share < 1 - CROSSING for row in shares for share in row):
        return _heard(new, old)
    kept = [word for word, row in zip(old, shares, strict=True) if max(row) <= CROSSING]
    for at, name in enumerate(named):
        gone = [word for word, row in zip(old, shares, strict=True) if row[at] > CROSSING]
        kept += _heard([_pointed(name, gone)], gone)
    return sorted(kept, key=lambda word: word.start_ms)


def _capital(word: Word, written: Mapping[str, str]) -> Word:
    text = _bare(word)
    return word.model_copy(update={"text": word.text.replace(text, written.get(text.lower(), text))}) if text else word


def _pointed(name: Word, instead_of: Sequence[Word]) -> Word:
    """The name with the punctuation of the words in whose place it stands."""
    if not instead_of:
        return name
    return name.model_copy(update={"text": f"{patch(instead_of[0]).before}{_bare(name)}{patch(instead_of[-1]).after}"})


def _heard(words: Sequence[Word], instead_of: Sequence[Word]) -> list[Word]:
    heard = " ".join(word.text for word in instead_of)
    return [word.model_copy(update={"heard": heard}) for word in words]


def _overlap(word: Word, name: Word) -> float:
    """Which share of the word is said while the name is."""
    common = min(word.end_ms, name.end_ms) - max(word.start_ms, name.start_ms)
    return max(0, common) / max(1, word.end_ms - word.start_ms)


def replaced(found: Transcript, window: int, better: Mapping[tuple[int, int], tuple[Passage, ...]]) -> Transcript:
    """What was found in a window, with others in the place of some Passages, by window and number."""
    passages = [one for number, each in enumerate(found.passages) for one in better.get((window, number), (each,))]
    return found.model_copy(update={"passages": tuple(passages)})
