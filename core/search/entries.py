"""What the search index keeps of a document to show it and to mark its words, in few bytes. Pure."""

import json
from collections.abc import Sequence
from functools import lru_cache
from os.path import commonprefix
from typing import Literal, NamedTuple, get_args

Kind = Literal["passage", "title", "chapter", "summary", "decision", "action", "question"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_ZERO = ord("0")
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Entry(NamedTuple):
    """What the index keeps of a document. ``times`` are when each token of ``text`` was said (ms after ``start_ms``, or
    None; empty if no time is known), ``forms`` what is known of each (``packed``)."""

    kind: Kind
    episode: str
    version: str
    title: str
    programme: str
    starts_at: str
    number: int
    start_ms: int
    end_ms: int
    text: str
    times: Sequence[int | None]
    forms: Sequence[str]


class Forms(NamedTuple):
    """The bases of a word, and the parts of a compound."""

    bases: tuple[str, ...]
    parts: tuple[str, ...] = ()


def written(entry: Entry) -> bytes:
    """The Entry as it is stored: a JSON array."""
    return _ENCODE(entry).encode()


def entry(content: str) -> Entry:
    """The Entry of what was ``written``."""
    return Entry(*json.loads(content))


def packed(word: str, forms: Forms) -> str:
    """The forms by how they differ from the word: a sign of how many letters are cut, and what follows instead.

    ``kunnassa`` has ``5ta``, and of several bases each, with a space between; parts of a compound come after a slash. A
    word that is its own only base has nothing. So a passage takes half the place that its text and its forms would.
    """
    if forms == Forms((word,)):
        return ""
    bases, parts = (" ".join(_difference(word, form) for form in group) for group in forms)
    return f"{bases}/{parts}" if parts else bases


@lru_cache(65_536)
def unpacked(word: str, content: str) -> Forms:
    """The forms of what was ``packed``."""
    if not content:
        return Forms((word,))
    bases, _, parts = content.partition("/")
    return Forms(*(tuple(_form(word, each) for each in group.split(" ") if each) for group in (bases, parts)))


def _difference(word: str, form: str) -> str:
    # A sign, and not a number: what follows may begin with a digit.
    kept = len(commonprefix((word, form)))
    return f"{chr(_ZERO + len(word) - kept)}{form[kept:]}"


def _form(word: str, difference: str) -> str:
    return word[: len(word) - (ord(difference[0]) - _ZERO)] + difference[1:]
