"""A broadcast as it is announced: who, what, when."""

from datetime import date

from pydantic import AwareDatetime

from core.models.base import Record


class AgendaItem(Record):
    """A planned topic. ``cues`` are words that announce it when spoken, beside its own title."""

    title: str
    cues: tuple[str, ...] = ()


class Programme(Record):
    """A series of broadcasts: what every broadcast of it inherits."""

    slug: str
    title: str
    language: str = "fi"
    agenda: tuple[AgendaItem, ...] = ()
    vocabulary: tuple[str, ...] = ()


class Broadcast(Record):
    """One planned, running or past transmission. ``id`` is its name in every key and address.

    ``learned`` are names that persons' corrections of earlier ones taught, the newest last (core.speech.learning).
    """

    id: str
    programme: str
    title: str
    starts_at: AwareDatetime
    language: str = "fi"
    source: str = ""
    agenda: tuple[AgendaItem, ...] = ()
    vocabulary: tuple[str, ...] = ()
    learned: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        """The broadcast's date in UTC, for feeds; pages show Helsinki time."""
        return self.starts_at.date()
