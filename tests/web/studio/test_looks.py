"""The studio as axe-core, and somebody without a mouse or JavaScript, meet it."""

from datetime import UTC, datetime, timedelta

import html5lib
import pytest
from playwright.sync_api import sync_playwright

from tests.web.host import served
from tests.web.studio.desks import ADMIN, PASSWORD, put
from tests.web.studio.provider import CLIENT, SECRET, running
from tests.web.test_accessible import COLOURS, KINDS, violations
from web import strings
from web.api import create_app
from web.studio.app import create_studio
from web.studio.openid import OpenId

PAGES = {"desk": "", "log": "loki", "missing": "nowhere/", "sign in": "kirjaudu"}


@pytest.fixture(scope="module")
def chromium(browser):
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(chromium):
    """A narrow window without JavaScript."""
    context = chromium.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture
def host(archive, public, people, sessions, index):
    """Address of a studio with some episodes."""
    now = datetime.now(UTC)
    put(archive, public, "kiire", [("published", "", now - timedelta(days=13))], title="Kyläkoulut")
    put(archive, public, "valmis", [("published", "", now - timedelta(days=20)), ("signed", "Eero", now)])
    put(archive, None, "odottaa", [("rejected", "Eero", now)])
    texts = strings.load_all()
    studio = create_studio(archive, public, texts, door=people, sessions=sessions)
    with served(create_app(public, index, lambda _: {}, texts, studio=studio)) as address:
        yield f"{address}/studio/"


def test_with_the_keyboard_alone_and_without_javascript(page, host):
    page.goto(f"{host}loki")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Siirry sisältöön"
    page.get_by_label("Nimi").focus()
    page.keyboard.type(ADMIN)
    page.keyboard.press("Tab")
    page.keyboard.type("ei tämä salasana")
    page.keyboard.press("Enter")
    assert page.get_by_role("alert").inner_text().startswith("Nimi tai salasana on väärä")
    assert page.get_by_label("Nimi").input_value() == ADMIN
    page.get_by_label("Salasana").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{host}loki")
    assert page.get_by_role("row").count() == 3
    page.get_by_role("link", name="Jaksot").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(host)
    assert [each.inner_text() for each in page.get_by_role("heading", level=3).all()] == [
        "Kyläkoulut",
        "odottaa",
        "valmis",
    ]
    page.get_by_role("button", name="Kirjaudu ulos").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{host}kirjaudu")


def test_the_pages_break_no_rule(chromium, host):
    """Of axe, in both themes, nor of HTML; and they fit a narrow window. A moment is kept through the sign-in."""
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(f"{host}?a=b#t=5")
    page.get_by_label("Nimi").fill(ADMIN)
    page.get_by_label("Salasana").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{host}?a=b#t=5")
    for path in PAGES.values():
        page.goto(f"{host}{path}")
        html5lib.HTMLParser(strict=True).parse(page.request.get(f"{host}{path}").text())
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.emulate_media(color_scheme="light")
        assert violations(page, KINDS) == [], path
        page.emulate_media(color_scheme="dark")
        assert violations(page, COLOURS) == [], path
    context.close()


def test_in_by_a_provider(page, archive, public, sessions, index):
    """The redirects and the policy as a browser has them."""
    with running() as provider:
        given = {"claim": "roles", "producers": ["producer"], "admins": []}
        door = OpenId(provider.issuer, CLIENT, SECRET, **given)
        studio = create_studio(archive, public, strings.load_all(), door=door, sessions=sessions)
        with served(create_app(public, index, lambda _: {}, strings.load_all(), studio=studio)) as host:
            page.goto(f"{host}/studio/?kieli=sv")
            page.get_by_role("link", name="Logga in: 127.0.0.1").click()
            page.wait_for_url(f"{host}/studio/?kieli=sv")
            assert page.get_by_text("Anna Korhonen").is_visible()
            assert page.get_by_text("Allt är i ordning.").is_visible()
