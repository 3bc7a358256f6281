"""Chapters, and the notes of a meeting."""

from datetime import date
from typing import Literal

from core.models.base import Record


class Chapter(Record):
    """Where an agenda item was really discussed."""

    start_ms: int
    end_ms: int
    title: str


class NoteLine(Record):
    """One line of the notes, which rests on the Passages with the ids ``passages``.

    ``who`` and ``due`` only when said, as they were said; ``by`` is the day that ``due`` means, if that is certain.
    """

    kind: Literal["summary", "decision", "action", "question"]
    at_ms: int
    text: str
    who: str = ""
    due: str = ""
    by: date | None = None
    passages: tuple[str, ...] = ()


class RefusedLine(NoteLine):
    """A line that its Passages do not support, and why (core.meeting.evidence). It is shown to no viewer."""

    reason: str


class NoteSection(Record):
    """The notes of one chapter. ``title`` is empty when the broadcast has no agenda."""

    title: str
    start_ms: int
    lines: tuple[NoteLine, ...] = ()


class Notes(Record):
    """Meeting notes: summary, and under each chapter its decisions, actions and questions.

    ``model`` wrote them, where a language model did; else they are quotes. ``remarks`` tell, for a producer, what went
    otherwise than wished.
    """

    summary: tuple[NoteLine, ...] = ()
    sections: tuple[NoteSection, ...] = ()
    refused: tuple[RefusedLine, ...] = ()
    model: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def shown(self) -> "Notes":
        """What viewers are told of them."""
        return self.model_copy(update={"refused": (), "remarks": ()})
