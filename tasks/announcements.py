"""The events by which flows are chained: deployment triggers in prefect.yaml wait for them."""

from prefect.events import emit_event

from core.models import Broadcast

RECORDING = "maaseutu.recording.begun"
PREPARED = "maaseutu.episode.prepared"
PUBLISHED = "maaseutu.episode.published"


def announce_recording(broadcast: Broadcast) -> None:
    """A recording has begun, or is there: it can be prepared."""
    _emit(RECORDING, broadcast)


def announce_prepared(broadcast: Broadcast) -> None:
    """An episode is assembled: it can be published."""
    _emit(PREPARED, broadcast)


def announce_published(broadcast: Broadcast) -> None:
    """An episode's page is there."""
    _emit(PUBLISHED, broadcast)


def _emit(event: str, broadcast: Broadcast) -> None:
    resource = {"prefect.resource.id": f"maaseutu.broadcast.{broadcast.id}", "prefect.resource.name": broadcast.title}
    emit_event(event=event, resource=resource, payload={"broadcast": broadcast.id})
