"""publish_episode shows what persons corrected since the episode was assembled, everywhere at once."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from docx import Document

from config import stores
from config.settings import Settings
from core import keys
from core.archive import cards
from core.archive.actions import Action
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.duties import compliance, signing
from core.duties.signing import Step
from core.meeting.chapter_edits import Beginning, ChapterEdit
from core.meeting.note_edits import NoteEdit
from core.models import Edit, Episode, NoteLine
from flows.publish import PublishRequest, publish_episode
from tasks import signing as steps
from tests.web import demo
from web import render

HEARD = demo.SPOKEN[6]
RIGHT = "Kannanoton luonnoksen valmistelee Anna Hietaniemi tammikuun loppuun mennessä."


def test_the_newest_edits_are_published(
    prefect: None, settings: Settings, episode: Episode, caplog: pytest.LogCaptureFixture
) -> None:
    site, name = stores.site(settings), episode.broadcast.id
    publish_episode(PublishRequest(broadcast=name))
    first = cards.shown(site, name)
    passage = episode.transcript.passages[6]
    edit = Edit(
        passage=passage.id,
        at=datetime.now(UTC),
        author="Anna",
        start_ms=passage.start_ms,
        end_ms=passage.end_ms,
        before=passage.text,
        after=RIGHT,
    )
    RecordingStore(stores.archive(settings), name).correct(edit)
    publish_episode(PublishRequest(broadcast=name))
    shown = cards.shown(site, name)
    assert first
    assert shown
    assert first.version != shown.version
    assert HEARD in site.get(keys.asset(name, first.version, "transcript.txt")).decode()
    page = site.get(keys.page(name)).decode()
    assert RIGHT in page
    assert "Korhonen" not in page
    assert "Ihminen on tarkistanut siitä 6 %." in page
    files = {
        file: site.get(keys.asset(name, shown.version, file)).decode()
        for file in ("transcript.txt", "captions.vtt", "captions.srt", "search.json", "words.json", "muistio.md")
    }
    assert all("Hietaniemi" in text for text in files.values())
    assert [file for file, text in files.items() if "Korhonen" in text] == ["search.json", "words.json"]
    there = {render.TO_ROOT + item.key for item in site.list(keys.shared(name))}
    before, after = (_named(site, name, card.version) for card in (first, shown))
    assert before | after <= there
    assert [address.rpartition(".")[2] for address in before - after] == ["vtt"]
    publish_episode(PublishRequest(broadcast=name))
    assert cards.shown(site, name) == shown
    written, of = map(int, re.findall(r"(\d+) of (\d+) files were written", caplog.text)[-1])
    assert 0 < written < of / 20


def _named(site: Bucket, name: str, version: str) -> set[str]:
    """What a version names of the files that versions share: pieces of captions, and stills."""
    captions, stills = (site.get(keys.asset(name, version, file)).decode() for file in ("captions.m3u8", "thumbs.vtt"))
    return {line for line in (captions + stills).splitlines() if line.startswith(render.TO_ROOT)}


def test_what_was_signed_stays_known_on_the_page_and_in_the_evidence(
    prefect: None, settings: Settings, episode: Episode
) -> None:
    archive, site, name = stores.archive(settings), stores.site(settings), episode.broadcast.id

    def told() -> compliance.Evidence:
        publish_episode(PublishRequest(broadcast=name))
        return compliance.Evidence.model_validate_json(site.get(keys.evidence(name)))

    first = told()
    assert (first.state, [each.kind for each in first.history]) == ("automatic", ["published"])
    step = Step(at=datetime.now(UTC), kind="signed", by="Anna Korhonen", machine=episode.machine)
    assert signing.append(archive, name, signing.steps(archive, name), step)
    signed = told()
    assert (signed.state, signed.by, signed.published_at) == ("signed", "Anna Korhonen", first.published_at)
    assert "Anna Korhonen on tarkistanut ja hyväksynyt sen" in site.get(keys.page(name)).decode()
    archive.put_record(keys.episode(name), episode.model_copy(update={"machine": "another"}))
    again = told()
    assert (again.state, again.published_at) == ("automatic", first.published_at)
    assert [each.kind for each in again.history] == ["published", "signed", "published"]
    for lang, words in (("", "Aiemman koneellisen tekstin tarkisti Anna"), ("en/", "An earlier text of the machine")):
        assert words in site.get(lang + keys.page(name)).decode()
    assert "tarkistettu ja hyväksytty, Anna Korhonen" in site.get(keys.evidence_page(name)).decode()


def test_where_persons_look_first_nothing_is_published_before(
    prefect: None, settings: Settings, episode: Episode, given: Callable[[Settings], Settings]
) -> None:
    held = given(settings.model_copy(update={"review": "before"}))
    archive, site, name = stores.archive(settings), stores.site(settings), episode.broadcast.id

    def said() -> str:
        return next(line for line in site.get(f"en/{keys.page(name)}").decode().splitlines() if "<title>" in line)

    def shown_after(kind: str) -> str:
        known = signing.steps(archive, name)
        values = {"at": datetime.now(UTC), "kind": kind, "by": "Anna", "machine": episode.machine}
        assert signing.append(archive, name, known, Step.model_validate(values))
        publish_episode(PublishRequest(broadcast=name))
        return f"{cards.shown(site, name) is not None} {said()}"

    publish_episode(PublishRequest(broadcast=name))
    assert cards.shown(site, name) is None
    assert "The recording will be at this address." in site.get(f"en/{keys.page(name)}").decode()
    assert steps.is_held(held, name)
    told = [shown_after(kind) for kind in ("returned", "rejected", "released")]
    title = f"<title>{episode.broadcast.title} –"
    assert [title in said for said in told] == [True, False, True]
    assert [said.startswith("True") for said in told] == [False, False, True]
    assert [step.kind for step in signing.steps(archive, name)][-1] == "published"
    assert not steps.is_held(held, name)


WITH_CHAPTERS = {
    "chapters.vtt",
    "episode.json",
    "muistio.html",
    "muistio.json",
    "muistio.md",
    "search.json",
}
"""Files of a version in which the titles of chapters are: player, API, notes, search."""


def test_speakers_chapters_and_lines_of_the_notes_that_persons_wrote_are_published(
    prefect: None, settings: Settings, episode: Episode
) -> None:
    site, store = stores.site(settings), RecordingStore(stores.archive(settings), episode.broadcast.id)
    at, passage = datetime.now(UTC), episode.transcript.passages[5]
    edit = Edit(
        passage=passage.id,
        at=at,
        author="Anna",
        start_ms=passage.start_ms,
        end_ms=passage.end_ms,
        before=passage.text,
        after="Anna <Hietaniemi>",
        kind="speaker",
    )
    line = NoteLine(kind="decision", at_ms=passage.start_ms, text="Verkosto antaa lausunnon.", passages=(passage.id,))
    notes = (NoteEdit(after=line),)
    begun = Beginning(title="Lausunto & loppu", start_ms=passage.start_ms, passage=passage.id, said=passage.text)
    chapters = (ChapterEdit(after=begun),)
    store.act(Action(id="0123456789abcdef", at=at, author="Anna", edits=(edit,), notes=notes, chapters=chapters))
    publish_episode(PublishRequest(broadcast=store.id))
    shown = cards.shown(site, store.id)
    assert shown
    page = site.get(keys.page(store.id)).decode()
    assert '<b class="who">Anna &lt;Hietaniemi&gt;</b>' in page
    assert page.count('class="who"') == 1
    assert "Verkosto antaa lausunnon." in page
    text = site.get(keys.asset(store.id, shown.version, "transcript.txt")).decode()
    assert f"Anna <Hietaniemi>: {passage.text}\n" in text
    memo = Document(io.BytesIO(site.get(keys.asset(store.id, shown.version, "muistio.docx"))))
    lines = [paragraph.text for paragraph in memo.paragraphs]
    assert any(line.startswith("Verkosto antaa lausunnon. (Anna <Hietaniemi>)") for line in lines)
    folder = keys.asset(store.id, shown.version, "")
    named = {each.key.removeprefix(folder) for each in site.list(folder) if b"Lausunto " in site.get(each.key)}
    assert named == WITH_CHAPTERS
    assert any(line.startswith("Lausunto & loppu") for line in lines)
    assert "Lausunto & loppu" in {chapter.title for chapter in shown.chapters}
    assert "Lausunto &amp; loppu" in page
