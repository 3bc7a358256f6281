"""steer_capture: tell a recording that runs to go on, to stop, or to mark a moment."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from config import settings as configuration
from core.capture.orders import Action
from tasks import afterwards, steering
from tasks.orders import STEER, SteerRequest, asked_for


@flow(name=STEER, flow_run_name="{request.run_name}", log_prints=False, on_crashed=[afterwards.go_on])
def steer_capture(request: SteerRequest) -> State[Any]:
    """Extend or shorten a recording that runs, end it, or mark this moment.

    The run is green when the recording has heard it, and says what holds now. What is asked for holds from the moment
    at which it was asked, and outlives a crash of the recorder.
    """
    settings = configuration.load()
    given_at = asked_for(flow_run.tags, flow_run.scheduled_start_time)
    if request.action is Action.MARK:
        steering.require(request, given_at)
        return Completed(message=steering.mark(settings, request, given_at))
    return Completed(message=steering.tell(request, given_at))
