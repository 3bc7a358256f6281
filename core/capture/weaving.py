"""Several recorders of one broadcast become one timeline: what the first has not, another fills.

The first recorder's Segments are shown wherever it has them. Where one of its Takes ends before the broadcast does,
the moment of that end is looked for in the others, by the sound where that is clear and else by the clocks; they are
shown until the first recorder has the broadcast again. So neither the clocks of the machines nor those of the encoders
need to agree. What no recorder has is a gap.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from core.archive import segments
from core.models import TICKS_PER_MS, TICKS_PER_SECOND, Gap, Segment

CLIP = 8 * TICKS_PER_SECOND
"""Sound that is compared where two recordings meet (ticks)."""
SEARCH = 8 * TICKS_PER_SECOND
"""How far the clocks of two recorders may be apart, delays of the stream included (ticks)."""
SHORTEST = TICKS_PER_SECOND // 10
SHORTEST_FILL = TICKS_PER_SECOND // 4
"""Less than these (ticks) is not missed, and not filled."""
NOBODY = "No recorder has it."

Listen = Callable[[Sequence[Segment], int, int, Sequence[Segment]], int | None]
"""Where the sound of some Segments, between two of their ticks, begins in others; None when that is not clear."""


class Woven(NamedTuple):
    """One timeline. ``by_clock`` counts the joins at which the sound was not clear."""

    segments: tuple[Segment, ...]
    gaps: tuple[Gap, ...]
    by_clock: int = 0


class _Place(NamedTuple):
    """Where the timeline goes on: the recorder, the number of its Take there, from 0, and the tick in it."""

    which: int
    number: int
    tick: int


class _Take(NamedTuple):
    """An uninterrupted run of Segments. ``starts`` is the clock of its first tick, in ticks since 1970."""

    segments: tuple[Segment, ...]
    starts: int

    @property
    def first(self) -> int:
        return self.segments[0].pts

    @property
    def end(self) -> int:
        last = self.segments[-1]
        return last.pts + last.duration

    def clock(self, tick: int) -> int:
        """The clock at one of its ticks."""
        return self.starts + tick - self.first

    def tick(self, clock: int) -> int:
        """Its tick at a moment of the clock."""
        return self.first + clock - self.starts

    @property
    def ends(self) -> int:
        return self.clock(self.end)

    def shown(self, start: int, end: int) -> Iterator[Segment]:
        """Its Segments from one tick to another, the first and last in part."""
        for segment in self.segments:
            skipped = max(0, start - segment.pts)
            unused = max(0, segment.pts + segment.duration - end)
            if skipped + unused < segment.duration:
                yield segment.model_copy(update={"skipped": skipped, "unused": unused})

    def around(self, start: int, end: int) -> list[Segment]:
        """Its Segments that hold anything between two ticks."""
        return [s for s in self.segments if s.pts < end and s.pts + s.duration > start]


def weave(
    recorders: Sequence[Sequence[Segment]], gaps: Sequence[Gap], listen: Listen, missed: Sequence[int] = ()
) -> Woven:
    """The timeline of ``recorders``, each a list of all its Segments in order, the preferred one first.

    ``gaps`` are those that the first has marked; alone, it is shown as it is. ``missed`` are the milliseconds that each
    knows to have been before its first Segment: what all of them have missed of the beginning is a gap.
    """
    found = [list(one) for one in recorders if one]
    if len(found) == 1 and found[0][0].recorder == "":
        return Woven(tuple(found[0]), tuple(gaps))
    woven = _Loom([_takes(one) for one in found], listen).woven()
    lost = _lost_before(
        [one for one in recorders if one], [ms for one, ms in zip(recorders, missed, strict=False) if one]
    )
    return woven._replace(gaps=(*lost, *woven.gaps))


def _lost_before(recorders: list[Sequence[Segment]], missed: list[int]) -> tuple[Gap, ...]:
    """From the earliest beginning that anyone knows of to the first Segment that anyone has, by their clocks."""
    known = [_clock(one[0]) - ms * TICKS_PER_MS for one, ms in zip(recorders, missed, strict=False) if ms]
    lost = min(_clock(one[0]) for one in recorders) - min(known) if known else 0
    if lost < SHORTEST:
        return ()
    return (Gap(at_ms=0, lost_ms=lost // TICKS_PER_MS, reason=NOBODY, doubtful=True),)


def until(recorder: Sequence[Segment], horizon: int) -> list[Segment]:
    """The Segments that end by the clock ``horizon`` (ticks since 1970)."""
    return [segment for segment in recorder if _clock(segment) + segment.duration <= horizon]


def reach(recorder: Sequence[Segment]) -> int:
    """The clock at which the last Segment ends (ticks since 1970); 0 when there is none."""
    return _clock(recorder[-1]) + recorder[-1].duration if recorder else 0


def _takes(recorder: Sequence[Segment]) -> list[_Take]:
    takes = [tuple(take) for _, take in groupby(recorder, segments.take_of)]
    return [_Take(take, _clock(take[0])) for take in takes]


def _clock(segment: Segment) -> int:
    return round(segment.captured_at.timestamp() * TICKS_PER_SECOND)


class _Loom:
    """Follows the broadcast from moment to moment, from one Take to the next.

    ``late`` is how far the timeline's clock is ahead of each recorder's; ``used`` the index of its last Take shown.
    """

    def __init__(self, takes: list[list[_Take]], listen: Listen) -> None:
        self._takes = takes
        self._listen = listen
        self._late = [0] * len(takes)
        self._used = [-1] * len(takes)
        self._shown: list[Segment] = []
        self._gaps: list[Gap] = []
        self._by_clock = 0

    def woven(self) -> Woven:
        """The whole timeline."""
        at = min(takes[0].starts for takes in self._takes)
        place = self._next(at)
        while place:
            which, number, tick = place
            take = self._takes[which][number]
            self._late[which], self._used[which] = at - take.clock(tick), number
            place, end = self._until(which, take, tick)
            self._shown += take.shown(tick, end)
            at += end - tick
            place = place or self._beside(which, take, at)
            if place is None and (place := self._next(at)):
                at += self._mark(place, at)
        return Woven(tuple(self._shown), tuple(self._gaps), self._by_clock)

    def _until(self, which: int, take: _Take, tick: int) -> tuple[_Place | None, int]:
        """A better recorder's Take that begins while this one is shown, and the tick at which it does; or the end."""
        for better in range(which):
            for index in range(self._used[better] + 1, len(self._takes[better])):
                other = self._takes[better][index]
                ahead = self._late[better] - self._late[which]
                expected = take.tick(other.starts + ahead)
                if expected < take.end and take.tick(other.ends + ahead) > tick:
                    length = self._compared(other, take.end - expected)
                    end = self._heard(other, other.first, other.first + length, take, expected)
                    return _Place(better, index, other.first), min(max(end, tick), take.end)
        return None, take.end

    def _beside(self, which: int, take: _Take, at: int) -> _Place | None:
        """Who has the broadcast at the moment at which a Take ended."""
        for other in range(len(self._takes)):
            for index in range(max(0, self._used[other]), len(self._takes[other])):
                found = self._takes[other][index]
                starts, ends = found.starts + self._late[other], found.ends + self._late[other]
                if other == which and index == self._used[which] + 1 and starts < at + SHORTEST:
                    return _Place(other, index, found.first)
                if other != which and starts <= at and ends >= at + SHORTEST_FILL:
                    expected = found.tick(at - self._late[other])
                    length = self._compared(take, expected - found.first)
                    tick = self._heard(take, take.end - length, take.end, found, expected - length) + length
                    return _Place(other, index, min(max(tick, found.first), found.end))
        return None

    def _next(self, at: int) -> _Place | None:
        """The Take that begins next; of several at once the best recorder's."""
        following = [
            (starts, which, index)
            for which, takes in enumerate(self._takes)
            for index in range(self._used[which] + 1, len(takes))
            if (starts := takes[index].starts + self._late[which]) >= at
        ]
        if not following:
            return None
        _, which, index = min(following)
        return _Place(which, index, self._takes[which][index].first)

    def _mark(self, place: _Place, at: int) -> int:
        """Ticks that nobody has before the next Take; marked as a gap."""
        take = self._takes[place.which][place.number]
        lost = take.starts + self._late[place.which] - at
        if lost < SHORTEST or not self._shown:
            return lost
        at_ms = segments.duration_ms(self._shown)
        self._gaps.append(Gap(at_ms=at_ms, lost_ms=lost // TICKS_PER_MS, reason=NOBODY))
        return lost

    def _compared(self, take: _Take, overlap: int) -> int:
        """How much sound of a Take can be compared with another that overlaps it by so much; clocks may be off."""
        return max(0, min(CLIP, take.end - take.first, overlap - CLIP // 8))

    def _heard(self, take: _Take, start: int, end: int, other: _Take, expected: int) -> int:
        """The tick of ``other`` at which the sound of ``take`` from ``start`` to ``end`` begins."""
        around = other.around(expected - SEARCH, expected + end - start + SEARCH)
        found = self._listen(take.around(start, end), start, end, around) if end > start else None
        if found is None:
            self._by_clock += 1
            return expected
        return found
