"""withdraw_passage, withdraw_episode, describe_broadcast and restore: what viewers must not see, hear or read any more,
what they read instead, and back again. And erase_episode, from which there is no way back.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from config import catalogue
from config import settings as configuration
from config.settings import Settings
from core import identifiers, names
from core.duties.withdrawals import Kind, Withdrawal
from core.errors import InvalidInput
from core.models import Hidden
from core.planning.agenda import pasted
from core.text.transcript import moment
from flows.publish import bring
from tasks import afterwards, describing, erasing, remaining, withdrawing


def _place(text: str) -> str:
    try:
        moment(text)
    except InvalidInput as error:
        raise ValueError(f"{error.what} {error.cure}") from error
    return text


Place = Annotated[str, AfterValidator(_place)]
Line = Annotated[str, AfterValidator(names.line)]


def _in_order(schema: dict[str, Any]) -> None:
    """What must be filled in stands first: what it is about, why, and who asks."""
    needed = schema["required"]
    fields = sorted(schema["properties"].items(), key=lambda field: (field[0] not in needed, field[0] in ASKED))
    schema["properties"] = dict(fields)


ASKED = ("reason", "by")


class _Request(BaseModel):
    """What the forms have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, json_schema_extra=_in_order)

    broadcast: str = Field(
        pattern=f"^{identifiers.PATTERN}$",
        title="Id of the broadcast",
        description="As in the episode's address; see maaseutu status.",
    )
    reason: str = Field(
        min_length=1,
        max_length=2000,
        title="Reason",
        description="Why, and who asked for it. For the log, which is not public.",
    )
    by: Line = Field(min_length=1, max_length=100, title="Your name", description="For the log, which is not public.")


class PassageRequest(_Request):
    """Which passage to withdraw."""

    start: Place = Field(
        title="From",
        description="Where it begins, as the page shows it (12.03 or 1.02.03; also 12:03), or in seconds (723.4).",
        examples=["12.03"],
    )
    end: Place = Field(title="To", description="Where it ends, as above.", examples=["12.33"])
    note: Line = Field(
        "",
        max_length=300,
        title="Note on the page",
        description="Why, as viewers read it. It must not say what was removed. May be empty.",
    )
    names: list[Line] = Field(
        [],
        max_length=20,
        title="Names",
        description="Who must not be named any more, as 'Matti Virtanen'. The run lists under Artifacts where else "
        "these names stand, and words of the passage that look like names: in titles, agendas, speakers, notes, "
        "other passages and other broadcasts. It removes nothing there.",
    )
    dry_run: bool = Field(
        False, title="Only look", description="Tell where else names of the passage stand, and withdraw nothing yet."
    )

    @property
    def place(self) -> Hidden:
        """Where it is on the page."""
        return Hidden(start_ms=moment(self.start), end_ms=moment(self.end))

    @model_validator(mode="after")
    def _goes_on(self) -> Self:
        if moment(self.end) <= moment(self.start):
            raise ValueError(f"It would end at {self.end}, before it begins at {self.start}.")
        return self


class EpisodeRequest(_Request):
    """Which episode to withdraw."""

    note: Line = Field(
        "",
        max_length=300,
        title="Note in place of the page",
        description="Viewers read that the broadcast was withdrawn, and this. May be empty.",
    )


def _renamed(text: str) -> str:
    _speakers(text)
    return text


def _speakers(text: str) -> dict[str, str]:
    rows = [line.partition(":") for line in map(names.line, text.splitlines()) if line]
    if wrong := next((name for name, colon, _ in rows if not (name and colon)), None):
        raise ValueError(f"{wrong!r}: write the name that is shown, a colon, and the new one, which may be nothing.")
    return {name.strip(): names.title(new) for name, _, new in rows}


class DescribeRequest(_Request):
    """What is to be told of an episode from now on."""

    title: Line = Field(
        "", max_length=names.LONGEST_TITLE, title="Title", description="As viewers see it. Empty: as it is."
    )
    agenda: str = Field(
        "",
        title="Agenda",
        description="The whole agenda, one topic a line, as in the form of plan. The chapters are found anew by it. "
        "Empty: as it is.",
        examples=["Avaus\nAsukkaan valitus: valitus, oikaisuvaatimus"],
    )
    speakers: Annotated[str, AfterValidator(_renamed)] = Field(
        "",
        title="Speakers",
        description="Each line: the name that the page shows, a colon, and the name to show instead. Nothing after "
        "the colon: no name is shown.",
        examples=["Ville Salakuljettaja: asukas"],
    )
    about: Line = Field(
        "",
        max_length=2000,
        title="About",
        description="Of a broadcast that was planned, and whose recording is not published yet. Empty: as it is.",
    )


class RestoreRequest(_Request):
    """What to restore."""

    start: str = Field(
        "",
        title="From",
        description="Where the withdrawn passage begins, as its page shows it. Empty: the whole episode.",
        examples=["12.03"],
    )

    @model_validator(mode="after")
    def _is_a_place(self) -> Self:
        if self.start:
            _place(self.start)
        return self


class EraseRequest(_Request):
    """Which episode to erase."""

    confirm: str = Field(
        title="The Id again", description="What is erased cannot be brought back by anybody: write the Id once more."
    )

    @model_validator(mode="after")
    def _is_meant(self) -> Self:
        if self.confirm != self.broadcast:
            raise ValueError(f"The Id again is {self.confirm!r}, not {self.broadcast!r}. Nothing is erased.")
        return self


@flow(name="withdraw_passage", flow_run_name="{request.broadcast}", log_prints=False, on_crashed=[afterwards.go_on])
def withdraw_passage(request: PassageRequest) -> State[Any]:
    """Take a passage away from the public: picture, sound and words, in every file, list and search.

    The archive keeps what was recorded; restore brings it back. Harmless to repeat.
    """
    settings, place = configuration.load(), request.place
    step = _step(request, "passage", request.note)
    if request.dry_run:
        withdrawing.require(settings, request.broadcast, place.start_ms)
        return Completed(message=f"Nothing is withdrawn. {_remaining(settings, request)}")
    withdrawing.passage(settings, request.broadcast, place.start_ms, place.end_ms, step)
    state = bring(settings, request.broadcast)
    said = _remaining(settings, request)
    return Completed(message=f"{request.start}–{request.end} is withdrawn. {state.message} {said}")


def _remaining(settings: Settings, request: PassageRequest) -> str:
    """Where names of the passage stand elsewhere, as a sentence."""
    wanted = list(
        dict.fromkeys([*filter(None, request.names), *remaining.said(settings, request.broadcast, request.place)])
    )
    found = remaining.standing(settings, request.broadcast, wanted)
    left = remaining.outside(found, request.broadcast, request.place)
    return remaining.tell(settings, request.broadcast, wanted, left)


@flow(name="withdraw_episode", flow_run_name="{request.broadcast}", log_prints=False, on_crashed=[afterwards.go_on])
def withdraw_episode(request: EpisodeRequest) -> State[Any]:
    """Take a whole episode away from the public; a notice is left in the place of its page.

    The archive keeps what was recorded; restore brings it back. Harmless to repeat.
    """
    settings = configuration.load()
    withdrawing.whole(settings, request.broadcast, _step(request, "episode", request.note))
    return bring(settings, request.broadcast)


@flow(name="describe_broadcast", flow_run_name="{request.broadcast}", log_prints=False, on_crashed=[afterwards.go_on])
def describe_broadcast(request: DescribeRequest) -> State[Any]:
    """Give a recorded broadcast another title, agenda, or names of speakers, on all pages, in feeds, files and search.

    What it was called before is removed from the site, with all earlier versions of its texts; also when nothing is
    filled in. The archive keeps it. Harmless to repeat.
    """
    settings = configuration.load()
    step = _step(request, "described").model_copy(
        update={"title": request.title, "agenda": catalogue.agenda(pasted(request.agenda))}
    )
    describing.describe(settings, request.broadcast, step, _speakers(request.speakers), request.about)
    return bring(settings, request.broadcast)


@flow(name="restore", flow_run_name="{request.broadcast}", log_prints=False, on_crashed=[afterwards.go_on])
def restore(request: RestoreRequest) -> State[Any]:
    """Show a passage or an episode again that was withdrawn."""
    settings = configuration.load()
    start_ms = moment(request.start) if request.start else None
    withdrawing.restore(settings, request.broadcast, start_ms, _step(request, "restored"))
    return bring(settings, request.broadcast)


@flow(name="erase_episode", flow_run_name="{request.broadcast}", log_prints=False)
def erase_episode(request: EraseRequest) -> State[Any]:
    """Erase a withdrawn episode from the archive for good, once it cannot be restored any more: recording, originals,
    transcripts, corrections, notes and what was prepared of it. What was erased, when, by whom and why is noted.
    """
    noted = erasing.erase(
        configuration.load(), request.broadcast, request.by, names.line(request.reason), datetime.now(UTC)
    )
    size = sum(each.size for each in noted.objects)
    return Completed(message=f"{request.broadcast} is erased: {len(noted.objects)} objects, {size / 1e6:.1f} MB.")


def _step(request: _Request, kind: Kind, note: str = "") -> Withdrawal:
    return Withdrawal(at=datetime.now(UTC), kind=kind, by=request.by, reason=request.reason, note=note)
