"""What the sweep finds, and what it starts."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterName,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.deployments import run_deployment
from prefect.logging import get_run_logger
from prefect.states import Crashed

from config import stores
from config.settings import Settings
from core import identifiers
from core.archive import recordings
from core.archive.pulse import PULSE
from core.archive.unfinished import Standing, State, standings
from core.capture import recorder
from core.duties import withdrawals
from core.duties.withdrawals import Withdrawals
from tasks import signing
from tasks.recording import recorder_options

PATIENCE_FACTOR = 3
LONGEST_WAIT = timedelta(minutes=10)
BELIEVED = {
    "capture_broadcast": LONGEST_WAIT,
    "import_recording": timedelta(seconds=recorder.IMPORT_TIMEOUT_SECONDS),
}
"""For how long a run may be at work on a recording that looks interrupted, as one does that goes on after a kill.

What is imported bears the time of its broadcast, so it looks interrupted as long as its import lasts.
"""
PUBLISHING = ["publish_episode", "withdraw_passage", "withdraw_episode", "describe_broadcast", "restore"]
ALIVE = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING]
CURES: dict[State, str] = {"interrupted": "seal, then prepare", "recorded": "prepare", "prepared": "publish"}


class Case(NamedTuple):
    """A broadcast that is unfinished while nobody works on it, and the cure."""

    broadcast: str
    state: State
    cure: str


def unfinished(settings: Settings) -> list[Case]:
    """Every broadcast on which nobody works though something is missing. Runs whose process died become Crashed."""
    now = datetime.now(UTC)
    patience = timedelta(seconds=settings.give_up_seconds * PATIENCE_FACTOR)
    found = standings(stores.archive(settings), stores.site(settings), now=now, patience=patience)
    decided = withdrawals.every(stores.archive(settings))
    # What is published or withdrawn, but not cleared of what is withdrawn, is to be published.
    due = {name for name, each in decided.items() if not each.is_cleared}
    found = [each._replace(state="prepared") if each.broadcast in due else each for each in found]
    with get_client(sync_client=True) as client:
        idle = [s for s in found if s.state in CURES and not _at_work(client, s, now)]
        idle = [s for s in idle if s.state != "prepared" or _may_go_on(settings, s, decided)]
    return [Case(s.broadcast, s.state, CURES[s.state]) for s in idle]


def _may_go_on(settings: Settings, found: Standing, decided: dict[str, Withdrawals]) -> bool:
    """Nothing keeps an episode from being withdrawn as a whole, but a text may have to wait for its review."""
    is_whole = found.broadcast in decided and decided[found.broadcast].whole is not None
    return is_whole or not signing.is_held(settings, found.broadcast)


def _at_work(client: SyncPrefectClient, found: Standing, now: datetime) -> bool:
    if found.state == "interrupted" and _is_recorded(client, found.broadcast, now):
        return True
    if found.state != "prepared" and found.pulse and found.pulse.is_fresh(now):
        # Also by a run that this server does not know.
        return True
    flows = PUBLISHING if found.state == "prepared" else ["prepare_episode"]
    runs = client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=flows)),
        flow_run_filter=FlowRunFilter(
            name=FlowRunFilterName(any_=[found.broadcast]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=ALIVE)),
        ),
    )
    dead = [run for run in runs if not _lives(run, found, now)]
    for run in dead:
        client.set_flow_run_state(run.id, Crashed(message="Its process is gone."), force=True)
    return len(dead) < len(runs)


def _is_recorded(client: SyncPrefectClient, broadcast: str, now: datetime) -> bool:
    return any(
        is_believed(flow, run, now)
        for flow in BELIEVED
        for run in client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])),
            flow_run_filter=FlowRunFilter(
                name=FlowRunFilterName(like_=broadcast),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=ALIVE)),
            ),
        )
        if identifiers.of_run(run.name)[0] == broadcast
    )


def is_believed(flow: str, run: FlowRun, now: datetime) -> bool:
    """Whether a run that Prefect takes for alive may still record, or will in a moment."""
    return now - (run.start_time or run.expected_start_time or now) < BELIEVED[flow]


def _lives(run: FlowRun, found: Standing, now: datetime) -> bool:
    """A run that prepares leaves a pulse; any other is believed for ten minutes after its last change."""
    if run.state_type == StateType.RUNNING and found.state != "prepared" and found.pulse:
        return now - max(found.pulse.at, run.start_time or found.pulse.at) < PULSE
    return now - (run.start_time or run.expected_start_time or now) < LONGEST_WAIT


def finish(settings: Settings, case: Case) -> None:
    """Start what is missing. An interrupted recording is sealed here, with what the spool of this machine holds."""
    get_run_logger().info("%s is %s: %s", case.broadcast, case.state, case.cure)
    if case.state == "interrupted":
        for store in recordings.recorders(stores.archive(settings), case.broadcast):
            if store.segments() and not store.recording().sealed:
                recorder.seal_interrupted(store, recorder_options(settings))
    name = "publish_episode/publish" if case.state == "prepared" else "prepare_episode/prepare"
    run_deployment(name, parameters={"request": {"broadcast": case.broadcast}}, timeout=0, as_subflow=False)
