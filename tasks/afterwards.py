"""What happens when a run did not end by itself: its process was killed, or a producer pressed Cancel."""

from typing import Any

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State

from config import settings as configuration
from config import stores
from core import identifiers, recorder
from core.recordings import RecordingStore
from tasks import lives
from tasks.recording import recorder_options


def go_on(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """For ``on_crashed``: another run of the same begins, and goes on where it was.

    Not the same run again: the worker reports the crash a second time, after this, and would end it.
    """
    with get_client(sync_client=True) as client:
        lives.begin_again(client, flow_run)


def seal(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """For ``on_cancellation``: what was recorded until now is the recording."""
    with get_client(sync_client=True) as client:
        name = client.read_flow_run(flow_run.id).name
    settings = configuration.load()
    store = RecordingStore(stores.archive(settings), *identifiers.of_run(name))
    if store.segments() and not store.recording().sealed:
        recorder.seal_interrupted(store, recorder_options(settings))
