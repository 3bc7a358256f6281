"""The recording of a planned broadcast: a run of capture_broadcast that Prefect begins some minutes before it.

A plan touches only runs that it has scheduled itself (``PLANNED``) and that nobody has begun. Each revision of a plan
has one: the server makes no second run of the same key, also when the plan is repeated after a kill.
"""

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilterName
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Scheduled

from config.settings import Settings
from core import helsinki
from core.capture.orders import Told
from core.errors import InvalidInput, Misconfigured
from core.planning import plans
from core.planning.planned import Planned
from tasks.orders import runs_of
from tasks.steering import CAPTURE

DEPLOYMENT = f"{CAPTURE}/capture"
PLANNED = "planned"
"""Tag of the runs that a plan has scheduled. One that goes on after a kill does not bear it."""
NEAR = timedelta(minutes=1)
"""A worker takes runs some seconds before they are due: one that is as near as this counts as begun."""
BEGUN = (StateType.PENDING, StateType.RUNNING, StateType.PAUSED, StateType.CANCELLING, StateType.COMPLETED)


def begun(client: SyncPrefectClient, broadcast_id: str) -> FlowRun | None:
    """The run that records the broadcast, has done so, or will in a moment."""
    return _begun(_runs(client, broadcast_id))


def is_settled(planned: Planned) -> bool:
    """Whether the runs that Prefect has are those of this revision of the plan; one that began is left alone."""
    with get_client(sync_client=True) as client:
        found = _runs(client, planned.id)
    own = _own(planned, found)
    return bool(_begun(found)) or (not _others(found, own) and (planned.cancelled or bool(own)))


def schedule(settings: Settings, planned: Planned, source: str) -> FlowRun | None:
    """See that exactly the run that the plan wants is scheduled; gives it, or the one that has begun.

    One that somebody has cancelled by hand, or that failed, is followed by another.

    Raises:
        Misconfigured: Prefect does not know the deployment capture.
    """
    with get_client(sync_client=True) as client:
        found = _runs(client, planned.id)
        if run := _begun(found):
            return run
        wanted = _wanted(client, settings, planned, source, found)
        for run in _others(found, [wanted] if wanted else []):
            client.set_flow_run_state(run.id, Cancelled(message=_why(planned)))
    return wanted


def source_of(planned: Planned) -> str:
    """The whole address of its source, of which the plan keeps no secrets; empty if it has none.

    Raises:
        InvalidInput: only a run knew its secrets, and no run of it is there any more.
    """
    if not planned.source_digest or plans.is_source(planned, planned.source):
        return planned.source
    with get_client(sync_client=True) as client:
        asked = [run.parameters.get("request", {}) for run in _runs(client, planned.id)]
    found = next((one["source_url"] for one in asked if plans.is_source(planned, one.get("source_url", ""))), "")
    if not found:
        what = f"The address of {planned.id} has a key that only its scheduled run knew, and that run is gone."
        raise InvalidInput(what, "Plan it again under the same Id, with its address.")
    return found


def _runs(client: SyncPrefectClient, broadcast_id: str) -> list[FlowRun]:
    return runs_of(client, CAPTURE, FlowRunFilterName(any_=[broadcast_id]))


def _begun(found: Iterable[FlowRun]) -> FlowRun | None:
    now = datetime.now(UTC)
    return next((run for run in found if _has_begun(run, now)), None)


def _has_begun(run: FlowRun, now: datetime) -> bool:
    is_near = run.state_type == StateType.SCHEDULED and (run.expected_start_time or now) <= now + NEAR
    return is_near or run.state_type in BEGUN


def _own(planned: Planned, found: Iterable[FlowRun]) -> list[FlowRun]:
    """The runs of this revision of the plan, also those that are over."""
    return [run for run in found if not planned.cancelled and _is_of(run, planned)]


def _is_of(run: FlowRun, planned: Planned) -> bool:
    return (run.idempotency_key or "").startswith(f"{_key(planned)}.")


def _others(found: Iterable[FlowRun], own: Iterable[FlowRun]) -> list[FlowRun]:
    """The runs that plans have scheduled and that wait, but not the ``own``."""
    known = {run.id for run in own}
    waiting = [run for run in found if PLANNED in run.tags and run.state_type == StateType.SCHEDULED]
    return [run for run in waiting if run.id not in known]


def _wanted(
    client: SyncPrefectClient, settings: Settings, planned: Planned, source: str, found: Iterable[FlowRun]
) -> FlowRun | None:
    """The run that is to record it, made if it is not there; None if nothing is to be recorded."""
    now = datetime.now(UTC)
    if planned.cancelled or not source or planned.starts_at <= now:
        return None
    own = _own(planned, found)
    if alive := next((run for run in own if run.state_type == StateType.SCHEDULED), None):
        return alive
    try:
        return client.create_flow_run_from_deployment(
            client.read_deployment_by_name(DEPLOYMENT).id,
            parameters={"request": request(settings, planned, source)},
            name=planned.id,
            state=Scheduled(scheduled_time=max(begins_at(settings, planned), now)),
            tags=[PLANNED, *_end(settings, planned).tags()],
            idempotency_key=f"{_key(planned)}.{_number(own)}",
        )
    except ObjectNotFound as error:
        what = f"Prefect has no deployment {DEPLOYMENT}, so no recording is scheduled."
        raise Misconfigured(what, "Run `maaseutu up` again.") from error


def _end(settings: Settings, planned: Planned) -> Told:
    return Told(until=planned.ends_at + timedelta(minutes=settings.plan_grace_minutes), ends=planned.ends_at)


def _number(own: Iterable[FlowRun]) -> int:
    """The number of the next run of a revision; those before it are over."""
    return 1 + max((int((run.idempotency_key or "").rpartition(".")[2]) for run in own), default=-1)


def begins_at(settings: Settings, planned: Planned) -> datetime:
    """When its recording begins."""
    return planned.starts_at - timedelta(minutes=settings.plan_lead_minutes)


def request(settings: Settings, planned: Planned, source: str) -> dict[str, Any]:
    """What capture_broadcast is asked for. Pure.

    The end is told by the run's tag, as one that was ordered: minutes count from the first picture, whose time nobody
    knows yet, so they are only an upper bound.
    """
    wait = settings.plan_lead_minutes + math.ceil((planned.ends_at - planned.starts_at) / timedelta(minutes=1))
    return {
        "source_url": source,
        "title": planned.title,
        "programme": planned.programme,
        "language": planned.language,
        "agenda": [plans.line(item) for item in planned.agenda],
        "vocabulary": plans.listened_for(planned),
        "starts_at": planned.starts_at.isoformat(),
        "broadcast": planned.id,
        "minutes": wait + settings.plan_grace_minutes,
        "wait_minutes": wait,
    }


def _key(planned: Planned) -> str:
    return f"{planned.id}.{planned.changed_at:%Y%m%dT%H%M%S%fZ}"


def _why(planned: Planned) -> str:
    if planned.cancelled:
        return "The broadcast is cancelled."
    return f"The plan has changed: the broadcast begins on {helsinki.moment(planned.starts_at)}."
