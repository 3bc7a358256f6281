"""One Passage becomes two, and two become one, without a word lost. Pure."""

from collections.abc import Container
from itertools import count

from core.models import Passage
from core.text.transcript import NOT_RECOGNISED, spaced, timed_words


def halves(passage: Passage, at_word: int, taken: Container[str]) -> tuple[Passage, Passage]:
    """The Passage before its word number ``at_word`` (1 or more), which it has, and from it on.

    The first keeps the id; the second gets one, by its start in ms, that is not ``taken``.
    """
    texts, timed = spaced(passage.text), timed_words(passage)
    border_ms = timed[at_word].start_ms
    is_whole = len(passage.words) == len(texts)
    middles = [(word.start_ms + word.end_ms) // 2 for word in passage.words]
    heard = at_word if is_whole else sum(middle < border_ms for middle in middles)
    first = {"text": " ".join(texts[:at_word]), "words": passage.words[:heard], "end_ms": timed[at_word - 1].end_ms}
    second = {"text": " ".join(texts[at_word:]), "words": passage.words[heard:], "start_ms": border_ms}
    second["id"] = next(name for name in _names(border_ms) if name not in taken)
    return passage.model_copy(update=first), passage.model_copy(update=second)


def _names(start_ms: int) -> "map[str]":
    # The machine's Passages begin with another letter (core.text.anchors), whatever it makes of them the next time.
    return map(lambda number: f"s{start_ms}" if number == 1 else f"s{start_ms}-{number}", count(1))


def joined(one: Passage, other: Passage) -> Passage:
    """Both as one, which keeps the id and the speaker of the first. A mark in place of words gives way to words."""
    said = [passage.text for passage in (one, other) if passage.text != NOT_RECOGNISED]
    return one.model_copy(
        update={
            "text": " ".join(said) or NOT_RECOGNISED,
            "words": (*one.words, *other.words),
            "end_ms": max(one.end_ms, other.end_ms),
            "checked": one.checked and other.checked,
            "unclear": one.unclear or other.unclear,
            "language": "" if said else one.language,
            "speaker": one.speaker or other.speaker,
        }
    )
