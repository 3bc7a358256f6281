"""withdraw_passage, withdraw_episode and restore: what viewers must not see or hear any more, and back again."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from config import settings as configuration
from core import identifiers, names
from core.errors import InvalidInput
from core.transcript import moment
from core.withdrawals import Kind, Withdrawal
from flows.publish import bring
from tasks import afterwards, withdrawing


def _place(text: str) -> str:
    try:
        moment(text)
    except InvalidInput as error:
        raise ValueError(f"{error.what} {error.cure}") from error
    return text


Place = Annotated[str, AfterValidator(_place)]
Line = Annotated[str, AfterValidator(names.line)]


class _Request(BaseModel):
    """What the forms have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    broadcast: str = Field(
        pattern=f"^{identifiers.PATTERN}$",
        title="Id of the broadcast",
        description="As in the episode's address; see maaseutu status.",
    )
    by: Line = Field(min_length=1, max_length=100, title="Your name", description="For the log, which is not public.")
    reason: str = Field(
        min_length=1,
        max_length=2000,
        title="Reason",
        description="Why, and who asked for it. For the log, which is not public.",
    )


class PassageRequest(_Request):
    """Which passage to withdraw."""

    start: Place = Field(
        title="From",
        description="Where it begins, as the page shows it (12.03 or 1.02.03), or in seconds (723.4).",
        examples=["12.03"],
    )
    end: Place = Field(title="To", description="Where it ends, as above.", examples=["12.33"])
    note: Line = Field(
        "",
        max_length=300,
        title="Note on the page",
        description="Why, as viewers read it. It must not say what was removed. May be empty.",
    )

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


@flow(name="withdraw_passage", flow_run_name="{request.broadcast}", log_prints=False, on_crashed=[afterwards.go_on])
def withdraw_passage(request: PassageRequest) -> State[Any]:
    """Take a passage away from the public: picture, sound and words, in every file, list and search.

    The archive keeps what was recorded; restore brings it back. Harmless to repeat.
    """
    settings = configuration.load()
    step = _step(request, "passage", request.note)
    withdrawing.passage(settings, request.broadcast, moment(request.start), moment(request.end), step)
    state = bring(settings, request.broadcast)
    return Completed(message=f"{request.start}–{request.end} is withdrawn. {state.message}")


@flow(name="withdraw_episode", flow_run_name="{request.broadcast}", log_prints=False, on_crashed=[afterwards.go_on])
def withdraw_episode(request: EpisodeRequest) -> State[Any]:
    """Take a whole episode away from the public; a notice is left in the place of its page.

    The archive keeps what was recorded; restore brings it back. Harmless to repeat.
    """
    settings = configuration.load()
    withdrawing.whole(settings, request.broadcast, _step(request, "episode", request.note))
    return bring(settings, request.broadcast)


@flow(name="restore", flow_run_name="{request.broadcast}", log_prints=False, on_crashed=[afterwards.go_on])
def restore(request: RestoreRequest) -> State[Any]:
    """Show a passage or an episode again that was withdrawn."""
    settings = configuration.load()
    start_ms = moment(request.start) if request.start else None
    withdrawing.restore(settings, request.broadcast, start_ms, _step(request, "restored"))
    return bring(settings, request.broadcast)


def _step(request: _Request, kind: Kind, note: str = "") -> Withdrawal:
    return Withdrawal(at=datetime.now(UTC), kind=kind, by=request.by, reason=request.reason, note=note)
