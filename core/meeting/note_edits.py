"""Lines of the notes that persons wrote, put into whatever notes were made anew. Pure.

A person's line always stands. What it replaces is found again by its words, or by the Passages it rests on and the
likeness of its words.
"""

from collections.abc import Iterable, Sequence

from core.meeting.divisions import chapter_of
from core.models import NoteLine, Notes, NoteSection, Record
from core.text.aligning import likeness

ALIKE = 0.5
"""Lines on the same Passages whose words are less alike than this (0…1) are other lines."""


class NoteEdit(Record):
    """A person wrote ``after`` in place of ``before``; without ``before`` they added it, without ``after`` removed."""

    before: NoteLine | None = None
    after: NoteLine | None = None


def applied(notes: Notes, edits: Iterable[NoteEdit]) -> Notes:
    """The notes as persons wrote them."""
    written: list[NoteLine] = []
    for edit in edits:
        notes, is_own = _put(notes, edit, written), edit.before in written
        if is_own and edit.before:
            written.remove(edit.before)
        if edit.after:
            written.append(edit.after)
    return notes


def stands(notes: Notes, line: NoteLine) -> bool:
    """Whether the notes have this very line."""
    return any(line in lines for lines in (notes.summary, *(section.lines for section in notes.sections)))


def _put(notes: Notes, edit: NoteEdit, written: Sequence[NoteLine]) -> Notes:
    lines = [*notes.summary, *(line for section in notes.sections for line in section.lines)]
    gone = _meant(lines, edit.before, written) if edit.before else None
    summary = _changed(notes.summary, gone, edit.after if edit.after and edit.after.kind == "summary" else None)
    sections = notes.sections or (NoteSection(title="", start_ms=0),)
    added = edit.after if edit.after and edit.after.kind != "summary" else None
    place = chapter_of(added.at_ms, [section.start_ms for section in sections]) if added else -1
    changed = tuple(
        section.model_copy(update={"lines": _changed(section.lines, gone, added if at == place else None)})
        for at, section in enumerate(sections)
    )
    return notes.model_copy(
        update={"summary": summary, "sections": changed if added else changed[: len(notes.sections)]}
    )


def _meant(lines: Sequence[NoteLine], before: NoteLine, written: Sequence[NoteLine]) -> NoteLine | None:
    """The line that a person saw as ``before``; never one that a person wrote since."""
    if before in lines:
        return before
    near = [
        line
        for line in lines
        if line.kind == before.kind and line not in written and set(line.passages) & set(before.passages)
    ]
    best = max(near, key=lambda line: likeness(line.text, before.text), default=None)
    return best if best and likeness(best.text, before.text) >= ALIKE else None


def _changed(lines: Sequence[NoteLine], gone: NoteLine | None, added: NoteLine | None) -> tuple[NoteLine, ...]:
    """The lines without one and with another, which stands in its place, or at its time."""
    left = [line for line in lines if line != gone]
    if added:
        at = lines.index(gone) if gone and gone in lines else sum(line.at_ms <= added.at_ms for line in left)
        left.insert(at, added)
    return tuple(left)
