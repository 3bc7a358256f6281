"""Chapters that persons set stand where they belong, whatever is recognised or found the next time."""

from core.duties import redaction
from core.meeting.chapter_edits import Beginning, ChapterEdit, beginnings, chapters, fits, retitled, retold
from core.models import AgendaItem, Chapter, Hidden, Transcript
from tests.core.transcripts import spoken

AGENDA = tuple(AgendaItem(title=title) for title in ("Koulut", "Valokuitu", "Lausunto"))
FOUND = (Chapter(start_ms=0, end_ms=20_000, title="Avaus"), Chapter(start_ms=20_000, end_ms=90_000, title="Koulut"))
SAID = spoken(
    (1, 4, "Hyvää huomenta kaikille."),
    (20, 24, "Koulut ovat auki."),
    (30, 35, "Sitten puhumme valokuidusta lyhyesti."),
    (50, 55, "Lausunto on valmis nyt."),
)
NAMED = SAID.model_copy(
    update={"passages": tuple(p.model_copy(update={"id": f"p{p.start_ms}"}) for p in SAID.passages)}
)


def at(number: int, title: str, *, item: str = "", by: str = "Anna", transcript: Transcript = NAMED) -> Beginning:
    passage = transcript.passages[number]
    return Beginning(title=title, start_ms=passage.start_ms, item=item, passage=passage.id, said=passage.text, by=by)


def found(title: str, start_ms: int) -> Beginning:
    return Beginning(title=title, start_ms=start_ms, item=title if title != "Avaus" else "")


def told(
    *edits: ChapterEdit, transcript: Transcript = NAMED, machine: tuple[Chapter, ...] = FOUND
) -> list[tuple[str, int]]:
    return [(each.title, each.start_ms) for each in beginnings(machine, AGENDA, edits, transcript)]


ADDED = ChapterEdit(after=at(2, "Valokuitu", item="Valokuitu"))
MOVED = ChapterEdit(before=found("Koulut", 20_000), after=at(2, "Koulut", item="Koulut"))


def test_what_is_added_moved_renamed_and_removed() -> None:
    assert told() == [("Avaus", 0), ("Koulut", 20_000)]
    assert told(ADDED) == [("Avaus", 0), ("Koulut", 20_000), ("Valokuitu", 30_000)]
    assert told(MOVED) == [("Avaus", 0), ("Koulut", 30_000)]
    renamed = ChapterEdit(before=MOVED.after, after=at(2, "Kyläkoulut", item="Koulut"))
    assert told(MOVED, renamed) == [("Avaus", 0), ("Kyläkoulut", 30_000)]
    assert told(MOVED, renamed, ChapterEdit(before=renamed.after)) == [("Avaus", 0)]
    linked = ChapterEdit(before=found("Avaus", 0), after=at(0, "Avaus", item="Lausunto"))
    shown = beginnings(FOUND, AGENDA, [linked], NAMED)
    assert [(each.item, each.by) for each in shown] == [("Lausunto", "Anna"), ("Koulut", "")]
    edits = (ADDED, MOVED, renamed, linked, ChapterEdit(before=renamed.after))
    assert [edit.kind for edit in edits] == ["begin", "move", "title", "move", "remove"]


def test_chapters_end_where_the_next_begins() -> None:
    shown = beginnings(
        (), AGENDA, [ADDED, ChapterEdit(after=at(2, "Verkot")), ChapterEdit(after=at(3, "Loppu"))], NAMED
    )
    assert [(c.title, c.start_ms, c.end_ms) for c in chapters(shown, 90_000)] == [
        ("Valokuitu – Verkot", 30_000, 50_000),
        ("Loppu", 50_000, 90_000),
    ]
    assert chapters(beginnings((), AGENDA, [ChapterEdit(after=at(0, "Alku"))], NAMED), 90_000)[0].start_ms == 0
    assert chapters((), 90_000) == ()


def test_it_is_seen_whether_another_person_was_there_before() -> None:
    shown = beginnings(FOUND, AGENDA, [ADDED], NAMED)
    assert fits(shown, MOVED)
    assert not fits(beginnings(FOUND, AGENDA, [MOVED], NAMED), MOVED)
    assert not fits(shown, ChapterEdit(after=at(3, "Valokuitu", item="Valokuitu")))
    assert not fits(shown, ChapterEdit(after=at(2, "Valokuitu")))
    assert fits(shown, ChapterEdit(after=at(3, "Lausunto", item="Lausunto")))


def test_they_are_found_again_in_another_transcript() -> None:
    again = spoken(
        (13, 16, "Hyvää huomenta kaikille."),
        (32, 46, "Koulut ovat auki. Sitten puhumme valokuidusta lyhyesti."),
        (62, 67, "Jotakin aivan muuta."),
    )
    last = ChapterEdit(after=at(3, "Lausunto", item="Lausunto"))
    titles = dict(told(ADDED, last, transcript=again, machine=()))
    assert 36_000 < titles["Valokuitu"] < 42_000
    assert titles["Lausunto"] == 50_000
    corrected = NAMED.passages[2].model_copy(update={"text": "Aivan uusi lause tähän."})
    passages = (*NAMED.passages[:2], corrected, *NAMED.passages[3:])
    assert ("Valokuitu", 30_000) in told(ADDED, transcript=NAMED.model_copy(update={"passages": passages}))


def test_what_is_found_elsewhere_later_gives_way_to_persons() -> None:
    later = (
        Chapter(start_ms=0, end_ms=50_000, title="Koulut"),
        Chapter(start_ms=50_000, end_ms=90_000, title="Valokuitu"),
    )
    assert told(ADDED, MOVED, machine=later) == [("Valokuitu", 30_000), ("Koulut", 30_000)]
    removed = ChapterEdit(before=found("Koulut", 20_000))
    assert told(removed, machine=later) == [("Valokuitu", 50_000)]
    far = (Chapter(start_ms=81_000, end_ms=90_000, title="Koulut"),)
    assert told(removed, machine=far) == [("Koulut", 81_000)]


def test_a_return_to_an_item_stays() -> None:
    twice = (*FOUND, Chapter(start_ms=50_000, end_ms=90_000, title="Koulut"))
    assert told(MOVED, machine=twice) == [("Avaus", 0), ("Koulut", 30_000), ("Koulut", 50_000)]


def test_a_title_of_what_is_withdrawn_is_not_shown() -> None:
    shown = beginnings(FOUND, AGENDA, [ADDED, ChapterEdit(after=at(2, "Salaisuus"))], NAMED)
    hidden = (Hidden(start_ms=29_000, end_ms=31_000),)
    assert [each.title for each in redaction.chapters(shown, hidden)] == ["Avaus", "Koulut", "Valokuitu"]


def test_an_item_that_is_called_otherwise_now_is_so_everywhere() -> None:
    own = ChapterEdit(before=ADDED.after, after=at(2, "Verkot", item="Valokuitu"))
    titles = {"Koulut": "Kyläkoulut", "Valokuitu": ""}
    agenda = (AgendaItem(title="Kyläkoulut"), AgendaItem(title="Lausunto"))
    shown = beginnings(retitled(FOUND, titles), agenda, retold([ADDED, own, MOVED], titles), NAMED)
    assert [(each.title, each.item) for each in shown] == [("Avaus", ""), ("Verkot", ""), ("Kyläkoulut", "Kyläkoulut")]
    assert retitled(FOUND, {"Koulut": ""}) == FOUND[:1]
    assert retold([ADDED], titles) == []
