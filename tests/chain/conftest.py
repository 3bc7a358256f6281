"""The whole system on free ports, and the sample broadcast played live through it once."""

import os
import shutil
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from config.settings import PREFIX, load
from core.models import EpisodeCard
from maaseutu import demo
from maaseutu.demo import SAMPLE
from maaseutu.follow import Follower
from maaseutu.stack import Stack
from sample.live_source import LiveSource

REFERENCE = demo.about()
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LONGEST_S = 600


class Published(NamedTuple):
    """The sample as it was broadcast and published."""

    id: str
    card: EpisodeCard
    url: str


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything that `maaseutu up` starts, in a folder of its own."""
    folder = tmp_path_factory.mktemp("stack")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith((PREFIX, "PREFECT_"))]:
            patch.delenv(name)
        patch.chdir(folder)
        settings = load(state=folder / "state")
    with Stack(settings) as started:
        yield started


@pytest.fixture(scope="session")
def published(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The sample, captured while it was on the air, prepared and published by the flows alone."""
    with LiveSource(SAMPLE / "broadcast.mp4", tmp_path_factory.mktemp("live"), when_asked=True) as source:
        broadcast, _ = demo.record(stack.settings, source.url)
        card = Follower(stack.settings, broadcast, None).wait(LONGEST_S)
    return Published(broadcast, card, f"{stack.settings.site_url}/jaksot/{broadcast}/")


@pytest.fixture(scope="session")
def browser() -> str:
    """Path of a browser that is a Chromium."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if not found:
        pytest.skip("NO BROWSER: install chromium, or the pages are not tested as viewers see them.")
    return found


def until(condition: Any, seconds: float, what: str) -> Any:
    """The first true value of ``condition()``; fails when it does not come."""
    for _ in range(int(seconds / 0.2)):
        if found := condition():
            return found
        threading.Event().wait(0.2)
    pytest.fail(f"{what} did not happen in {seconds:.0f} s")
