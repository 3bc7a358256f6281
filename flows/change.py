"""change_plan: move a broadcast that is to come to another time, or cancel it."""

from enum import StrEnum
from typing import Any, Self

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from config import settings as configuration
from core import identifiers
from flows.plan import Moment
from tasks import afterwards, plans


class Change(StrEnum):
    """What can be changed. The words are those of the form."""

    MOVE = "move it to another time"
    CANCEL = "cancel it"


def _without_default(schema: dict[str, Any]) -> None:
    # With a default of null, forms show `Property is type "None"` in the place of a field.
    del schema["default"]


class ChangeRequest(BaseModel):
    """Which planned broadcast to change, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    broadcast: str = Field(
        pattern=f"^{identifiers.PATTERN}$",
        title="Id of the broadcast",
        description="As in its page's address and as its run of plan_broadcast is named.",
    )
    change: Change = Field(
        title="What to do",
        description="Its page, the calendars and its scheduled recording follow. A recording that has begun is never "
        "stopped or moved by this: use steer. To change title, agenda or speakers, run plan with its Id.",
    )
    starts_at: Moment | SkipJsonSchema[None] = Field(
        None,
        title="New start",
        description="Only to move: set the zone beside it, which says UTC, to Europe / Helsinki.",
        json_schema_extra=_without_default,
    )
    ends_at: Moment | SkipJsonSchema[None] = Field(
        None,
        title="New planned end",
        description="Only to move. Empty: it lasts as long as before.",
        json_schema_extra=_without_default,
    )

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if self.change is Change.MOVE and self.starts_at is None:
            raise ValueError("Say when it begins: the new start is missing.")
        return self


@flow(name="change_plan", flow_run_name="{request.broadcast}", log_prints=False, on_crashed=[afterwards.go_on])
def change_plan(request: ChangeRequest) -> State[Any]:
    """Move or cancel a planned broadcast, with its page, its place in calendars and its scheduled recording.

    Harmless to repeat. The run is red when the recording has begun, and says what can be done.
    """
    settings = configuration.load()
    if request.starts_at and request.change is Change.MOVE:
        arranged = plans.move(settings, request.broadcast, request.starts_at, request.ends_at)
    else:
        arranged = plans.cancel(settings, request.broadcast)
    return Completed(message=plans.tell(settings, arranged))
