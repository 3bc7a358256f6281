"""The lives of a run: another begins, and goes on, when its process was killed."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

import psutil
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.logging import get_logger
from prefect.states import Crashed

from tasks.orders import inherited

LIVES = 5
"""How often the work of a run is begun; one that always kills its process must not do so for ever."""
AGAIN = "again-"
"""A run that goes on after another bears this tag with the number of the attempt."""
WORKER = "prefect.worker.name"
"""The label of a run by which Prefect says which worker began it."""
RUN_ID = "PREFECT__FLOW_RUN_ID"
"""By this variable the process of a run is known."""

_log = get_logger(__name__)


def begin_again(client: SyncPrefectClient, run: FlowRun) -> bool:
    """Begin another run of the same, which goes on where it was; False when that was done often enough."""
    attempt = 1 + max((int(tag.removeprefix(AGAIN)) for tag in run.tags if tag.startswith(AGAIN)), default=1)
    if run.deployment_id is None or attempt > LIVES:
        _log.error("%s was killed %d times and is not started again.", run.name, attempt - 1)
        return False
    # What is known here may be of the run's beginning; its tags have changed since.
    tags = [*inherited(client.read_flow_run(run.id)), f"{AGAIN}{attempt}"]
    client.create_flow_run_from_deployment(run.deployment_id, parameters=run.parameters, name=run.name, tags=tags)
    return True


def is_going_on(tags: Iterable[str]) -> bool:
    """Whether a run with these tags goes on after one that was killed."""
    return any(tag.startswith(AGAIN) for tag in tags)


def revive(client: SyncPrefectClient, worker: str) -> list[str]:
    """Let the runs go on that were killed together with this machine's worker; gives their names.

    To be called before the worker of that name takes any run: whatever it had begun has a process by now, or lost it.
    """
    state = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING]))
    begun = [run for run in client.read_flow_runs(flow_run_filter=FlowRunFilter(state=state)) if _is_of(run, worker)]
    alive = set(_processes()) if begun else set()
    revived = []
    for run in begun:
        if str(run.id) not in alive:
            client.set_flow_run_state(run.id, Crashed(message="Its process was killed with its worker."), force=True)
            if begin_again(client, run):
                revived.append(run.name)
    return revived


def _is_of(run: FlowRun, worker: str) -> bool:
    return run.labels.get(WORKER) == worker


def _processes() -> Iterator[str]:
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if found := process.environ().get(RUN_ID):
                yield found
