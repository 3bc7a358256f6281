"""capture_broadcast: record one broadcast, keep what came, say where the gaps are."""

from prefect import flow
from pydantic import BaseModel, Field

from config import settings as configuration
from flows.requests import BroadcastRequest
from tasks import recording
from tasks.announcements import announce_recording


class _Source(BaseModel):
    """Of two bases the last one's fields come first in the form."""

    source_url: str = Field(
        title="Address of the broadcast",
        description="The live stream (an HLS playlist, .m3u8), or the web page that shows it.",
        examples=["https://example.org/live/index.m3u8"],
        pattern="^https?://",
    )


class CaptureRequest(BroadcastRequest, _Source):
    """What to record, and for how long."""

    minutes: int = Field(
        0, ge=0, le=24 * 60, title="Minutes at most", description="0 records until the broadcast ends by itself."
    )
    wait_minutes: int = Field(
        0, ge=0, le=24 * 60, title="Wait for the start", description="Minutes to wait for a stream not yet on air."
    )


@flow(name="capture_broadcast", flow_run_name="{request.name}", log_prints=False)
def capture_broadcast(request: CaptureRequest) -> None:
    """Record one broadcast into the archive. Preparing and publishing follow by themselves while it runs.

    Cancel this run to end the recording early: what has come is kept, prepared and published.
    """
    settings = configuration.load()
    broadcast = recording.announce(settings, request.broadcast_of(request.source_url))
    recording.await_source(broadcast, request.wait_minutes)
    announce_recording(broadcast)
    recording.record(settings, broadcast, request.minutes)
