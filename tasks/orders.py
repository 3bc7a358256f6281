"""Orders to a recording that runs. They are the runs of steer_capture: nothing else keeps them.

A recording looks for them every few seconds. What it has heard, and when it shall end, are tags of its own run: a run
that goes on after a kill inherits them, and whoever gave the order reads there that it was heard.
"""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from uuid import UUID

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
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core import helsinki, identifiers, names
from core.capture import orders
from core.capture.limit import Limit
from core.capture.orders import Action, Order, Told

STEER = "steer_capture"
LOOK_EVERY_SECONDS = 3.0
SINCE = "since-"
"""A run that goes on after another bears this tag with the moment for which the first one was asked."""


class SteerRequest(BaseModel):
    """What to tell a recording that runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    broadcast: str = Field(
        pattern=f"^{identifiers.PATTERN}$",
        title="Id of the broadcast",
        description="As its run of capture_broadcast is named, such as 2026-11-24-maaseutu-live; of a second recorder, "
        "whose run is named ID.b, only the ID. maaseutu status lists them.",
    )
    action: Action = Field(
        title="What to do",
        description="Go on: the recording ends so many minutes from now, later or earlier than planned. Stop: it ends "
        "now; what came is kept, prepared and published. Mark: a chapter of the page begins at this moment.",
    )
    minutes: int = Field(
        0, ge=0, le=24 * 60, title="Minutes", description="Only to go on: how many minutes from now. 30: half an hour."
    )
    text: str = Field(
        "",
        max_length=200,
        title="Text",
        description="Only to mark: the title of the chapter that begins now.",
        examples=["Äänestys"],
    )
    recorder: str = Field(
        "",
        pattern=f"^$|^{identifiers.RECORDER}$",
        title="Recorder",
        description="Empty: all recorders of the broadcast. A name such as b: only that one.",
    )

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.action is Action.GO_ON and not self.minutes:
            raise ValueError("Say for how many minutes the recording shall go on; to end it, choose to stop it.")
        if self.action is Action.MARK and not names.title(self.text):
            raise ValueError("Say what begins at this moment: the text is the title of the chapter.")
        return self

    @property
    def run_name(self) -> str:
        """What the run is called: as the recording's, so that it is found."""
        return identifiers.run_name(self.broadcast, self.recorder)

    def is_for(self, name: str) -> bool:
        """Whether it is meant for the recording of this name."""
        broadcast, recorder = identifiers.of_run(name)
        return broadcast == self.broadcast and self.recorder in ("", recorder)


def asked_for(tags: Iterable[str], expected: datetime | None) -> datetime:
    """The moment for which a run was asked, though the first one that was to do it may have been killed."""
    since = next((tag.removeprefix(SINCE) for tag in tags if tag.startswith(SINCE)), "")
    return datetime.fromisoformat(since) if since else expected or datetime.now(UTC)


def inherited(run: FlowRun) -> list[str]:
    """Tags of a run that was killed which another that goes on in its place must bear."""
    since = asked_for(run.tags, run.expected_start_time).astimezone(UTC).isoformat()
    return [f"{SINCE}{since}", *(tag for tag in run.tags if tag.startswith(orders.KNOWN))]


def runs_of(
    client: SyncPrefectClient, flow: str, name: FlowRunFilterName | None, state: FlowRunFilterState | None = None
) -> list[FlowRun]:
    """The runs of a flow by name and state."""
    wanted = FlowRunFilter(name=name, state=state)
    return client.read_flow_runs(flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])), flow_run_filter=wanted)


def running(client: SyncPrefectClient, flow: str, run_names: list[str] | None = None) -> list[FlowRun]:
    """The runs of a flow that are at work."""
    state = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING]))
    return runs_of(client, flow, FlowRunFilterName(any_=run_names) if run_names else None, state)


class Listener:
    """Hears the orders to one recording in a thread of its own, while it is entered.

    A Prefect server that does not answer holds up nothing: it is asked again. ``plan`` is told when the end has moved.
    """

    def __init__(self, name: str, limit: Limit, plan: Callable[[datetime | None], None]) -> None:
        self._name = name
        self._limit = limit
        self._plan = plan
        self._logger = get_run_logger()
        self._run_id = UUID(flow_run.id)
        self._tags = [tag for tag in flow_run.tags if not tag.startswith(orders.KNOWN)]
        self._known = self._written = orders.told(flow_run.tags)
        self._is_known = False
        self._limit.resume(self._known.began_at, self._known.until)
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="orders")

    def __enter__(self) -> Self:
        self._pool.submit(self._listen_at_last)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Does not wait for a server that is away."""
        self._over.set()
        self._pool.shutdown(wait=False)

    def _listen_at_last(self) -> None:
        told = False
        while not self._over.is_set():
            error = self._pool.submit(self._listen).exception()
            if error and not told:
                self._logger.warning("Orders are not heard while Prefect does not answer: %s", error)
            told = bool(error)
            self._over.wait(LOOK_EVERY_SECONDS)

    def _listen(self) -> None:
        with get_client(sync_client=True) as client:
            while not self._over.is_set():
                self._look(client)
                self._over.wait(LOOK_EVERY_SECONDS)

    def _look(self, client: SyncPrefectClient) -> None:
        if not self._is_known:
            # The tags as of now: the task may be tried again, long after its run began.
            self._known = self._written = orders.told(client.read_flow_run(self._run_id).tags)
            self._limit.resume(self._known.began_at, self._known.until)
            self._is_known = True
        known = self._known
        for order in self._given(client):
            known = orders.carry_out(order, self._limit, known)
        self._known = known._replace(began_at=self._limit.began_at, until=self._limit.planned)
        if self._known == self._written:
            return
        self._plan(self._known.expected)
        client.update_flow_run(self._run_id, tags=[*self._tags, *self._known.tags()])
        self._log()
        self._written = self._known

    def _given(self, client: SyncPrefectClient) -> list[Order]:
        """The orders to this recording that wait to be heard, the first one first."""
        found = running(client, STEER, list({identifiers.of_run(self._name)[0], self._name}))
        given = [(request, run) for run in found if (request := _request(run)) and request.is_for(self._name)]
        made = [Order(r.action, asked_for(run.tags, run.expected_start_time), r.minutes) for r, run in given]
        return sorted(made, key=lambda order: order.given_at)

    def _log(self) -> None:
        if self._known.heard != self._written.heard:
            self._logger.info("An order was heard: %s", sentence(self._name, self._known))


def _request(run: FlowRun) -> SteerRequest | None:
    """What a run asks for; None for what its flow will refuse."""
    try:
        return SteerRequest.model_validate(run.parameters.get("request"))
    except ValidationError:
        return None


def sentence(name: str, known: Told) -> str:
    """What holds for a recording, for a person; times in Helsinki."""
    if known.until is None or known.until > datetime.now(UTC):
        until = f"{known.until.astimezone(helsinki.HELSINKI):%-H.%M}" if known.until else "its own end"
        return f"The recording of {name} goes on until {until}."
    return f"The recording of {name} ends now. What came is kept, prepared and published."
