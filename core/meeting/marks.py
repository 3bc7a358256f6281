"""Marked moments as chapters: where on an episode's timeline a moment of the day is. All pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from core.meeting.divisions import AT_ONCE_MS, OPENING_MS, divided
from core.models import TICKS_PER_SECOND, Chapter, Mark, Moment, Part


def moments(parts: Iterable[Part]) -> tuple[Moment, ...]:
    """The clock of a timeline, from Part to Part: a Part has no gap within it."""
    return tuple(_moment(part) for part in parts)


def _moment(part: Part) -> Moment:
    first = part.segments[0]
    captured_at = first.captured_at + timedelta(seconds=first.skipped / TICKS_PER_SECOND)
    return Moment(start_ms=part.start_ms, end_ms=part.end_ms, captured_at=captured_at)


def place(at: datetime, clock: Sequence[Moment]) -> int:
    """Where on the timeline (ms) a moment of the day is; one that was lost is where the timeline goes on after it.

    A moment before the beginning is at the beginning, one after the end at the end.
    """
    for moment in clock:
        passed_ms = max(0, round((at - moment.captured_at).total_seconds() * 1000))
        if passed_ms < moment.end_ms - moment.start_ms:
            return moment.start_ms + passed_ms
    return clock[-1].end_ms if clock else 0


def chapters(
    known: Sequence[Chapter],
    marks: Iterable[Mark],
    clock: Sequence[Moment],
    duration_ms: int,
    *,
    opening: str = "Avaus",
) -> tuple[Chapter, ...]:
    """The chapters with those that marks begin, in order and without holes.

    Without a ``clock`` (an episode that an earlier version assembled) nothing is known of where a mark belongs.
    """
    placed = [(min(place(mark.at, clock), max(0, duration_ms - AT_ONCE_MS)), mark.text) for mark in marks if clock]
    if not placed:
        return tuple(known)
    starts = sorted([(chapter.start_ms, chapter.title) for chapter in known] + placed, key=lambda one: one[0])
    if starts[0][0] > OPENING_MS:
        starts.insert(0, (0, opening))
    return divided([(0, starts[0][1]), *starts[1:]], duration_ms)
