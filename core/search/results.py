"""What a search of the index gives. Pure."""

from typing import Literal

from pydantic import AwareDatetime, Field

from core.models import Record
from core.search.entries import Kind

MAX_OFFSET = 10_000
MAX_TIMES = 500
"""Moments of one episode that are told for its time line."""

Sort = Literal["relevance", "newest"]


class Hit(Record):
    """A document that answers. ``start_ms`` is when the first matching word was said, ``passage_start_ms`` when the
    passage begins; ``highlights`` are ranges of characters of ``text`` that match."""

    episode: str
    version: str
    title: str
    programme: str
    starts_at: AwareDatetime
    start_ms: int
    passage_start_ms: int
    end_ms: int
    text: str
    highlights: tuple[tuple[int, int], ...]
    score: float
    kind: Kind = "passage"


class Group(Record):
    """All that answers in one episode: how many documents, and when each begins (ms, the first MAX_TIMES)."""

    episode: str
    total: int
    times: tuple[int, ...]


class Counts(Record):
    """How many documents answer of each value of a field, whatever is asked of that field itself.

    ``municipality`` is by code, ``kind`` has the notes, too.
    """

    programme: dict[str, int] = Field(default_factory=dict)
    year: dict[str, int] = Field(default_factory=dict)
    municipality: dict[str, int] = Field(default_factory=dict)
    kind: dict[str, int] = Field(default_factory=dict)


class Results(Record):
    """``total`` documents answer, of which ``hits`` are the asked page. ``relaxed``: none has all the words.

    ``groups``, if they were asked for, are the episodes of the page in the order of their first hit; ``counts``,
    too. ``suggestion`` is the query with words that occur in the archive instead of those that do not.
    """

    total: int = 0
    hits: tuple[Hit, ...] = ()
    relaxed: bool = False
    groups: tuple[Group, ...] = ()
    counts: Counts = Counts()
    suggestion: str = ""
