"""Where a withdrawn passage is found again, what stands now, and what is left of the words."""

from datetime import UTC, datetime, timedelta

import pytest

from core.duties import redaction, withdrawals
from core.duties.withdrawals import Kind, Withdrawal, Withdrawals
from core.meeting.note_edits import NoteEdit
from core.models import AgendaItem, EncodedPart, Hidden, Mark, Moment, NoteLine, Thumbnail
from core.text.captions import Caption
from tests.core.transcripts import spoken
from tests.web import demo

NOON = datetime(2026, 11, 25, 10, tzinfo=UTC)
CLOCK = (
    Moment(start_ms=0, end_ms=60_000, captured_at=NOON),
    Moment(start_ms=60_000, end_ms=120_000, captured_at=NOON + timedelta(seconds=60.02)),
)
GONE = Hidden(start_ms=55_000, end_ms=65_000, at=NOON)


def step(kind: Kind, start_ms: int = 55_000, end_ms: int = 65_000, of: int = 0) -> Withdrawal:
    borders = {"start": withdrawals.anchor(start_ms, CLOCK), "end": withdrawals.anchor(end_ms, CLOCK)}
    return Withdrawal.model_validate({"at": NOON, "kind": kind, "of": of} | (borders if kind == "passage" else {}))


FOUND = Withdrawals((step("passage"),))


def test_a_passage_stays_where_it_is_and_moves_with_its_media() -> None:
    assert withdrawals.hidden(FOUND, CLOCK, 120_000) == (GONE,)
    later = tuple(m.model_copy(update={"start_ms": m.start_ms + 9_000, "end_ms": m.end_ms + 9_000}) for m in CLOCK)
    first = Moment(start_ms=0, end_ms=9_000, captured_at=NOON - timedelta(seconds=20))
    assert withdrawals.hidden(FOUND, (first, *later), 129_000) == (Hidden(start_ms=64_000, end_ms=74_000, at=NOON),)


def test_what_only_the_clock_can_place_is_wider() -> None:
    other = (Moment(start_ms=0, end_ms=120_000, captured_at=NOON + timedelta(seconds=1)),)
    assert withdrawals.hidden(FOUND, other, 120_000) == (Hidden(start_ms=53_000, end_ms=65_020, at=NOON),)
    over = (Moment(start_ms=0, end_ms=10_000, captured_at=NOON + timedelta(hours=1)),)
    assert withdrawals.hidden(FOUND, over, 10_000) == (Hidden(start_ms=0, end_ms=1_000, at=NOON),)


def test_without_a_clock_the_place_is_what_it_was() -> None:
    old = Withdrawals((Withdrawal(at=NOON, kind="passage", start=_anchor(1_000), end=_anchor(2_000)),))
    assert withdrawals.hidden(old, (), 5_000) == (Hidden(start_ms=1_000, end_ms=2_000, at=NOON),)


def _anchor(at_ms: int) -> withdrawals.Anchor:
    return withdrawals.anchor(at_ms, ())


def test_what_stands_is_what_was_not_restored() -> None:
    found = Withdrawals((step("passage"), step("episode"), step("cleared")))
    assert (found.is_cleared, [number for number, _ in found.standing]) == (True, [2, 1])
    back = Withdrawals((*found.steps, step("restored", of=2)))
    assert (back.is_cleared, back.whole, [number for number, _ in back.standing]) == (False, None, [1])
    assert not withdrawals.hidden(Withdrawals((*back.steps, step("restored", of=1))), CLOCK, 120_000)
    assert withdrawals.may_restore(found.steps[0], NOON + timedelta(days=30), 30)
    assert not withdrawals.may_restore(found.steps[0], NOON + timedelta(days=30, seconds=1), 30)


def test_items_are_followed_through_all_that_was_described() -> None:
    def described(*titles: str) -> Withdrawal:
        return step("described").model_copy(update={"agenda": items(*titles)})

    def items(*titles: str) -> tuple[AgendaItem, ...]:
        return tuple(AgendaItem(title=title) for title in titles)

    first = demo.episode().broadcast.model_copy(update={"agenda": items("Aho", "Kylät", "Tiet")})
    found = Withdrawals((described("Valinta", "Kylät", "Tiet"), described("Vaali", "Kylät", "Tiet")))
    assert found.titles(first) == {"Aho": "Vaali", "Valinta": "Vaali"}
    assert found.described(first).agenda == items("Vaali", "Kylät", "Tiet")
    fewer = Withdrawals((*found.steps, described("Kylät")))
    assert fewer.titles(first) == {"Aho": "", "Valinta": "", "Vaali": "", "Tiet": ""}
    assert Withdrawals((step("passage"),)).titles(first) == {}


def test_words_at_the_borders_go_and_a_sentence_around_is_two() -> None:
    (passage,) = spoken((50, 70, "yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan")).passages
    named = passage.model_copy(update={"id": "p1"})
    left = redaction.redacted(spoken().model_copy(update={"passages": (named,)}), (GONE,)).passages
    assert [each.id for each in left] == ["p1", "p1-after"]
    assert all(each.end_ms <= GONE.start_ms or each.start_ms >= GONE.end_ms for each in left)
    kept = [word for each in left for word in each.words]
    assert kept == [w for w in passage.words if w.end_ms <= GONE.start_ms or w.start_ms >= GONE.end_ms]
    assert [each.text.split() for each in left] == [[w.text for w in each.words] for each in left]


def test_of_a_corrected_sentence_the_words_go_that_stand_there_now() -> None:
    (passage,) = spoken((54, 66, "alku salaisuus loppu")).passages
    corrected = passage.model_copy(update={"text": "alku suuri salaisuus on loppu", "checked": True})
    left = redaction.redacted(spoken().model_copy(update={"passages": (corrected,)}), (GONE,)).passages
    assert not [word for each in left for word in (each.text, *(w.text for w in each.words)) if "sala" in word]


def test_one_that_is_not_recognised_goes_if_it_is_touched() -> None:
    lost = spoken((64, 80, "…"))
    assert redaction.redacted(lost, (GONE,)).passages == ()
    assert redaction.redacted(lost, (Hidden(start_ms=0, end_ms=64_000),)) == lost


def test_captions_tell_of_it_where_none_is_shown() -> None:
    shown = (
        Caption(start_ms=50_000, end_ms=56_000, lines=("ennen",)),
        Caption(start_ms=66_000, end_ms=67_000, lines=("jälkeen",)),
    )
    told = redaction.captions(shown, (GONE,), "[poistettu]")
    assert told == (shown[0], Caption(start_ms=56_000, end_ms=65_000, lines=("[poistettu]",)), shown[1])


def test_a_persons_line_does_not_outlive_what_it_rests_on() -> None:
    said = spoken((50, 54, "Ennen."), (56, 58, "Salassa."))
    said = said.model_copy(
        update={"passages": tuple(p.model_copy(update={"id": i}) for p, i in zip(said.passages, "ab", strict=True))}
    )

    def line(text: str, at_ms: int, passage: str) -> NoteLine:
        return NoteLine(kind="decision", at_ms=at_ms, text=text, passages=(passage,))

    before = line("Koneen rivi.", 50_000, "a")
    kept = NoteEdit(after=line("Ennen.", 50_000, "a"))
    by_passage = NoteEdit(before=before, after=line("Salaisuus.", 50_000, "b"))
    by_time = NoteEdit(after=line("Salaisuus.", 56_000, "c"))
    assert redaction.lines([kept, by_passage, by_time], said, (GONE,)) == [kept, NoteEdit(before=before), NoteEdit()]
    assert redaction.lines([by_passage], said, ()) == [by_passage]


def test_marks_within_are_not_told() -> None:
    marked = [Mark(at=NOON + timedelta(seconds=s), text=str(s)) for s in (54, 56, 66)]
    assert [mark.text for mark in redaction.marks(marked, CLOCK, (GONE,))] == ["54", "66"]


@pytest.mark.parametrize(("hidden", "at_ms"), [((0, 5_000), 10_000), ((8_000, 12_000), 0)])
def test_a_poster_that_is_hidden_is_another_still(hidden: tuple[int, int], at_ms: int) -> None:
    stills = tuple(Thumbnail(at_ms=at, key=f"t{at}", sha256="", width=1, height=1) for at in (0, 10_000))
    poster = stills[0].model_copy(update={"key": "poster"})
    part = EncodedPart(number=0, take=1, start_ms=0, end_ms=60_000, tracks=(), thumbnails=stills, poster=poster)
    found = redaction.poster([part], (Hidden(start_ms=hidden[0], end_ms=hidden[1]),))
    assert found == (stills[1] if at_ms else poster)


def test_a_part_is_touched_by_what_its_sound_overlaps() -> None:
    parts = [EncodedPart(number=n, take=1, start_ms=n * 60_000, end_ms=(n + 1) * 60_000, tracks=()) for n in range(60)]

    def touched(start_ms: int, end_ms: int) -> list[int]:
        return [part.number for part in parts if redaction.covers(part, (Hidden(start_ms=start_ms, end_ms=end_ms),))]

    assert touched(59_000, 89_000) == [0, 1]
    assert touched(60_000, 61_000) == [0, 1]
    assert touched(61_000, 62_000) == [1]
    assert max(len(touched(start, start + 30_000)) for start in range(0, 3_500_000, 997)) <= 3
