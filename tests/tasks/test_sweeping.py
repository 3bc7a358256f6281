"""Which runs the sweep believes to be at work on a recording that looks interrupted."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun

from tasks.sweeping import is_believed

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def run(**times):
    return FlowRun(flow_id=uuid4(), name="any", **times)


@pytest.mark.parametrize(
    ("flow", "since", "believed"),
    [
        ("capture_broadcast", timedelta(minutes=1), True),
        ("capture_broadcast", timedelta(minutes=11), False),
        ("import_recording", timedelta(minutes=11), True),
        ("import_recording", timedelta(hours=5), False),
    ],
)
def test_a_run_is_believed_for_as_long_as_its_kind_may_take(flow, since, believed):
    assert is_believed(flow, run(start_time=NOW - since), NOW) is believed


def test_a_run_that_waits_for_its_worker_counts_from_when_it_was_due():
    waiting = run(expected_start_time=NOW - timedelta(minutes=9))
    assert is_believed("capture_broadcast", waiting, NOW)
    assert not is_believed("capture_broadcast", waiting, NOW + timedelta(minutes=2))
