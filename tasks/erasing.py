"""The end of what is withdrawn: which episodes are due, and the erasing of one, which only a person asks for."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from prefect import task
from prefect.artifacts import create_table_artifact

from config import stores
from config.settings import Settings
from core import keys
from core.archive import recordings
from core.archive.recordings import RecordingStore
from core.bucket import Bucket, Stored
from core.duties import erasing
from core.duties.erasing import Due, Erasure, Said
from core.errors import InvalidInput
from core.helsinki import day
from core.models import Edit, Episode, Kept, Transcript
from tasks.policies import STEP

CALLS_AT_A_TIME = 16


def show(settings: Settings, now: datetime) -> None:
    """Bring the table of those that are due up to date. Nothing is erased by this."""
    rows = [
        {
            "id": each.broadcast,
            "withdrawn": day(each.withdrawn.at),
            "by": each.withdrawn.by,
            "what to do": "erase-episode",
        }
        for each in erasing.due(stores.archive(settings), now, settings.withdrawn_days)
    ]
    about = "Withdrawn episodes that cannot be restored any more, and are still in the archive"
    create_table_artifact(rows or [{"state": "nothing is due"}], key="erasure", description=about)


@task(name="erase", task_run_name="erase {broadcast_id}", **STEP)
def erase(settings: Settings, broadcast_id: str, by: str, reason: str, now: datetime) -> Erasure:
    """Erase all that the archive has of a withdrawn episode, with all earlier versions; gives what is noted of it.

    It is noted before, and what tells the rest goes last: a run that was killed is started again, and goes on.

    Raises:
        InvalidInput: it is not due, or something is prepared just now.
    """
    archive = stores.archive(settings)
    known = _due(settings, archive, broadcast_id, now)
    if busy := [name for name in recordings.every(archive) if RecordingStore(archive, name).is_followed()]:
        raise InvalidInput(f"{', '.join(busy)} is prepared just now.", "Wait until it is, and start this again.")
    # Whoever looks for an encoding that goes finds that it is not whole, and makes it anew.
    prepared = sorted(_prepared(archive, broadcast_id), key=lambda item: not item.key.endswith("/result.json"))
    learned = _learned(archive, broadcast_id)
    noted = _note(archive, known, by, reason, now, [*erasing.own(archive, broadcast_id), *prepared, *learned])
    with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
        list(pool.map(archive.erase, [item.key for item in (*prepared, *learned)]))
    for prefix in keys.kept(broadcast_id):
        archive.erase(prefix)
    return noted


def _due(settings: Settings, archive: Bucket, broadcast_id: str, now: datetime) -> Due:
    found = erasing.due(archive, now, settings.withdrawn_days)
    for each in found:
        if each.broadcast == broadcast_id:
            return each
    raise InvalidInput(
        f"{broadcast_id} is not to be erased: it is not withdrawn as a whole, can still be restored, or is gone.",
        f"After {settings.withdrawn_days} days (MAASEUTU_WITHDRAWN_DAYS) it can be. "
        f"Due are now: {', '.join(each.broadcast for each in found) or 'none'}.",
    )


def _note(archive: Bucket, known: Due, by: str, reason: str, now: datetime, found: list[Stored]) -> Erasure:
    key = keys.erasure(known.broadcast)
    if archive.head(key) is None:
        made = [store.recording().digest for store in recordings.recorders(archive, known.broadcast)]
        erased = Erasure(
            at=now,
            by=by,
            reason=reason,
            withdrawn_at=known.withdrawn.at,
            recording=tuple(filter(None, made)),
            objects=tuple(erasing.told(item) for item in found),
        )
        archive.put_once(key, erased.model_dump_json(indent=1).encode())
    return Erasure.model_validate_json(archive.get(key))


def _prepared(archive: Bucket, broadcast_id: str) -> list[Stored]:
    """What of all that was prepared is no other episode's: media by who uses them, texts by what they say."""
    others = [_read(archive, name) for name in archive.names(keys.ASSEMBLED) if name != broadcast_id]
    used = {digest for episode in others if episode for digest in erasing.encodings(episode)}
    media = [item for item in archive.list(keys.ENCODED) if item.key.split("/")[2] not in used]
    said = Said(_said(archive, broadcast_id))
    return media + [each for prefix in (keys.SPOKEN, keys.WINDOWS, keys.ANSWERS) for each in _of(archive, said, prefix)]


def _read(archive: Bucket, broadcast_id: str) -> Episode | None:
    """An episode whose media must stay; None where nothing is assembled.

    Raises:
        InvalidInput: this version of the program cannot read it.
    """
    episode = RecordingStore(archive, broadcast_id).episode()
    if episode is None and archive.head(keys.episode(broadcast_id)):
        raise InvalidInput(f"The episode {broadcast_id} cannot be read.", "Run prepare for it, then start this again.")
    return episode


def _said(archive: Bucket, broadcast_id: str) -> Iterator[str]:
    for item in archive.list(keys.transcripts(broadcast_id)):
        yield from erasing.texts(Kept.model_validate_json(archive.get(item.key)).transcript)
    if episode := RecordingStore(archive, broadcast_id).episode():
        yield from erasing.texts(episode.transcript)


def _of(archive: Bucket, said: Said, prefix: str) -> Iterator[Stored]:
    """The texts under a prefix in which something of an episode is said."""
    listed = list(archive.list(prefix))
    with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
        read = pool.map(lambda item: archive.get(item.key), listed)
        yield from (item for item, data in zip(listed, read, strict=True) if any(map(said.has, _texts(prefix, data))))


def _texts(prefix: str, data: bytes) -> Iterable[str]:
    if prefix == keys.ANSWERS:
        return [data.decode(errors="replace")]
    return erasing.texts(Transcript.model_validate_json(data))


def _learned(archive: Bucket, broadcast_id: str) -> list[Stored]:
    """The names that its corrections taught, each of which is kept with the correction."""
    store = RecordingStore(archive, broadcast_id)
    edits = {edit for action in store.actions().values() for edit in action.edits}
    listed = archive.list(keys.lessons(store.broadcast().programme)) if edits else ()
    return [item for item in listed if Edit.model_validate_json(archive.get(item.key)) in edits]
