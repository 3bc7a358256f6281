"""Segment names as records, and how a list of Segments becomes a timeline and Parts. All pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby

from core.errors import InvalidInput
from core.models import TICKS_PER_MS, TICKS_PER_SECOND, EncodedPart, Part, Segment

_NAME = re.compile(
    r"t(?P<take>\d{3})-(?P<number>\d{6})-(?P<captured_at>\d{8}T\d{6}\.\d{3})Z"
    r"-p(?P<pts>-?\d{11,12})-d(?P<duration>\d{9})-(?P<state>full|partial)-(?P<sha256>[0-9a-f]{64})\.(?P<suffix>\w+)"
)
_CLOCK = "%Y%m%dT%H%M%S.%f"
FOREVER_MS = 1 << 52
LEAD_SECONDS = 30
"""How far before a Part a window of speech may begin that ends in it: core.speech.windows."""


def name(segment: Segment) -> str:
    """The file name that holds the whole record; names sort by Take and number."""
    clock = segment.captured_at.astimezone(UTC).strftime(_CLOCK)[:-3]
    return (
        f"t{segment.take:03d}-{segment.number:06d}-{clock}Z-p{segment.pts:012d}-d{segment.duration:09d}"
        f"-{segment.state}-{segment.sha256}.{segment.suffix}"
    )


def parse(text: str, size: int = 0, recorder: str = "") -> Segment:
    """The record in a file name.

    Raises:
        InvalidInput: the name is not one of a Segment.
    """
    match = _NAME.fullmatch(text)
    if not match:
        raise InvalidInput(f"{text!r} is not the name of a Segment.", "Only the recorder writes into this folder.")
    fields = match.groupdict()
    clock = datetime.strptime(fields.pop("captured_at"), _CLOCK).replace(tzinfo=UTC)
    return Segment.model_validate({**fields, "captured_at": clock, "size": size, "recorder": recorder})


def duration_ms(segments: Sequence[Segment]) -> int:
    """Length of the timeline of these Segments."""
    return sum(_length(list(take)) for _, take in groupby(segments, take_of)) // TICKS_PER_MS


def parts(segments: Iterable[Segment], *, target_ms: int, sealed: bool) -> list[Part]:
    """The Parts that are closed: nothing captured later changes them.

    A Part closes when it is ``target_ms`` long and the Segment after it is there, or when its Take is over.
    """
    closed: list[Part] = []
    offset = 0
    takes = [list(group) for _, group in groupby(segments, take_of)]
    for position, take in enumerate(takes, 1):
        over = sealed or position < len(takes)
        closed += _parts_of_take(take, position, target_ms * TICKS_PER_MS, over, offset, len(closed))
        offset += _length(take)
    return closed


def _parts_of_take(take: list[Segment], position: int, target: int, over: bool, offset: int, number: int) -> list[Part]:
    bounds = [0]
    for i in range(1, len(take)):
        if take[i].pts - take[bounds[-1]].pts >= target:
            bounds.append(i)
    ends = bounds[1:] + ([len(take)] if over else [])
    return [
        Part(
            number=number + i,
            take=position,
            start_ticks=offset + take[start].first_tick - take[0].first_tick,
            segments=tuple(take[start:end]),
            before=take[start - 1] if start else None,
            after=take[end] if end < len(take) else None,
            lead=tuple(s for s in take[:start] if s.end_tick > take[start].pts - LEAD_SECONDS * TICKS_PER_SECOND),
            take_pts=take[0].first_tick,
        )
        for i, (start, end) in enumerate(zip(bounds, ends, strict=False))
    ]


def encoded_of(segments: Iterable[Segment], encoded: EncodedPart) -> Part | None:
    """The Part of a whole recording that was encoded, however long Parts are today; None where none has its borders."""
    pieces = [
        piece
        for piece in parts(segments, target_ms=1, sealed=True)
        if encoded.start_ms <= piece.start_ms < encoded.end_ms
    ]
    if not pieces or (pieces[0].start_ms, pieces[-1].end_ms) != (encoded.start_ms, encoded.end_ms):
        return None
    whole = tuple(segment for piece in pieces for segment in piece.segments)
    return pieces[0].model_copy(
        update={"number": encoded.number, "segments": whole, "after": pieces[-1].after, "lead": ()}
    )


def since(part: Part, count: int) -> Part:
    """The Part without its first ``count`` Segments, which are before it now: a window that ends in it ends here too.

    There is one Segment left at least.
    """
    rest = part.segments[count:]
    from_pts = rest[0].pts - LEAD_SECONDS * TICKS_PER_SECOND
    return part.model_copy(
        update={
            "start_ticks": part.start_ticks + rest[0].first_tick - part.start_pts,
            "segments": rest,
            "before": part.segments[count - 1] if count else part.before,
            "lead": tuple(s for s in (*part.lead, *part.segments[:count]) if s.end_tick > from_pts),
        }
    )


def growing(segments: Sequence[Segment], closed: Sequence[Part]) -> Part | None:
    """What comes after the ``closed`` Parts, if there is anything, as if it were a Part already."""
    rest = len(segments) - sum(len(part.segments) for part in closed)
    if rest <= 0:
        return None
    whole = parts(segments, target_ms=FOREVER_MS, sealed=True)[-1]
    return since(whole, len(whole.segments) - rest).model_copy(update={"number": len(closed)})


def take_of(segment: Segment) -> tuple[str, int]:
    """Whose, and which Take, a Segment is of."""
    return segment.recorder, segment.take


def _length(take: list[Segment]) -> int:
    return take[-1].end_tick - take[0].first_tick
