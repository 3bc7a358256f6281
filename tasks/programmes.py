"""The next broadcasts of programmes that are held by a rule, and planned recordings for which no run waits."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from config import catalogue, stores
from config.settings import Settings
from core import helsinki, identifiers
from core.errors import InvalidInput
from core.planning import plans, schedule
from core.planning.planned import Planned
from core.planning.schedule import Schedule
from tasks import scheduling
from tasks.plans import plan


class Case(NamedTuple):
    """A broadcast that is to be planned, or has been while its recording is not scheduled, and what is done."""

    planned: Planned
    cure: str

    @property
    def begins(self) -> str:
        """When, for a person."""
        return helsinki.moment(self.planned.starts_at)


PLAN, MEND = "plan", "schedule its recording as planned"


def missing(settings: Settings) -> list[Case]:
    """What the schedules ask for and nobody has ever planned."""
    now = datetime.now(UTC)
    until = now + timedelta(days=settings.plan_ahead_days)
    known = {planned.id for planned in plans.every(stores.archive(settings))}
    asked = [
        _planned(slug, rule, at)
        for slug, rule in catalogue.schedules().items()
        for at in schedule.occurrences(rule, now, until)
    ]
    return [Case(planned, PLAN) for planned in asked if planned.id not in known]


def _planned(slug: str, rule: Schedule, at: datetime) -> Planned:
    programme = catalogue.programme(slug)
    made = Planned(
        id=identifiers.identifier(programme.title, at),
        programme=slug,
        title=programme.title,
        starts_at=at,
        ends_at=at + rule.length,
        language=programme.language,
        agenda=programme.agenda,
        changed_at=datetime.now(UTC),
    )
    return plans.sourced(made, rule.source)


def unscheduled(settings: Settings) -> list[Case]:
    """What is planned while Prefect waits with another run or none: a change was killed, or its database lost."""
    now = datetime.now(UTC)
    every = plans.every(stores.archive(settings))
    coming = [each for each in every if each.starts_at > now and (each.source_digest or each.cancelled)]
    return [Case(each, MEND) for each in coming if not scheduling.is_settled(each)]


def finish(settings: Settings, case: Case) -> Case:
    """Do what is missing; what cannot be done is told, and holds up no other."""
    try:
        if case.cure == PLAN:
            plan(settings, case.planned, catalogue.schedules()[case.planned.programme].source)
        else:
            source = "" if case.planned.cancelled else scheduling.source_of(case.planned)
            scheduling.schedule(settings, case.planned, source)
    except InvalidInput as error:
        return case._replace(cure=f"nothing: {error}")
    return case
