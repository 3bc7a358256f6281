"""Settings of a state folder of its own, whatever the environment of the test run says."""

import os
from pathlib import Path

import pytest

from config import stores
from config.settings import PREFIX, Settings, environment, load
from maaseutu.stack import Stack


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The defaults, with the state in a temporary folder that is the working folder's too."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAASEUTU_STATE", str(tmp_path / "state"))
    return load()


@pytest.fixture
def stored(storage: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of the store, also for commands, with a state folder of its own."""
    monkeypatch.chdir(tmp_path)
    made = storage.settings.model_copy(update={"state": tmp_path / "state"})
    for name, value in environment(made).items():
        if name.startswith(PREFIX):
            monkeypatch.setenv(name, value)
    stores.create(made)
    return made
