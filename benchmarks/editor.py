"""The editor with a broadcast of four hours, in Chromium, on a real store: when it is there, and what a key costs.

The transcript is that of ``benchmarks.pages`` with a doubtful word in every eighth Passage, a thousand edits, and an
agenda of 200 items, most of which have no place in it yet.
Milliseconds of a keystroke are those of the Event Timing API: from the key until the next picture is there.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page

from benchmarks import own_stack, pages
from benchmarks.figures import Figure
from config.settings import Settings
from core import keys
from core.archive.actions import Action
from core.archive.recordings import RecordingStore
from core.models import AgendaItem, Passage
from core.review.editing import Desk
from core.text import edits
from tests.web.host import served
from tests.web.studio import desk
from web import strings

EDITS = 1000
EVERY = 8
ITEMS = 200
KEYSTROKES = 30
LOADS = 5
LIMIT_PAINT_MS, LIMIT_KEY_MS = 1000, 50
CONTENTFUL = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
TEXT = """() => new Promise((done) => {
  const drawn = () => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
  const look = () => (document.querySelector(".row") ? drawn() : requestAnimationFrame(look));
  look();
})"""
SLOW = """() => new PerformanceObserver((list) => window.slow?.push(...list.getEntries().map((e) => e.duration)))
  .observe({ type: "event", durationThreshold: 16 })"""
IN_LIST = (
    ("a step in the list", "ArrowDown", ""),
    ("a chapter begins", "b", "ArrowUp"),
    ("a chapter moves on", "Alt+ArrowDown", ""),
)
"""What is measured, its key, and the key pressed before each time, which is not measured."""
SHORTEST_MS = 16
"""What Chromium tells of an event is no shorter, and in steps of eight."""


class _Desk(NamedTuple):
    """The address of the editor, and what it edits."""

    url: str
    store: RecordingStore


def run() -> list[Figure]:
    """The figures."""
    with own_stack.running(("storage",)) as stack, _editor(stack.settings) as found, pages.chromium() as browser:
        return [*_server(found), *_paints(browser, found.url), *_keys(browser, found.url)]


@contextmanager
def _editor(settings: Settings) -> Iterator[_Desk]:
    with tempfile.TemporaryDirectory(prefix="maaseutu-bench-") as name:
        store = desk.prepared(settings, desk.sound(Path(name)))
    long = pages.long_episode()
    spoken = tuple(_doubted(passage, at) for at, passage in enumerate(long.transcript.passages))
    agenda = tuple(AgendaItem(title=f"Asia {number + 1}") for number in range(ITEMS))
    made = long.model_copy(
        update={
            "broadcast": long.broadcast.model_copy(update={"id": store.id, "agenda": agenda}),
            "transcript": long.transcript.model_copy(update={"passages": spoken}),
        }
    )
    store.archive.put_record(keys.episode(store.id), made)
    for number in range(EDITS):
        store.act(_confirmed(spoken[3 * number], number))
    with served(desk.studio(settings, strings.load_all()).app) as url:
        yield _Desk(f"{url}/studio/jaksot/{store.id}/", store)


def _doubted(passage: Passage, at: int) -> Passage:
    words = [word.model_copy(update={"probability": 0.2}) if at % EVERY == 0 else word for word in passage.words[:1]]
    return passage.model_copy(update={"id": f"p{passage.start_ms}", "words": (*words, *passage.words[1:])})


def _confirmed(passage: Passage, number: int) -> Action:
    at = datetime.now(UTC)
    edit = edits.of(passage, "Anna", at, kind="confirm")
    return Action(id=f"{number:016x}", at=at, author="Anna", edits=(edit,))


@contextmanager
def _page(browser: Browser, url: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(pages.PATIENCE_MS)
    context.add_cookies([{"name": "who", "value": "anna", "url": url.partition("/studio")[0]}])
    yield context.new_page()
    context.close()


def _server(found: _Desk) -> Iterator[Figure]:
    """What the server needs before it answers."""
    began = time.perf_counter()
    made = Desk(found.store.archive)
    made.present(found.store.id)
    first = time.perf_counter() - began
    began = time.perf_counter()
    made.present(found.store.id)
    yield Figure(
        f"editor: {pages.HOURS} hours, {EDITS} edits, read and applied by the server",
        f"{1000 * first:.0f} ms, again {1000 * (time.perf_counter() - began):.0f} ms",
    )


def _paints(browser: Browser, url: str) -> Iterator[Figure]:
    painted, read = [], []
    for _ in range(LOADS):
        with _page(browser, url) as page:
            page.goto(url, wait_until="commit")
            read.append(float(page.evaluate(TEXT)))
            painted.append(float(page.evaluate(CONTENTFUL)))
    yield _figure("first paint", painted, LIMIT_PAINT_MS)
    yield _figure("the transcript is there", read, LIMIT_PAINT_MS)


def _keys(browser: Browser, url: str) -> Iterator[Figure]:
    with _page(browser, url) as page:
        page.goto(url)
        page.locator(".row").nth(1500).locator(".said").click()
        page.locator("textarea").wait_for()
        page.evaluate(SLOW)
        for name, key in (("a keystroke", "a"), ("confirm and next", "Enter")):
            yield _figure(name, _pressed(page, key), LIMIT_KEY_MS)
        page.keyboard.press("Escape")
        for name, key, before in IN_LIST:
            yield _figure(name, _pressed(page, key, before), LIMIT_KEY_MS)


def _pressed(page: Page, key: str, before: str = "") -> list[float]:
    """How long each of some presses took."""
    found = []
    for _ in range(KEYSTROKES):
        if before:
            page.keyboard.press(before)
            page.evaluate(pages.FRAMES)
        page.evaluate("window.slow = []")
        page.keyboard.press(key)
        page.evaluate(pages.FRAMES)
        page.wait_for_timeout(50)
        found.append(max([SHORTEST_MS, *page.evaluate("window.slow")]))
    return found


def _figure(name: str, found: list[float], limit: int) -> Figure:
    return Figure(
        f"editor: {pages.HOURS} hours, {name}",
        f"{statistics.median(found):.0f} ms, at most {max(found):.0f} ({len(found)} times)",
        f"< {limit} ms",
        max(found) < limit,
    )
