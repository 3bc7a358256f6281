"""What a recording tells its watching of its end, and whom an order finds, on a real Prefect server."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from prefect import flow, tags
from prefect.client.orchestration import get_client
from prefect.states import Scheduled

from core import helsinki
from core.capture.limit import Limit
from core.capture.orders import Action, Told
from core.errors import InvalidInput
from flows.capture import capture_broadcast
from tasks import steering
from tasks.orders import Listener, SteerRequest


def test_a_planned_recording_is_watched_to_the_end_of_its_broadcast_and_goes_on_for_longer(prefect):
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    until, limit, expected, told = ends + timedelta(minutes=30), Limit(), [], threading.Event()

    def hear(at):
        expected.append(at)
        told.set()

    @flow
    def capture():
        with Listener("kokous", limit, hear):
            assert told.wait(60)

    limit.begin()
    with tags(*Told(until=until, ends=ends).tags()):
        capture()
    assert (expected, limit.planned) == ([ends], until)


def test_an_order_to_what_is_planned_for_tonight_is_told_when_that_begins(prefect, monkeypatch):
    monkeypatch.setattr(steering, "ABSENCE_SECONDS", 0.0)
    now = datetime.now(UTC)
    begins = now + timedelta(hours=7)
    request = SteerRequest(broadcast="iltakokous", action=Action.STOP)
    with pytest.raises(InvalidInput, match="iltakokous is not being recorded."):
        steering.require.fn(request, now)
    with get_client(sync_client=True) as client:
        client.create_flow_run(capture_broadcast, name="iltakokous", state=Scheduled(scheduled_time=begins))
    with pytest.raises(InvalidInput) as raised:
        steering.require.fn(request, now)
    assert f"it is planned, and its recording begins on {helsinki.moment(begins)}." in raised.value.what
    assert "deployment change" in raised.value.cure
