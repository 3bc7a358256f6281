"""Flow runs, through the Prefect client: start one for a broadcast, see how those of a broadcast are doing."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.settings import PREFECT_API_URL, temporary_settings

from config.settings import Settings
from core import identifiers
from core.errors import InvalidInput, Misconfigured, SourceUnavailable
from maaseutu import silence

NEWEST = 50
SOON = timedelta(minutes=1)
"""A run that waits for its turn asks again in less than this."""


class Run(NamedTuple):
    """A flow run as a person sees it: ``flow`` is the flow's name, ``name`` the run's, which is the broadcast's id.

    ``since``: when its work began; None before that. ``is_later``: it is scheduled for a time that is to come.
    """

    id: str
    flow: str
    name: str
    state: str
    message: str
    url: str
    is_over: bool
    is_bad: bool
    since: datetime | None
    is_later: bool


def require(settings: Settings) -> None:
    """Nothing, if a Prefect server is named.

    Raises:
        Misconfigured: none is.
    """
    if not settings.prefect_api_url:
        raise Misconfigured("No stack is running.", "Start it with `maaseutu up`, or set MAASEUTU_PREFECT_API_URL.")


@contextmanager
def connected(settings: Settings) -> Iterator[SyncPrefectClient]:
    """A client of the Prefect server that the settings name.

    Raises:
        Misconfigured: no server is named.
        SourceUnavailable: it does not answer.
    """
    require(settings)
    try:
        with temporary_settings({PREFECT_API_URL: settings.prefect_api_url}), get_client(sync_client=True) as client:
            yield client
    except httpx.TransportError as error:
        raise SourceUnavailable(
            f"The Prefect server at {settings.prefect_api_url} does not answer.",
            silence.cure(settings),
        ) from error


def start(settings: Settings, deployment: str, request: Mapping[str, Any], name: str) -> Run:
    """Start a deployment ("flow/deployment") with one ``request``; does not wait.

    Raises:
        Misconfigured: there is no such deployment.
        InvalidInput: the flow does not accept the request.
    """
    with connected(settings) as client:
        try:
            wanted = client.read_deployment_by_name(deployment).id
            found = client.create_flow_run_from_deployment(wanted, parameters={"request": dict(request)}, name=name)
        except ObjectNotFound as error:
            raise Misconfigured(f"The server has no deployment {deployment}.", "Run `maaseutu up` again.") from error
        except PrefectHTTPStatusError as error:
            raise InvalidInput(f"{deployment} does not accept this: {_detail(error)}.", "See --help.") from error
        return _run(found, settings, deployment.split("/")[0])


def _detail(error: PrefectHTTPStatusError) -> str:
    try:
        return str(error.response.json()["detail"]).rstrip(".")
    except (ValueError, KeyError, TypeError):
        return error.response.text


def one(settings: Settings, run: Run) -> Run:
    """A run as it is now."""
    with connected(settings) as client:
        return _run(client.read_flow_run(UUID(run.id)), settings, run.flow)


def of_broadcast(settings: Settings, broadcast_id: str) -> list[Run]:
    """The runs that are named after the broadcast, newest first."""
    with connected(settings) as client:
        found = client.read_flow_runs(
            flow_run_filter=_named(broadcast_id), sort=FlowRunSort.START_TIME_DESC, limit=NEWEST
        )
        names = {flow_id: client.read_flow(flow_id).name for flow_id in {run.flow_id for run in found}}
    return [_run(run, settings, names[run.flow_id]) for run in found if _is_of(run.name, broadcast_id)]


def _named(broadcast_id: str) -> FlowRunFilter:
    return FlowRunFilter(name=FlowRunFilterName(like_=broadcast_id))


def _is_of(name: str, broadcast_id: str) -> bool:
    """Of a run that a command has started, or of any recorder; not of another broadcast whose id is longer."""
    return identifiers.of_run(name.rpartition(" ")[2])[0] == broadcast_id


def _run(run: FlowRun, settings: Settings, flow: str) -> Run:
    state = run.state
    ended = bool(state and state.is_final())
    due = state.state_details.scheduled_time if state and state.is_scheduled() else None
    return Run(
        id=str(run.id),
        flow=flow,
        name=run.name,
        state=state.name or "" if state else "",
        message=plain(state.message or "") if state else "",
        url=page(settings, str(run.id)),
        is_over=ended,
        is_bad=bool(state and (state.is_failed() or state.is_crashed() or state.is_cancelled())),
        since=run.start_time,
        is_later=bool(due and due > datetime.now(UTC) + SOON),
    )


def plain(message: str) -> str:
    """A state's message without what Prefect puts before the words of our own errors."""
    return re.sub(r"^(Flow|Task) run encountered an exception: [A-Z]\w+: ", "", message)


def page(settings: Settings, run_id: str) -> str:
    """A run's page in the Prefect UI."""
    return f"{settings.prefect_api_url.removesuffix('/api')}/runs/flow-run/{run_id}"
