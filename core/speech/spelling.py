"""Mends single letters: too long, too short, or front for back."""

from collections.abc import Iterator, Sequence

from core.speech.lexicon import Lexicon
from core.speech.patches import Patch, replace
from core.speech.sounding import Names
from core.text.transcript import QUOTES, SENTENCE_END

SHORTEST_MENDED = 5
_OPPOSITE = dict(zip("aäoöuy", "äaöoyu", strict=True))


def mend_letters(patches: list[Patch], lexicon: Lexicon, names: Names) -> None:
    """Put the word of the lexicon that is one letter off, where there is one and what is heard is none."""
    mended = [
        (at, list(_one_letter_off(patch.text.lower())))
        for at, patch in enumerate(patches)
        if len(patch.text) >= SHORTEST_MENDED and is_odd(patches, at, lexicon, names)
    ]
    lexicon.learn(text for _, texts in mended for text in texts)
    for at, texts in mended:
        plain = [text for text in texts if lexicon.is_plain(text)]
        if len(plain) == 1:
            replace(patches, at, 1, plain)


def is_odd(patches: Sequence[Patch], at: int, lexicon: Lexicon, names: Names) -> bool:
    """Whether it is no word. A capital within a sentence is a name that the lexicon may lack: a person, a product."""
    text, before = patches[at].text, patches[at - 1].after if at else "."
    is_name = text in names or (text[:1].isupper() and not before.rstrip(QUOTES).endswith(SENTENCE_END))
    return not is_name and not lexicon.is_known(text)


def _one_letter_off(word: str) -> Iterator[str]:
    """The word with one letter doubled, or no longer doubled, or with the other harmony."""
    made = set()
    for at, letter in enumerate(word):
        made.add(word[:at] + letter + word[at:])
        if at and word[at - 1] == letter:
            made.add(word[:at] + word[at + 1 :])
        if letter in _OPPOSITE:
            made.add(word[:at] + _OPPOSITE[letter] + word[at + 1 :])
    return iter(sorted(made))
