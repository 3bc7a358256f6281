"""Settings of a state folder of its own, whatever the environment of the test run says."""

import os
from pathlib import Path
from uuid import uuid4

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
    """Those of the store, also for commands. Nobody else's recordings are in its buckets."""
    monkeypatch.chdir(tmp_path)
    own = {"archive_bucket": f"archive-{uuid4().hex[:8]}", "site_bucket": f"site-{uuid4().hex[:8]}"}
    made = storage.settings.model_copy(update=own | {"state": tmp_path / "state"})
    for name, value in environment(made).items():
        if name.startswith(PREFIX):
            monkeypatch.setenv(name, value)
    stores.create(made)
    return made
