"""The page of the search as it is served: by plain HTTP, and in a browser."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from urllib.parse import parse_qs
from xml.etree.ElementTree import Element

import html5lib
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect
from starlette.applications import Starlette
from starlette.testclient import TestClient

from config import stores
from core import keys
from core.models import Episode, Mention, Notes, Passage, Transcript, WordForms
from core.search.index import SearchIndex
from maaseutu.stack import Stack
from tests.web import demo, test_accessible
from tests.web import test_captions_played as played
from web import catalogue, searching
from web.api import create_app
from web.strings import load_all

chromium = played.chromium
Forms = dict[str, WordForms]
SVG = "{http://www.w3.org/2000/svg}"
LENGTH_MS = 5_400_000
KNOWN = {word: WordForms(bases=("koulu",)) for word in ("koulu", "koulun", "koulua", "koulussa")}
KNOWN["koulukissa"] = WordForms(bases=("koulukissa",), parts=("koulu", "kissa"))


def forms(words: Iterable[str]) -> Forms:
    """A vocabulary of one word."""
    return {word: KNOWN[word] for word in words if word in KNOWN}


def _mention(at_ms: int) -> Mention:
    return Mention(code="785", name="Vaala", at_ms=at_ms, said="Vaalassa")


def long_one() -> Episode:
    """An hour and a half of another programme, in 2025, that speaks of the school every two minutes."""
    said = ("Koulun katto vuotaa.", "Puhutaan tiestä.", "Lapset ovat koulussa Vaalassa.")
    passages = tuple(Passage(start_ms=n * 60_000, end_ms=n * 60_000 + 3000, text=said[n % 3]) for n in range(90))
    shown = demo.older("pitka", demo.episode(title="Koulun pitkä ilta"))
    broadcast = shown.broadcast.model_copy(
        update={"programme": "kylat", "starts_at": datetime(2025, 3, 4, 16, tzinfo=UTC)}
    )
    return shown.model_copy(
        update={
            "broadcast": broadcast,
            "duration_ms": LENGTH_MS,
            "transcript": Transcript(language="fi", engine="example", passages=passages),
            "mentions": tuple(_mention(each.start_ms) for each in passages if "Vaala" in each.text),
            "chapters": (),
            "notes": Notes(),
            "forms": KNOWN,
        }
    )


@pytest.fixture(scope="module")
def app(storage: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Starlette]]:
    """Makes the application of two episodes."""
    public = stores.site(storage.settings.model_copy(update={"site_bucket": "site-searched"}))
    public.create(public=True)
    shown = (demo.episode(), long_one())
    public.put_record(keys.CARDS, catalogue.cards_of(map(demo.card, shown)))
    with SearchIndex(tmp_path_factory.mktemp("searched") / "index") as index:
        for number, each in enumerate(shown):
            index.apply(demo.search_document(each), f"changes/{number}")
        yield partial(create_app, public, index, forms, load_all())


@pytest.fixture(scope="module")
def client(app: Callable[..., Starlette]) -> Iterator[TestClient]:
    with TestClient(app()) as made:
        yield made


def parsed(text: str) -> Element:
    """The page, which has no parse error."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(text)
    assert [(place, code) for place, code, _ in parser.errors] == []
    return tree


def texts(tree: object, path: str) -> list[str]:
    """The text of every element there."""
    return [" ".join("".join(each.itertext()).split()) for each in tree.findall(path)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("query", "said"),
    [("koulu katto", ""), ("koulu kissa", "Kaikkia hakusanoja ei"), ("koulukissa -katto", "Itse sanaa ei")],
)
def test_what_of_a_question_was_not_found_is_said(client: TestClient, query: str, said: str) -> None:
    notices = texts(parsed(client.get("/haku", params={"q": query}).text), ".//p[@class='notice']")
    assert [each[: len(said)] for each in notices if "löytynyt" in each] == [said] * bool(said)


def test_without_javascript_a_search_is_narrowed_ordered_and_freed_again(client: TestClient) -> None:
    tree = parsed(client.get("/haku", params={"q": "koulu"}).text)
    assert texts(tree, ".//label") == [
        "Hae lähetysten puheesta", "Ohjelmasarja", "Vuosi", "Mainittu kunta", "Mistä haetaan", "Järjestys",
    ]  # fmt: skip
    assert texts(tree, ".//select[@id='kunta']/option") == ["Kaikki", "Vaala (30)", "Vieremä (1)"]
    assert texts(tree, ".//select[@id='vuosi']/option") == ["Kaikki", "2026 (2)", "2025 (61)"]
    asked = {"q": "koulu", "vuosi": "2025", "kunta": "vaala", "osat": "puhe", "jarjestys": "uusimmat"}
    text = client.get("/haku", params=asked).text
    tree = parsed(text)
    assert texts(tree, ".//p[@id='osumia']") == ["30 osumaa"]
    chips = [(" ".join(link.itertext()), link.get("href")) for link in tree.findall(".//ul[@class='chips']/li/a")]
    assert [(" ".join(chip.split()), parse_qs(href[1:])) for chip, href in chips[:1]] == [
        ("Vuosi: 2025 ✕ (poista rajaus)", {k: [v] for k, v in asked.items() if k != "vuosi"})
    ]
    assert len(chips) == 4
    (following,) = tree.findall(".//a[@rel='next']")
    assert parse_qs(following.get("href")[1:]) == {k: [v] for k, v in (asked | {"sivu": "2"}).items()}
    assert texts(parsed(client.get(f"/haku{following.get('href')}").text), ".//p[@id='osumia']") == ["30 osumaa"]


def test_what_cannot_narrow_is_not_offered(client: TestClient) -> None:
    tree = parsed(client.get("/haku", params={"q": "lapset"}).text)
    assert texts(tree, ".//p[@id='osumia']") == ["30 osumaa"]
    assert [each.get("id") for each in tree.findall(".//select")] == ["jarjestys"]
    assert parsed(client.get("/haku").text).findall(".//select") == []


def test_notes_are_found_when_asked_and_say_what_they_are(client: TestClient) -> None:
    tree = parsed(client.get("/haku", params={"q": "hankehakemus", "osat": "muistio"}).text)
    assert texts(tree, ".//section[@class='found']//span[@class='tag']") == ["Muistio: päätös"]
    tree = parsed(client.get("/haku", params={"q": "valokuitu"}).text)
    assert texts(tree, ".//section[@class='found']//span[@class='tag']") == ["Kohdan otsikko", "Lähetyksen nimi"]


def test_a_time_line_leads_to_the_hits_of_the_whole_episode(client: TestClient) -> None:
    tree = parsed(client.get("/haku", params={"q": "katto"}).text)
    (group,) = tree.findall(".//section[@class='found']")
    assert texts(group, ".//p[@class='eyebrow']") == ["tiistai 4.3.2025 klo 18.00 kylat 1 t 30 min"]
    marks = group.findall(f".//{SVG}a")
    assert len(marks) == 8
    assert texts(group, f".//{SVG}a/{SVG}title")[:2] == [
        "4 osumaa kohdasta 0.00 alkaen",
        "4 osumaa kohdasta 12.00 alkaen",
    ]
    assert [mark.get("href") for mark in marks[:2]] == ["jaksot/pitka/?q=katto#t=0", "jaksot/pitka/?q=katto#t=720"]
    assert len(group.findall(f".//{SVG}a/{SVG}rect")) == 8 + 30
    (more,) = group.findall(".//p[@class='more']/a")
    assert more.text == "Vielä 10 osumaa tässä lähetyksessä"
    tree = parsed(client.get(f"/haku{more.get('href')}").text)
    assert texts(tree, ".//ul[@class='chips']//a") == ["Lähetys: Koulun pitkä ilta ✕ (poista rajaus)"]
    assert tree.findall(".//p[@class='more']") == []


@pytest.mark.parametrize("length_ms", [1, 1000, 5_400_000])
def test_marks_never_overlap_and_stay_on_the_line(length_ms: int) -> None:
    times = [n * length_ms // 397 for n in range(398)] + [length_ms * 2]
    made = searching.marks(times, length_ms)
    assert sum(mark.hits for mark in made) == 399
    places = [mark.x for mark in made]
    assert all(after - before >= 100 / searching.SLOTS for before, after in zip(places, places[1:], strict=False))
    assert max(places) <= searching.LENGTH
    assert searching.marks([1], 0) == []


def test_what_was_just_said_on_the_air_stands_at_the_end_and_leads_to_its_second() -> None:
    (mark,) = searching.marks([61_000, 62_000], 60_000)
    assert (mark.at_ms, mark.hits, mark.x) == (61_000, 2, searching.LENGTH)


def test_what_filters_hide_is_told(client: TestClient) -> None:
    text = client.get("/haku", params={"q": "valokuitu", "vuosi": "2025"}).text
    assert "Ei osumia" in text
    assert 'Ilman rajauksia: <a href="?q=valokuitu">3 osumaa</a>' in text
    assert "Ilman rajauksia" not in client.get("/haku", params={"q": "lentokenttä", "vuosi": "2025"}).text


def test_nothing_asked_tells_what_can_be(client: TestClient) -> None:
    tree = parsed(client.get("/haku").text)
    assert texts(tree, ".//ul[@class='places']//a") == ["Vieremä", "Kuhmoinen", "Utajärvi", "Vaala"]
    assert texts(tree, ".//dl//a")[2:] == ['"kunnan talous"', "koulu -kuljetus", "kunt*", "Vieremä"]
    for lang in ("sv", "en"):
        parsed(client.get("/haku", params={"kieli": lang, "q": "koulu"}).text)


ODD = {
    "long": "koulu " * 1700,
    "markup": '"><script>alert(1)</script><!--',
    "bidirectional": "\u202eulu‮ok مدرسة שלום",
    "emoji": "🏫👩‍🏫 koulu",
    "controls": "koulu\x00\x07\ufffe\x85",
    "operators": '"-"-*" -- (OR) koulu:^~[]{}\\',
}


@pytest.mark.parametrize("query", ODD.values(), ids=ODD)
def test_odd_searches_have_a_page(client: TestClient, query: str) -> None:
    filters = dict.fromkeys(("vuosi", "kunta", "ohjelma", "jakso", "osat", "sivu"), query[:1000])
    for asked in ({"q": query}, {"q": query, **filters}, {"q": "koulu", **filters}):
        answer = client.get("/haku", params=asked)
        assert answer.status_code == 200
        parsed(answer.text)
        assert "<script>alert" not in answer.text
    is_told = "Siitä haettiin alku" in client.get("/haku", params={"q": query}).text
    assert is_told is (query == ODD["long"])


def test_a_page_beyond_the_last_leads_to_the_last(client: TestClient) -> None:
    answer = client.get("/haku", params={"q": "katto", "sivu": "40"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "haku?q=katto&sivu=2")


# ---- in a browser


@pytest.fixture(scope="module")
def serve(app: Callable[..., Starlette]) -> Iterator[Callable[..., str]]:
    """Serves the application for clients of another machine, with these options; gives its address."""
    started: list[tuple[uvicorn.Server, threading.Thread]] = []

    def begun(**options: int) -> str:
        config = uvicorn.Config(app(**options), port=0, log_level="error", forwarded_allow_ips="127.0.0.1")
        server, listening = uvicorn.Server(config), config.bind_socket()
        listening.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        started.append((server, thread))
        thread.start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}/"

    yield begun
    for server, thread in started:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def host(serve: Callable[..., str]) -> str:
    """Address of the application."""
    return serve()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A window of its own; an error of a script fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def status(page: Page) -> Locator:
    return page.get_by_role("status")


def test_results_come_while_typing_and_back_leads_back(page: Page, host: str) -> None:
    """With nothing but the keyboard."""
    page.goto(f"{host}haku?q=valokuitu")
    expect(status(page)).to_have_text("3 osumaa")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("kat")
    expect(status(page)).to_have_text("30 osumaa")
    assert page.title().startswith("Hakutulokset: \u2068kat\u2069")
    assert page.url == f"{host}haku?q=kat&kesken=1"
    assert page.get_by_role("link", name="English").get_attribute("href") == "haku?q=kat&kesken=1&kieli=en"
    page.keyboard.type("to")
    page.wait_for_url(f"{host}haku?q=katto&kesken=1")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{host}haku?q=katto")
    page.go_back()
    page.go_back()
    page.wait_for_url(f"{host}haku?q=valokuitu")
    expect(status(page)).to_have_text("3 osumaa")
    expect(page.locator("#q")).to_have_value("valokuitu")


def test_words_are_suggested_as_a_combobox(page: Page, host: str) -> None:
    page.goto(f"{host}haku")
    field = page.get_by_role("combobox", name="Hae lähetysten puheesta")
    field.focus()
    page.keyboard.type("vaal")
    offered = page.get_by_role("listbox", name="Ehdotuksia")
    expect(offered.get_by_role("option")).to_have_text(["Vaala kunta", "vaalassa "])
    expect(field).to_have_attribute("aria-expanded", "true")
    assert field.get_attribute("aria-activedescendant") is None
    page.keyboard.press("Escape")
    expect(offered).to_be_hidden()
    expect(field).to_have_value("vaal")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(offered.get_by_role("option", selected=True)).to_have_text("Vaala kunta")
    assert field.get_attribute("aria-activedescendant") == "ehdotus-0"
    page.keyboard.press("Enter")
    expect(field).to_have_value("Vaala")
    expect(offered).to_be_hidden()
    page.wait_for_url(f"{host}haku?q=Vaala")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Hae")).to_be_focused()


def test_filters_and_marks_are_used_with_the_keyboard(page: Page, host: str) -> None:
    page.goto(f"{host}haku?q=koulu")
    page.get_by_label("Vuosi").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    test_accessible.press_until(page, "Päivitä")
    page.keyboard.press("Enter")
    page.wait_for_url("**/haku?q=koulu&vuosi=2025")
    expect(status(page)).to_have_text("61 osumaa")
    mark = page.get_by_role("link", name="8 osumaa kohdasta 0.00 alkaen")
    box = mark.bounding_box()
    assert box is not None
    assert box["width"] >= 24
    test_accessible.press_until(page, "Vuosi: 2025 ✕ (poista rajaus)")
    page.keyboard.press("Enter")
    page.wait_for_url("**/haku?q=koulu")


def test_an_older_answer_never_replaces_a_newer_one(page: Page, host: str) -> None:
    held: list[Route] = []
    page.goto(f"{host}haku")
    page.route("**/haku?q=lap&kesken=1", lambda route: held.append(route))
    page.locator("#q").press_sequentially("lap")
    expect(status(page)).to_have_text("Haetaan …")
    page.locator("#q").press_sequentially("set")
    expect(status(page)).to_have_text("30 osumaa")
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_load_state("networkidle")
    assert page.url == f"{host}haku?q=lapset&kesken=1"


def test_too_many_searches_and_a_lost_line_are_told(page: Page, serve: Callable[..., str]) -> None:
    page.set_extra_http_headers({"X-Forwarded-For": "192.0.2.7"})
    page.goto(f"{serve(per_minute=2)}haku?q=katto")
    page.locator("#q").press_sequentially("x")
    expect(status(page)).to_have_text(re.compile(r"Odota \d+ sekuntia ja paina sitten Hae"))
    assert page.locator(".found").count() == 1
    page.goto(f"{serve()}haku?q=katto")
    page.context.set_offline(True)
    page.locator("#q").press_sequentially("x")
    expect(status(page)).to_have_text(re.compile("Paina Hae"))


NARROW, WIDE = 320, 1280
HIDDEN = "haku?q=valokuitu&vuosi=2025&kunta=vaala"
LOOKS = [("haku", NARROW, "light"), ("haku", WIDE, "dark"), (HIDDEN, NARROW, "dark"), (HIDDEN, WIDE, "light")]
LOOKS += [("haku?q=koulu&vuosi=2025", WIDE, theme) for theme in ("light", "dark")]


@pytest.mark.parametrize(("path", "width", "theme"), LOOKS)
def test_axe_finds_nothing(page: Page, host: str, path: str, width: int, theme: str) -> None:
    """Also while somebody chooses a suggestion; the rest in a narrow window is among the pages of test_accessible."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(host + path)
    if path == "haku":
        page.locator("#q").press_sequentially("ko")
        page.get_by_role("option").first.wait_for()
        page.locator(".found").first.wait_for()
        page.keyboard.press("ArrowDown")
    found = Axe().run(page, options={"runOnly": test_accessible.KINDS})
    assert [(v["id"], [n["target"] for n in v["nodes"]][:5]) for v in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
