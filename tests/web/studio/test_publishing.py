"""Publishing from the editor, on a real Prefect server."""

import socket
from collections.abc import Iterator

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL
from prefect.states import Completed, Failed
from prefect.utilities.callables import parameter_schema

from core.duties.outcomes import Outcome
from core.errors import InvalidInput, Misconfigured, SourceUnavailable
from flows.publish import publish_episode
from web.studio.publishing import PrefectRuns


@pytest.fixture
def runs(prefect: None) -> Iterator[PrefectRuns]:
    """The runs of the server, which has the deployment; no worker takes them."""
    with get_client(sync_client=True) as client:
        client.create_deployment(
            client.create_flow(publish_episode),
            "publish",
            parameter_openapi_schema=parameter_schema(publish_episode).model_dump_for_openapi(),
            enforce_parameter_schema=True,
        )
        yield PrefectRuns(PREFECT_API_URL.value())


def test_a_run_is_started_and_its_end_is_told(runs: PrefectRuns) -> None:
    started = runs.start("kokous-2026")
    assert (started.state, started.is_over) == ("Scheduled", False)
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(started.id)
        assert (run.name, run.parameters) == ("kokous-2026", {"request": {"broadcast": "kokous-2026"}})
        client.set_flow_run_state(started.id, Completed(message=Outcome.PUBLISHED), force=True)
        done = runs.find(started.id)
        assert (done.is_over, done.is_bad, done.outcome) == (True, False, "published")
        client.set_flow_run_state(started.id, Completed(message=Outcome.WAITING), force=True)
        assert runs.find(started.id).outcome == "waiting"
        client.set_flow_run_state(started.id, Failed(message="No."), force=True)
        failed = runs.find(started.id)
        assert (failed.is_bad, failed.outcome) == (True, "")


def test_what_the_server_does_not_take_is_told(runs: PrefectRuns) -> None:
    with pytest.raises(InvalidInput, match="does not take this"):
        runs.start("../..")
    with pytest.raises(Misconfigured):
        PrefectRuns("").start("kokous-2026")


def test_a_server_that_does_not_answer() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(SourceUnavailable, match="does not answer"):
            PrefectRuns(f"http://127.0.0.1:{unused.getsockname()[1]}/api").start("kokous-2026")
