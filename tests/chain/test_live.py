"""While a broadcast is on the air: its page grows, plays and is found, and ends as the episode's page."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from config import stores
from core import cards, keys, recorder
from core.models import Broadcast, EpisodeCard
from core.recordings import RecordingStore
from core.sources import Source
from maaseutu import demo, search
from maaseutu.stack import Stack
from sample.live_source import LiveSource
from tasks import live
from tests.chain.conftest import LONGEST_S, preparing, until
from tests.core.server import LOCAL

pytestmark = pytest.mark.chain
PART_S = 10
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
SAID = "() => document.querySelectorAll('.passage').length"
PLAYS = "() => document.querySelector('video').currentTime > 1"
SHOWN = "() => [...document.querySelector('video').textTracks].some(t => t.mode === 'showing' && t.cues?.length)"


def test_the_page_grows_is_found_and_ends(stack: Stack, browser: str, tmp_path: Path) -> None:
    settings = stack.settings.model_copy(update={"part_seconds": PART_S})
    store = RecordingStore(stores.archive(settings), "suora-lahetys")
    title = "Suora lähetys"
    store.announce(Broadcast(id=store.id, programme="maaseutu-live", title=title, starts_at=datetime.now(UTC)))
    options = recorder.Options(settings.spool, give_up_seconds=20, rules=LOCAL)
    with (
        LiveSource(demo.SAMPLE / "broadcast.mp4", tmp_path / "live", window=200, when_asked=True) as source,
        ThreadPoolExecutor(1) as pool,
    ):
        on_air = Source(source.url, live=True)
        stop = threading.Event()
        recording = pool.submit(recorder.record, on_air, store, options, stop=stop, report=lambda _: None)
        until(store.segments, 60, "recording")
        run = preparing(settings, store.id, tmp_path)
        try:
            _watch(stack, store.id, browser, tmp_path / "browser")
            assert not recording.done()
            recording.result(LONGEST_S)
            assert run.wait(LONGEST_S) == 0
        finally:
            stop.set()
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()
    site = stores.site(settings)
    assert site.get(keys.asset(store.id, live.VERSION, "audio.m3u8")).decode().endswith("#EXT-X-ENDLIST\n")
    episode = store.episode()
    assert episode
    assert not episode.live
    assert episode.notes.summary


def _watch(stack: Stack, broadcast: str, browser: str, folder: Path) -> None:
    def shown() -> EpisodeCard | None:
        return cards.shown(stores.site(stack.settings), broadcast)

    card = until(shown, 90, "a live page")
    assert card.live
    with sync_playwright() as play:
        context = play.chromium.launch_persistent_context(str(folder), executable_path=browser, args=FLAGS)
        page = context.new_page()
        page.goto(f"{stack.settings.site_url}/jaksot/{broadcast}/")
        assert page.locator("#live").is_visible()
        page.evaluate("() => { const v = document.querySelector('video'); v.muted = true; v.play() }")
        page.wait_for_function(PLAYS, timeout=60_000)
        _grows(page)
        page.wait_for_function(SHOWN, timeout=60_000)
        context.close()
    until(lambda: search.find(stack.settings, "kunta", limit=5, episode=broadcast)["hits"], 60, "finding what was said")


def _grows(page: Page) -> None:
    """Twice, without being loaded again."""
    page.evaluate("() => { window.isTheSame = true }")
    for _ in range(2):
        before = page.evaluate(SAID)
        page.wait_for_function(f"() => ({SAID})() > {before}", timeout=90_000)
    assert page.evaluate("() => window.isTheSame")
