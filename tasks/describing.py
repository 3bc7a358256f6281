"""What is told of an episode: its title, its agenda, and who speaks, as a person wants it to be told from now on."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from config import stores
from config.settings import Settings
from core.archive.actions import Action
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.duties import withdrawals
from core.duties.withdrawals import Withdrawal
from core.models import Edit, Episode, Passage
from core.planning import plans
from core.planning.planned import Planned
from core.text import edits
from tasks import withdrawing


def describe(settings: Settings, broadcast_id: str, step: Withdrawal, speakers: Mapping[str, str], about: str) -> None:
    """Note title and agenda, rename ``speakers``, and change the plan that there may be.

    The archive keeps all that was before. A speaker that is called nothing is not named any more.

    Raises:
        InvalidInput: as for withdrawing.require.
    """
    episode = withdrawing.require(settings, broadcast_id)
    archive = stores.archive(settings)
    if action := _renaming(RecordingStore(archive, broadcast_id), episode, step.at, step.by, speakers):
        RecordingStore(archive, broadcast_id).act(action)
    if planned := plans.find(archive, broadcast_id):
        plans.write(archive, _told(planned, step, speakers, about), step.at)
    # Last: from now on the sweep would finish it.
    withdrawing.note(settings, broadcast_id, step)


def _renaming(
    store: RecordingStore, episode: Episode, at: datetime, by: str, speakers: Mapping[str, str]
) -> Action | None:
    """The change of the name of a speaker in each Passage, as the editor makes it; None where nobody is called so."""
    shown = edits.applied(episode.transcript, store.edits()).transcript.passages
    made = tuple(_named(passage, at, by, speakers[passage.speaker]) for passage in shown if passage.speaker in speakers)
    return Action(id=secrets.token_hex(4), at=at, author=by, edits=made) if made else None


def _named(passage: Passage, at: datetime, by: str, name: str) -> Edit:
    return edits.of(passage, by, at, kind="speaker", after=name, was=passage.speaker)


def _told(planned: Planned, step: Withdrawal, speakers: Mapping[str, str], about: str) -> Planned:
    """The plan in the new words: calendars and the page of what is to come are made of it."""
    called = [s.model_copy(update={"name": speakers.get(s.name, s.name)}) for s in planned.speakers]
    changed = {
        "title": step.title or planned.title,
        "agenda": step.agenda or planned.agenda,
        "speakers": tuple(speaker for speaker in called if speaker.name),
        "about": about or planned.about,
    }
    return planned.model_copy(update=changed)


def now(archive: Bucket, broadcast_id: str) -> tuple[str, str]:
    """Title and agenda as they are told now, the agenda as the forms take it; empty where nothing is recorded."""
    episode = RecordingStore(archive, broadcast_id).episode()
    if episode is None:
        return "", ""
    told = withdrawals.read(archive, broadcast_id).described(episode.broadcast)
    return told.title, "\n".join(plans.line(item) for item in told.agenda)
