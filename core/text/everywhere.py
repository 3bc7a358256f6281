"""Words that are replaced wherever they stand in an episode. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from core.models import Passage

MOST_WORDS = 8
"""Longer ones are a sentence, which is not said again."""


class Found(NamedTuple):
    """A Passage where the words stand, how often, and what it says when they are replaced."""

    passage: Passage
    times: int
    after: str


def found(passages: Iterable[Passage], words: str, instead: str) -> tuple[Found, ...]:
    """All Passages that have the words in just this form, in capitals or not, each with the new text."""
    return tuple(_found(passages, words, instead)) if words.strip() else ()


def _found(passages: Iterable[Passage], words: str, instead: str) -> Iterator[Found]:
    pattern = _pattern(words)
    for passage in passages:
        after, count = pattern.subn(lambda match: _like(match.group(), instead), passage.text)
        if count:
            yield Found(passage, count, after)


def _pattern(words: str) -> re.Pattern[str]:
    """Whole words only; an ending behind a colon (``EU:n``) belongs to the word, what follows a hyphen does not."""
    parts = r"\s+".join(re.escape(word) for word in words.split())
    return re.compile(rf"(?<!\w){parts}(?!\w|:\w)", re.IGNORECASE)


def _like(old: str, new: str) -> str:
    """The new words, with the capital that begins a sentence where the old ones had one."""
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


def names(words: str) -> tuple[str, ...]:
    """Those of the new words that the lexicon can take: with a capital, and not only of capitals."""
    return tuple(word for word in re.findall(r"[\w-]{3,}", words) if word[0].isupper() and not word.isupper())
