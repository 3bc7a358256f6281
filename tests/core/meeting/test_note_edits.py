"""Lines of the notes that persons wrote stay, whatever is made of the text the next time."""

from core.meeting.note_edits import NoteEdit, applied, stands
from core.models import NoteLine, Notes, NoteSection


def line(text: str, at_ms: int = 1000, kind: str = "decision", passage: str = "p1") -> NoteLine:
    return NoteLine.model_validate({"kind": kind, "at_ms": at_ms, "text": text, "passages": (passage,)})


DECIDED, ASKED = line("Kunta tekee lausunnot."), line("Milloin?", 2000, "question", "p2")
SUMMED = line("Puhuttiin lausunnosta.", 1000, "summary")
MADE = Notes(
    summary=(SUMMED,),
    sections=(
        NoteSection(title="Alku", start_ms=0, lines=(DECIDED, ASKED)),
        NoteSection(title="Loppu", start_ms=9000),
    ),
)
OWN = line("Kunta tekee lausunnon.")


def told(notes: Notes) -> list[list[str]]:
    return [[line.text for line in lines] for lines in (notes.summary, *(each.lines for each in notes.sections))]


def test_a_line_is_changed_removed_and_added_where_it_belongs() -> None:
    added = line("Kunta maksaa.", 9500)
    edits = [NoteEdit(before=DECIDED, after=OWN), NoteEdit(before=ASKED), NoteEdit(after=added)]
    assert told(applied(MADE, edits)) == [[SUMMED.text], [OWN.text], [added.text]]
    other = line("Puhuttiin kunnan lausunnosta.", 1000, "summary")
    assert told(applied(MADE, [NoteEdit(before=SUMMED, after=other)]))[0] == [other.text]
    assert told(applied(Notes(), [NoteEdit(after=added)])) == [[], [added.text]]
    assert applied(MADE, []) is MADE


def test_a_persons_line_stands_when_the_notes_are_made_anew() -> None:
    again = line("Savukosken kunta tekee lausunnot.")
    anew = MADE.model_copy(update={"sections": (NoteSection(title="Alku", start_ms=0, lines=(again,)),)})
    assert told(applied(anew, [NoteEdit(before=DECIDED, after=OWN)]))[1] == [OWN.text]
    gone = anew.model_copy(update={"sections": (NoteSection(title="Alku", start_ms=0),)})
    assert told(applied(gone, [NoteEdit(before=DECIDED, after=OWN)]))[1] == [OWN.text]
    assert told(applied(gone, [NoteEdit(before=DECIDED)]))[1] == []


def test_what_replaces_a_line_is_not_another_persons_line() -> None:
    one, two = NoteEdit(before=DECIDED, after=OWN), NoteEdit(before=DECIDED, after=line("Kunta pyytää lausuntoa."))
    assert told(applied(MADE, [one, two]))[1] == [OWN.text, "Kunta pyytää lausuntoa.", ASKED.text]
    changed = NoteEdit(before=OWN, after=line("Kunta tekee sen."))
    assert told(applied(MADE, [one, changed]))[1] == ["Kunta tekee sen.", ASKED.text]


def test_a_line_stands_or_does_not() -> None:
    assert stands(MADE, SUMMED)
    assert stands(MADE, ASKED)
    assert not stands(MADE, OWN)
