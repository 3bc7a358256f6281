"""The whole system on free ports, and the sample broadcast played live through it once."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from config import stores
from config.settings import PREFIX, load
from core.media import ffmpeg
from core.models import EpisodeCard
from maaseutu import demo, founding
from maaseutu.follow import Follower
from maaseutu.stack import Stack
from sample.live_source import LiveSource
from tests.core.mailserver import MailServer

REFERENCE = demo.about()
LONGEST_S = 600
PATIENCE_S = 300
"""What takes seconds may take minutes where two slow cores run all tests at a time."""
SPEED = 3.0
"""The source has all it played until its end, so nothing of it is lost however fast it plays."""
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]


class Published(NamedTuple):
    """The sample as it was broadcast and published."""

    id: str
    card: EpisodeCard
    url: str


@pytest.fixture(scope="session")
def mail() -> Iterator[MailServer]:
    """The mail server of the system."""
    with MailServer() as started:
        yield started


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[Stack]:
    """Everything that `maaseutu up` starts, in a folder of its own, with a mail server and the studio."""
    folder = tmp_path_factory.mktemp("stack")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith((PREFIX, "PREFECT_"))]:
            patch.delenv(name)
        patch.chdir(folder)
        settings = load(
            state=folder / "state",
            private_sources="127.0.0.1",
            studio="passwords",
            smtp_host="127.0.0.1",
            smtp_port=mail.port,
            smtp_security="none",
        )
    with Stack(settings) as started:
        assert founding.is_done(stores.site(started.settings))
        yield started


@pytest.fixture(scope="session")
def published(stack: Stack, small_film: Path, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The sample, captured while it was on the air, prepared and published by the flows alone, in three renditions."""
    folder = tmp_path_factory.mktemp("live")
    film = narrow(small_film, folder / "film.mp4", 720, REFERENCE["duration_ms"] / 1000)
    with LiveSource(film, folder / "live", speed=SPEED, window=100, when_asked=True) as source:
        broadcast, _ = demo.record(stack.settings, source.url)
        card = Follower(stack.settings, broadcast, None).wait(LONGEST_S)
    return Published(broadcast, card, f"{stack.settings.site_url}/jaksot/{broadcast}/")


def narrow(film: Path, to: Path, height: int, seconds: float) -> Path:
    """The first seconds of a film with a picture that is high enough for its renditions, and encoded in no time."""
    argv = [ffmpeg.program(), *ffmpeg.QUIET, "-i", str(film), "-t", str(seconds), "-vf", f"scale=120:{height}"]
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-force_key_frames", "expr:gte(t,n_forced*2)", "-c:a", "copy")
    subprocess.run([*argv, *coded, str(to)], check=True)
    return to


def process_of(run_id: str) -> psutil.Process | None:
    """The process of a flow run."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("PREFECT__FLOW_RUN_ID") == run_id:
                return process
    return None


def until(condition: Any, seconds: float, what: str) -> Any:
    """The first true value of ``condition()``; fails when it does not come."""
    for _ in range(int(seconds)):
        if found := condition():
            return found
        threading.Event().wait(1.0)
    pytest.fail(f"{what} did not happen in {seconds:.0f} s")
