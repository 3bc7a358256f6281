"""publish_episode: render an episode's pages and put them where viewers find them."""

from typing import Any

from prefect import flow
from prefect.artifacts import create_link_artifact
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict, Field

from config import settings as configuration
from config.settings import Settings
from core import identifiers
from core.duties.outcomes import Outcome
from core.duties.signing import Signing
from core.duties.withdrawals import Withdrawals
from core.models import Episode
from tasks import afterwards, covering, pages, places, reviewing, signing, waiting, withdrawing
from tasks.announcements import announce_news, announce_published, announce_unchecked
from tasks.policies import as_it_is
from tasks.putting import Count


class PublishRequest(BaseModel):
    """Which episode to publish."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    broadcast: str = Field(
        pattern=f"^{identifiers.PATTERN}$",
        title="Id of the broadcast",
        description="As in the episode's address; see maaseutu status.",
    )


@flow(name="publish_episode", flow_run_name="{request.broadcast}", log_prints=False, on_crashed=[afterwards.go_on])
def publish_episode(request: PublishRequest) -> State[Any]:
    """Publish an assembled episode. Harmless to repeat: what is there already is left as it is."""
    return bring(configuration.load(), request.broadcast)


def bring(settings: Settings, broadcast_id: str) -> State[Any]:
    """Make the site show an episode as it is now, without what is withdrawn of it.

    When more is withdrawn meanwhile, by another run, it is done over again: the last word is what viewers see.
    """
    while True:
        found = withdrawing.read(settings, broadcast_id)
        brought = _withdrawn if found.whole else _published
        state = brought(settings, broadcast_id, found)
        if withdrawing.read(settings, broadcast_id).decided == found.decided:
            return state


def _published(settings: Settings, broadcast_id: str, found: Withdrawals) -> State[Any]:
    episode = pages.load_episode(settings, broadcast_id)
    if not signing.may_publish(settings, decided := signing.read(settings, episode)):
        withdrawing.clear_unseen(settings, broadcast_id, found)
        waiting.show(settings, episode.broadcast, is_rejected=decided.is_rejected)
        if not decided.is_rejected:
            _ask(settings, episode, decided)
        return Completed(message=Outcome.REJECTED if decided.is_rejected else Outcome.WAITING)
    if not found.is_cleared and (held := covering.held(settings, episode)):
        # Encoding may take minutes, for which nothing that is withdrawn shall be heard, seen or read.
        _show(settings, held, found)
    episode = covering.covered(settings, episode)
    count, signed = _show(settings, episode, found)
    withdrawing.note_cleared(settings, broadcast_id, found)
    create_link_artifact(
        link=pages.address(settings, episode),
        link_text=episode.broadcast.title,
        key=f"page-{episode.broadcast.id}",
        description=f"The published page. {count}: the others were there.",
    )
    announce_published(episode.broadcast)
    announce_news(settings, episode.broadcast)
    if not signed.settled:
        _ask(settings, episode, signed)
    get_run_logger().info("%s: the others were there.", count)
    return Completed(message=Outcome.PUBLISHED)


def _show(settings: Settings, episode: Episode, found: Withdrawals) -> tuple[Count, Signing]:
    """Make this what viewers see, and all that they see where something is withdrawn."""
    version = pages.version_of(settings, episode)
    there = pages.shared(settings, episode.broadcast.id)
    count = pages.publish_media(settings, as_it_is(episode), as_it_is(there))
    count += pages.publish_version(settings, as_it_is(episode), version, as_it_is(there))
    signed = signing.publish(settings, episode)
    count += pages.flip_pointer(settings, as_it_is(episode), version, signed, forgets=not found.is_cleared)
    count += places.publish_lists(settings)
    if not found.is_cleared:
        withdrawing.clear(settings, as_it_is(episode), version)
    return count, signed


def _ask(settings: Settings, episode: Episode, found: Signing) -> None:
    """Ask for a review, unless one waits for its answer: its form tells of the newest text then."""
    if reviewing.waits_elsewhere(episode.broadcast.id):
        reviewing.renew(settings, episode, found)
    else:
        announce_unchecked(episode.broadcast)


def _withdrawn(settings: Settings, broadcast_id: str, found: Withdrawals) -> State[Any]:
    assert found.whole
    if not found.is_cleared:
        withdrawing.take_down(settings, broadcast_id, found.whole)
        places.publish_lists(settings)
        withdrawing.clear_all(settings, broadcast_id, found)
    return Completed(message=Outcome.WITHDRAWN)
