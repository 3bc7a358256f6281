"""Upkeep: finish what is unfinished. Looks only at what is stored, so it helps after any kind of failure."""

from prefect import flow
from prefect.artifacts import create_table_artifact
from pydantic import BaseModel, ConfigDict, Field

from config import settings as configuration
from tasks import sweeping


class SweepRequest(BaseModel):
    """How to sweep."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dry_run: bool = Field(
        True, title="Only look", description="Tell what is unfinished, and change nothing. The schedule turns this off."
    )


@flow(name="sweep", flow_run_name="sweep", log_prints=False)
def sweep(request: SweepRequest) -> None:
    """Find recordings that were never ended, never prepared or never published, and start what is missing."""
    settings = configuration.load()
    found = sweeping.unfinished(settings)
    if not request.dry_run:
        for case in found:
            sweeping.finish(settings, case)
    rows = [{"broadcast": case.broadcast, "state": case.state, "what is done": case.cure} for case in found]
    create_table_artifact(rows or [{"state": "everything is finished"}], key="sweep", description="Unfinished episodes")
