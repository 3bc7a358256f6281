"""The page of an episode as viewers use it, in Chromium, with the headers of our own server."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from config import stores
from core import keys
from core.models import Episode, WordForms
from core.search.index import SearchIndex
from tests.web import demo
from tests.web import test_captions_played as played
from tests.web.host import served
from tests.web.test_accessible import REFUSALS
from web import api_v1, catalogue, render
from web.api import SecurityHeaders

chromium = played.chromium

FORMS = {"kyläkouluissa": WordForms(bases=("kyläkoulu",))}
PATIENCE_MS = 60_000
PLAYS = "(seconds) => document.querySelector('video').currentTime > seconds"
HLS = "() => Boolean(window.Hls)"
FOUND = "[...CSS.highlights.get('found')].map((r) => r.startContainer.data.slice(r.startOffset, r.endOffset))"
CURRENT = ".passage[aria-current]"


LONG = "pitka"


def long_episode() -> Episode:
    """The example's words twenty times, one passage a second, without chapters."""
    again = [passage for _ in range(20) for passage in demo.passages()]
    spoken = tuple(
        passage.model_copy(update={"id": f"p{at}", "start_ms": at * 1000, "end_ms": at * 1000 + 900, "words": ()})
        for at, passage in enumerate(again)
    )
    shown = demo.older(LONG, demo.episode())
    said = shown.transcript.model_copy(update={"passages": spoken})
    return shown.model_copy(update={"transcript": said, "chapters": (), "duration_ms": len(spoken) * 1000})


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the example's page."""
    folder = tmp_path_factory.mktemp("site")
    for shown in (demo.episode(), long_episode()):
        demo.write_episode(folder, shown)
    demo.write_hls(folder / keys.asset(demo.ID, demo.VERSION, ""))
    for name, path in render.static_files():
        target = folder / keys.static(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    with SearchIndex(folder.with_name("index")) as index:
        index.apply(demo.search_document(demo.episode()), "changes/1")
        public = stores.site(demo.SETTINGS)
        search = Mount("/api/v1", api_v1.create(public, index, lambda words: FORMS, catalogue.Catalogue(public)))
        files = Mount("/", StaticFiles(directory=folder, html=True))
        with served(Starlette(routes=[search, files], middleware=[Middleware(SecurityHeaders)])) as url:
            yield f"{url}/{keys.EPISODES}{demo.ID}/"


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


def test_a_no_break_space_divides_no_word(page: Page, host: str) -> None:
    page.goto(host)
    words = page.evaluate("wordsOf('maksaa 20\\u00a0000 euroa').map((word) => word[0])")
    assert words == ["maksaa", "20\u00a0000", "euroa"]


def copied(page: Page, said: str) -> str:
    """What the clipboard holds, once the page has said so."""
    expect(page.locator(".tools [role=status]")).to_have_text(said)
    return str(page.evaluate("navigator.clipboard.readText()"))


def select(page: Page, first: int, from_word: str, last: int, to_word: str) -> None:
    """Select from the beginning of a word of one passage to the end of a word of another."""
    page.evaluate(
        """([first, from, last, to]) => {
          const [one, other] = [first, last].map((n) => saidIn(document.querySelectorAll(".passage")[n]));
          getSelection().setBaseAndExtent(one, one.data.indexOf(from), other, other.data.indexOf(to) + to.length);
        }""",
        [first, from_word, last, to_word],
    )


def test_a_passage_is_quoted_by_keys_alone(page: Page, host: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{host}?x#t=35")
    page.locator(f"{CURRENT} a").focus()
    page.keyboard.press("q")
    assert page.evaluate("document.activeElement.name") == "quote"
    page.keyboard.press("Enter")
    assert copied(page, "Lainaus kopioitu.") == (
        "”Kuhmoisissa valokuitu ulottuu nyt yhdeksään kylään kymmenestä.”\n"
        f"Kyläkoulut, valokuitu ja etätyö. Maaseutu LIVE 24.11.2026, kohta 0.33.\n{host}#t=33.8"
    )
    page.keyboard.press("Escape")
    assert page.locator(".tools").is_hidden()
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#t=33.8"


def test_words_that_are_selected_are_shared_from_their_second(page: Page, host: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(host)
    select(page, 4, "kolmena", 5, "verkosto")
    assert page.locator(".tools q").inner_text() == "kolmena vuonna peräkkäin. Päätettiin, että verkosto"
    passage = demo.passages()[4]
    second = (passage.start_ms + (passage.words[8].start_ms - passage.start_ms) // 100 * 100) / 1000
    for name, said in (("share", "Linkki kopioitu."), ("embed", "Upotuskoodi kopioitu.")):
        page.locator(f".tools [name={name}]").click()
        text = copied(page, said)
        assert f"#t={second:.1f}" in text
        assert (f'src="https://example.org/embed/{demo.ID}/#t=' in text) == (name == "embed")
    letter = urlsplit(page.locator(".tools a").get_attribute("href"))
    assert (letter.scheme, letter.path) == ("mailto", demo.CONTACT)
    body = parse_qs(letter.query)["body"][0]
    assert "Tekstissä lukee:\nkolmena vuonna peräkkäin. Päätettiin, että verkosto\n" in body
    assert f"{host}#t={second:.1f}" in body


def test_without_a_clipboard_the_quote_can_be_copied_by_hand(page: Page, host: str) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(host)
    select(page, 0, "Hyvää", 0, "huomenta")
    page.locator(".tools [name=quote]").click()
    assert page.locator(".tools textarea").input_value().startswith("”Hyvää huomenta”\n")


def test_a_word_is_found_in_any_form(page: Page, host: str) -> None:
    page.goto(host)
    page.keyboard.press("s")
    page.keyboard.type("kuhmoinen")
    said = page.locator(".inside [role=status]")
    expect(said).to_have_text("1 / 2")
    assert page.locator(".hits rect").count() == 2
    page.keyboard.press("Enter")
    expect(said).to_have_text("2 / 2")
    expect(page.locator(".passage.hit", has_text="Kuhmoisissa")).to_be_in_viewport()
    assert page.evaluate(FOUND.replace("found", "found-now")) == ["Kuhmoisissa"]
    page.keyboard.press("Shift+Enter")
    expect(said).to_have_text("1 / 2")
    page.locator(".passage a").first.focus()
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#t=33.8"
    page.locator("#sanat").fill("kuhmoinen valokuitu")
    expect(said).to_have_text("1 / 1")
    page.locator("#sanat").fill("lentokenttä")
    expect(said).to_have_text("Ei osumia")
    assert page.locator(".hits rect").count() == 0


def test_a_form_that_nobody_said_is_asked_of_the_search(page: Page, host: str) -> None:
    page.goto(f"{host}?q=kyläkouluissa")
    expect(page.locator(".inside [role=status]")).to_have_text("1 / 1")
    expect(page.locator(".passage.hit")).to_have_count(1)
    assert page.evaluate(FOUND) == ["kyläkoulujen"]


def test_hits_of_a_long_text_are_marked_where_one_reads(page: Page, host: str) -> None:
    page.goto(f"{host.replace(demo.ID, LONG)}?q=kuhmoinen")
    said = page.locator(".inside [role=status]")
    expect(said).to_have_text("1 / 40")
    last = page.locator(".passage", has_text="Kuhmoisissa").last
    expect(page.locator(".passage.hit").first).to_be_in_viewport()
    assert "hit" not in str(last.get_attribute("class"))
    places = page.locator(".hits rect").evaluate_all("all => all.map((each) => parseFloat(each.getAttribute('x')))")
    assert len(places) == 40
    assert places[0] < 5
    assert places[-1] > 95
    page.locator("[name=previous]").click()
    expect(said).to_have_text("40 / 40")
    expect(page.locator(".passage.hit").last).to_be_in_viewport()
    assert page.locator(".passage.hit").count() < 40
    assert page.evaluate(FOUND.replace("found", "found-now")) == ["Kuhmoisissa"]


def test_hits_of_the_address_are_shown_from_its_place_on(page: Page, host: str) -> None:
    page.goto(f"{host}?q=koulu#t=20")
    expect(page.locator(".inside [role=status]")).to_have_text("2 / 2")
    assert page.locator("#sanat").input_value() == "koulu"


def test_choices_are_kept_and_a_quality_is_played(page: Page, host: str) -> None:
    page.goto(host)
    page.locator(".watching summary").click()
    for name, value in (("rate", "1.5"), ("quality", "180"), ("size", "large"), ("colours", "yellow")):
        page.locator(f".watching [name={name}]").select_option(value)
    page.reload()
    assert page.get_by_label("Kuvan laatu").input_value() == "180"
    player = page.locator(".player")
    assert (player.get_attribute("data-size"), player.get_attribute("data-colours")) == ("large", "yellow")
    page.locator("media-play-button").click()
    page.wait_for_function(PLAYS, arg=0.5, timeout=PATIENCE_MS)
    assert page.evaluate("(v => [v.videoHeight, v.playbackRate])(document.querySelector('video'))") == [180, 1.5]


def test_the_place_is_remembered_and_offered_but_never_taken(page: Page, host: str) -> None:
    page.goto(f"{host}#t=20")
    page.locator("media-play-button").click()
    page.wait_for_function(PLAYS, arg=20.2, timeout=PATIENCE_MS)
    page.keyboard.press("k")
    for address, is_offered in ((f"{host}#t=5", False), (host, True)):
        page.goto("about:blank")
        page.goto(address)
        assert page.locator(".resume").is_visible() == is_offered
    assert page.locator(".clock").inner_text().startswith("0.00")
    assert page.locator(".resume").inner_text().startswith("Jatka kohdasta 0.2")
    page.locator(".resume").click()
    page.wait_for_function(PLAYS, arg=20.3, timeout=PATIENCE_MS)
