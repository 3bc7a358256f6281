"""Steps of an episode's text, as flows find and add them."""

from datetime import UTC, datetime

from config import stores
from config.settings import Settings
from core.archive import cards
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.duties import signing
from core.duties.signing import Signing, Step
from core.errors import StorageUnreachable
from core.models import Episode, EpisodeCard

TRIES = 10


def read(settings: Settings, episode: Episode) -> Signing:
    """How far the text of an episode is."""
    return Signing(episode.machine, signing.steps(stores.archive(settings), episode.broadcast.id))


def may_publish(settings: Settings, found: Signing) -> bool:
    """Whether the text may be shown: always, unless persons look first, or one has rejected it."""
    return found.is_released or (settings.review == "after" and not found.is_rejected)


def is_held(settings: Settings, broadcast_id: str) -> bool:
    """Whether a prepared episode must not be published before a person says so."""
    episode = RecordingStore(stores.archive(settings), broadcast_id).episode()
    return episode is not None and not may_publish(settings, read(settings, episode))


def publish(settings: Settings, episode: Episode) -> Signing:
    """Note that this text is published, unless it was the last; gives how far it is then. Harmless to repeat."""
    shown = signing.text_of(episode), signing.chapters_of(episode)
    return _published(settings, episode.broadcast.id, episode.machine, *shown)


def _published(settings: Settings, broadcast_id: str, machine: str, text: str, chapters: str) -> Signing:
    archive = stores.archive(settings)
    for _ in range(TRIES):
        known = signing.steps(archive, broadcast_id)
        last = next((step for step in reversed(known) if step.kind == "published"), None)
        if last and (last.machine, last.text, last.chapters) == (machine, text, chapters):
            return Signing(machine, known)
        # What an earlier release published has no step.
        before = None if last else signing.first_published(stores.site(settings), broadcast_id)
        by = _correctors(archive, broadcast_id, last.at) if last else ""
        at = before or datetime.now(UTC)
        step = Step(at=at, kind="published", by=by, machine=machine, text=text, chapters=chapters)
        if signing.append(archive, broadcast_id, known, step):
            return Signing(machine, (*known, step))
    raise StorageUnreachable(f"The steps of {broadcast_id} change all the time.", "Publish it again.")


def _correctors(archive: Bucket, broadcast_id: str, since: datetime) -> str:
    actions = RecordingStore(archive, broadcast_id).standing(since)
    shown = [each for each in actions if (each.edits or each.chapters) and each.at > since]
    return ", ".join(dict.fromkeys(action.author for action in shown))


def online(settings: Settings) -> list[tuple[EpisodeCard, Signing]]:
    """Every whole recording that viewers see, and how far the text is that they see."""
    site = stores.site(settings)
    return [(card, _shown(settings, card.id)) for card in cards.all_shown(site) if not card.live]


def _shown(settings: Settings, broadcast_id: str) -> Signing:
    archive = stores.archive(settings)
    known = signing.steps(archive, broadcast_id)
    if any(step.kind == "published" for step in known):
        return Signing(signing.newest(known), known)
    episode = RecordingStore(archive, broadcast_id).episode()
    return publish(settings, episode) if episode else _published(settings, broadcast_id, "", "", "")
