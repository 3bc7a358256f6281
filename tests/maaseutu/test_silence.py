"""What an operator is told while the Prefect server does not answer."""

import os
from pathlib import Path

import pytest

from config.settings import Settings
from maaseutu import doctor, ports, silence, state, status
from maaseutu.state import Running, StackState

DEAD = 2**22
"""More than Linux gives as the number of a process."""


@pytest.fixture
def silent(settings: Settings) -> Settings:
    """The settings of a stack whose Prefect server does not answer."""
    return settings.model_copy(update={"prefect_api_url": f"http://{ports.LOOPBACK}:{ports.pick()}/api"})


def _running(folder: Path, prefect: int) -> None:
    """Let a stack run there with this process of Prefect."""
    own = os.getpid()
    server = Running(name="prefect", title="Prefect", pid=prefect, created=state.created(own), log=folder / "p.log")
    state.write(folder, StackState(pid=own, created=state.created(own), services=(server,)))


def test_a_server_that_runs_is_to_be_ended_if_it_stays_silent(
    silent: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    _running(silent.state, os.getpid())
    cure = doctor.prefect(silent).cure
    assert "What is being recorded goes on" in cure
    assert f"`kill -9 {os.getpid()}`" in cure
    status.show(silent)
    assert f"does not answer. {cure}\n" in capsys.readouterr().out


def test_a_server_that_died_is_being_started_again(silent: Settings) -> None:
    _running(silent.state, DEAD)
    assert "started again, which takes" in silence.cure(silent)


def test_a_server_that_is_not_ours_is_to_be_looked_at(silent: Settings) -> None:
    assert "MAASEUTU_PREFECT_API_URL" in silence.cure(silent)
