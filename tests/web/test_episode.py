"""The page of an episode as viewers use it, in Chromium, with the headers of our own server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from config.settings import Settings
from core import keys
from tests.web import demo
from tests.web import test_captions_played as played
from tests.web.test_accessible import REFUSALS
from web import render
from web.api import SecurityHeaders

chromium = played.chromium

PATIENCE_MS = 60_000
CONTACT = "toimitus@example.org"
PLAYS = "(seconds) => document.querySelector('video').currentTime > seconds"
HLS = "() => Boolean(window.Hls)"
CURRENT = ".passage[aria-current]"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the example's page."""
    folder = tmp_path_factory.mktemp("site")
    settings = Settings(_env_file=None, public_url="https://example.org", contact=CONTACT)
    demo._write_episode(folder, demo.episode(), settings)
    demo.write_hls(folder / keys.asset(demo.ID, demo.VERSION, ""))
    for name, path in render.static_files():
        target = folder / keys.static(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    with _served(folder) as url:
        yield f"{url}/{keys.EPISODES}{demo.ID}/"


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    files = Mount("/", StaticFiles(directory=folder, html=True))
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=[files], middleware=[Middleware(SecurityHeaders)]), port=0, log_level="error")
    )
    listening = server.config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A window of its own; whatever the policy refuses, and every error of a script, fails the test."""
    context = chromium.new_context(viewport={"width": 1200, "height": 800})
    page = context.new_page()
    page.add_init_script(REFUSALS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert page.evaluate("window.refused") == []
    assert errors == []
    context.close()


def test_the_player_plays_from_the_place_in_the_address(page: Page, host: str) -> None:
    """What brings the media comes when somebody presses play, and the policy lets all of it work."""
    page.goto(f"{host}#t=30")
    assert page.locator(".clock").inner_text() == "0.30 / 1.00"
    assert page.locator(CURRENT).get_attribute("data-start") == "26400"
    assert not page.evaluate(HLS)
    page.locator("media-play-button").click()
    page.wait_for_function(PLAYS, arg=30.5, timeout=PATIENCE_MS)
    assert page.evaluate(HLS)
    page.locator("media-play-button").click()
    assert page.evaluate("document.querySelector('video').paused")
    assert page.locator("media-pip-button").is_visible()


def test_a_page_that_is_only_read_brings_no_media(page: Page, host: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[1]))
    page.goto(host, wait_until="networkidle")
    assert not [name for name in asked if name.startswith("hls") or name.endswith((".m3u8", ".mp4", ".m4s"))]
