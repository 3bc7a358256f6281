"""Subscribing with and without a browser: who confirms is in, who leaves is out, and nobody learns who else is."""

import re
import uuid
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from config import stores
from core import keys
from core.bucket import Bucket
from core.search.index import SearchIndex
from core.telling.desk import Desk
from core.telling.members import Members, Wish
from maaseutu.stack import Stack
from tests.core.mailserver import MailServer
from tests.web import test_api
from tests.web.host import served
from tests.web.test_render import Page
from web import strings
from web.api import create_app
from web.subscribing import Subscribing

RIGHT = {
    "sahkoposti": "Anna@Kunta.FI",
    "aihe": ["mentioned", "live"],
    "kunta": ["vieremä", "", "Perho"],
    "aihesanat": "kyläkoulut, valokuitu,",
}


class Site(NamedTuple):
    """A site with its mail server, and where its members are."""

    client: TestClient
    mail: MailServer
    archive: Bucket
    public: Bucket

    def link(self, to: str = "anna") -> str:
        """The link in the last letter that somebody got."""
        text = self.mail.got(to)[-1].get_body(("plain",)).get_content()
        found = re.search(r"https://example\.org(/\S+)", text)
        assert found
        return found[1]

    def members(self) -> list[str]:
        """Everybody's address."""
        return [member.address for member in Members(self.archive).every().values()]


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with MailServer() as started:
        yield started


@pytest.fixture
def archive(storage: Stack) -> Bucket:
    made = stores.archive(storage.settings.model_copy(update={"archive_bucket": f"list-{uuid.uuid4().hex[:8]}"}))
    made.create(versioned=True)
    return made


@pytest.fixture
def site(public: Bucket, index: SearchIndex, archive: Bucket, mail: MailServer) -> Iterator[Site]:
    mail.taken = []
    every = strings.load_all()
    own = Subscribing(Desk(archive), mail.named(), every, "https://example.org")
    app = create_app(public, index, test_api.forms, every, base_url="https://example.org", subscribing=own)
    with TestClient(app, follow_redirects=False) as client:
        yield Site(client, mail, archive, public)


def test_somebody_comes_and_goes(site: Site) -> None:
    assert "Katso sähköpostisi" in site.client.post("/tilaa/", data=RIGHT).text
    # A program that looks at every link of a letter changes nothing, and nothing is stored before.
    asked = site.client.get(site.link())
    assert "anna@kunta.fi" in asked.text
    assert "Vieremä, Perho" in asked.text
    assert site.members() == []
    assert "Tilaus on voimassa" in site.client.post(site.link()).text
    [(member_id, member)] = Members(site.archive).every().items()
    assert (member.address, member.municipalities, member.language) == ("anna@kunta.fi", ("925", "584"), "fi")
    assert member.topics == ("kyläkoulut", "valokuitu")
    assert member.wishes == (Wish.MENTIONED, Wish.LIVE)
    assert list(site.public.list()) == []
    leave = f"/tilaa/lopeta?t={Desk(site.archive).seal.leave(member_id)}"
    assert "Lopeta tilaus" in site.client.get(leave).text
    assert site.members() == ["anna@kunta.fi"]
    for _ in range(2):
        assert site.client.post(leave, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert site.members() == []


def test_links_that_are_not_ours(site: Site) -> None:
    for address in ("/tilaa/vahvista", "/tilaa/vahvista?t=x", "/sv/tilaa/lopeta?t=%C3%A5", "/en/tilaa/lopeta"):
        assert [site.client.request(how, address).status_code for how in ("GET", "POST")] == [404, 404]


def test_the_form_says_what_is_wrong_and_keeps_what_is_right(site: Site) -> None:
    wrong = {"sahkoposti": "<anna", "kunta": ["Vierema", "Närpes"], "aihe": ["nonsense"]}
    answer = site.client.post("/sv/tilaa/", data=wrong)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert {"#sahkoposti", "#aiheet", "#kunta-1"} <= set(page.values("href"))
    assert {"&lt;anna", "<anna"} & set(page.values("value"))
    assert "Menade du: Vieremä?" in answer.text
    assert "Närpes" in page.values("value")
    assert "Skriv den kommun" in site.client.post("/sv/tilaa/", data={"aihe": "mentioned"}).text
    assert site.client.post("/tilaa/", content=b"\xff&&=%&" * 20_000).status_code == 422
    assert "Skriv ämnena" in site.client.post("/sv/tilaa/", data={"aihe": "discussed"}).text
    assert "Skriv ämnena" in site.client.post("/sv/tilaa/", data={"aihesanat": "x"}).text
    assert site.mail.taken == []


def test_a_municipality_is_filled_in_by_its_page(site: Site) -> None:
    assert "Närpes" in Page(site.client.get("/sv/tilaa/?kunta=narpio").text).values("value")
    assert site.client.get("/tilaa/?kunta=<x>").status_code == 200
    assert site.client.get("/sv/tilaa?kunta=narpio").headers["location"] == "tilaa/?kunta=narpio"


def test_members_and_others_get_the_same_answer_and_nobody_is_flooded(site: Site) -> None:
    first = site.client.post("/tilaa/", data=RIGHT).text
    site.client.post(site.link())
    assert [site.client.post("/tilaa/", data=RIGHT).text == first for _ in range(5)] == [True] * 5
    assert len(site.mail.got("anna")) == 3
    others = [site.client.post("/tilaa/", data=RIGHT | {"sahkoposti": f"a{n}@kunta.fi"}) for n in range(6)]
    assert [answer.status_code for answer in others] == [200] * 4 + [429] * 2
    assert others[0].text == first


def test_a_mail_server_that_refuses_or_hangs_is_told_and_nothing_is_stored(site: Site) -> None:
    for name in ("refused", "hangs", "drops"):
        answer = site.client.post("/en/tilaa/", data=RIGHT | {"sahkoposti": f"{name}@kunta.fi"})
        assert (answer.status_code, "Nothing was stored" in answer.text) == (503, True)
    assert site.members() == []


def test_without_a_mail_server_the_page_is_that_of_a_static_host(public: Bucket, index: SearchIndex) -> None:
    public.put(f"{keys.SUBSCRIBE}index.html", b"cannot be done")
    with TestClient(create_app(public, index, test_api.forms, strings.load_all())) as client:
        assert client.get("/tilaa/").text == "cannot be done"
        assert client.post("/tilaa/").status_code == 405


def test_with_the_keyboard_alone_and_no_script(site: Site, chromium: Browser) -> None:
    with served(site.client.app) as url:
        context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
        page = context.new_page()
        page.goto(f"{url}/tilaa/?kunta=vierema")
        page.focus("#sahkoposti")
        page.keyboard.type("anna@kunta.fi")
        page.keyboard.press("Enter")
        page.locator("[role=alert]:focus").wait_for()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Katso sähköpostisi").wait_for()
        page.goto(url + site.link())
        page.focus("main .button")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Tilaus on voimassa").wait_for()
        context.close()
    assert site.members() == ["anna@kunta.fi"]


@pytest.fixture(scope="module")
def chromium(browser: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        yield started
        started.close()
