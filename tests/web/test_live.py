"""The page of a broadcast before and while it is on the air, in a browser and with a clock of the test's own."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from core import keys
from core.bucket import Bucket
from core.models import Episode, Tail, TailPassage
from core.search.index import SearchIndex
from tests.web import demo, test_api
from tests.web import test_accessible as accessible
from tests.web.host import served
from web import api, render, strings

chromium = accessible.chromium


class Host(NamedTuple):
    """A static host, and the folder that it shows."""

    url: str
    folder: Path

    def write(self, key: str, text: str) -> None:
        """Publish a file. The host tells its time in whole seconds, by which a browser knows that it changed."""
        path = self.folder / key
        newer = path.stat().st_mtime + 2 if path.exists() else None
        path.write_text(text, encoding="utf-8")
        if newer:
            os.utime(path, (newer, newer))


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
    """Open its page; from then on time stands still unless the test moves it."""
    moment = demo.planned().starts_at - timedelta(**before)
    page.clock.install(time=moment - timedelta(hours=1))
    page.goto(f"{host.url}jaksot/tulossa/")
    page.clock.pause_at(moment)


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


def so_far(count: int, *, until_ms: int) -> Episode:
    """The live broadcast when so many Passages were prepared."""
    whole = demo.older("suora", demo.episode(title="Hankinnat yhdessä"))
    said = whole.transcript.passages[:count]
    return whole.model_copy(
        update={
            "live": True,
            "duration_ms": until_ms,
            "transcript": whole.transcript.model_copy(update={"passages": said}),
            "mentions": tuple(each for each in whole.mentions if each.at_ms < said[-1].end_ms),
            "chapters": tuple(each for each in whole.chapters if each.start_ms < said[-1].end_ms) if count > 4 else (),
            "gaps": (),
        }
    )


def show_live(host: Host, shown: Episode) -> None:
    host.write(keys.page("suora"), render.episode_page(shown, keys.LIVE, strings.load_all()["fi"], thumbnails=True))


def test_text_chapters_and_municipalities_grow_and_who_reads_keeps_the_place(page: Page, host: Host) -> None:
    show_live(host, so_far(3, until_ms=200_000))
    page.clock.install()
    page.goto(f"{host.url}jaksot/suora/")
    assert page.locator("#edge").get_attribute("href") == "#t=125"
    town = page.locator(".towns a.town").first
    town.focus()
    first = page.locator(".passage").first
    first.evaluate("line => window.first = line")
    show_live(host, so_far(10, until_ms=300_000))
    page.clock.run_for(6000)
    expect(page.locator(".roll .passage")).to_have_count(10)
    assert page.locator(".roll h3").all_inner_texts() == ["Avaus", "Kyläkoulujen tulevaisuus", "Valokuitu ja etätyö"]
    assert page.locator(".chapters a").count() == 3
    assert page.locator("section:has(#kunnat) + details").count() == 1
    assert page.locator(".towns li", has_text="Kuhmoinen").locator(".at").count() == 2
    assert page.locator("#edge").get_attribute("href") == "#t=225"
    assert first.evaluate("line => line === window.first")
    assert town.evaluate("link => link === document.activeElement")
    order = page.locator(".roll .passage").evaluate_all("lines => lines.map((line) => Number(line.dataset.start))")
    assert order == sorted(order)


def test_how_far_text_and_picture_are_behind_is_told_by_the_servers_clock(page: Page, host: Host) -> None:
    show_live(host, so_far(3, until_ms=60_000))
    said = TailPassage(id="p", start_ms=100_000, end_ms=110_000, text="Juuri sanottua.")
    now = datetime.now(UTC)
    tail = Tail(made_at=now - timedelta(seconds=10), after_ms=60_000, known_ms=170_000, passages=(said,))
    (host.folder / "jaksot/suora/live").mkdir(exist_ok=True)
    host.write(keys.tail("suora"), tail.model_dump_json())
    page.clock.install(time=now + timedelta(hours=5))
    page.goto(f"{host.url}jaksot/suora/")
    told = page.locator("#behind")
    expect(told).to_have_text("Uusin teksti on sanottu noin 1 min sitten. Uusin kuva on noin 2 min takaa.")
    (host.folder / keys.tail("suora")).unlink()


def test_what_was_said_is_searched_for_on_the_page(page: Page, public: Bucket, index: SearchIndex) -> None:
    shown = so_far(10, until_ms=25_000)
    app = api.create_app(public, index, test_api.forms, strings.load_all())
    text = render.episode_page(shown, keys.LIVE, strings.load_all()["fi"])
    public.put(keys.page("suora"), text.encode())
    index.apply(demo.search_document(shown, keys.LIVE), "changes/1")
    page.clock.install()
    with served(app) as url:
        page.goto(f"{url}/jaksot/suora/")
        page.get_by_label("Hae tästä lähetyksestä").last.fill("kuhmoinen")
        page.keyboard.press("Enter")
        found = page.locator(".answers a")
        expect(found).to_have_count(2)
        expect(page.locator(".within [role=status]")).to_have_text("2 kohtaa, uusin ensin")
        assert found.first.locator("mark").inner_text() == "Kuhmoisissa"
        found.first.press("Enter")
        assert page.evaluate("() => document.activeElement.closest('.passage').dataset.start") == "33800"
        index.apply(demo.search_document(so_far(16, until_ms=25_000), keys.LIVE), "changes/2")
        page.get_by_label("Hae tästä lähetyksestä").last.fill("tammikuussa")
        page.clock.run_for(1000)
        expect(page.locator(".within [role=status]")).to_have_text("1 kohta")
        page.get_by_label("Hae tästä lähetyksestä").last.fill("")
        page.clock.run_for(1000)
        expect(page.locator(".answers")).to_be_hidden()


def test_without_the_application_the_page_says_that_there_is_no_search(page: Page, host: Host) -> None:
    page.goto(f"{host.url}jaksot/suora/")
    page.get_by_label("Hae tästä lähetyksestä").last.fill("koulu")
    page.keyboard.press("Enter")
    expect(page.locator(".within [role=status]")).to_have_text("Haku ei ole nyt käytössä. Teksti on luettavissa.")


def test_the_end_leads_to_the_episode_at_the_same_address(page: Page, host: Host) -> None:
    show_live(host, so_far(3, until_ms=60_000))
    page.clock.install()
    page.goto(f"{host.url}jaksot/suora/")
    line = page.locator(".passage a").nth(1)
    line.focus()
    whole = so_far(16, until_ms=60_000).model_copy(update={"live": False})
    host.write(keys.page("suora"), render.episode_page(whole, demo.VERSION, strings.load_all()["fi"]))
    page.clock.run_for(6000)
    expect(page.locator("#over")).to_contain_text("Lähetys on päättynyt.")
    expect(page.locator("#behind")).to_be_hidden()
    assert line.evaluate("link => link === document.activeElement")
    page.get_by_role("link", name="Avaa tallenne").click()
    expect(page.locator("#live")).to_have_count(0)
    expect(page.locator(".passage")).to_have_count(16)


def test_without_javascript_both_pages_say_that_they_can_be_loaded_again(chromium: Browser, host: Host) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{host.url}jaksot/tulossa/")
    assert page.locator("time").inner_text() == "tiistai 26.1.2027 klo 9.00"
    assert page.locator(".countdown").is_hidden()
    page.get_by_role("link", name="Onko lähetys jo alkanut? Lataa sivu uudelleen.").click()
    show_live(host, so_far(10, until_ms=60_000))
    page.goto(f"{host.url}jaksot/suora/")
    expect(page.locator(".passage")).to_have_count(10)
    assert page.locator("meta[http-equiv=refresh]").count() == 0
    show_live(host, so_far(16, until_ms=60_000))
    page.get_by_role("link", name="Lataa sivu uudelleen").click()
    expect(page.locator(".passage")).to_have_count(16)
    context.close()
