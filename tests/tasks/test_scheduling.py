"""The scheduled recording of a planned broadcast, on a real Prefect server: one run, whatever happens to the plan."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.states import Cancelled, Running

from config import catalogue, stores
from core import keys
from core.capture import orders
from core.errors import InvalidInput, Misconfigured
from core.planning import plans
from flows.capture import CaptureRequest
from tasks import programmes, scheduling
from tasks.plans import cancel, move, plan
from tests.web import demo

HOUR = timedelta(hours=1)
SOON = datetime.now(UTC).replace(microsecond=0) + 24 * HOUR
SOURCE = "srt://0.0.0.0:9000?passphrase=hyvin-salainen"


@pytest.fixture(scope="module")
def settings(storage, capturing):
    """Those of the store, with empty buckets of their own."""
    name = uuid4().hex[:8]
    made = storage.settings.model_copy(update={"site_bucket": f"site-{name}", "archive_bucket": f"archive-{name}"})
    stores.create(made)
    return made


@pytest.fixture
def broadcast():
    """The id of a broadcast of the test's own."""
    return f"suunniteltu-{uuid4().hex[:8]}"


def planned(broadcast, source=SOURCE, **more):
    times = {"starts_at": SOON, "ends_at": SOON + HOUR}
    # Each its own port, so that they do not collide.
    return plans.sourced(demo.planned(broadcast, **times | more), own(broadcast, source))


def own(broadcast, source=SOURCE):
    return source and f"{source}{broadcast[-8:]}"


def runs(broadcast):
    with get_client(sync_client=True) as client:
        return client.read_flow_runs(flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=[broadcast])))


def waiting(broadcast):
    return [run for run in runs(broadcast) if run.state.is_scheduled()]


def begin(run):
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run.id, Running(), force=True)


def stop(run):
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run.id, Cancelled(), force=True)


def test_a_planned_broadcast_has_exactly_one_run_that_knows_it(settings, broadcast):
    asked = planned(broadcast)
    arranged = plan(settings, asked, own(broadcast))
    assert plan(settings, asked, own(broadcast)).run.id == arranged.run.id
    (run,) = runs(broadcast)
    assert run.expected_start_time == SOON - timedelta(minutes=10)
    told = orders.told(run.tags)
    assert (told.until, told.expected) == (SOON + HOUR + timedelta(minutes=30), SOON + HOUR)
    assert scheduling.PLANNED in run.tags
    request = CaptureRequest.model_validate(run.parameters["request"])
    assert (request.minutes, request.wait_minutes) == (100, 70)
    found = request.broadcast_of(request.source_url)
    programme = catalogue.programme("maaseutu-live")
    assert found.model_dump() == {
        **found.model_dump(),
        "id": broadcast,
        "title": asked.title,
        "starts_at": SOON,
        "language": "fi",
        "source": own(broadcast),
        "agenda": tuple(item.model_dump() for item in asked.agenda),
        "vocabulary": ("Anna Hietaniemi", "Savukoski", *programme.vocabulary),
    }


def test_a_moved_one_has_one_run_at_its_new_time_and_keeps_its_secret(settings, broadcast):
    plan(settings, planned(broadcast), own(broadcast))
    move(settings, broadcast, SOON + 2 * HOUR)
    moved = move(settings, broadcast, SOON + 3 * HOUR, SOON + 5 * HOUR).run
    assert [run.id for run in waiting(broadcast)] == [moved.id]
    assert moved.expected_start_time == SOON + 3 * HOUR - timedelta(minutes=10)
    assert moved.parameters["request"]["source_url"] == own(broadcast)
    assert orders.told(moved.tags).until == SOON + 5 * HOUR + timedelta(minutes=30)
    others = [run.state for run in runs(broadcast) if run.id != moved.id]
    assert all(state.is_cancelled() and "The plan has changed" in state.message for state in others)
    assert b"salainen" not in stores.archive(settings).get(keys.planned(broadcast))


def test_a_cancelled_one_has_none_and_may_be_planned_again(settings, broadcast):
    plan(settings, planned(broadcast), own(broadcast))
    assert cancel(settings, broadcast).run is None
    assert waiting(broadcast) == []
    with pytest.raises(InvalidInput, match="is cancelled"):
        move(settings, broadcast, SOON + HOUR)
    again = plan(settings, planned(broadcast), own(broadcast))
    assert [run.id for run in waiting(broadcast)] == [again.run.id]
    assert not again.planned.cancelled


def test_a_recording_that_runs_is_left_alone(settings, broadcast):
    asked = planned(broadcast)
    run = plan(settings, asked, own(broadcast)).run
    begin(run)
    for change in (
        lambda: move(settings, broadcast, SOON + HOUR),
        lambda: cancel(settings, broadcast),
        lambda: plan(settings, asked.model_copy(update={"title": "Toinen"}), own(broadcast)),
    ):
        with pytest.raises(InvalidInput, match="end it with steer"):
            change()
    assert plan(settings, asked, own(broadcast)).run.id == run.id
    (left,) = runs(broadcast)
    assert left.state.is_running()
    assert plans.find(stores.archive(settings), broadcast).revision == 0
    # As the message says: nothing is recorded yet, so its run may be cancelled.
    stop(run)
    assert move(settings, broadcast, SOON + HOUR).planned.revision == 1
    assert len(waiting(broadcast)) == 1


def test_a_run_that_is_due_in_a_moment_counts_as_begun(settings, broadcast):
    at = datetime.now(UTC) + timedelta(minutes=5)
    run = plan(settings, planned(broadcast, starts_at=at, ends_at=at + HOUR), own(broadcast)).run
    assert run.expected_start_time <= datetime.now(UTC)
    with pytest.raises(InvalidInput, match="begins within a minute"):
        cancel(settings, broadcast)


def test_a_change_that_was_killed_in_the_middle_is_finished(settings, broadcast):
    plan(settings, planned(broadcast), own(broadcast))
    archive, later = stores.archive(settings), {"starts_at": SOON + 2 * HOUR, "ends_at": SOON + 3 * HOUR}
    plans.write(archive, planned(broadcast, **later), SOON)
    (case,) = [case for case in programmes.unscheduled(settings) if case.planned.id == broadcast]
    programmes.finish(settings, case)
    assert [run.expected_start_time for run in waiting(broadcast)] == [SOON + 2 * HOUR - timedelta(minutes=10)]
    plans.write(archive, planned(broadcast, cancelled=True, **later), SOON)
    (case,) = [case for case in programmes.unscheduled(settings) if case.planned.id == broadcast]
    programmes.finish(settings, case)
    assert waiting(broadcast) == []
    assert broadcast not in {case.planned.id for case in programmes.unscheduled(settings)}


def test_of_two_changes_at_the_same_moment_one_is_left(settings, broadcast):
    def change(number):
        plan(settings, planned(broadcast, starts_at=SOON - number * HOUR), own(broadcast))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(change, (1, 2)))
    for case in programmes.unscheduled(settings):
        programmes.finish(settings, case)
    (left,) = waiting(broadcast)
    kept = plans.find(stores.archive(settings), broadcast)
    assert left.expected_start_time == kept.starts_at - timedelta(minutes=10)


def test_a_run_that_somebody_cancelled_is_made_again_only_when_it_is_planned_again(settings, broadcast):
    asked = planned(broadcast)
    for _ in range(2):
        stop(plan(settings, asked, own(broadcast)).run)
        assert broadcast not in {case.planned.id for case in programmes.unscheduled(settings)}
    assert len(runs(broadcast)) == 2


def test_a_secret_that_is_gone_is_asked_for(settings, broadcast):
    plans.write(stores.archive(settings), planned(broadcast), SOON)
    with pytest.raises(InvalidInput, match="Plan it again under the same Id, with its address"):
        move(settings, broadcast, SOON + HOUR)
    (case,) = [case for case in programmes.unscheduled(settings) if case.planned.id == broadcast]
    assert programmes.finish(settings, case).cure.startswith("nothing: The address")
    cancel(settings, broadcast)


def test_without_the_deployment_it_is_said_what_is_missing(settings, broadcast, monkeypatch):
    monkeypatch.setattr(scheduling, "DEPLOYMENT", "capture_broadcast/none")
    with pytest.raises(Misconfigured, match="no deployment"):
        plan(settings, planned(broadcast), own(broadcast))
