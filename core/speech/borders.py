"""Mends the borders of words."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, combinations, pairwise
from typing import NamedTuple

from core.speech.lexicon import FUNCTION_WORDS, Lexicon
from core.speech.patches import Patch, is_divided, joined, replace
from core.speech.sounding import Names
from core.speech.spelling import is_odd

PER_MOVE = 0.3
PER_PATCH = 0.01
"""Of two cures of one fault, the one that touches fewer words."""
GAIN = 0.5
"""What a new border must gain beyond what it costs."""
LONGEST_WINDOW = 34
MOVES = range(-3, 4)
MOST_WORDS = 3


class _Cut(NamedTuple):
    """A window of patches and the words to put there instead."""

    gain: float
    at: int
    size: int
    texts: list[str]


def mend_borders(patches: list[Patch], lexicon: Lexicon, names: Names) -> bool:
    """One round of new borders; whether anything has changed."""
    lexicon.learn(patch.text for patch in patches)
    places = [at for at in range(len(patches)) if is_odd(patches, at, lexicon, names)]
    windows = {window for at in places for window in _windows(patches, at)}
    options = {window: list(_options(patches[window[0] : sum(window)])) for window in windows}
    lexicon.learn(text for each in options.values() for texts in each for text in texts)
    found = [cut for window, each in options.items() if (cut := _best(patches, window, each, lexicon))]
    taken: set[int] = set()
    for cut in sorted(found, key=lambda cut: (-cut.gain, cut.at)):
        if taken.isdisjoint(range(cut.at, cut.at + cut.size)):
            taken.update(range(cut.at, cut.at + cut.size))
        else:
            found.remove(cut)
    for cut in sorted(found, key=lambda cut: -cut.at):
        replace(patches, cut.at, cut.size, cut.texts)
    return bool(found)


def _windows(patches: Sequence[Patch], at: int) -> Iterator[tuple[int, int]]:
    for first, end in ((at, at + 1), (at - 1, at + 1), (at, at + 2), (at - 1, at + 2)):
        window = patches[max(first, 0) : end]
        if first >= 0 and end <= len(patches) and not is_divided(window) and len(joined(window)) <= LONGEST_WINDOW:
            yield first, end - first


def _options(window: Sequence[Patch]) -> Iterator[list[str]]:
    """The letters of the window with other borders: anywhere in one word or two, near the old ones in three."""
    letters = joined(window)
    old = _borders([patch.text for patch in window])
    anywhere = range(2, len(letters) - 1)
    near = sorted({border + move for border in old for move in MOVES} & set(anywhere))
    places = near if len(window) == MOST_WORDS else list(anywhere)
    most = 1 if len(window) == 2 else 2
    for count in range(0 if len(window) > 1 else 1, most + 1):
        for cuts in combinations(places, count):
            texts = [letters[low:high] for low, high in pairwise((0, *cuts, len(letters)))]
            if set(cuts) != old and all(_is_long_enough(text) for text in texts):
                yield texts


def _is_long_enough(text: str) -> bool:
    return len(text) > 3 or (len(text) > 1 and text.lower() in FUNCTION_WORDS)


def _borders(texts: Iterable[str]) -> set[int]:
    return set(list(accumulate(map(len, texts)))[:-1])


def _best(
    patches: Sequence[Patch], place: tuple[int, int], options: Iterable[list[str]], lexicon: Lexicon
) -> _Cut | None:
    at, count = place
    before = [patch.text for patch in patches[at : at + count]]
    cost, old = lexicon.cost(before) - PER_PATCH * count, _borders(before)
    found = [
        _Cut(cost - lexicon.cost(texts) - PER_MOVE * len(old ^ _borders(texts)), at, count, texts)
        for texts in options
        if all(lexicon.is_likely(text) for text in texts)
    ]
    best = max(found, key=lambda cut: (cut.gain, cut.texts), default=None)
    return best if best and best.gain > GAIN else None
