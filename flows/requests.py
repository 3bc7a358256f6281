"""What every flow that begins a recording asks for: the fields of the form in the Prefect UI."""

from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from config import catalogue
from core import helsinki, identifiers, names
from core.models import Broadcast


class BroadcastRequest(BaseModel):
    """Which broadcast it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(
        "",
        max_length=200,
        title="Title",
        description="As viewers see it. Empty: the programme's title and the date.",
        examples=["Pienkuntien palvelut"],
    )
    programme: str = Field("maaseutu-live", title="Programme", description="A series of config/programmes.toml.")
    agenda: list[str] = Field(
        [],
        title="Agenda",
        description="Planned topics in order, one an item. Words after a colon announce the topic when spoken: "
        "'Valtionosuudet: valtionosuus, rahoitus'. The page's chapters and notes follow it.",
    )
    vocabulary: list[str] = Field(
        [], title="Names", description="Names of people and places that speech recognition should listen for."
    )
    language: str = Field(
        "", pattern="^([a-z]{2,3})?$", title="Language", description="fi, sv or en. Empty: the programme's."
    )
    starts_at: AwareDatetime | None = Field(
        None,
        title="Date and time",
        description="When the broadcast begins or was held: choose date-time. Without: now.",
    )
    broadcast: str = Field(
        "",
        pattern=f"^$|^{identifiers.PATTERN}$",
        title="Id",
        description="Name of the episode in its address: a-z, 0-9 and hyphens. Empty: made of date and title.",
    )

    @property
    def name(self) -> str:
        """The broadcast's id, which is the run's name too."""
        return self.broadcast or identifiers.identifier(self._title(), self._moment())

    def broadcast_of(self, source: str) -> Broadcast:
        """The broadcast that is asked for, with what its programme gives it.

        Raises:
            InvalidInput: there is no such programme.
        """
        programme = catalogue.programme(self.programme)
        return Broadcast(
            id=self.name,
            programme=programme.slug,
            title=self._title(),
            starts_at=(self.starts_at or datetime.now(UTC)).astimezone(UTC),
            language=self.language or programme.language,
            source=source,
            agenda=catalogue.agenda(self.agenda) or programme.agenda,
            vocabulary=tuple(dict.fromkeys([*self.vocabulary, *programme.vocabulary])),
        )

    def _moment(self) -> datetime:
        return (self.starts_at or datetime.now(UTC)).astimezone(helsinki.HELSINKI)

    def _title(self) -> str:
        known = catalogue.programmes().get(self.programme)
        series = known.title if known else self.programme
        return names.title(self.title) or f"{series} {self._moment():%-d.%-m.%Y}"
