"""Giving an order to a recording that runs, and waiting until it was heard."""

import threading
import time
from datetime import UTC, datetime
from typing import NamedTuple

from prefect import task
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilterName
from prefect.client.schemas.objects import FlowRun, StateType

from config import stores
from config.settings import Settings
from core import helsinki, names
from core.archive.recordings import RecordingStore
from core.capture import orders
from core.capture.orders import Told
from core.errors import InvalidInput, SourceUnavailable
from core.models import Mark
from tasks.orders import SteerRequest, running, runs_of, sentence
from tasks.policies import STEP

CAPTURE = "capture_broadcast"
POLL_SECONDS = 1.0
PATIENCE_SECONDS = 120.0
"""A recording that was killed begins again and listens after less than this."""
ABSENCE_SECONDS = 20.0
"""Between the end of a run that was killed and the making of the next one there is none for a moment."""
STORE_TRIES, STORE_EVERY_SECONDS = 1000, 10


class _Found(NamedTuple):
    """The recordings that are meant, by name: what holds where the order was heard, and who has not heard it yet."""

    heard: dict[str, Told]
    waiting: set[str]


@task(name="tell the recorder", task_run_name="tell {request.run_name}", **(STEP | {"retries": 0}))
def tell(request: SteerRequest, given_at: datetime) -> str:
    """Wait until every recording that is meant has heard the order; gives what holds now.

    Raises:
        InvalidInput: the broadcast is not being recorded.
        SourceUnavailable: its recording did not answer; the order ends with this run.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := _recording(request, given_at)).waiting and time.monotonic() < deadline:
        threading.Event().wait(POLL_SECONDS)
    holds = " ".join(sentence(name, known) for name, known in sorted(found.heard.items()))
    deaf = f"{', '.join(sorted(found.waiting))} did not answer in {PATIENCE_SECONDS:.0f} s."
    if not holds:
        raise SourceUnavailable(
            deaf, "It ends, or waits for its stream, or does not reach Prefect. Its run can be cancelled."
        )
    return f"{holds} {deaf}" if found.waiting else holds


@task(name="find the recording", task_run_name="find {request.run_name}", **(STEP | {"retries": 0}))
def require(request: SteerRequest, given_at: datetime) -> None:
    """Nothing, if the broadcast is being recorded.

    Raises:
        InvalidInput: it is not.
    """
    _recording(request, given_at)


def _recording(request: SteerRequest, given_at: datetime) -> _Found:
    """Who records what is meant; there may be nobody for a moment, after a kill."""
    until = time.monotonic() + ABSENCE_SECONDS
    while True:
        with get_client(sync_client=True) as client:
            listed = runs_of(client, CAPTURE, FlowRunFilterName(like_=request.broadcast))
            meant = [run for run in listed if request.is_for(run.name)]
            found = _sorted(meant, given_at)
            if found.heard or found.waiting:
                return found
            if time.monotonic() >= until:
                others = sorted({run.name for run in running(client, CAPTURE)})
                raise _refusal(request.run_name, meant, others)
        threading.Event().wait(POLL_SECONDS)


def _sorted(meant: list[FlowRun], given_at: datetime) -> _Found:
    told = [(run.name, orders.told(run.tags)) for run in meant]
    # A recording that was told to stop may have ended since.
    heard = {name: known for name, known in told if known.heard and known.heard >= given_at}
    return _Found(heard, {run.name for run in meant if _may_hear(run)} - heard.keys())


def _refusal(name: str, meant: list[FlowRun], others: list[str]) -> InvalidInput:
    """Why there is nobody to hear an order: none of the runs that are ``meant`` has begun; ``others`` are recorded."""
    times = [run.expected_start_time for run in meant if run.state_type == StateType.SCHEDULED]
    if begins := min(filter(None, times), default=None):
        return InvalidInput(
            f"{name} is not being recorded yet: it is planned, and its recording begins on {helsinki.moment(begins)}.",
            "It begins by itself; steer it from then on. To move or cancel it, run the deployment change.",
        )
    cure = f"Give the id of one that is: {', '.join(others)}." if others else "Nothing is being recorded now."
    return InvalidInput(f"{name} is not being recorded.", cure)


def _may_hear(run: FlowRun) -> bool:
    """Whether it records, or will in a moment, as one that goes on after a kill."""
    if run.state_type == StateType.RUNNING:
        return True
    is_due = run.expected_start_time is not None and run.expected_start_time <= datetime.now(UTC)
    return is_due and run.state_type in (StateType.SCHEDULED, StateType.PENDING)


@task(
    name="store the mark",
    task_run_name="mark {request.broadcast}",
    **(STEP | {"retries": STORE_TRIES, "retry_delay_seconds": STORE_EVERY_SECONDS}),
)
def mark(settings: Settings, request: SteerRequest, at: datetime) -> str:
    """Store a moment, however long the store does not answer; gives what was marked."""
    text = names.title(request.text)
    RecordingStore(stores.archive(settings), request.broadcast).mark(Mark(at=at, text=text))
    return f"Marked in {request.broadcast} at {at.astimezone(helsinki.HELSINKI):%-H.%M.%S}: {text}"
