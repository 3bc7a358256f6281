"""Runs that a real worker begins, by a real Prefect server: in forks, and as Prefect does when none can be had."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any
from uuid import UUID

import psutil
import pytest
from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_URL
from prefect.states import Cancelling

from config.settings import Settings
from maaseutu import deploy
from maaseutu.services import POOL, worker_name
from maaseutu.worker import warm
from tasks import lives
from tests.maaseutu import begun

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
CONSOLE = "flows.console.ConsoleHandler"


@pytest.fixture(scope="module")
def client(prefect: None) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("worker") / "worker.log"


@pytest.fixture(scope="module")
def worker(client: SyncPrefectClient, log: Path) -> Iterator[psutil.Process]:
    deploy.prepare(client)
    told = {"PREFECT_API_URL": PREFECT_API_URL.value(), "PYTHONPATH": str(ROOT), "PREFECT_WORKER_QUERY_SECONDS": "1"}
    argv = [sys.executable, "-m", "maaseutu.worker"]
    with log.open("ab") as out:
        process = subprocess.Popen(
            argv, cwd=ROOT, env=os.environ | told, stdout=out, stderr=out, start_new_session=True
        )
    yield psutil.Process(process.pid)
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(30)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def begin(client: SyncPrefectClient, worker: psutil.Process) -> Callable[..., UUID]:
    def started(flow: Flow[..., Any], variables: dict[str, str] | None = None, **parameters: str) -> UUID:
        deployment = client.create_deployment(
            client.create_flow(flow),
            f"{flow.name}-{len(variables or {})}",
            entrypoint=f"tests.maaseutu.begun.{flow.fn.__name__}",
            work_pool_name=POOL,
            pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}],
            job_variables={"env": {"PREFECT_LOGGING_HANDLERS_CONSOLE_CLASS": CONSOLE} | (variables or {})},
        )
        return client.create_flow_run_from_deployment(deployment, parameters=parameters).id

    return started


def _until(condition: Callable[[], Any]) -> Any:
    deadline = monotonic() + PATIENCE_S
    while not (found := condition()):
        assert monotonic() < deadline, "it did not happen"
        Event().wait(0.05)
    return found


def _over(client: SyncPrefectClient, run: UUID) -> FlowRun:
    def ended() -> FlowRun | None:
        found = client.read_flow_run(run)
        return found if found.state and found.state.is_final() else None

    return _until(ended)


def _told(path: Path) -> dict[str, Any]:
    return _until(lambda: path.exists() and path.read_text() and json.loads(path.read_text()))


def _is_forked(pid: int, worker: psutil.Process) -> bool:
    parent = psutil.Process(pid)
    return parent.ppid() == worker.pid and any("multiprocessing.forkserver" in word for word in parent.cmdline())


def test_a_run_is_a_fork_and_is_what_it_would_be_otherwise(
    client: SyncPrefectClient, worker: psutil.Process, begin: Callable[..., UUID], tmp_path: Path
) -> None:
    run = begin(begun.told, to=str(tmp_path / "warm.json"))
    state = _over(client, run).state
    assert state and state.is_completed()
    found = _told(tmp_path / "warm.json")
    assert _is_forked(found["parent"], worker)
    assert found["session"] == found["pid"]
    assert found["console"] == CONSOLE
    assert found["folder"] == str(ROOT)
    assert found["run"] == str(run)
    lines = _until(lambda: [line.message for line in client.read_logs() if line.flow_run_id == run])
    print(lines)


def test_a_signal_to_the_known_process_ends_it(
    client: SyncPrefectClient, begin: Callable[..., UUID], tmp_path: Path, log: Path
) -> None:
    cancelled, killed = begin(begun.waiting, to=str(tmp_path / "a")), begin(begun.waiting, to=str(tmp_path / "b"))
    pids = [int(_told(tmp_path / name)) for name in "ab"]
    assert {str(cancelled), str(killed)} <= set(lives._processes())
    client.set_flow_run_state(cancelled, Cancelling())
    os.kill(pids[1], signal.SIGKILL)
    first, second = _over(client, cancelled).state, _over(client, killed).state
    assert first and first.is_cancelled()
    assert second and second.is_crashed()
    assert "-9" in str(second.message)
    _until(lambda: not any(psutil.pid_exists(pid) for pid in pids))


def test_how_it_ends_is_told(client: SyncPrefectClient, begin: Callable[..., UUID], log: Path) -> None:
    failing, killed = begin(begun.failing), begin(begun.killed)
    failed, crashed = _over(client, failing).state, _over(client, killed).state
    assert failed and failed.is_failed() and "It fails." in str(failed.message)
    assert crashed and crashed.is_crashed() and "-9" in str(crashed.message)
    print(log.read_text()[-5000:])
