"""The page of a broadcast before and while it is on the air, in a browser and with a clock of the test's own."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from core import keys
from tests.web import demo
from tests.web import test_accessible as accessible
from web import render, strings

chromium = accessible.chromium


class Host(NamedTuple):
    """A static host, and the folder that it shows."""

    url: str
    folder: Path

    def write(self, key: str, text: str) -> None:
        """Publish a file."""
        (self.folder / key).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("site")
    demo.write_pages(folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(accessible.Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Host(f"http://127.0.0.1:{server.server_port}/", folder)
        server.shutdown()


page = accessible.page


def show_coming(host: Host, **more: object) -> None:
    host.write(keys.page("tulossa"), render.coming_page(demo.planned(**more), strings.load_all()["fi"]))


def wait_for_the_broadcast(page: Page, host: Host, **before: float) -> None:
    page.clock.install(time=demo.planned().starts_at - timedelta(**before))
    page.goto(f"{host.url}jaksot/tulossa/")


def test_the_time_to_the_broadcast_is_counted_and_seldom_said(page: Page, host: Host) -> None:
    wait_for_the_broadcast(page, host, days=1, hours=3)
    expect(page.locator(".countdown")).to_have_text("Alkaa 1 pv 3 t kuluttua")
    page.clock.run_for(5000)
    expect(page.locator(".countdown")).to_have_text("Alkaa 1 pv 2 t kuluttua")
    expect(page.locator("#soon")).to_be_empty()
    page.clock.fast_forward(timedelta(days=1, hours=2, minutes=51) / timedelta(milliseconds=1))
    expect(page.locator(".countdown")).to_contain_text("Alkaa 8 min 5")
    said = page.locator("#soon")
    expect(said).to_contain_text("Alkaa 8 min 5")
    before = said.inner_text()
    page.clock.run_for(30_000)
    assert said.inner_text() == before


def test_who_waits_is_told_of_the_beginning_and_led_to_it(page: Page, host: Host) -> None:
    wait_for_the_broadcast(page, host, seconds=2)
    page.clock.run_for(2500)
    expect(page.locator(".countdown")).to_have_text("Lähetys alkaa näillä hetkillä.")
    live = demo.older("tulossa", demo.episode()).model_copy(update={"live": True})
    host.write(keys.page("tulossa"), render.episode_page(live, keys.LIVE, strings.load_all()["fi"]))
    page.clock.run_for(40_000)
    page.get_by_role("status").get_by_role("link", name="Avaa lähetys").press("Enter")
    expect(page.locator("#live")).to_be_visible()
    show_coming(host)


def test_who_waits_is_told_that_it_was_moved(page: Page, host: Host) -> None:
    wait_for_the_broadcast(page, host, minutes=5)
    show_coming(host, revision=1, cancelled=True)
    page.clock.run_for(40_000)
    page.get_by_role("link", name="Lataa sivu uudelleen").click()
    expect(page.get_by_text("Lähetys on peruttu.")).to_be_visible()
    expect(page.locator(".countdown")).to_have_count(0)
    show_coming(host)
