"""Marked moments become chapters at their second, whatever was lost before them."""

from datetime import UTC, datetime, timedelta

import pytest

from core.archive import segments
from core.meeting import marks
from core.models import TICKS_PER_SECOND, Chapter, Mark, Moment
from tests.core.capture.test_weaving import BEGAN, take

MINUTE = 60_000
TWO_TAKES = marks.moments(segments.parts(take(1, 0, 120) + take(2, 200, 260), target_ms=MINUTE, sealed=True))
"""Two minutes, eighty seconds that were lost, and another minute."""


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def _mark(seconds: float, text: str = "Kysymys") -> Mark:
    return Mark(at=at(seconds), text=text)


def _rows(found: tuple[Chapter, ...]) -> list[tuple[int, int, str]]:
    return [(c.start_ms // 1000, c.end_ms // 1000, c.title) for c in found]


@pytest.mark.parametrize(
    ("said", "shown"),
    [(0, 0), (59.5, 59.5), (60, 60), (119, 119), (130, 120), (199, 120), (200, 120), (230, 150), (-9, 0), (999, 180)],
)
def test_a_moment_of_the_day_has_its_place(said: float, shown: float) -> None:
    assert marks.place(at(said), TWO_TAKES) == shown * 1000


def test_what_another_recorder_filled_counts_from_where_it_is_shown() -> None:
    first = take(1, 0, 60)
    filled = [segment.model_copy(update={"skipped": TICKS_PER_SECOND}) for segment in take(1, 60, 62, recorder="b")]
    clock = marks.moments(segments.parts([*first, *filled], target_ms=MINUTE, sealed=True))
    assert clock[-1] == Moment(start_ms=60_000, end_ms=61_000, captured_at=at(61))


def test_a_mark_begins_a_chapter_within_one_of_the_agenda() -> None:
    known = (
        Chapter(start_ms=0, end_ms=100_000, title="Talous"),
        Chapter(start_ms=100_000, end_ms=180_000, title="Muu"),
    )
    found = marks.chapters(known, [_mark(30)], TWO_TAKES, 180_000)
    assert _rows(found) == [(0, 30, "Talous"), (30, 100, "Kysymys"), (100, 180, "Muu")]


def test_without_an_agenda_the_marks_are_the_chapters() -> None:
    found = marks.chapters((), [_mark(30), _mark(230, "Äänestys")], TWO_TAKES, 180_000)
    assert _rows(found) == [(0, 30, "Avaus"), (30, 150, "Kysymys"), (150, 180, "Äänestys")]


def test_a_mark_in_the_first_seconds_begins_the_whole() -> None:
    assert _rows(marks.chapters((), [_mark(3)], TWO_TAKES, 180_000)) == [(0, 180, "Kysymys")]


def test_marks_at_the_same_moment_are_one_chapter() -> None:
    found = marks.chapters((), [_mark(60, "A"), _mark(60.4, "B"), _mark(60.5, "B")], TWO_TAKES, 180_000)
    assert _rows(found) == [(0, 60, "Avaus"), (60, 180, "A – B")]


def test_a_mark_after_the_end_is_kept_at_the_end() -> None:
    found = marks.chapters((), [_mark(999)], TWO_TAKES, 180_000)
    assert _rows(found) == [(0, 179, "Avaus"), (179, 180, "Kysymys")]


def test_what_cannot_be_placed_changes_nothing() -> None:
    known = (Chapter(start_ms=0, end_ms=5, title="Talous"),)
    assert marks.chapters(known, [_mark(3)], (), 5) == known
    assert marks.chapters(known, [], TWO_TAKES, 5) == known


def test_a_mark_is_stored_in_utc() -> None:
    helsinki = datetime.fromisoformat("2026-11-24T13:40:00+02:00")
    assert Mark(at=helsinki, text="x").at == datetime(2026, 11, 24, 11, 40, tzinfo=UTC)
