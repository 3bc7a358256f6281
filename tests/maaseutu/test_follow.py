"""A command that starts a recording follows its own run, whatever else is planned, on a real Prefect server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.settings import PREFECT_API_URL
from prefect.states import Completed, Failed, Running, Scheduled

from config import stores
from config.settings import Settings
from core import helsinki
from core.archive.recordings import RecordingStore
from core.errors import ChildFailed
from core.identifiers import identifier
from core.models import Broadcast
from core.planning import plans
from flows.capture import capture_broadcast
from flows.prepare import prepare_episode
from maaseutu import cli, follow, runs
from maaseutu.follow import Follower
from tests.web import demo

NOW = datetime.now(UTC).replace(microsecond=0)
TONIGHT = NOW + timedelta(hours=7)
URL = "https://nowhere.invalid/live.m3u8"
TITLE = "Pienkuntien palvelut"


@pytest.fixture
def asked(stored: Settings, capturing: None, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of the store and of the Prefect server, also for commands."""
    api = str(PREFECT_API_URL.value())
    monkeypatch.setenv("MAASEUTU_PREFECT_API_URL", api)
    return stored.model_copy(update={"prefect_api_url": api})


@pytest.fixture
def name() -> str:
    """The id of a broadcast of the test's own."""
    return f"testi-{uuid4().hex[:8]}"


def _run(name: str, state: State, flow: object = capture_broadcast) -> FlowRun:
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(flow, name=name, state=Scheduled() if state.is_running() else state)
        if state.is_running():
            client.set_flow_run_state(run.id, state, force=True)
        return run


def _planned(settings: Settings, name: str, **more: object) -> str:
    times = {"starts_at": TONIGHT, "ends_at": TONIGHT + timedelta(hours=1), "source": URL}
    plans.write(stores.archive(settings), demo.planned(name, **times | more), NOW)
    return name


def _announced(settings: Settings, name: str) -> None:
    broadcast = Broadcast(id=name, programme="maaseutu-live", title=TITLE, starts_at=NOW)
    RecordingStore(stores.archive(settings), name).announce(broadcast)


def test_what_is_planned_is_not_taken_by_a_title(asked: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    today = datetime.now(UTC)
    title = f"Ilta {uuid4().hex[:8]}"
    name = _planned(asked, identifier(title, today), title=title)
    assert cli.main(["record", URL, "--title", title, "--no-wait"]) == 1
    said = capsys.readouterr().err
    assert f"{title} is planned under this Id ({name}) from {helsinki.moment(TONIGHT)}" in said
    assert "another title" in said
    assert "deployment change" in said
    assert runs.of_broadcast(asked, name) == []
    assert cli.main(["record", URL, "--broadcast", name, "--no-wait"]) == 0
    assert len(runs.of_broadcast(asked, name)) == 1


def test_a_plan_of_which_an_attempt_failed_stays_in_the_status(
    asked: Settings, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _planned(asked, name)
    _announced(asked, name)
    assert cli.main(["status"]) == 0
    shown = capsys.readouterr().out
    assert f"{name}  {helsinki.moment(TONIGHT)}" in shown
    assert "announced" not in shown
    assert "record or import it again" not in shown


def test_a_failed_run_is_told_though_another_waits_for_tonight(asked: Settings, name: str) -> None:
    _run(name, Scheduled(scheduled_time=TONIGHT))
    failed = _run(name, Failed(message="nowhere.invalid does not answer (Name or service not known)."))
    _run(f"{name}-2", Running(), prepare_episode)
    with pytest.raises(ChildFailed, match="does not answer") as raised:
        Follower(asked, name, None).wait(60)
    assert str(failed.id) in raised.value.cure


def test_while_a_run_works_nobody_is_sent_to_sweep(
    asked: Settings, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "QUIET_S", 0.0)
    monkeypatch.setattr(follow, "LINE_S", 0.0)
    monkeypatch.setattr(follow, "POLL_S", 0.1)
    _announced(asked, name)
    working = _run(name, Running(), prepare_episode)
    with pytest.raises(ChildFailed, match="was not published in 1 s") as raised:
        Follower(asked, name, None).wait(1)
    assert cli.main(["status"]) == 0
    for told in (raised.value.cure, *capsys.readouterr().out.split("\n\n")[-1:]):
        assert "prepare_episode works on it since" in told
        assert str(working.id) in told
        assert follow.WAIT in told
        assert "sweep" not in told
    assert follow.advice([run._replace(is_over=True) for run in runs.of_broadcast(asked, name)]) == follow.MEND


@pytest.fixture(autouse=True)
def _over(prefect: None) -> Iterator[None]:
    """Nothing that a test left at work is in the way of others."""
    yield
    with get_client(sync_client=True) as client:
        for run in client.read_flow_runs(limit=50):
            if run.name.startswith("testi-") and run.state and run.state.is_running():
                client.set_flow_run_state(run.id, Completed(), force=True)
