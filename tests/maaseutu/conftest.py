"""Settings of a state folder of its own, whatever the environment of the test run says."""

import os
from pathlib import Path

import pytest

from config.settings import PREFIX, Settings, load


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The defaults, with the state in a temporary folder that is the working folder's too."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAASEUTU_STATE", str(tmp_path / "state"))
    return load()
