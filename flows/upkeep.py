"""Upkeep: finish what is unfinished, plan what comes by a rule, and watch what is due. Looks only at what is stored, so
it helps after any kind of failure.
"""

from datetime import UTC, datetime

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.logging import get_run_logger
from pydantic import BaseModel, ConfigDict, Field

from config import settings as configuration
from tasks import afterwards, erasing, programmes, sweeping
from tasks import deadlines as clock


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


class ProgrammesRequest(BaseModel):
    """How to plan."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dry_run: bool = Field(
        True,
        title="Only look",
        description="Tell what would be planned, and change nothing. The schedule turns this off.",
    )


@flow(name="plan_programmes", flow_run_name="programmes", log_prints=False)
def plan_programmes(request: ProgrammesRequest) -> None:
    """Plan the next broadcasts of each programme that has a schedule, and schedule planned recordings that are missing.

    What was planned once is never planned again, also when it was moved or cancelled since.
    """
    settings = configuration.load()
    cases = [*programmes.missing(settings), *programmes.unscheduled(settings)]
    if not request.dry_run:
        cases = [programmes.finish(settings, case) for case in cases]
        for case in cases:
            get_run_logger().info("%s: %s", case.planned.id, case.cure)
    rows = [{"broadcast": case.planned.id, "begins": case.begins, "what is done": case.cure} for case in cases]
    create_table_artifact(rows or [{"state": "all is planned"}], key="programmes", description="Next broadcasts")


class DeadlinesRequest(BaseModel):
    """How to read the clock."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dry_run: bool = Field(
        True, title="Only look", description="Bring the table up to date, and tell nobody. The schedule turns this off."
    )


@flow(name="deadlines", flow_run_name="deadlines", log_prints=False, on_crashed=[afterwards.go_on])
def deadlines(request: DeadlinesRequest) -> None:
    """Find the recordings whose text must be checked within 14 days of their publication, and tell the producer. Also
    list the withdrawn episodes that can be erased, which only a person does.
    """
    settings, now = configuration.load(), datetime.now(UTC)
    found = clock.cases(settings, now)
    clock.show(found, now)
    erasing.show(settings, now)
    if not request.dry_run:
        clock.tell(settings, found)
