"""capture_broadcast: record one broadcast, keep what came, say where the gaps are."""

from typing import Self

from prefect import flow
from prefect.runtime import flow_run
from pydantic import BaseModel, Field, model_validator

from config import settings as configuration
from core import identifiers
from flows.requests import BroadcastRequest
from tasks import afterwards, lives, recording


class _Source(BaseModel):
    """Of two bases the last one's fields come first in the form."""

    source_url: str = Field(
        title="Address of the broadcast",
        description="The live stream (an HLS playlist, .m3u8), the web page that shows it, or RTMP or SRT: "
        "rtmp://0.0.0.0/live/KEY and srt://0.0.0.0:9000?passphrase=… wait for a sender such as OBS.",
        examples=["https://example.org/live/index.m3u8"],
        pattern="^(https?|rtmps?|srt)://",
    )


class CaptureRequest(BroadcastRequest, _Source):
    """What to record, and for how long."""

    minutes: int = Field(
        0,
        ge=0,
        le=24 * 60,
        title="Minutes at most",
        description="0 records until the broadcast ends by itself, at most a day.",
    )
    wait_minutes: int = Field(
        0, ge=0, le=24 * 60, title="Wait for the start", description="Minutes to wait for a stream not yet on air."
    )
    recorder: str = Field(
        "",
        pattern=f"^$|^{identifiers.RECORDER}$",
        title="Second recorder",
        description="Empty for the first. A further recorder of the same broadcast, on another machine or from another "
        "address, has a name of its own, such as b, and the same Id: what the first loses is taken from it.",
    )

    @model_validator(mode="after")
    def _says_of_which(self) -> Self:
        if self.recorder and not self.broadcast:
            raise ValueError("A second recorder needs the Id of the broadcast that it records.")
        return self

    @property
    def run_name(self) -> str:
        """What the run is called."""
        return identifiers.run_name(self.name, self.recorder)


@flow(
    name="capture_broadcast",
    flow_run_name="{request.run_name}",
    log_prints=False,
    on_crashed=[afterwards.go_on],
    on_cancellation=[recording.seal],
)
def capture_broadcast(request: CaptureRequest) -> None:
    """Record one broadcast into the archive. Preparing and publishing follow by themselves while it runs.

    Run the deployment steer to extend it, to end it early, or to mark a moment. Cancelling this run ends it too: what
    has come is kept, prepared and published.
    """
    settings = configuration.load()
    goes_on = lives.is_going_on(flow_run.tags)
    asked = request.broadcast_of(request.source_url)
    made_up = not (request.broadcast or goes_on)
    broadcast = recording.announce(
        settings, asked, recorder=request.recorder, again=goes_on, live=True, made_up=made_up
    )
    if goes_on and recording.is_over(settings, broadcast, request.recorder):
        return
    address, wait = request.source_url, request.wait_minutes
    is_on_air = recording.await_source(settings, address, wait)
    due_at = request.starts_at if is_on_air and not goes_on else None
    recording.record(
        settings, broadcast, address, request.minutes, request.recorder, wait, again=goes_on, due_at=due_at
    )
