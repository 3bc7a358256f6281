"""Several recorders, one timeline: shown once, whole where anybody was whole, and marked where nobody was."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.archive import segments
from core.capture import weaving
from core.models import TICKS_PER_SECOND, Gap, Segment

BEGAN = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
LENGTH = 2
"""Of each Segment, in seconds."""


def take(
    number: int, start: float, end: float, *, recorder: str = "", clock: float = 0, tick: int = 7200
) -> list[Segment]:
    """A Take of the broadcast from one second of it to another, recorded by a clock that is wrong by ``clock``."""
    count = round((end - start) / LENGTH)
    return [
        Segment(
            take=number,
            number=i,
            captured_at=BEGAN + timedelta(seconds=start + LENGTH * i + clock),
            pts=tick + round(start * TICKS_PER_SECOND) + i * LENGTH * TICKS_PER_SECOND,
            duration=LENGTH * TICKS_PER_SECOND,
            sha256=f"{i:064x}",
            recorder=recorder,
        )
        for i in range(count)
    ]


def second(segment: Segment, tick: int) -> float:
    """The second of the broadcast at a tick: in these tests the ticks tell it, whatever the clock says."""
    return (tick - segment.pts) / TICKS_PER_SECOND + (segment.pts % (1000 * TICKS_PER_SECOND) - 7200) / TICKS_PER_SECOND


def hears(clip: Sequence[Segment], start: int, end: int, within: Sequence[Segment]) -> int | None:
    """An ear that is always right."""
    wanted = second(clip[0], start)
    for segment in within:
        if second(segment, segment.pts) <= wanted < second(segment, segment.pts + segment.duration):
            return segment.pts + round((wanted - second(segment, segment.pts)) * TICKS_PER_SECOND)
    return None


def deaf(clip: Sequence[Segment], start: int, end: int, within: Sequence[Segment]) -> int | None:
    """An ear that hears nothing."""
    return None


def shown(woven: weaving.Woven) -> list[tuple[float, float]]:
    """The stretches of the broadcast that are shown, in seconds, neighbours joined."""
    found: list[tuple[float, float]] = []
    for segment in woven.segments:
        start, end = second(segment, segment.first_tick), second(segment, segment.end_tick)
        if found and abs(found[-1][1] - start) < 1e-4:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def test_one_recorder_is_shown_as_it_is() -> None:
    alone = take(1, 0, 20) + take(2, 30, 40)
    gap = Gap(at_ms=20_000, lost_ms=10_000, reason="The source no longer had it.")
    assert weaving.weave([alone], [gap], deaf) == weaving.Woven(tuple(alone), (gap,))


def test_a_hole_is_filled_to_the_tick_though_the_clocks_differ() -> None:
    first = take(1, 0, 20) + take(2, 31, 61)
    other = take(1, 1, 61, recorder="b", clock=2.7)
    woven = weaving.weave([first, other], [], hears)
    assert shown(woven) == [(0, 61)]
    assert woven.gaps == ()
    assert woven.by_clock == 0
    assert segments.duration_ms(woven.segments) == 61_000


def test_without_sound_the_clocks_decide() -> None:
    first = take(1, 0, 20) + take(2, 31, 61)
    woven = weaving.weave([first, take(1, 1, 61, recorder="b")], [], deaf)
    assert shown(woven) == [(0, 61)]
    assert woven.by_clock == 2


def test_a_recorder_that_dies_is_continued_by_the_other() -> None:
    woven = weaving.weave([take(1, 10, 30), take(1, 0, 60, recorder="b")], [], hears)
    assert shown(woven) == [(0, 60)]
    assert [s.recorder for s in woven.segments][:1] == ["b"]
    assert {s.recorder for s in woven.segments if 10 <= second(s, s.pts) < 30} >= {""}


def test_what_nobody_has_is_marked() -> None:
    first = take(1, 0, 20) + take(2, 40, 60)
    other = take(1, 0, 30, recorder="b") + take(2, 36, 60, recorder="b")
    woven = weaving.weave([first, other], [], hears)
    assert shown(woven) == [(0, 30), (36, 60)]
    assert woven.gaps == (Gap(at_ms=30_000, lost_ms=6000, reason=weaving.NOBODY),)


def test_only_the_second_recorded_at_all() -> None:
    woven = weaving.weave([[], take(1, 0, 20, recorder="b")], [], hears)
    assert shown(woven) == [(0, 20)]


def test_what_one_had_and_the_other_has_shown_is_not_shown_again() -> None:
    first = take(1, 0, 60)
    other = take(1, 0, 20, recorder="b") + take(2, 30, 60, recorder="b")
    woven = weaving.weave([first, other], [], hears)
    assert [s.recorder for s in woven.segments] == [""] * 30


OUTAGES = st.lists(st.tuples(st.booleans(), st.integers(5, 12), st.integers(4, 12)), max_size=8)
"""Who failed, and in two seconds for how long both had recorded before and for how long it was away. Clocks that differ
by 6 s can be compared where both recorded for 10 s: by these they overlap for 4 s then."""


@given(OUTAGES, st.floats(-3, 3), st.floats(-3, 3))
def test_outages_that_do_not_overlap_leave_no_trace(
    outages: list[tuple[bool, int, int]], one: float, two: float
) -> None:
    """Each outage is of one of the recorders, and between two of them both record for a while."""
    takes: dict[str, list[Segment]] = {"": [], "b": []}
    began = {"": 0, "b": 0}
    clock = {"": one, "b": two}
    at = 0
    for second_fails, whole, away in outages:
        name = "b" if second_fails else ""
        fails_at = at + 2 * whole
        takes[name] += take(len(takes[name]) + 1, began[name], fails_at, recorder=name, clock=clock[name])
        at = began[name] = fails_at + 2 * away
    for name in takes:
        takes[name] += take(len(takes[name]) + 1, began[name], at + 30, recorder=name, clock=clock[name])
    woven = weaving.weave([takes[""], takes["b"]], [], hears)
    assert shown(woven) == [(0, at + 30)]
    assert woven.gaps == ()


def test_parts_of_a_woven_timeline_follow_each_other_without_a_hole() -> None:
    first = take(1, 0, 20) + take(2, 31, 61)
    woven = weaving.weave([first, take(1, 1, 61, recorder="b", clock=1.3)], [], hears)
    parts = segments.parts(woven.segments, target_ms=8000, sealed=True)
    assert parts[0].start_ms == 0
    assert parts[-1].end_ms == 61_000
    assert all(one.end_ticks == two.start_ticks for one, two in zip(parts, parts[1:], strict=False))
    assert sorted({part.take for part in parts}) == [1, 2, 3]


def test_what_all_missed_of_the_beginning_is_a_gap() -> None:
    first, other = take(1, 30, 60), take(1, 12, 60, recorder="b")
    woven = weaving.weave([first, other], [], hears, [30_000, 0])
    assert woven.gaps == (Gap(at_ms=0, lost_ms=12_000, reason=weaving.NOBODY, doubtful=True),)
    assert shown(woven) == [(12, 60)]


def test_what_one_missed_of_the_beginning_another_has() -> None:
    first, other = take(1, 30, 60), take(1, 0, 60, recorder="b")
    assert weaving.weave([first, other], [], hears, [30_000, 0]).gaps == ()


def test_a_second_recorder_that_is_alone_says_what_it_missed() -> None:
    woven = weaving.weave([take(1, 30, 60, recorder="b")], [], hears, [30_000])
    assert [gap.lost_ms for gap in woven.gaps] == [30_000]
