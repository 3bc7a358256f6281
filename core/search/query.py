"""What a viewer asks, read out of what they typed. Pure: no text is an error, and every text takes linear time.

``kunta koulu``       both words, in any form
``"kunnan talous"``   the words in this order, in any form
``-koulu -"oma laki"``  without these
``kunt*``             words that begin so
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from core.language.morphology import Token, fold, tokens

MAX_QUERY = 10_000
"""Characters that are read of a query."""
MAX_CLAUSES = 32
"""Different things that are asked at once."""
LEAST_PREFIX = 2
"""Letters that a beginning needs: a single one is a word."""

_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_QUOTED = re.compile(r'["“”„«»]([^"“”„«»]*)["“”„«»]')
_MINUS = "-−–"


class Clause(NamedTuple):
    """One thing that is asked: folded words, and whether the first is ``named``, that is written like a name."""

    words: tuple[str, ...]
    kind: Literal["word", "phrase", "prefix"] = "word"
    negative: bool = False
    named: bool = False


def parse(text: str, *, typing: bool = False) -> tuple[Clause, ...]:
    """What is asked, in order, at most MAX_CLAUSES different clauses.

    An unpaired quotation mark, and a sign that is none of ours, mean nothing. ``2 300`` is one word, whatever space it
    is typed with. ``typing``: the last word is not finished, so it is a beginning.
    """
    text = _THOUSANDS.sub("\u00a0", text[:MAX_QUERY])
    clauses = list(dict.fromkeys(_clauses(text)))[:MAX_CLAUSES]
    last = clauses[-1] if clauses else None
    if typing and last and last.kind == "word" and text[-1:].isalnum() and len(last.words[0]) >= LEAST_PREFIX:
        clauses[-1] = last._replace(kind="prefix")
    return tuple(clauses)


def is_one_word(text: str) -> bool:
    """Whether one thing is asked for, besides what must not be there."""
    return sum(not clause.negative for clause in parse(text)) == 1


@lru_cache(100_000)
def term(word: str) -> str:
    """The word as the index has it: folded, and with the comma of Finnish in a figure: ``2.5`` is ``2,5``."""
    folded = fold(word)
    return _POINT.sub(",", folded) if folded[:1].isdigit() else folded


_POINT = re.compile(r"(?<=\d)\.(?=\d)")


def is_written_like_a_name(word: str) -> bool:
    """Whether it has a capital, but is not all capitals: ``Ii`` and not ``II`` or ``II:n``."""
    stem = word.partition(":")[0]
    return word[:1].isupper() and not (len(stem) > 1 and stem.isupper())


def _clauses(text: str) -> Iterator[Clause]:
    at = 0
    for quoted in _QUOTED.finditer(text):
        yield from _single(text, at, quoted.start())
        if words := tuple(term(token.text) for token in tokens(quoted.group(1))):
            yield Clause(words, "phrase", negative=_is_minus(text, quoted.start() - 1))
        at = quoted.end()
    yield from _single(text, at, len(text))


def _single(text: str, start: int, end: int) -> Iterator[Clause]:
    for found in tokens(text[start:end]):
        token = Token(found.text, found.start + start, found.end + start)
        word = term(token.text)
        begins = text[token.end : token.end + 1] == "*" and len(word) >= LEAST_PREFIX
        yield Clause(
            (word,),
            "prefix" if begins else "word",
            negative=_is_minus(text, token.start - 1),
            named=is_written_like_a_name(token.text),
        )


def _is_minus(text: str, at: int) -> bool:
    """Whether a minus stands there, with nothing or a space before it."""
    return at >= 0 and text[at] in _MINUS and (at == 0 or text[at - 1].isspace())
