"""The editor in Chromium: with the keyboard, by two at once, without a connection and after the session has ended."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from core.archive.recordings import RecordingStore
from core.duties import withdrawals
from core.duties.withdrawals import Anchor, Withdrawal
from maaseutu.stack import Stack
from tests.web import demo
from tests.web import test_captions_played as played
from tests.web.host import served
from tests.web.studio import desk
from tests.web.test_accessible import COLOURS, KINDS, REFUSALS, violations
from web import render, strings
from web.studio.publishing import Run

chromium = played.chromium

SAVED = "Tallennettu"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return desk.sound(tmp_path_factory.mktemp("sound"))


@pytest.fixture(scope="module")
def studio(storage: Stack) -> desk.Studio:
    return desk.studio(storage.settings, strings.load_all())


@pytest.fixture(scope="module")
def host(studio: desk.Studio) -> Iterator[str]:
    with served(studio.app) as url:
        yield url


@pytest.fixture
def store(storage: Stack, data: bytes) -> RecordingStore:
    return desk.prepared(storage.settings, data)


@pytest.fixture
def opened(chromium: Browser, host: str, store: RecordingStore) -> Iterator[Open]:
    """``opened("anna")``: the editor in a browser of that person. No error of a script, and nothing refused."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []
    pages: list[Page] = []

    def start(who: str = "anna", width: int = 1280, query: str = "") -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 800})
        contexts.append(context)
        context.add_cookies([{"name": "who", "value": who, "url": host}])
        page = context.new_page()
        page.add_init_script(REFUSALS)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{host}/studio/jaksot/{store.id}/{query}")
        expect(page.locator("html.ready")).to_be_attached()
        # What others do is only seen when something is saved: else it would be a matter of time who sees it.
        page.route("**/changes?*", lambda route: route.abort())
        pages.append(page)
        return page

    yield start
    assert [page.evaluate("window.refused") for page in pages] == [[]] * len(pages)
    assert errors == []
    for context in contexts:
        context.close()


def said(page: Page, number: int) -> str:
    """What a row says, without what only screen readers say."""
    return str(
        page.evaluate(
            "(n) => { const e = document.querySelectorAll('.row')[n].querySelector('.said').cloneNode(true);"
            " e.querySelector('.unseen').remove(); return e.textContent; }",
            number,
        )
    )


def state(page: Page, text: str) -> None:
    """Wait until the line of the state says so."""
    expect(page.locator(".state")).to_contain_text(text)


def write(page: Page, number: int, text: str) -> None:
    """Open a row, write, and go on to the next."""
    row = page.locator(".row").nth(number)
    if "open" not in str(row.get_attribute("class")):
        row.locator(".said").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_rows_that_are_out_of_sight_are_no_wider_than_a_phone(opened: Open) -> None:
    page = opened("anna", 390)
    page.set_viewport_size({"width": 390, "height": 60})
    page.reload()
    expect(page.locator("html.ready")).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_text_and_every_module_are_asked_for_at_once_and_only_once(opened: Open, store: RecordingStore) -> None:
    page = opened()
    asked = page.evaluate("performance.getEntriesByType('resource').map((each) => [each.name, each.initiatorType])")
    assert [kind for name, kind in asked if name.endswith(f"/{store.id}")] == ["link"]
    named = page.locator("link[rel=modulepreload]").evaluate_all(
        "all => all.map((each) => each.href.split('/').at(-1))"
    )
    assert {*named, "main.js"} == {file.name for file in (render.STATIC / "editor").glob("*.js")}


def test_a_walk_with_nothing_but_a_keyboard(opened: Open, store: RecordingStore) -> None:
    page = opened()
    page.locator("[name=publish]").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "said"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("c")
    page.keyboard.press("n")
    expect(page.locator(".row").nth(3).locator(".said")).to_be_focused()
    page.keyboard.press("Enter")
    field = page.get_by_label("Teksti kohdassa 0.11")
    expect(field).to_be_focused()
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.type(" Niin on.")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Teksti kohdassa 0.15")).to_be_focused()
    page.keyboard.press("F8")
    expect(page.get_by_label("Teksti kohdassa 0.33")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Näppäimet")).to_be_visible()
    page.keyboard.press("Escape")
    state(page, SAVED)
    kinds = [edit.kind for edit in store.edits()]
    assert kinds == ["confirm", "text", "merge"]
    assert store.edits()[1].after == f"{demo.SPOKEN[3]} Niin on."
    page.keyboard.press("u")
    expect(page.locator(".row")).to_have_count(16)
    page.keyboard.press("ControlOrMeta+z")
    state(page, SAVED)
    expect(page.locator(".row").nth(3).locator(".said")).to_contain_text(demo.SPOKEN[3])
    assert [edit.kind for edit in store.edits()] == ["confirm"]


def test_a_passage_is_split_at_the_caret_and_undone(opened: Open, store: RecordingStore) -> None:
    page = opened()
    page.locator(".row").nth(1).locator(".said").click()
    area = page.locator("textarea")
    area.evaluate("(e, at) => e.setSelectionRange(at, at)", len("Tänään mukana "))
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.locator(".row")).to_have_count(17)
    assert [said(page, at) for at in (1, 2)] == ["Tänään mukana", "ovat Vieremä, Kuhmoinen ja Utajärvi."]
    page.get_by_role("button", name="Kumoa").first.click()
    expect(page.locator(".row")).to_have_count(16)
    assert said(page, 1) == demo.SPOKEN[1]


def test_two_at_once_choose_which_text_stays(opened: Open, store: RecordingStore) -> None:
    anna, olli = opened("anna"), opened("olli")
    write(anna, 0, "Hyvää iltaa.")
    state(anna, SAVED)
    write(olli, 0, "Hyvää päivää.")
    state(olli, "Ristiriita")
    conflict = olli.get_by_role("region", name="Ristiriidat")
    expect(conflict).to_contain_text("Hyvää iltaa.")
    expect(conflict).to_contain_text("Hyvää päivää.")
    assert violations(olli, KINDS) == []
    olli.reload()
    expect(conflict).to_contain_text("Hyvää päivää.")
    assert said(olli, 0) == "Hyvää iltaa."
    conflict.get_by_role("button", name="Pidä minun").click()
    state(olli, SAVED)
    expect(conflict).to_be_hidden()
    assert said(olli, 0) == "Hyvää päivää."
    assert [edit.after for edit in store.edits()] == ["Hyvää iltaa.", "Hyvää päivää."]


def test_a_run_of_names_that_meets_another_name_is_whole_afterwards(opened: Open, store: RecordingStore) -> None:
    """What is kept of an action is all of it."""
    anna, olli = opened("anna"), opened("olli")
    for page, number, name in ((anna, 1, "Anna Hietaniemi"), (olli, 0, "Olli Niemi")):
        page.locator(".row").nth(number).locator(".said").click()
        page.locator(".who input").fill(name)
        if page is olli:
            page.get_by_label("tästä eteenpäin").check()
        page.locator(".who input").press("Enter")
        state(page, SAVED if page is anna else "Ristiriita")
    olli.get_by_role("button", name="Pidä minun").click()
    state(olli, SAVED)
    assert [len(action.edits) for action in store.actions().values()] == [1, 1, 15]
    assert {edit.after for edit in store.edits()} == {"Anna Hietaniemi", "Olli Niemi"}


def test_a_session_that_ends_loses_nothing(opened: Open, studio: desk.Studio, store: RecordingStore) -> None:
    page = opened()
    anna = studio.people.pop("anna")
    try:
        write(page, 0, "Hyvää iltaa.")
        state(page, "Istunto on päättynyt")
        write(page, 1, "Mukana ovat kaikki.")
        page.keyboard.type("Kesken")
        assert said(page, 0) == "Hyvää iltaa."
        assert store.edits() == []
    finally:
        studio.people["anna"] = anna
    page.evaluate("dispatchEvent(new Event('focus'))")
    state(page, SAVED)
    assert [edit.after for edit in store.edits()] == ["Hyvää iltaa.", "Mukana ovat kaikki."]


def test_a_lost_connection_and_a_reload_lose_nothing(opened: Open, store: RecordingStore) -> None:
    page = opened()
    page.route("**/actions*", lambda route: route.abort())
    write(page, 0, "Hyvää iltaa.")
    state(page, "Ei yhteyttä: 1 muutosta odottaa")
    write(page, 1, "Mukana ovat kaikki.")
    state(page, "Ei yhteyttä: 2 muutosta odottaa")
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.type(" Kesken")
    expect(page.locator(".mirror")).to_contain_text("Kesken")
    page.wait_for_function("() => Object.keys(localStorage).some((key) => key.startsWith('luonnos:'))")
    page.evaluate("window.onbeforeunload = null")
    page.reload()
    expect(page.locator("html.ready")).to_be_attached()
    assert said(page, 0) == "Hyvää iltaa."
    page.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")
    state(page, SAVED)
    page.keyboard.press("Escape")
    texts = {edit.before: edit.after for edit in store.edits()}
    assert texts[demo.SPOKEN[0]] == "Hyvää iltaa."
    assert texts[demo.SPOKEN[1]] == "Mukana ovat kaikki."


def test_an_answer_that_is_lost_makes_no_second_edit(opened: Open, store: RecordingStore) -> None:
    page = opened()
    lost: list[str] = []

    def once(route: Route) -> None:
        answer = route.fetch()
        if lost:
            return route.fulfill(response=answer)
        lost.append(answer.text())
        route.abort()

    page.route("**/actions*", once)
    write(page, 0, "Hyvää iltaa.")
    state(page, SAVED)
    assert len(lost) == 1
    assert [edit.after for edit in store.edits()] == ["Hyvää iltaa."]


def test_the_sound_leads_and_is_led(opened: Open) -> None:
    page = opened()
    page.locator(".row").nth(2).get_by_role("button", name="Toista kohdasta 0.07").click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 8")
    expect(page.locator(".row[aria-current]")).to_have_count(1)
    assert page.evaluate("[...CSS.highlights.get('word')].map(String)")[0] in demo.SPOKEN[2].split()
    page.keyboard.press("F2")
    page.wait_for_function("() => document.querySelector('video').paused")
    before = page.evaluate("document.querySelector('video').currentTime")
    page.keyboard.press("F4")
    page.wait_for_function("(was) => document.querySelector('video').currentTime < was - 2", arg=before)
    page.locator(".row").nth(9).locator(".said").click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 33")
    page.locator(".field textarea").wait_for()


def test_a_word_is_corrected_everywhere_and_a_speaker_named(opened: Open, store: RecordingStore) -> None:
    page = opened()
    page.get_by_role("button", name="Korvaa kaikkialta").click()
    page.get_by_label("Korvattavat sanat").fill("koulu")
    page.get_by_label("Uudet sanat").fill("koulukeskus")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("status")).to_have_text("2 osumaa 2 kohdassa")
    assert violations(page, KINDS) == []
    dialog.get_by_role("button", name="Korvaa valitut").click()
    dialog.get_by_role("button", name="Sulje").click()
    state(page, SAVED)
    assert [len(action.edits) for action in store.actions().values()] == [2]
    assert "koulukeskus" in said(page, 3)
    page.locator(".row").nth(4).locator(".said").focus()
    page.keyboard.press("s")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Anna Hietaniemi")
    page.get_by_label("myös tästä eteenpäin").check()
    page.locator(".who input").press("Enter")
    page.keyboard.press("Escape")
    state(page, SAVED)
    expect(page.locator(".row .who").first).to_have_text("Anna Hietaniemi")


def withdraw(store: RecordingStore, kind: withdrawals.Kind, **more: Any) -> None:
    """What withdraw_passage notes, or restore."""
    known = withdrawals.read(store.archive, store.id)
    step = Withdrawal(at=datetime.now(UTC), kind=kind, by="Eero Mäki", reason="Pyydettiin", **more)
    assert withdrawals.append(store.archive, store.id, known, step)


def test_what_is_withdrawn_says_so_until_it_is_restored(opened: Open, store: RecordingStore) -> None:
    withdraw(store, "passage", start=Anchor(at_ms=9000), end=Anchor(at_ms=12_000))
    page = opened("anna", 390)
    marked = page.locator(".row.withdrawn")
    expect(marked.locator(".tag")).to_have_text(["Poistettu katsojilta 0.09–0.12"] * 2)
    assert demo.SPOKEN[3] in marked.nth(1).inner_text()
    marked.nth(1).locator(".said").click()
    opened_row = page.locator(".row.open")
    expect(opened_row.locator(".notice")).to_contain_text("korjaus näkyy katsojille vasta, jos kohta palautetaan")
    opened_row.locator("[name=history] summary").click()
    expect(opened_row.locator("[name=history] li")).to_contain_text("Eero Mäki: poisti katsojilta Pyydettiin")
    assert violations(page, KINDS) == []
    withdraw(store, "restored", of=1)
    write(page, 0, "Hyvää iltaa.")
    state(page, SAVED)
    expect(page.locator(".row .withdrawn, .row.withdrawn")).to_have_count(0)
    withdraw(store, "episode")
    page.reload()
    expect(page.locator(".notice")).to_contain_text("Eero Mäki on poistanut koko lähetyksen katsojilta")


def test_lines_of_the_notes_and_publishing(opened: Open, store: RecordingStore, studio: desk.Studio) -> None:
    page = opened()
    first = page.locator(".lines li").nth(3)
    first.get_by_role("button", name=re.compile("^Muokkaa")).click()
    page.get_by_label("Teksti", exact=True).fill("Verkosto antaa lausunnon.")
    page.get_by_role("button", name="Tallenna").click()
    expect(page.locator(".lines")).to_contain_text("Verkosto antaa lausunnon.")
    state(page, SAVED)
    (action,) = store.actions().values()
    assert action.notes[0].after.text == "Verkosto antaa lausunnon."
    publish(page)
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("Valmis.")
    assert studio.publisher.started[-1] == store.id


def publish(page: Page) -> None:
    """With the keyboard alone."""
    page.locator("[name=publish]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_the_dialog_tells_how_publishing_goes_and_how_it_ended(opened: Open, studio: desk.Studio) -> None:
    page = opened("anna", 390, "?kieli=sv")
    dialog = page.get_by_role("dialog", name="Publicera")
    status, now = dialog.get_by_role("status"), dialog.get_by_role("button", name="Publicera nu")
    studio.publisher.ahead = [Run(desk.RUN, "Running", "", is_over=False, is_bad=False)] * 1000
    publish(page)
    expect(status).to_have_text("Sidan, textningen, sökningen och promemorian görs…")
    expect(now).to_be_hidden()
    studio.publisher.ahead = []
    expect(status).to_have_text("Klart. Den rättade texten är publicerad.")
    expect(now).to_be_hidden()
    page.keyboard.press("Tab")
    link = dialog.get_by_role("link", name="Se den publicerade sidan")
    expect(link).to_be_focused()
    assert "/sv/jaksot/" in str(link.evaluate("link => link.href"))
    assert violations(page, KINDS) == []
    page.keyboard.press("Escape")
    studio.publisher.ahead = [Run(desk.RUN, "Completed", "…", is_over=True, is_bad=False, outcome="waiting")]
    publish(page)
    expect(status).to_contain_text("väntar på granskning")
    expect(link).to_be_hidden()
    page.keyboard.press("Escape")
    studio.publisher.ahead = [Run(desk.RUN, "Failed", "No store.", is_over=True, is_bad=True)]
    publish(page)
    expect(status).to_contain_text("Körningen berättar orsaken på engelska: No store.")
    expect(now).to_be_visible()


BOXES = """rows => rows
    .map((row) => ['.at', '.sign', '.said'].map((each) => row.querySelector(each).getBoundingClientRect()))
    .map(([at, sign, said]) => [at.right <= sign.left, sign.right <= said.left, said.right <= innerWidth,
      at.top < said.bottom, at.bottom > said.top, sign.top < said.bottom])"""


def test_every_row_has_its_time_its_sign_and_its_text_beside_each_other(opened: Open) -> None:
    page = opened("anna", 390)
    assert page.locator(".items").evaluate("items => items.open") is False
    page.locator(".row").nth(2).locator(".said").focus()
    page.keyboard.press("c")
    state(page, SAVED)
    expect(page.locator(".row .sign").nth(2)).to_have_text("✓")
    for width in (390, 320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.locator(".row").evaluate_all(BOXES) == [[True] * 6] * 16, width


def test_no_rule_is_broken(opened: Open) -> None:
    """Of axe, in both themes, also of an open row with all that is known of it; and it fits a narrow window."""
    page = opened("anna", 390, "?kieli=sv")
    page.locator(".row").nth(3).locator(".said").click()
    for details in page.locator(".row.open details").all():
        details.locator("summary").click()
    expect(page.locator(".row.open .caption").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.emulate_media(color_scheme="light")
    assert violations(page, KINDS) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, COLOURS) == []
