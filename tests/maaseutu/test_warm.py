"""Runs that a real worker begins, by a real Prefect server: in forks, and as Prefect does when that is not the same."""

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
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import State
from prefect.settings import PREFECT_API_URL
from prefect.states import Cancelling

from maaseutu import deploy
from maaseutu.services import POOL, worker_name
from maaseutu.worker import warm
from maaseutu.worker.warm import Nursery
from tasks import lives
from tests.maaseutu import begun

if TYPE_CHECKING:
    from uuid import UUID

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
CONSOLE = "flows.console.ConsoleHandler"
COMMAND = [sys.executable, "-m", "prefect.runner._workspace_supervisor", "supervisor.json"]


class Runs:
    """Runs of a worker, by the names that a test gives them, and what they write."""

    def __init__(self, client: SyncPrefectClient, worker: psutil.Process, folder: Path) -> None:
        self.client = client
        self.worker = worker
        self._folder = folder
        self.ids: dict[str, UUID] = {}

    def begin(self, name: str, flow: Flow[..., Any], **variables: str) -> None:
        deployment = self.client.create_deployment(
            self.client.create_flow(flow),
            name,
            entrypoint=f"tests.maaseutu.begun.{flow.fn.__name__}",
            work_pool_name=POOL,
            pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}],
            job_variables={"env": {"PREFECT_LOGGING_HANDLERS_CONSOLE_CLASS": CONSOLE} | variables},
        )
        given = {"to": str(self._folder / name)} if flow.parameters.properties else {}
        self.ids[name] = self.client.create_flow_run_from_deployment(deployment, parameters=given).id

    def state(self, name: str) -> State:
        state = self.client.read_flow_run(self.ids[name]).state
        assert state
        return state

    def end(self, name: str) -> State:
        """Its last state, when it is over."""
        until(lambda: self.state(name).is_final())
        return self.state(name)

    def logged(self, name: str) -> list[str]:
        """Its lines in Prefect; without a filter only the first 200 of all runs of the tests would come."""
        own = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[self.ids[name]]))
        return [line.message for line in self.client.read_logs(own)]

    def written(self, name: str) -> Any:
        path = self._folder / name
        return json.loads(until(lambda: path.exists() and path.read_text()))

    def fork_server(self) -> psutil.Process:
        found = [child for child in self.worker.children() if "forkserver" in " ".join(child.cmdline())]
        assert len(found) == 1
        return found[0]


def until(condition: Callable[[], Any]) -> Any:
    """The first true value of a condition; a test fails when there is none in time."""
    deadline = monotonic() + PATIENCE_S
    while not (found := condition()):
        assert monotonic() < deadline, "the condition did not come true in time"
        Event().wait(0.05)
    return found


@pytest.fixture(scope="module")
def runs(prefect: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """A worker that has been given one run of each kind."""
    folder = tmp_path_factory.mktemp("begun")
    with get_client(sync_client=True) as client, (folder / "worker.log").open("ab") as log:
        deploy.prepare(client)
        own = {"PREFECT_API_URL": PREFECT_API_URL.value(), "PYTHONPATH": str(ROOT), "PREFECT_WORKER_QUERY_SECONDS": "1"}
        argv = [sys.executable, "-m", "maaseutu.worker"]
        process = subprocess.Popen(argv, cwd=folder, env=os.environ | own, stdout=log, stderr=log)
        begun_by = Runs(client, psutil.Process(process.pid), folder)
        for name, flow in {"told": begun.told, "cancelled": begun.waiting, "known": begun.waiting}.items():
            begun_by.begin(name, flow)
        begun_by.begin("failing", begun.failing)
        begun_by.begin("killed", begun.killed)
        begun_by.begin("plain", begun.told, VARIABLE_OF_A_JOB="5")
        try:
            yield begun_by
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE_S)
            process.kill()
            process.wait()


def test_a_run_is_a_fork_and_all_else_is_as_it_was(runs: Runs) -> None:
    assert runs.end("told").is_completed()
    found = runs.written("told")
    assert found == {
        "pid": found["session"],
        "session": found["session"],
        "parent": runs.fork_server().pid,
        "folder": str(ROOT),
        "run": str(runs.ids["told"]),
        "console": CONSOLE,
        "variable": None,
    }
    until(lambda: "It is told." in runs.logged("told"))


def test_how_it_ends_is_told(runs: Runs) -> None:
    failed, crashed = runs.end("failing"), runs.end("killed")
    assert failed.is_failed()
    assert "It fails." in str(failed.message)
    assert crashed.is_crashed()
    assert "status code: -9" in str(crashed.message)


def test_what_may_matter_to_a_library_is_left_to_a_new_interpreter(runs: Runs) -> None:
    assert runs.end("plain").is_completed()
    found = runs.written("plain")
    assert found["variable"] == "5"
    assert found["parent"] == runs.worker.pid


def test_a_cancelled_one_is_ended(runs: Runs) -> None:
    pid = runs.written("cancelled")
    runs.client.set_flow_run_state(runs.ids["cancelled"], Cancelling())
    assert runs.end("cancelled").is_cancelled()
    until(lambda: not psutil.pid_exists(pid))


def test_it_outlives_the_fork_server_and_ends_with_the_process_that_is_known(runs: Runs) -> None:
    pid = runs.written("known")
    server = runs.fork_server()
    server.kill()
    until(lambda: server.status() == psutil.STATUS_ZOMBIE)
    runs.begin("next", begun.told)
    assert runs.end("next").is_completed()
    assert runs.written("next")["parent"] == runs.fork_server().pid
    # By its environment it is known to be alive.
    assert lives.revive(runs.client, worker_name()) == []
    assert runs.state("known").is_running()
    os.kill(pid, signal.SIGKILL)
    assert runs.end("known").is_crashed()


def test_no_run_begins_with_modules_that_are_not_those_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(warm, "ROOT", tmp_path)
    module = tmp_path / "flows" / "publish.py"
    module.parent.mkdir()
    module.write_text("")
    nursery = Nursery()
    assert nursery.is_same(COMMAND, os.environ, stream_output=True)
    os.utime(module, (1, 1))
    assert not nursery.is_same(COMMAND, os.environ, stream_output=True)
    assert "The code has changed" in capsys.readouterr().out


UNFIT = """
import multiprocessing
from pathlib import Path

import anyio

from maaseutu.worker.nursery import Job
from maaseutu.worker.warm import Nursery

multiprocessing.get_context("forkserver").set_forkserver_preload(["tests.maaseutu.unfit"])
print(anyio.run(Nursery().forked, Job("supervisor.json", {}, Path())))
"""


def test_an_import_that_fails_leaves_the_run_to_prefect() -> None:
    """In an interpreter of its own: one of the tests' may have a fork server already."""
    told = subprocess.run([sys.executable, "-c", UNFIT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "no process could be forked" in told.stdout
    assert told.stdout.endswith("None\n")
