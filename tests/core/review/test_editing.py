"""The desk: what is asked for once is done once, and nobody writes over another one unseen."""

import uuid
from datetime import UTC, datetime

import pytest

from config import stores
from core import keys
from core.archive.recordings import RecordingStore
from core.duties import withdrawals
from core.duties.withdrawals import Withdrawal, Withdrawals
from core.errors import InvalidInput, ObjectMissing
from core.meeting.chapter_edits import Beginning, ChapterEdit
from core.meeting.note_edits import NoteEdit
from core.models import AgendaItem, Broadcast, Edit, NoteLine
from core.review.editing import Desk, Wanted
from core.speech import learning
from core.text.anchors import identified
from maaseutu.stack import Stack
from tests.core.transcripts import spoken
from tests.web import demo

FIRST = spoken((0, 4, "Vierääna on Savukoske ne johtaja."), (5, 8, "Kiitos kysymyksestä."), (9, 12, "Niin."))


@pytest.fixture
def store(storage: Stack) -> RecordingStore:
    """An episode that was assembled."""
    made = RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")
    assemble(made, FIRST)
    return made


def assemble(store, transcript):
    broadcast = Broadcast(id=store.id, programme=f"p-{store.id}", title="Kokous", starts_at=datetime.now(UTC))
    episode = demo.episode().model_copy(update={"broadcast": broadcast, "transcript": transcript})
    store.archive.put_record(keys.episode(store.id), episode)


def name(number):
    return f"{number:016x}"


def asked(present, place, after="", kind="text", number=1, **more):
    """What somebody asks for who sees this."""
    passage = present.passages[place]
    made = Edit(
        passage=passage.id,
        at=datetime.now(UTC),
        author="",
        start_ms=passage.start_ms,
        end_ms=passage.end_ms,
        before=passage.text,
        after=after,
        kind=kind,
        **more,
    )
    return Wanted(id=name(number), edits=(made,))


def texts(present):
    return [passage.text for passage in present.passages]


def test_what_is_asked_for_twice_is_done_once(store):
    desk = Desk(store.archive)
    wanted = asked(desk.present(store.id), 0, "Vieraana on Savukosken johtaja.")
    one, two = (desk.act(store.id, wanted, "Anna") for _ in range(2))
    assert (one.is_new, two.is_new, two.done) == (True, False, one.done)
    assert desk.act(store.id, wanted, "Anna").done
    # Another process, which has seen nothing of it.
    assert not Desk(store.archive).act(store.id, wanted, "Anna").is_new
    assert [edit.author for edit in store.edits()] == ["Anna"]
    assert learning.learned(store.archive, f"p-{store.id}") == ("Savukosken",)


def test_who_did_not_see_what_another_one_wrote_is_told(store):
    desk, other = Desk(store.archive), Desk(store.archive)
    seen = other.present(store.id)
    desk.act(store.id, asked(desk.present(store.id), 1, "Kiitoksia."), "Anna")
    refused = other.act(store.id, asked(seen, 1, "Kiitos paljon.", number=2), "Olli")
    assert refused.done is None
    assert texts(refused.present)[1] == "Kiitoksia."
    assert len(store.edits()) == 1
    assert other.act(store.id, asked(seen, 2, "Joo.", number=3), "Olli").done
    now = other.act(store.id, asked(refused.present, 1, "Kiitos paljon.", number=4), "Olli").present
    assert texts(now)[1:] == ["Kiitos paljon.", "Joo."]


def test_one_action_is_undone_at_once_and_again_done(store):
    desk = Desk(store.archive)
    present = desk.present(store.id)
    edits = [asked(present, place, "Savukoski.", "replace").edits[0] for place in (0, 2)]
    both = Wanted(id=name(1), edits=tuple(edits), teaches=("Savukoski",))
    assert texts(desk.act(store.id, both, "Anna").present) == ["Savukoski.", "Kiitos kysymyksestä.", "Savukoski."]
    assert learning.learned(store.archive, f"p-{store.id}") == ("Savukoski",)
    back = desk.act(store.id, Wanted(id=name(2), undoes=name(1)), "Olli").present
    assert texts(back) == texts(present)
    assert back.undone == {name(1)}
    assert desk.act(store.id, Wanted(id=name(3), undoes=name(1)), "Olli").done is None
    assert texts(desk.act(store.id, Wanted(id=name(4), undoes=name(2)), "Anna").present)[0] == "Savukoski."
    assert [action.author for action in store.actions().values()] == ["Anna", "Olli", "Anna"]
    assert len(store.edits()) == 2


def test_a_text_is_written_and_split_in_one_action(store):
    desk = Desk(store.archive)
    written = asked(desk.present(store.id), 0, "Vieraana on Savukosken johtaja.").edits[0]
    divided = written.model_copy(update={"before": written.after, "after": "", "kind": "split", "at_word": 2})
    now = desk.act(store.id, Wanted(id=name(1), edits=(written, divided)), "Anna").present
    assert texts(now)[:2] == ["Vieraana on", "Savukosken johtaja."]


def test_how_it_stood_before(store):
    desk = Desk(store.archive)
    for number, text in enumerate(("Yksi.", "Kaksi."), 1):
        desk.act(store.id, asked(desk.present(store.id), 2, text, number=number), "Anna")
    assert [texts(desk.before(store.id, last))[2] for last in ("", name(1), name(2))] == ["Niin.", "Yksi.", "Kaksi."]


def test_lines_of_the_notes(store):
    desk = Desk(store.archive)
    line = desk.present(store.id).notes.sections[0].lines[0]
    own = NoteLine.model_validate(line.model_dump() | {"text": "Verkosto antaa lausunnon."})
    change = NoteEdit(before=line, after=own)
    assert desk.act(store.id, Wanted(id=name(1), notes=(change,)), "Anna").present.notes.sections[0].lines[0] == own
    assert desk.act(store.id, Wanted(id=name(2), notes=(change,)), "Olli").done is None


def test_a_text_that_the_machine_made_anew_is_read_anew(store):
    desk = Desk(store.archive)
    desk.act(store.id, asked(desk.present(store.id), 0, kind="split", at_word=2), "Anna")
    desk.act(store.id, asked(desk.present(store.id), 2, "Anna", "speaker", 2), "Anna")
    heard = spoken((0.1, 8, "Vieraana on Savukosken johtaja. Kiitos kysymyksestä."), (9, 12, "Niin."))
    assemble(store, heard.model_copy(update={"passages": identified(heard.passages, FIRST.passages)}))
    assert texts(desk.present(store.id)) == ["Vieraana on", "Savukosken johtaja. Kiitos kysymyksestä.", "Niin."]
    assert not desk.present(store.id).text.unplaced


def test_what_cannot_be_is_refused(store):
    desk = Desk(store.archive)
    with pytest.raises(InvalidInput, match="no change"):
        desk.act(store.id, Wanted(id=name(1)), "Anna")
    with pytest.raises(InvalidInput, match="no such action"):
        desk.act(store.id, Wanted(id=name(1), undoes=name(7)), "Anna")
    with pytest.raises(ObjectMissing):
        desk.present("ei-ole")


def test_chapters_are_set_and_undone_and_conflict(store):
    desk, other = Desk(store.archive), Desk(store.archive)
    seen = desk.present(store.id)
    passage = seen.passages[1]
    after = Beginning(title="Kysymykset", start_ms=passage.start_ms, passage=passage.id, said=passage.text)
    first = Wanted(id=name(1), chapters=(ChapterEdit(before=seen.chapters[1], after=after),))
    now = desk.act(store.id, first, "Anna").present
    assert [(c.title, c.start_ms, c.by) for c in now.chapters][1] == ("Kysymykset", 5000, "Anna")
    refused = other.act(store.id, Wanted(id=name(2), chapters=(ChapterEdit(before=seen.chapters[1]),)), "Olli")
    assert refused.done is None
    back = other.act(store.id, Wanted(id=name(3), undoes=name(1)), "Olli").present
    assert back.chapters == seen.chapters
    split = asked(back, 0, kind="split", at_word=2, number=4)
    assert desk.act(store.id, split, "Anna").present.chapters == seen.chapters


def test_chapters_are_those_that_were_published(store):
    desk, episode = Desk(store.archive), store.episode()
    store.keep_chapters(episode.model_copy(update={"chapters": episode.chapters[:1]}))
    assert [each.title for each in desk.present(store.id).chapters] == ["Avaus"]
    store.archive.put_record(keys.episode(store.id), episode.model_copy(update={"machine": "another"}))
    assert len(desk.present(store.id).chapters) == 3


def test_what_is_described_otherwise_is_on_the_desk_too(store):
    desk, episode = Desk(store.archive), store.episode()
    seen = desk.present(store.id)
    titles = [each.title for each in seen.chapters]
    before = episode.broadcast.model_copy(update={"agenda": tuple(AgendaItem(title=title) for title in titles)})
    store.archive.put_record(keys.episode(store.id), episode.model_copy(update={"broadcast": before}))
    moved = Beginning(title=titles[0], item=titles[0], start_ms=5000, passage=seen.passages[1].id)
    edit = ChapterEdit(before=desk.present(store.id).chapters[0], after=moved)
    assert desk.act(store.id, Wanted(id=name(1), chapters=(edit,)), "Anna").done
    agenda = (AgendaItem(title="Muuta"), *before.agenda[1:])
    step = Withdrawal(at=datetime.now(UTC), kind="described", by="Anna", title="Toinen", agenda=agenda)
    assert withdrawals.append(store.archive, store.id, Withdrawals(), step)
    now = desk.present(store.id)
    assert (now.machine.broadcast.title, now.machine.broadcast.agenda) == ("Toinen", agenda)
    assert ("Muuta", "Muuta", 5000, "Anna") in [(c.title, c.item, c.start_ms, c.by) for c in now.chapters]
    assert titles[0] not in [each.title for each in now.chapters]
