"""plan_broadcast: announce a broadcast that is to come, and schedule its recording."""

from datetime import UTC, datetime
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from config import catalogue
from config import settings as configuration
from core import helsinki, identifiers, names
from core.errors import InvalidInput
from core.planning.agenda import pasted
from core.planning.planned import Planned, Speaker
from core.planning.plans import sourced
from tasks import afterwards, plans


def _with_a_zone(at: datetime) -> datetime:
    if at.tzinfo is None:
        meant = at.replace(tzinfo=helsinki.HELSINKI).isoformat()
        raise ValueError(f"{at.isoformat()} does not say of which time zone it is. For Helsinki write {meant}.")
    return at.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_with_a_zone)]


class PlanRequest(BaseModel):
    """What is to be broadcast, when, and where it comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(
        min_length=1, max_length=200, title="Title", description="As viewers see it.", examples=["Pienkuntien palvelut"]
    )
    programme: str = Field("maaseutu-live", title="Programme", description="A series of config/programmes.toml.")
    starts_at: Moment = Field(
        title="Start",
        description="When the broadcast begins: set the zone beside it, which says UTC, to Europe / Helsinki. The "
        "recording begins some minutes earlier by itself.",
    )
    ends_at: Moment = Field(
        title="Planned end",
        description="Set its zone too. The recording goes on for a while longer, unless the stream ends. While it is "
        "recorded, steer moves its end; a plan does not.",
    )
    source_url: str = Field(
        "",
        pattern="^$|^(https?|rtmps?|srt)://",
        title="Address of the broadcast",
        description="The live stream (.m3u8), the page that shows it, or RTMP or SRT, as in the form of capture. "
        "Empty: that of the programme's schedule; if there is none, nothing is recorded by itself.",
        examples=["https://example.org/live/index.m3u8"],
    )
    agenda: str = Field(
        "",
        title="Agenda",
        description="One topic a line, in order; text can be pasted. Words after a colon announce the topic when "
        "spoken: 'Valtionosuudet: valtionosuus, rahoitus'. Empty: the file below, or the programme's usual agenda.",
        examples=["Avaus\nValtionosuudet: valtionosuus, rahoitus\nKyläkoulut"],
    )
    agenda_file: str = Field(
        "",
        max_length=1000,
        title="Agenda from a file",
        description="A Markdown, text or Word file (DOCX): a path that the worker's machine can read, or an address. "
        "Its list, or its headings, are the topics.",
        examples=["/srv/esityslistat/kokous.docx", "https://example.org/esityslista.md"],
    )
    speakers: list[Speaker] = Field(
        [],
        max_length=100,
        title="Speakers",
        description="The page names them, and speech recognition listens for their names and municipalities.",
    )
    language: str = Field(
        "", pattern="^([a-z]{2,3})?$", title="Language", description="fi, sv or en. Empty: the programme's."
    )
    about: str = Field("", max_length=2000, title="About", description="Some sentences for the page and the calendar.")
    broadcast: str = Field(
        "",
        pattern=f"^$|^{identifiers.PATTERN}$",
        title="Id",
        description="Empty: made of date and title. To change what is planned already, give its Id, as in its page's "
        "address, and fill in the whole form. A recording that has begun is never changed by a plan.",
    )

    @property
    def name(self) -> str:
        """The broadcast's id, which is the run's name too."""
        return self.broadcast or identifiers.identifier(self.title, self.starts_at)

    def planned(self, topics: list[str], source: str) -> Planned:
        """The plan that is asked for, with what its programme gives it.

        Raises:
            InvalidInput: there is no such programme, or no such municipality; or the title has no letters.
        """
        programme, title = catalogue.programme(self.programme), names.title(self.title)
        if not title:
            raise InvalidInput("The title is empty.", "Give one that viewers can read.")
        made = Planned(
            id=self.name,
            programme=programme.slug,
            title=title,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            language=self.language or programme.language,
            about=names.line(self.about),
            agenda=catalogue.agenda(topics) or programme.agenda,
            speakers=tuple(_known(speaker) for speaker in self.speakers),
            changed_at=datetime.now(UTC),
        )
        return sourced(made, source)

    def source(self) -> str:
        """The address that is to be recorded; empty if nobody said."""
        schedule = catalogue.schedules().get(self.programme)
        return self.source_url or (schedule.source if schedule else "")


def _known(speaker: Speaker) -> Speaker:
    town = names.line(speaker.municipality)
    return Speaker(
        name=names.line(speaker.name),
        role=names.line(speaker.role),
        municipality=catalogue.municipality(town).name_fi if town else "",
    )


@flow(name="plan_broadcast", flow_run_name="{request.name}", log_prints=False, on_crashed=[afterwards.go_on])
def plan_broadcast(request: PlanRequest) -> State[Any]:
    """Announce a broadcast that is to come: a page with a countdown, calendars, and its recording as a scheduled run.

    Harmless to repeat. The run is green when all of it is there, and says when the recording begins; the plan and
    links to its page and its recording are under Artifacts.
    """
    settings = configuration.load()
    if request.agenda.strip() and request.agenda_file:
        raise InvalidInput("There are two agendas: the text and the file.", "Leave one of them empty.")
    topics = plans.read_agenda(settings, request.agenda_file) if request.agenda_file else pasted(request.agenda)
    source = request.source()
    planned = request.planned(topics, source)
    plans.require_source(settings, source)
    return Completed(message=plans.tell(settings, plans.plan(settings, planned, source)))
