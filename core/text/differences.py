"""Where two sequences of words are alike, and where they differ."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein


class Step(NamedTuple):
    """Where two texts are alike or differ: ``low`` to ``high`` in the first, ``begin`` to ``end`` in the second."""

    kind: str
    low: int
    high: int
    begin: int
    end: int


def aligned(first: Sequence[str], second: Sequence[str]) -> list[Step]:
    """The fewest words to change, add or remove: ``equal``, ``replace``, ``insert`` or ``delete``."""
    found = Levenshtein.opcodes(first, second)
    return [Step(o.tag, o.src_start, o.src_end, o.dest_start, o.dest_end) for o in found]


def places(steps: Iterable[Step]) -> list[Step]:
    """What differs in neighbouring places is one place: two words written as one are a change and a loss."""
    merged: list[Step] = []
    for step in steps:
        if merged and "equal" not in (step.kind, merged[-1].kind):
            before = merged.pop()
            step = Step("replace", before.low, step.high, before.begin, step.end)
        merged.append(step)
    return merged
