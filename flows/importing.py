"""import_recording: bring a finished recording in; it goes on exactly like a live one."""

from prefect import flow
from pydantic import BaseModel, Field

from config import settings as configuration
from flows.requests import BroadcastRequest
from tasks import afterwards, recording
from tasks.announcements import announce_recording


class _Source(BaseModel):
    """Of two bases the last one's fields come first in the form."""

    source: str = Field(
        min_length=1,
        title="File or address",
        description="A path that the worker's machine can read, or the address of a file, a stream or a video page.",
        examples=["/srv/tallenteet/kokous.mp4", "https://example.org/kokous.mp4"],
    )


class ImportRequest(BroadcastRequest, _Source):
    """What to import."""


@flow(name="import_recording", flow_run_name="{request.name}", log_prints=False, on_crashed=[afterwards.go_on])
def import_recording(request: ImportRequest) -> None:
    """Bring a finished file or recording into the archive; the original is kept. Preparing follows by itself."""
    settings = configuration.load()
    asked = request.broadcast_of(request.source)
    broadcast = recording.announce(settings, asked, again=True, made_up=not request.broadcast)
    recording.import_source(settings, broadcast)
    announce_recording(broadcast)
