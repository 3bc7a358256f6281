"""A broadcast that is to come, as a record, and who is to speak there."""

from pydantic import AwareDatetime, Field

from core.models import AgendaItem, Record


class Speaker(Record):
    """Somebody who is to speak. The form of a plan shows these fields."""

    name: str = Field(min_length=1, max_length=100, title="Name", description="As viewers see it: Anna Hietaniemi.")
    municipality: str = Field(
        "", max_length=100, title="Municipality", description="For which they speak, if they do: Savukoski."
    )
    role: str = Field("", max_length=100, title="Role", description="As viewers see it: kunnanjohtaja.")


class Planned(Record):
    """A broadcast that is to come, under the ``id`` that it keeps.

    ``revision`` counts how often it was changed since it was announced, for calendars. ``source`` is its address
    without secrets, for people; ``source_digest``, of the whole address, tells whether two are the same.
    """

    id: str
    programme: str
    title: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    language: str = "fi"
    about: str = ""
    agenda: tuple[AgendaItem, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    source: str = ""
    source_digest: str = ""
    changed_at: AwareDatetime
    revision: int = 0
    cancelled: bool = False
