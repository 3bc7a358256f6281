"""publish_episode: render an episode's pages and put them where viewers find them."""

from typing import Any

from prefect import flow
from prefect.artifacts import create_link_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict, Field

from config import settings as configuration
from core import identifiers
from tasks import afterwards, pages, places, signing
from tasks.announcements import announce_published, announce_unchecked


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
    settings = configuration.load()
    episode = pages.load_episode(settings, request.broadcast)
    if not signing.may_publish(settings, found := signing.read(settings, episode)):
        if not found.is_rejected:
            announce_unchecked(episode.broadcast)
        return Completed(message="It was rejected." if found.is_rejected else "It waits for its review.")
    version = pages.version_of(settings, episode)
    pages.publish_media(settings, episode)
    pages.publish_version(settings, episode, version)
    signed = signing.publish(settings, episode)
    pages.flip_pointer(settings, episode, version, signed)
    pages.publish_lists(settings)
    places.publish_places(settings)
    create_link_artifact(
        link=pages.address(settings, episode),
        link_text=episode.broadcast.title,
        key=f"page-{episode.broadcast.id}",
        description="The published page",
    )
    announce_published(episode.broadcast)
    if not signed.settled:
        announce_unchecked(episode.broadcast)
    return Completed(message="It is published.")
