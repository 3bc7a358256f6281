"""While a broadcast is on the air: its page grows, plays and is found, and ends as the episode's page."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Page, sync_playwright

from chaos.speech import preparing
from config import stores
from core import keys
from core.archive import cards
from core.archive.recordings import RecordingStore
from core.capture import recorder
from core.models import Broadcast, EpisodeCard, Recording, Tail
from core.sources import Source
from evaluation import sample
from maaseutu import search
from maaseutu.stack import Stack
from sample.live_source import LiveSource
from tasks import live
from tests.chain.conftest import FLAGS, LONGEST_S, PATIENCE_S, until
from tests.core.server import LOCAL

PART_S = 10
TWO_WINDOWS_MS = 60_000
SAID = "() => document.querySelectorAll('.passage').length"
PLAYS = "() => document.querySelector('video').currentTime > 1"
SHOWN = "() => [...document.querySelector('video').textTracks].some(t => t.mode === 'showing' && t.cues?.length)"


class OnAir(NamedTuple):
    """A broadcast that is on the air, and what prepares it."""

    stack: Stack
    store: RecordingStore
    recording: "Future[Recording]"
    preparing: subprocess.Popen[bytes]
    stop: threading.Event

    @property
    def url(self) -> str:
        return f"{self.stack.settings.site_url}/jaksot/{self.store.id}/"

    def shown(self) -> EpisodeCard | None:
        return cards.shown(stores.site(self.stack.settings), self.store.id)

    def tail(self) -> Tail | None:
        site, key = stores.site(self.stack.settings), keys.tail(self.store.id)
        return Tail.model_validate_json(site.get(key)) if site.head(key) else None

    def is_said_until(self, ms: int) -> bool:
        """Whether there is live text of what was said after that."""
        tail = self.tail()
        return bool(tail and tail.passages and tail.passages[-1].end_ms > ms)

    def found(self) -> list[dict[str, Any]]:
        """Where it speaks of municipalities, by the search."""
        items: list[dict[str, Any]] = search.find(self.stack.settings, "kunta", limit=50, episode=self.store.id)[
            "items"
        ]
        return items

    def is_encoded(self) -> bool:
        """Whether anything of it can be watched."""
        return any(stores.site(self.stack.settings).list(f"media/{self.store.id}/"))


@contextmanager
def on_air(stack: Stack, name: str, file: Path, folder: Path, part_seconds: int) -> Iterator[OnAir]:
    settings = stack.settings.model_copy(update={"part_seconds": part_seconds})
    store = RecordingStore(stores.archive(settings), name)
    title = "Suora lähetys"
    store.announce(Broadcast(id=store.id, programme="maaseutu-live", title=title, starts_at=datetime.now(UTC)))
    options = recorder.Options(settings.spool, give_up_seconds=20, rules=LOCAL)
    with LiveSource(file, folder / "live", window=200, when_asked=True) as source, ThreadPoolExecutor(1) as pool:
        stop = threading.Event()
        recorded = Source(source.url, live=True)
        recording = pool.submit(recorder.record, recorded, store, options, stop=stop, report=lambda _: None)
        until(store.segments, PATIENCE_S, "recording")
        run = preparing(settings, store.id, folder)
        try:
            yield OnAir(stack, store, recording, run, stop)
        finally:
            stop.set()
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()


def test_the_page_grows_is_found_and_ends(stack: Stack, small_film: Path, browser: str, tmp_path: Path) -> None:
    """However slow the machine is: the broadcast lasts until all has been seen."""
    file = sample.repeated(tmp_path, LONGEST_S, small_film)
    with on_air(stack, "suora-lahetys", file, tmp_path, PART_S) as air:
        _watch(air, browser, tmp_path / "browser")
        assert not air.recording.done()
        air.stop.set()
        air.recording.result(LONGEST_S)
        assert air.preparing.wait(LONGEST_S) == 0
    site = stores.site(stack.settings)
    assert site.get(keys.asset(air.store.id, live.VERSION, "audio.m3u8")).decode().endswith("#EXT-X-ENDLIST\n")
    assert air.tail() is None
    episode = air.store.episode()
    assert episode
    assert not episode.live
    assert episode.notes.summary


def test_what_is_said_is_read_and_found_before_its_part_is_encoded(
    stack: Stack, small_film: Path, browser: str, tmp_path: Path
) -> None:
    """However slow the machine is: its only Part is open until all has been seen."""
    file = sample.repeated(tmp_path, LONGEST_S, small_film)
    with on_air(stack, "juuri-sanottua", file, tmp_path, LONGEST_S) as air:
        said = until(lambda: (tail := air.tail()) and tail.passages, PATIENCE_S, "live text")[0]
        until(air.found, PATIENCE_S, "finding it")
        with _page(air, browser, tmp_path / "browser") as page:
            page.wait_for_function(f"() => ({SAID})() > 2", timeout=1000 * PATIENCE_S)
            assert page.locator("#live").is_visible()
            assert not page.locator("video").count()
            _keeps_its_place(page)
            assert not air.is_encoded()
            page.screenshot(path=tmp_path / "before.png")
        until(lambda: air.is_said_until(TWO_WINDOWS_MS), PATIENCE_S, "a window that is closed")
        air.stop.set()
        air.recording.result(LONGEST_S)
        assert air.preparing.wait(LONGEST_S) == 0
        until(lambda: (card := air.shown()) and not card.live, PATIENCE_S, "publishing")
        hits = until(air.found, PATIENCE_S, "finding it")
        assert len({hit["passage_start_ms"] for hit in hits}) == len(hits)
    assert air.tail() is None
    episode = air.store.episode()
    assert episode
    assert any(abs(passage.start_ms - said.start_ms) < 500 for passage in episode.transcript.passages)
    log = (tmp_path / "prepare.log").read_text()
    assert re.search(r"Part 0: [0-9]+ windows decoded, [1-9][0-9]* found\.", log)
    assert "no live text" not in log


def _keeps_its_place(page: Page) -> None:
    """Who has chosen a line keeps it while text grows, and its link leads to its moment."""
    line = page.locator(".tail .passage").first
    line.locator("a").focus()
    line.evaluate("line => window.chosen = line")
    before = page.evaluate(SAID)
    page.wait_for_function(f"() => ({SAID})() > {before}", timeout=1000 * PATIENCE_S)
    assert page.evaluate("() => window.chosen.isConnected && window.chosen.contains(document.activeElement)")
    line.locator("a").click()
    assert page.evaluate("() => location.hash") == line.locator("a").get_attribute("href")


@contextmanager
def _page(air: OnAir, browser: str, folder: Path, width: int = 1280) -> Iterator[Page]:
    with sync_playwright() as play:
        context = play.chromium.launch_persistent_context(
            str(folder), executable_path=browser, args=FLAGS, viewport={"width": width, "height": 900}
        )
        page = context.new_page()
        page.goto(air.url)
        yield page
        context.close()


def _watch(air: OnAir, browser: str, folder: Path) -> None:
    card = until(lambda: (card := air.shown()) and card.poster and card, PATIENCE_S, "a picture")
    assert card.live
    with _page(air, browser, folder) as page:
        assert page.locator("#live").is_visible()
        page.evaluate("() => { const v = document.querySelector('video'); v.muted = true; v.play() }")
        page.wait_for_function(PLAYS, timeout=1000 * PATIENCE_S)
        _grows(page)
        page.wait_for_function(SHOWN, timeout=1000 * PATIENCE_S)
        page.screenshot(path=folder.parent / "live.png")
        page.set_viewport_size({"width": 390, "height": 844})
        page.screenshot(path=folder.parent / "narrow.png", full_page=True)
    until(air.found, PATIENCE_S, "finding it")


def _grows(page: Page) -> None:
    """Twice, without being loaded again."""
    page.evaluate("() => { window.isTheSame = true }")
    for _ in range(2):
        before = page.evaluate(SAID)
        page.wait_for_function(f"() => ({SAID})() > {before}", timeout=1000 * PATIENCE_S)
    assert page.evaluate("() => window.isTheSame")
