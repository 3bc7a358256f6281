"""An episode that is assembled again and again, and what persons corrected meanwhile."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.logging import disable_run_logger

from config import stores
from core import keys
from core.archive.actions import Action
from core.archive.recordings import RecordingStore
from core.meeting.chapter_edits import Beginning, ChapterEdit
from core.models import AgendaItem, Broadcast, Edit, Episode, Kept, Transcript
from maaseutu.stack import Stack
from tasks import pages, signing
from tasks.assembly import assemble
from tests.core.transcripts import spoken
from tests.web import demo

NOON = datetime(2026, 11, 25, 10, tzinfo=UTC)
MACHINE = spoken(
    (0, 4, "Hyvää huomenta."),
    (6, 9, "Siirrymme kolu kuljetuksiin."),
    (10, 14, "Päätettiin, että Savukosken kunta tekee lausunnot."),
    (15, 19, "Kiitos."),
)
LATER = spoken(
    (0, 4.1, "Hyvää huomenta."),
    (6.1, 9, "Siirrymme koulu kuljetuksiin."),
    (10, 14, "Päätettiin, että savukosken kunta tekee lausunnon."),
    (15.1, 19, "Musiikkia soitetaan pitkään."),
)


@pytest.fixture
def store(storage: Stack) -> RecordingStore:
    """A broadcast of which nothing was assembled yet."""
    return RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")


def assembled(storage: Stack, store: RecordingStore, transcript: Transcript) -> Episode:
    agenda = (AgendaItem(title="Koulukuljetukset"),)
    broadcast = Broadcast(id=store.id, programme="maaseutu-live", title="Kokous", starts_at=NOON, agenda=agenda)
    assemble.fn(storage.settings, broadcast, (), list(demo.episode().parts), [transcript], ())
    found = store.episode()
    assert found
    return found


def _edit(episode: Episode, number: int, after: str, minute: int = 0) -> Edit:
    passage = episode.transcript.passages[number]
    return Edit(
        passage=passage.id,
        at=NOON.replace(minute=minute),
        author="Anna",
        start_ms=passage.start_ms,
        end_ms=passage.end_ms,
        before=passage.text,
        after=after,
    )


def _texts(episode: Episode) -> list[str]:
    return [passage.text for passage in episode.transcript.passages]


def test_each_transcript_of_the_machine_is_kept_and_ids_stay(storage: Stack, store: RecordingStore) -> None:
    first = assembled(storage, store, MACHINE)
    assert assembled(storage, store, MACHINE) == first
    second = assembled(storage, store, LATER)
    assert [p.id for p in second.transcript.passages] == [p.id for p in first.transcript.passages]
    kept = [item.key for item in store.archive.list(keys.transcripts(store.id))]
    assert [key.rpartition("-")[2] for key in kept] == [f"{first.machine}.json", f"{second.machine}.json"]
    found = [Kept.model_validate_json(store.archive.get(key)) for key in kept]
    assert [one.transcript for one in found] == [first.transcript, second.transcript]
    assert all(len(one.model) == 64 for one in found)
    assert assembled(storage, store, MACHINE).machine == first.machine
    assert len(list(store.archive.list(keys.transcripts(store.id)))) == 3


def test_an_episode_of_an_earlier_version_gets_ids_that_stay(storage: Stack, store: RecordingStore) -> None:
    first = assembled(storage, store, MACHINE)
    bare = tuple(passage.model_copy(update={"id": ""}) for passage in first.transcript.passages)
    old = first.model_copy(update={"transcript": first.transcript.model_copy(update={"passages": bare})})
    store.archive.put_record(keys.episode(store.id), old)
    for item in list(store.archive.list(keys.transcripts(store.id))):
        store.archive.delete(item.key)
    store.correct(_edit(first, 3, "Kiitos kaikille."))
    with disable_run_logger():
        assert _texts(pages.load_episode.fn(storage.settings, store.id))[3] == "Kiitos kaikille."
    assert assembled(storage, store, LATER).transcript.passages[0].id == "p0"


def test_the_page_has_the_newest_edits_and_what_is_found_in_them(storage: Stack, store: RecordingStore) -> None:
    machine = assembled(storage, store, MACHINE)
    load = pages.load_episode.fn
    with disable_run_logger():
        before = load(storage.settings, store.id)
        store.correct(_edit(machine, 1, "Siirrymme koulukuljetuksiin."))
        store.correct(_edit(machine, 2, "Päätettiin, että Kuhmoisten kunta tekee lausunnon."))
        shown = load(storage.settings, store.id)
        assert load(storage.settings, store.id) == shown
    assert before == machine
    assert pages.version_of(storage.settings, shown) != pages.version_of(storage.settings, before)
    assert [mention.name for mention in before.mentions] == ["Savukoski"]
    assert [mention.name for mention in shown.mentions] == ["Kuhmoinen"]
    assert [chapter.title for chapter in shown.chapters] == ["Avaus", "Koulukuljetukset"]
    lines = [line.text for section in shown.notes.sections for line in section.lines]
    assert any("Kuhmoisten kunta tekee lausunnon" in line for line in lines)
    assert "kuhmoisten" in shown.forms
    assert store.episode() == machine


def test_edits_outlive_another_transcript(storage: Stack, store: RecordingStore) -> None:
    machine = assembled(storage, store, MACHINE)
    store.correct(_edit(machine, 1, "Siirrymme koulukuljetuksiin."))
    store.correct(_edit(machine, 2, "Päätettiin, että Savukosken kunta tekee lausunnon.", 1))
    assembled(storage, store, LATER)
    with disable_run_logger():
        shown = pages.load_episode.fn(storage.settings, store.id)
    assert _texts(shown) == [
        "Hyvää huomenta.",
        "Siirrymme koulukuljetuksiin.",
        "Päätettiin, että Savukosken kunta tekee lausunnon.",
        "Musiikkia soitetaan pitkään.",
    ]
    assert [passage.checked for passage in shown.transcript.passages] == [False, True, True, False]


def _begins(store: RecordingStore, number: int, title: str, second: int, item: str = "") -> None:
    found = store.episode()
    assert found
    passage = found.transcript.passages[number]
    after = Beginning(
        title=title, start_ms=passage.start_ms, item=item, passage=passage.id, said=passage.text, by="Anna"
    )
    at = NOON.replace(second=second)
    store.act(Action(id=f"{second:08x}", at=at, author="Anna", chapters=(ChapterEdit(after=after),)))


def _shown(episode: Episode) -> list[tuple[str, int]]:
    return [(chapter.title, chapter.start_ms) for chapter in episode.chapters]


def test_chapters_that_persons_set_reach_the_notes_and_outlive_another_transcript(
    storage: Stack, store: RecordingStore
) -> None:
    load = pages.load_episode.fn
    machine = assembled(storage, store, MACHINE)
    _begins(store, 2, "Lausunto", 1)
    with disable_run_logger():
        shown = load(storage.settings, store.id)
        assert load(storage.settings, store.id) == shown
    assert _shown(shown) == [*_shown(machine), ("Lausunto", 10_000)]
    assert [section.title for section in shown.notes.sections][-1] == "Lausunto"
    assert any("lausunnot" in line.text for line in shown.notes.sections[-1].lines)
    assert store.episode() == machine
    assembled(storage, store, LATER)
    with disable_run_logger():
        assert ("Lausunto", 10_000) in _shown(load(storage.settings, store.id))


def test_chapters_stay_as_they_were_seen_once_a_person_has_set_any(storage: Stack, store: RecordingStore) -> None:
    """Also those that were found only in a corrected text, which the machine's own has not."""
    load = pages.load_episode.fn
    machine = assembled(storage, store, MACHINE)
    store.correct(_edit(machine, 1, "Siirrymme koulukuljetuksiin."))
    with disable_run_logger():
        before = load(storage.settings, store.id)
    assert _shown(before) == [("Avaus", 0), ("Koulukuljetukset", 6000)]
    assert store.found_chapters(machine) == before.chapters
    _begins(store, 3, "Loppu", 1)
    store.correct(_edit(machine, 1, "Jotakin aivan muuta.", 1))
    with disable_run_logger():
        assert _shown(load(storage.settings, store.id)) == [*_shown(before), ("Loppu", 15_000)]


def test_two_edits_of_one_moment_are_both_kept(store: RecordingStore) -> None:
    one = Edit(passage="p0", at=NOON, author="Anna", start_ms=0, end_ms=1, before="a", after="b")
    store.correct(one)
    store.correct(one)
    assert store.edits() == [one, one]


def test_who_corrected_what_is_published_again_is_noted(storage: Stack, store: RecordingStore) -> None:
    shown = demo.older(store.id, demo.episode())
    first = signing.publish(storage.settings, shown)
    for author, ahead in (("Anna", -1), ("Liisa", 1), ("Eero", 2), ("Liisa", 3)):
        made = {"at": first.steps[0].at + timedelta(minutes=ahead), "author": author}
        store.correct(_edit(shown, 0, "Hyvää iltaa.").model_copy(update=made))
    words = shown.transcript.model_copy(update={"passages": shown.transcript.passages[1:]})
    found = signing.publish(storage.settings, shown.model_copy(update={"transcript": words}))
    assert [step.by for step in found.steps] == ["", "Liisa, Eero"]
    renamed = shown.chapters[0].model_copy(update={"title": "Alku"})
    again = shown.model_copy(update={"transcript": words, "chapters": (renamed, *shown.chapters[1:])})
    assert len(signing.publish(storage.settings, again).steps) == 3


def test_an_edit_without_a_place_is_told(
    prefect: None, storage: Stack, store: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    machine = assembled(storage, store, MACHINE)
    store.correct(_edit(machine, 3, "Kiitos kaikille."))
    assembled(storage, store, LATER)

    @flow
    def publish() -> list[str]:
        return _texts(pages.load_episode(storage.settings, store.id))

    assert publish()[3] == "Musiikkia soitetaan pitkään."
    with get_client(sync_client=True) as client:
        (table,) = [a.data for a in client.read_artifacts() if a.key == f"corrections-{store.id}"]
    (row,) = json.loads(str(table))
    assert (row["author"], row["after"]) == ("Anna", "Kiitos kaikille.")
    assert row["why it is not shown"] == "other words are there now: Musiikkia soitetaan pitkään."
    assert "The correction of Anna at 0.00.15 is not shown" in caplog.text
