"""The settings of a flow that runs in the test's own process."""

from collections.abc import Callable

import pytest

from config.settings import PREFIX, Settings, environment


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[Settings], Settings]:
    """``given(settings)``: flows load these, from the environment."""

    def give(settings: Settings) -> Settings:
        for name, value in environment(settings).items():
            if name.startswith(PREFIX):
                monkeypatch.setenv(name, value)
        return settings

    return give
