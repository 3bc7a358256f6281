"""Chapters in the editor, in Chromium: by keys and by buttons, by two at once, and without a connection."""

import re

from playwright.sync_api import Locator, Page, expect

from core.archive.recordings import RecordingStore
from tests.web import demo
from tests.web.studio import test_editor as editor
from tests.web.studio.test_editor import SAVED, Open, state
from tests.web.test_accessible import COLOURS, KINDS, violations

chromium, data, studio, host = editor.chromium, editor.data, editor.studio, editor.host
store, opened = editor.store, editor.opened

MISSING = "Yhteinen kannanotto"


def said(page: Page, number: int) -> Locator:
    return page.locator(".row").nth(number).locator(".said")


def begins(page: Page, number: int) -> Locator:
    """The headings above a row."""
    return page.locator(".row").nth(number).locator(".begins h3")


def done(store: RecordingStore) -> list[str]:
    return [change.kind for action in store.standing() for change in action.chapters]


def test_chapters_are_set_with_nothing_but_a_keyboard(opened: Open, store: RecordingStore) -> None:
    page = opened()
    expect(page.locator(".missing li")).to_have_text([MISSING, "Muut asiat"])
    said(page, 0).focus()
    for key in ("ArrowDown",) * 4 + ("b",):
        page.keyboard.press(key)
    expect(begins(page, 4)).to_have_text(MISSING)
    expect(said(page, 4)).to_be_focused()
    expect(page.locator("[name=chapter]:checked")).to_have_value("-Muut asiat")
    page.keyboard.press("Alt+ArrowDown")
    expect(said(page, 5)).to_be_focused()
    expect(begins(page, 5)).to_have_text(MISSING)
    page.keyboard.press("h")
    dialog = page.get_by_role("dialog", name="Muuta asiakohtaa")
    expect(dialog.get_by_label("Otsikko")).to_be_focused()
    page.keyboard.type("Kannanotto")
    page.keyboard.press("Enter")
    expect(begins(page, 5)).to_have_text("Kannanotto")
    expect(said(page, 5)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("h")
    page.keyboard.type("Luonnos")
    for key in ("Tab", "Home", "Shift+Tab", "Enter"):
        page.keyboard.press(key)
    expect(begins(page, 6)).to_have_text("Luonnos")
    state(page, SAVED)
    assert done(store) == ["begin", "move", "title", "begin"]
    expect(page.locator(".missing li")).to_have_text(["Muut asiat"])
    page.keyboard.press("u")
    expect(begins(page, 6)).to_have_count(0)
    state(page, SAVED)
    assert done(store) == ["begin", "move", "title"]


def test_chapters_are_set_with_buttons_and_compared(opened: Open, store: RecordingStore) -> None:
    page = opened()
    page.locator(".row").nth(8).get_by_role("button", name="Aloita kohtaa myöhemmin").click()
    expect(begins(page, 9)).to_have_text("Valokuitu ja etätyö")
    panel = page.locator(".items")
    panel.get_by_label("Kyläkoulujen tulevaisuus").check()
    said(page, 3).focus()
    panel.get_by_role("button", name="Alkaa tästä: 0.11").click()
    expect(begins(page, 3)).to_have_text("Kyläkoulujen tulevaisuus")
    panel.get_by_label("Avaus").check()
    panel.get_by_role("button", name="Poista").click()
    expect(begins(page, 0)).to_have_count(0)
    state(page, SAVED)
    panel.get_by_text("Koneen löytämät").click()
    expect(panel.locator(".found del")).to_have_text(
        ["0.00 Avaus", "0.07 Kyläkoulujen tulevaisuus", "0.30 Valokuitu ja etätyö"]
    )
    expect(panel.locator(".found ol").nth(1).locator("li").last).to_contain_text(
        re.compile("Anna Korhonen: siirsi asiakohtaa: Valokuitu ja etätyö 0.30 → Valokuitu ja etätyö 0.33")
    )
    assert done(store) == ["move", "move", "remove"]


def test_two_who_give_one_item_a_place_choose(opened: Open, store: RecordingStore) -> None:
    anna, olli = opened("anna"), opened("olli")
    for page, number in ((anna, 4), (olli, 5)):
        said(page, number).focus()
        page.keyboard.press("b")
        state(page, SAVED if page is anna else "Ristiriita")
    expect(begins(olli, 4)).to_have_text(MISSING)
    conflict = olli.get_by_role("region", name="Ristiriidat")
    expect(conflict.locator("dd")).to_have_text([f"0.19 {MISSING}", f"0.15 {MISSING}"])
    conflict.get_by_role("button", name="Pidä minun").click()
    expect(begins(olli, 5)).to_have_text(MISSING)
    state(olli, SAVED)
    assert done(store) == ["begin", "move"]


def test_a_lost_connection_and_a_reload_lose_no_chapter(opened: Open, store: RecordingStore) -> None:
    page = opened()
    page.route("**/actions*", lambda route: route.abort())
    said(page, 4).focus()
    page.keyboard.press("b")
    page.keyboard.press("Alt+ArrowDown")
    state(page, "Ei yhteyttä: 2 muutosta odottaa")
    page.reload()
    expect(begins(page, 5)).to_have_text(MISSING)
    page.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")
    state(page, SAVED)
    assert done(store) == ["begin", "move"]
    starts = [change.after.start_ms for action in store.standing() for change in action.chapters if change.after]
    assert starts == [demo.passages()[number].start_ms for number in (4, 5)]


def test_no_rule_is_broken(opened: Open) -> None:
    page = opened("anna", 390, "?kieli=sv")
    page.locator(".items > summary").click()
    page.locator(".items .found summary").click()
    expect(page.locator(".items .found")).to_contain_text("Ingen")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    said(page, 2).click()
    page.get_by_role("button", name="Kapitel som börjar här").click()
    assert violations(page, KINDS) == []
    page.keyboard.press("Escape")
    page.emulate_media(color_scheme="dark")
    assert violations(page, COLOURS) == []
