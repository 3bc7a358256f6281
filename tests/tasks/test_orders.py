"""What a recording tells its watching of its end, on a real Prefect server."""

import threading
from datetime import UTC, datetime, timedelta

from prefect import flow, tags

from core.capture.limit import Limit
from core.capture.orders import Told
from tasks.orders import Listener


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
