"""Every page as axe-core, an HTML parser and somebody without a mouse meet it."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tasks.policies import ALWAYS_ASK
from tests.web import demo
from web import strings, subscribing
from web.api import SECURITY

PAGES = {
    "front": "",
    "episode": f"jaksot/{demo.ID}/",
    "live": "jaksot/suora/",
    "coming": "jaksot/tulossa/",
    "sound": "jaksot/aani/",
    "checking": "jaksot/tarkistettava/",
    "withdrawn": "jaksot/poistettu/",
    "silent": "jaksot/hiljainen/",
    "notes": f"jaksot/{demo.ID}/{demo.VERSION}/muistio.html",
    "evidence": f"jaksot/{demo.ID}/selvitys/",
    "swedish": f"sv/jaksot/{demo.ID}/",
    "municipality": "kunnat/vierema/",
    "unmentioned": "kunnat/perho/",
    "municipalities": "kunnat/",
    "box": "kunnat/vierema/upotus.html",
    "region": "en/maakunnat/pohjois-savo/",
    "programme": "ohjelmat/maaseutu-live/",
    "about": "tietoa/",
    "accessibility": "sv/saavutettavuus/",
    "privacy": "en/tietosuoja/",
    "missing": "404.html",
    "search": "haku.html",
    "subscribe": "tilaa/tilaus.html",
    "unsubscribable": "sv/tilaa/",
}
REFUSALS = """window.refused = [];
addEventListener("securitypolicyviolation", (event) => refused.push(event.violatedDirective));"""
KINDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["cat.color"]


class Quiet(SimpleHTTPRequestHandler):
    """A static host, which is all that the pages need, with the policy of our own server."""

    def end_headers(self) -> None:
        """Add what the server adds."""
        for name, value in SECURITY.items():
            self.send_header(name, value)
        # As pages are stored; without it a browser may take one that is some minutes old for fresh.
        self.send_header("Cache-Control", ALWAYS_ASK)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the example site on a static host."""
    folder = tmp_path_factory.mktemp("site")
    demo.write_pages(folder)
    (folder / "haku.html").write_text(demo.search_page("koulu"), encoding="utf-8")
    wrong = subscribing.read(subscribing.Filled(towns=("Vierema",)), strings.load_all()["fi"])[1]
    form = subscribing.form_page(subscribing.Filled(towns=("Vierema",)), wrong, strings.load_all()["fi"])
    (folder / "tilaa" / "tilaus.html").write_text(form, encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def chromium(browser: str) -> Iterator[Browser]:
    """A browser for all of them."""
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A narrow window of its own."""
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    yield context.new_page()
    context.close()


def violations(page: Page, kinds: list[str]) -> list[object]:
    """The rules that a page breaks, and where, by axe."""
    found = Axe().run(page, options={"runOnly": kinds})
    assert found.response["passes"]
    return [(v["id"], [n["target"] for n in v["nodes"]][:5]) for v in found.response["violations"]]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_breaks_no_rule(page: Page, host: str, name: str) -> None:
    """Of axe, in a dark theme as well, in which only colours are others; nor of HTML; it fits a narrow window.

    And it does nothing that the policy refuses.
    """
    page.emulate_media(color_scheme="light")
    page.add_init_script(REFUSALS)
    answer = page.goto(host + PAGES[name])
    assert answer
    assert page.evaluate("window.refused") == []
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(answer.text())
    assert [(place, code) for place, code, _ in parser.errors] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(page, KINDS) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, COLOURS) == []


SMALL = """() => [...document.querySelectorAll("a, button, select, summary, input:not([type=checkbox])")]
  .filter((each) => each.checkVisibility() && !each.closest("p, label, svg, .at, .skip, .places"))
  .map((each) => [each.textContent.trim(), each.getBoundingClientRect()])
  .filter(([, { width, height, right }]) => width && right > 0 && height < 44).map(([text]) => text)"""


def test_what_a_finger_has_to_meet_is_high_enough(chromium: Browser, host: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    for name in ("front", "episode", "live", "municipality", "municipalities", "region", "search", "subscribe"):
        page.goto(host + PAGES[name])
        assert (name, page.evaluate(SMALL)) == (name, [])
    context.close()


HIDE_POINTS = """() => { const sheet = new CSSStyleSheet();
sheet.replaceSync(".eyebrow > *::before { visibility: hidden }"); document.adoptedStyleSheets = [sheet]; }"""
BESIDE = """() => { const [first, second] = document.querySelectorAll(".eyebrow > *");
const { x, y, height } = second.getBoundingClientRect();
return { wraps: second.offsetTop > first.offsetTop, clip: { x: x - 16, y, width: 32, height } }; }"""


@pytest.mark.parametrize(("width", "wraps"), [(320, True), (1280, False)])
def test_a_point_stands_between_what_is_on_one_line_and_begins_none(
    page: Page, host: str, width: int, wraps: bool
) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(host + PAGES["coming"])
    place = page.evaluate(BESIDE)
    assert place["wraps"] is wraps
    with_points = page.screenshot(clip=place["clip"])
    page.evaluate(HIDE_POINTS)
    assert (page.screenshot(clip=place["clip"]) == with_points) is wraps


def focused(page: Page) -> str:
    """What has the focus, as somebody would call it."""
    said = page.evaluate(
        "(() => { const e = document.activeElement;"
        " return e.getAttribute('aria-label') || e.textContent.trim() || e.id || e.tagName; })()"
    )
    return str(said)


def press_until(page: Page, wanted: str, key: str = "Tab", most: int = 60) -> None:
    """Press a key until what is called so has the focus."""
    passed = []
    for _ in range(most):
        page.keyboard.press(key)
        passed.append(focused(page))
        if passed[-1] == wanted:
            return
    raise AssertionError(f"{wanted!r} is not among {passed}")


def test_a_walk_with_nothing_but_a_keyboard(page: Page, host: str) -> None:
    """From the front page to the municipality, to the second at which it was named, and into Swedish."""
    page.goto(host)
    page.keyboard.press("Tab")
    assert focused(page) == "Siirry sisältöön"
    press_until(page, "Kunnat")
    page.keyboard.press("Enter")
    page.wait_for_url("**/kunnat/")
    press_until(page, "suodata")
    page.keyboard.type("vierem")
    assert page.get_by_role("status").inner_text() == "1 kunta"
    press_until(page, "Vieremä")
    page.keyboard.press("Enter")
    page.wait_for_url("**/kunnat/vierema/")
    for _ in range(40):
        page.keyboard.press("Tab")
        if "#t=4.2" in str(page.evaluate("document.activeElement.getAttribute('href') || ''")):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/jaksot/{demo.ID}/#t=4.2")
    press_until(page, "Svenska")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/sv/jaksot/{demo.ID}/")
    assert page.locator("html").get_attribute("lang") == "sv"
    assert page.locator(".transcript ol").first.get_attribute("lang") == "fi"


def test_focus_is_always_seen(page: Page, host: str) -> None:
    page.goto(host + PAGES["municipality"])
    for _ in range(15):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", focused(page)


def test_without_javascript_every_municipality_can_be_reached(chromium: Browser, host: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{host}kunnat/")
    assert page.locator(".index a").count() == 308
    assert page.locator("#suodata").is_hidden()
    page.get_by_role("link", name="Ähtäri").first.click()
    assert page.locator("h1").inner_text() == "Ähtäri"
    context.close()


@pytest.mark.parametrize(
    ("typed", "names"),
    [("ahta", ["Ähtäri"]), ("NYSTAD", ["Uusikaupunki"]), ("vilppula", ["Mänttä-Vilppula"]), ("zzz", [])],
)
def test_a_municipality_is_found_while_typing(page: Page, host: str, typed: str, names: list[str]) -> None:
    page.goto(f"{host}kunnat/")
    page.get_by_label("Etsi kunta").fill(typed)
    assert [a.inner_text() for a in page.locator(".index a:visible").all()] == names
    said = page.get_by_role("status").inner_text()
    assert said == ("1 kunta" if names else "Yhtään kuntaa ei löytynyt.")
