"""tell_members: messages to the members of the network, each of which wishes other ones."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict, Field

from config import settings as configuration
from tasks import afterwards, members


class TellRequest(BaseModel):
    """How to tell them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dry_run: bool = Field(
        True,
        title="Only look",
        description="Show under Artifacts who would get what, and send nothing. The schedule turns this off.",
    )


@flow(name="tell_members", flow_run_name="members", log_prints=False, on_crashed=[afterwards.go_on])
def tell_members(request: TellRequest) -> State[Any]:
    """Tell members what is planned, on the air, published, mentioned and checked, each what they wish, and once.

    One digest a day at most; that a broadcast begins is told at once. Harmless to repeat: what was sent is not sent
    again. A table under Artifacts says who was told what.
    """
    settings = configuration.load()
    told = members.tell(settings, dry_run=request.dry_run)
    members.show(settings, told)
    return Completed(message=f"{members.summary(told.cases)}.")
