"""Names as records, and Parts that never change once they are closed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.archive import segments
from core.errors import InvalidInput
from core.models import EncodedPart, Segment

AT = datetime(2026, 11, 24, 7, 0, 0, 123_000, tzinfo=UTC)


def segment(take: int, number: int, seconds: float = 4) -> Segment:
    ticks = round(seconds * 90_000)
    return Segment(
        take=take,
        number=number,
        captured_at=AT,
        pts=7200 + number * ticks,
        duration=ticks,
        sha256=f"{take:032x}{number:032x}",
    )


def test_a_name_holds_the_whole_record() -> None:
    one = segment(2, 17).model_copy(update={"state": "partial", "size": 99})
    assert segments.parse(segments.name(one), 99) == one


@pytest.mark.parametrize("pts", [-774_000, -1, 0, (1 << 33) - 1])
def test_timestamps_may_be_below_zero(pts: int) -> None:
    """As those of MPEG-TS are read in the last minute before its 33-bit clock begins anew."""
    one = segment(1, 3).model_copy(update={"pts": pts})
    assert segments.parse(segments.name(one)) == one


def test_other_names_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not the name of a Segment"):
        segments.parse("holiday.ts")


def test_a_part_closes_when_the_next_segment_is_there() -> None:
    found = [segment(1, n) for n in range(16)]
    assert segments.parts(found[:15], target_ms=60_000, sealed=False) == []
    [part] = segments.parts(found, target_ms=60_000, sealed=False)
    assert (part.start_ms, part.end_ms, part.after) == (0, 60_000, found[15])


def test_a_new_take_closes_the_one_before() -> None:
    found = [segment(1, 0), segment(1, 1), segment(2, 0)]
    parts = segments.parts(found, target_ms=60_000, sealed=True)
    assert [(p.take, p.start_ms, p.end_ms) for p in parts] == [(1, 0, 8000), (2, 8000, 12_000)]
    assert parts[1].before is None


@pytest.mark.parametrize(
    ("change", "same"), [({"captured_at": AT + timedelta(days=1)}, True), ({"sha256": "f" * 64}, False)]
)
def test_the_content_of_a_part_does_not_depend_on_when_it_was_captured(change: dict[str, object], same: bool) -> None:
    found = [segment(1, n) for n in range(16)]
    [one], [other] = (
        segments.parts(pieces, target_ms=60_000, sealed=False)
        for pieces in (found, [piece.model_copy(update=change) for piece in found])
    )
    assert (one.content == other.content) == same


@given(st.lists(st.integers(1, 30), min_size=1, max_size=4), st.integers(0, 120))
def test_closed_parts_stay_and_hold_every_segment_once(takes: list[int], known: int) -> None:
    found = [segment(take, number) for take, length in enumerate(takes, 1) for number in range(length)]
    whole = segments.parts(found, target_ms=20_000, sealed=True)
    early = segments.parts(found[:known], target_ms=20_000, sealed=False)
    assert whole[: len(early)] == early
    assert [s for part in whole for s in part.segments] == found
    assert all(a.end_ticks == b.start_ticks for a, b in zip(whole, whole[1:], strict=False))


def test_an_encoded_part_is_found_again_however_long_parts_are_now() -> None:
    found = [segment(1, n) for n in range(40)] + [segment(2, n) for n in range(9)]
    for part in segments.parts(found, target_ms=60_000, sealed=True):
        encoded = EncodedPart(number=part.number, take=part.take, start_ms=part.start_ms, end_ms=part.end_ms, tracks=())
        again = segments.encoded_of(found, encoded)
        assert again
        assert (again.content, again.needed) == (part.content, part.needed)
        assert segments.encoded_of(found[:3], encoded) is None
