"""Mends names, by what they sound like."""

from collections.abc import Callable, Sequence

from core.speech.lexicon import FUNCTION_WORDS, Lexicon
from core.speech.patches import Patch, is_divided, joined, replace
from core.speech.sounding import Names

PARTED, REST = 7, 4
"""Letters of a name that is parted from a word, and of what is left of it: less may be an ending."""
MOST_WORDS = 3


def mend_names(patches: list[Patch], lexicon: Lexicon, names: Names, *, most: int, shortest: int = 0) -> None:
    """Put the nearest name where what is heard is no word: at most ``most`` letters off, at least ``shortest`` long."""
    lexicon.learn(patch.text for patch in patches)
    is_right = lexicon.is_plain if shortest else lexicon.is_known
    at = 0
    while at < len(patches):
        found = [
            (distance, count, form)
            for count in range(1, MOST_WORDS + 1)
            if _may_be_name(window := patches[at : at + count], count, is_right, names)
            and len(joined(window)) >= shortest
            and (near := names.find(joined(window), most))
            for distance, form in [near]
        ]
        if found:
            _, count, form = min(found, key=lambda each: each[:2])
            if form.lower() != joined(patches[at : at + count]).lower():
                replace(patches, at, count, [form])
        at += 1


def _may_be_name(window: Sequence[Patch], count: int, is_right: Callable[[str], bool], names: Names) -> bool:
    if len(window) < count or is_divided(window) or all(is_right(patch.text) for patch in window):
        return False
    edges = (window[0].text.lower(), window[-1].text.lower())
    return edges[0] not in names if count == 1 else not FUNCTION_WORDS.intersection(edges)


def write_names(patches: list[Patch], lexicon: Lexicon, names: Names) -> None:
    """Give a name its capital where it was written small and can be nothing but a name."""
    lexicon.learn(patch.text for patch in patches)
    for at, patch in enumerate(patches):
        if patch.text.islower() and patch.text in names and not lexicon.is_common(patch.text):
            replace(patches, at, 1, [names.written(patch.text)])


def part_names(patches: list[Patch], lexicon: Lexicon, names: Names) -> None:
    """Part a name from what was written together with it, where the whole is no word."""
    for at in reversed(range(len(patches))):
        text = patches[at].text
        if not lexicon.is_known(text) and text not in names and (texts := _with_name(text, names)):
            replace(patches, at, 1, texts)


def _with_name(text: str, names: Names) -> list[str]:
    """A name and the rest, or the rest and a name; the longest name there is."""
    for length in range(len(text) - REST, PARTED - 1, -1):
        if (found := names.find(text[:length], 0)) and len(found[1]) >= PARTED:
            return [found[1], text[length:]]
        if (found := names.find(text[-length:], 0)) and len(found[1]) >= PARTED:
            return [text[:-length], found[1]]
    return []
