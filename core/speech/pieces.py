"""A word apart from the punctuation around it."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, Self

from core.models import Word
from core.text.transcript import surety

_PARTS = re.compile(r"^([^\w%€‰]*)(.*?)([^\w%€‰]*)$", re.DOTALL)
_LAST = re.compile(r"([^\W\d_]+)[.?!]$")
_VOWEL = re.compile(r"[aeiouyäö]")
_ABBREVIATIONS = frozenset(
    (
        "esim",
        "huom",
        "toim",
        "oik",
        "suom",
        "ruots",
        "yliop",
        "apul",
        "ainak",
        "kaup",
        "luok",
        "keskim",
        "enint",
        "vuot",
    )
)


class Piece(NamedTuple):
    """A text with the punctuation before and after it, and the words that it is written of."""

    before: str
    text: str
    after: str
    origin: tuple[Word, ...]

    @classmethod
    def of(cls, *words: Word) -> Self:
        """One piece of the words, which are written without a space between them."""
        whole = "".join(word.text for word in words)
        found = _PARTS.match(whole)
        before, text, after = found.groups() if found else ("", whole, "")
        return cls(before, text, after, words)

    @property
    def lower(self) -> str:
        """The text in small letters."""
        return self.text.lower()

    @property
    def start_ms(self) -> int:
        """When its first word begins."""
        return self.origin[0].start_ms

    @property
    def end_ms(self) -> int:
        """When its last word ends."""
        return self.origin[-1].end_ms

    @property
    def whole(self) -> str:
        """The text with its punctuation."""
        return f"{self.before}{self.text}{self.after}"

    @property
    def word(self) -> Word:
        """The piece as one Word; if it is written otherwise than it was heard, it keeps what was heard."""
        if len(self.origin) == 1 and self.origin[0].text == self.whole:
            return self.origin[0]
        heard: list[str] = []
        for word in self.origin:
            # Words that were mended out of one heard word all bear it.
            if not word.heard or heard[-1:] != [word.heard]:
                heard.append(word.heard or word.text)
        return Word(
            start_ms=self.start_ms,
            end_ms=max(word.end_ms for word in self.origin),
            text=self.whole,
            probability=surety(self.origin),
            heard=" ".join(heard),
        )


def contiguous(window: Sequence[Piece]) -> bool:
    """Whether no punctuation stands between the pieces."""
    return not any(left.after or right.before for left, right in pairwise(window))


def closes(text: str) -> bool:
    """Whether a sentence surely ends here: after a word of two vowels, which abbreviations seldom have."""
    last = _LAST.search(text)
    word = last[1].lower() if last else ""
    return len(_VOWEL.findall(word)) > 1 and word not in _ABBREVIATIONS
