"""Names of Passages that stay when a transcript is made again. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from core.models import Passage, Transcript


def identified(passages: Sequence[Passage], before: Iterable[Passage]) -> tuple[Passage, ...]:
    """The Passages with ids, each its own; what ids they have is forgotten.

    A Passage takes the id of the one ``before`` with which it shares most time, if that is half of the shorter one or
    more. Others get a new id, of their start in ms; one that stood before is never given to another Passage.
    """
    known = [passage for passage in before if passage.id]
    given: dict[int, str] = {}
    used: set[str] = set()
    for _, at, there in sorted(_shared(passages, known)):
        if at not in given and known[there].id not in used:
            given[at] = known[there].id
            used.add(given[at])
    taken = {passage.id for passage in known}
    for at, passage in enumerate(passages):
        if at not in given:
            given[at] = _new(passage, taken)
            taken.add(given[at])
    return tuple(passage.model_copy(update={"id": given[at]}) for at, passage in enumerate(passages))


def named(transcript: Transcript) -> Transcript:
    """The transcript with an id for each Passage that has none, as one of an earlier version."""
    if all(passage.id for passage in transcript.passages):
        return transcript
    return transcript.model_copy(update={"passages": identified(transcript.passages, transcript.passages)})


def _new(passage: Passage, taken: set[str]) -> str:
    plain = f"p{passage.start_ms}"
    names = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
    return next(name for name in names if name not in taken)


_Rank = tuple[int, bool, int, int]


def _shared(passages: Sequence[Passage], known: Sequence[Passage]) -> Iterator[tuple[_Rank, int, int]]:
    """Pairs that may be the same Passage, by their places; the least rank is the likeliest."""
    order = sorted(range(len(known)), key=lambda there: known[there].start_ms)
    starts = [known[there].start_ms for there in order]
    longest = max((_length(passage) for passage in known), default=0)
    for at, passage in enumerate(passages):
        first = bisect_left(starts, passage.start_ms - longest)
        end = bisect_left(starts, passage.start_ms + _length(passage))
        for there in order[first:end]:
            other = known[there]
            both = shared_ms(passage, other)
            if both > 0 and 2 * both >= min(_length(passage), _length(other)):
                apart = abs(passage.start_ms - other.start_ms) + abs(passage.end_ms - other.end_ms)
                yield (-both, passage.text != other.text, apart, abs(at - there)), at, there


def shared_ms(one: Passage, other: Passage) -> int:
    """How much time two Passages share, in ms; below zero when there is time between them."""
    ends = one.start_ms + _length(one), other.start_ms + _length(other)
    return min(ends) - max(one.start_ms, other.start_ms)


def _length(passage: Passage) -> int:
    return max(1, passage.end_ms - passage.start_ms)
