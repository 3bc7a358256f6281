"""Words that are put in the place of heard ones: what was heard there stays known, and so do the times."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

from core.models import Word
from core.text.transcript import surety

_PARTS = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)


class Patch(NamedTuple):
    """A word with the punctuation around it, and the words that were heard there."""

    before: str
    text: str
    after: str
    origin: tuple[Word, ...]


def patch(word: Word) -> Patch:
    """The word as it was heard."""
    found = _PARTS.match(word.text)
    before, text, after = found.groups() if found else ("", word.text, "")
    return Patch(before, text, after, (word,))


def is_divided(window: Sequence[Patch]) -> bool:
    """Whether there is punctuation between the patches."""
    return any(left.after or right.before for left, right in pairwise(window))


def joined(window: Iterable[Patch]) -> str:
    """The texts without anything between them."""
    return "".join(patch.text for patch in window)


def replace(patches: list[Patch], at: int, count: int, texts: Sequence[str]) -> None:
    """Put these texts in the place of ``count`` patches. The first keeps a capital that was there."""
    window = patches[at : at + count]
    low, high = _kin(patches, at, count)
    origin = tuple({id(word): word for patch in patches[low:high] for word in patch.origin}.values())
    first, *others = texts
    first = first[0].upper() + first[1:] if window[0].text[:1].isupper() else first
    made = [Patch("", text, "", origin) for text in (first, *others)]
    made[0] = made[0]._replace(before=window[0].before)
    made[-1] = made[-1]._replace(after=window[-1].after)
    patches[at : at + count] = made
    for near in range(low, high + len(made) - count):
        patches[near] = patches[near]._replace(origin=origin)


def _kin(patches: Sequence[Patch], at: int, count: int) -> tuple[int, int]:
    """The patches around the window that came of the same heard words as some in it: they share their time."""

    def akin(left: Patch, right: Patch) -> bool:
        return any(one is other for one in left.origin for other in right.origin)

    low, high = at, at + count
    while low and akin(patches[low - 1], patches[low]):
        low -= 1
    while high < len(patches) and akin(patches[high - 1], patches[high]):
        high += 1
    return low, high


def words(patches: Sequence[Patch]) -> Iterator[Word]:
    """Words that came of the same heard ones share their time by their letters."""
    at = 0
    while at < len(patches):
        origin = patches[at].origin
        end = at + 1
        while end < len(patches) and patches[end].origin is origin:
            end += 1
        group = [f"{patch.before}{patch.text}{patch.after}" for patch in patches[at:end]]
        is_same = group == [word.text for word in origin]
        yield from origin if is_same else _shared(group, origin, _heard(origin))
        at = end


def _heard(origin: Iterable[Word]) -> str:
    """What was heard there at first: words that were put in its place together all bear it."""
    return " ".join(text for text, _ in groupby(word.heard or word.text for word in origin))


def _shared(texts: Sequence[str], origin: Sequence[Word], heard: str) -> Iterator[Word]:
    ends = list(accumulate(len(text) for text in texts))
    times = [_at(share / ends[-1], origin) for share in (0, *ends)]
    probability = surety(origin)
    for text, (start, end) in zip(texts, pairwise(times), strict=True):
        yield Word(start_ms=start, end_ms=max(start, end), text=text, probability=probability, heard=heard)


def _at(share: float, origin: Sequence[Word]) -> int:
    """When that share of the letters had been said; letters of a word are taken to be equally long."""
    letters = share * sum(len(word.text) for word in origin)
    for word in origin[:-1]:
        if letters < len(word.text):
            return round(word.start_ms + letters / len(word.text) * (word.end_ms - word.start_ms))
        letters -= len(word.text)
    last = origin[-1]
    return round(last.start_ms + min(1.0, letters / len(last.text)) * (last.end_ms - last.start_ms))
