"""What happens when a run did not end by itself, since its process was killed.

Every flow imports it, so it is light: a process begins for each run.
"""

from typing import Any

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State

from tasks import lives


def go_on(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """For ``on_crashed``: another run of the same begins, and goes on where it was.

    Not the same run again: the worker reports the crash a second time, after this, and would end it.
    """
    with get_client(sync_client=True) as client:
        lives.begin_again(client, flow_run)
