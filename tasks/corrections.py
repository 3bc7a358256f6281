"""What persons corrected and withdrew, in an assembled Episode."""

from collections.abc import Sequence

from prefect.artifacts import create_table_artifact
from prefect.logging import get_run_logger

from config.settings import Settings
from core.archive.actions import Action
from core.archive.recordings import RecordingStore
from core.duties import redaction, withdrawals
from core.meeting import chapter_edits, marks, note_edits
from core.meeting.chapter_edits import Titles
from core.models import Chapter, Episode, Transcript
from core.text import edits
from core.text.edits import Corrected, Unplaced
from core.text.transcript import clock
from tasks.assembly import located, summed_up


def corrected(settings: Settings, store: RecordingStore, episode: Episode) -> tuple[Episode, Corrected]:
    """The episode with all edits so far, as persons described it, and without what is withdrawn; and what became of
    the edits.

    Chapters, notes and mentions are found anew in the text that is left. Marked moments are chapters, and those that
    persons set stand, as do lines of the notes that persons wrote, unless they rest on what is withdrawn; where nothing
    is changed, nothing changes.
    """
    actions = store.standing()
    found = edits.applied(episode.transcript, [edit for action in actions for edit in action.edits])
    decided = withdrawals.read(store.archive, store.id)
    hidden = withdrawals.hidden(decided, episode.moments, episode.duration_ms)
    described, shown = decided.described(episode.broadcast), episode
    if found.placed or hidden or described != episode.broadcast:
        left = redaction.redacted(found.transcript, hidden)
        changed = {"broadcast": described, "transcript": left, "hidden": hidden}
        shown = located(settings, episode.model_copy(update=changed))
    begun = _chapters(store, episode, shown, actions, found.transcript, decided.titles(episode.broadcast))
    if shown is not episode or begun != episode.chapters:
        shown = summed_up(settings, shown.model_copy(update={"chapters": begun}))
    lines = redaction.lines([line for action in actions for line in action.notes], found.transcript, hidden)
    return shown.model_copy(update={"notes": note_edits.applied(shown.notes, lines)}), found


def _chapters(
    store: RecordingStore,
    episode: Episode,
    shown: Episode,
    actions: Sequence[Action],
    transcript: Transcript,
    titles: Titles,
) -> tuple[Chapter, ...]:
    """The chapters of the corrected ``shown``; once persons have set any, on top of those that they saw."""
    changes = [change for action in actions for change in action.chapters]
    if not changes:
        store.keep_chapters(shown)
    found = chapter_edits.retitled(store.found_chapters(episode), titles) if changes else shown.chapters
    marked = redaction.marks(store.marks(), episode.moments, shown.hidden)
    placed = marks.chapters(found, marked, episode.moments, episode.duration_ms)
    if not changes:
        return placed
    wanted = chapter_edits.retold(changes, titles)
    begun = chapter_edits.beginnings(placed, shown.broadcast.agenda, wanted, transcript)
    return chapter_edits.chapters(redaction.chapters(begun, shown.hidden), episode.duration_ms)


def tell(broadcast_id: str, found: Corrected) -> None:
    """Say in the run's log, and in an artifact, which edits have no place in the transcript any more."""
    for each in found.unplaced:
        get_run_logger().warning("%s", sentence(each))
    if found.unplaced:
        create_table_artifact(
            table=[_row(each) for each in found.unplaced],
            key=f"corrections-{broadcast_id}",
            description="Corrections that the page does not show: make them again with `maaseutu correct`",
        )


def sentence(unplaced: Unplaced) -> str:
    """What could not be placed, and why."""
    edit = unplaced.edit
    return (
        f"The correction of {edit.author} at {clock(edit.start_ms)} is not shown ({unplaced.reason}). "
        f"It was: {edit.before} → {edit.wanted or edit.kind}"
    )


def _row(unplaced: Unplaced) -> dict[str, str]:
    edit = unplaced.edit
    made = {"at": clock(edit.start_ms), "author": edit.author, "kind": edit.kind, "made": edit.at.isoformat()}
    return made | {"before": edit.before, "after": edit.wanted, "why it is not shown": unplaced.reason}
