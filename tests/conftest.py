"""What tests of several folders share: a real S3 store of their own, and a browser."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest

from config.settings import PREFIX, load
from core.language.finnish import Analyser
from maaseutu.stack import Stack
from tests.core.server import Answer, Handler, Serve

# The environment of tests/optional has none.
if find_spec("hypothesis"):
    import hypothesis

    # What CI finds can be found again: there each run tries the same examples, and elsewhere others each time.
    hypothesis.settings.register_profile("no clock", deadline=None, derandomize=bool(os.environ.get("CI")))
    hypothesis.settings.load_profile("no clock")

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample"
SLOW = frozenset(("analyser", "browser", "bundled", "prefect", "storage", "stack"))
"""Fixtures that start servers or a browser, or load a model: whoever asks for one of them is marked as slow."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The marker decides what `make check` leaves to `make test`."""
    for item in items:
        if SLOW & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A started stack of nothing but the store; its ``settings`` name the endpoint, the keys and both buckets."""
    folder = tmp_path_factory.mktemp("storage")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(PREFIX)]:
            patch.delenv(name)
        patch.chdir(folder)
        settings = load(state=folder / "state")
    with Stack(settings, services=("storage",)) as started:
        yield started


@pytest.fixture
def serve() -> Iterator[Serve]:
    """``serve(path, answer)`` gives the address of that answer."""
    answers: dict[str, Answer] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"answers": answers}))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()

    def add(path: str, answer: Answer | None = None) -> str:
        if answer:
            answers[path] = answer
        return f"http://127.0.0.1:{server.server_address[1]}{path}"

    yield add
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def analyser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analyser]:
    """The real one, which takes seconds to load. What it has learned is shared by the whole run."""
    with Analyser(tmp_path_factory.getbasetemp() / "vocabulary.sqlite") as analyser:
        yield analyser


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled speech model. It is joined once, and loaded once by whoever asks for it with the same threads."""
    from core.speech import model

    return model.locate("", tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def small_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample broadcast with a picture that is encoded in no time. Its sound is the same."""
    from core.media import ffmpeg

    path = tmp_path_factory.mktemp("film") / "small.mp4"
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-force_key_frames", "expr:gte(t,n_forced*2)", "-c:a", "copy")
    argv = [ffmpeg.program(), *ffmpeg.QUIET, "-i", str(SAMPLE / "broadcast.mp4"), "-vf", "scale=-2:90", *coded]
    subprocess.run([*argv, str(path)], check=True)
    return path


@pytest.fixture(scope="session")
def prefect() -> Iterator[None]:
    """A Prefect server of the tests' own, mended and with the limits as that of `maaseutu up`."""
    # Only who asks for it waits until Prefect is imported.
    from prefect.client.orchestration import get_client
    from prefect.server.api.server import SubprocessASGIServer
    from prefect.settings import get_current_settings
    from prefect.testing.utilities import prefect_test_harness

    from tasks import deadlines, members, transcription

    def mended(server: SubprocessASGIServer) -> subprocess.Popen[bytes]:
        """Ephemeral as Prefect's own of tests: without what it does by the clock."""
        argv = [sys.executable, "-m", "maaseutu.prefect_server", "server", "start", "--host", "127.0.0.1"]
        kept = {"PREFECT__SERVER_EPHEMERAL": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        told = os.environ | kept | get_current_settings().to_environment_variables(exclude_unset=True)
        return subprocess.Popen([*argv, "--port", str(server.port)], cwd=ROOT, env=told, stdout=subprocess.DEVNULL)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SubprocessASGIServer, "_run_uvicorn_command", mended)
        with prefect_test_harness(server_startup_timeout=300):
            with get_client(sync_client=True) as client:
                for limit in (transcription.LIMIT, deadlines.LIMIT, members.LIMIT):
                    client.upsert_global_concurrency_limit_by_name(limit, 1)
            yield


@pytest.fixture(scope="session")
def capturing(prefect: None) -> None:
    """The deployment `capture` with its form, from which runs can be scheduled; no worker takes them."""
    from prefect.client.orchestration import get_client
    from prefect.utilities.callables import parameter_schema

    from flows.capture import capture_broadcast

    with get_client(sync_client=True) as client:
        client.create_deployment(
            client.create_flow(capture_broadcast),
            "capture",
            parameter_openapi_schema=parameter_schema(capture_broadcast).model_dump_for_openapi(),
            enforce_parameter_schema=True,
        )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"NOT TESTED on a full disk, which only root can mount: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(scope="session")
def browser() -> str:
    """Path of a browser that is a Chromium."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if not found:
        pytest.skip("NO BROWSER: install chromium, or the pages are not tested as viewers see them.")
    return found
