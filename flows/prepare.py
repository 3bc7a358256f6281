"""prepare_episode: follow a recording, live or finished; prepare its Parts; assemble the episode."""

import threading
import time
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from prefect import flow
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.logging import get_run_logger
from pydantic import BaseModel, ConfigDict, Field

from config import settings as configuration
from config.settings import Settings
from core import identifiers
from core.errors import Retryable, SourceUnavailable
from core.meeting import marks
from core.models import Broadcast, EncodedPart, Part, Transcript
from tasks import afterwards, live, pages
from tasks.ahead import Listener, News
from tasks.announcements import announce_prepared
from tasks.assembly import assemble
from tasks.following import Followed
from tasks.transcoding import encode_part
from tasks.transcription import require_model, transcribe_part

if TYPE_CHECKING:
    from prefect.futures import PrefectFuture

LOOK_EVERY_SECONDS = 1.0
SILENCE_FACTOR = 3
REMIND_EVERY_SECONDS = 60.0


class PrepareRequest(BaseModel):
    """Which recording to prepare."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    broadcast: str = Field(
        pattern=f"^{identifiers.PATTERN}$",
        title="Id of the broadcast",
        description="As in the episode's address; see maaseutu status.",
    )


@flow(name="prepare_episode", flow_run_name="{request.broadcast}", log_prints=False, on_crashed=[afterwards.go_on])
def prepare_episode(request: PrepareRequest) -> None:
    """Encode and transcribe each Part as soon as it is closed, then assemble the episode.

    May be stopped and started again at will: what is done is found in the archive and not done again.
    """
    settings = configuration.load()
    with Followed(settings, request.broadcast) as followed:
        _prepare(settings, followed)


def _prepare(settings: Settings, followed: Followed) -> None:
    broadcast = followed.broadcast()
    require_model(settings, broadcast)
    with _Work(settings, followed, broadcast) as work:
        while not followed.sealed:
            work.look()
            _require_life(settings, followed)
            threading.Event().wait(0 if followed.sealed else LOOK_EVERY_SECONDS)
    encoded, transcripts = work.finish()
    episode = assemble(settings, broadcast, followed.gaps, encoded, transcripts, marks.moments(work.parts))
    was_live = live.is_shown(settings, broadcast.id)
    announce_prepared(broadcast)
    # Nobody waits for the whole episode because who still watches the live page is told of its end.
    if was_live:
        live.end(settings, episode)


def _require_life(settings: Settings, followed: Followed) -> None:
    limit = settings.give_up_seconds * SILENCE_FACTOR
    if not followed.sealed and followed.silent_seconds > limit:
        raise SourceUnavailable(
            f"The recording has not grown for {limit} s, and was not ended.",
            "The sweep seals it and prepares the rest.",
        )


class _Work:
    """The tasks that run, and how far they are."""

    def __init__(self, settings: Settings, followed: Followed, broadcast: Broadcast) -> None:
        self.settings = settings
        self.followed = followed
        self.broadcast = broadcast
        self.parts: list[Part] = []
        self.encoding: list[PrefectFuture[EncodedPart]] = []
        self.speech: list[PrefectFuture[Transcript]] = []
        self.artifact = self._artifact()
        self.told = -1.0
        self.warned_at = float("-inf")
        self.shown = 0
        self.held = 0
        self.opened = False
        self.showing: PrefectFuture[None] | None = None
        self.is_live = followed.is_live and live.may_show(settings, broadcast.id)
        self.listener = Listener(settings, broadcast, get_run_logger().warning) if self.is_live else None

    def __enter__(self) -> Self:
        if self.listener:
            self.listener.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self.listener:
            self.listener.stop()

    def _artifact(self) -> UUID:
        key = f"prepare-{self.broadcast.id}"
        created = create_progress_artifact(0.0, key=key, description=f"Parts of {self.broadcast.title} that are ready")
        assert isinstance(created, UUID)
        return created

    def look(self) -> None:
        """Start what is newly closed. A store that does not answer is asked again soon."""
        try:
            self.begin(self.followed.look())
        except Retryable as error:
            self.warn(error)
        self.tell(self.followed.sealed)
        if self.listener and not self.followed.sealed:
            self.show(self.listener)
            self.listener.tell(News(self.followed.segments, tuple(self.parts), self.held))

    def warn(self, error: Retryable) -> None:
        """Say why nothing new is begun, once a minute."""
        if time.monotonic() - self.warned_at >= REMIND_EVERY_SECONDS:
            self.warned_at = time.monotonic()
            get_run_logger().warning("%s Trying again.", error.what)

    def begin(self, parts: list[Part]) -> None:
        """Start what is newly closed, or has changed since another recorder's Segments came late."""
        same = next((i for i, (a, b) in enumerate(zip(self.parts, parts, strict=False)) if a != b), len(self.parts))
        for kept in (self.parts, self.encoding, self.speech):
            del kept[same:]
        self.shown, self.held = min(self.shown, same), min(self.held, same)
        for part in parts[same:]:
            self.parts.append(part)
            self.speech.append(transcribe_part.submit(self.settings, self.broadcast, part))
            self.encoding.append(encode_part.submit(self.settings, self.broadcast, part))

    def show(self, listener: Listener) -> None:
        """Show the first Parts that are ready, if there are more than before; one showing at a time.

        The page is there before the first of them, as soon as there is text.
        """
        if self.showing and not self.showing.state.is_final():
            return
        if self.showing and not self.showing.state.is_completed():
            get_run_logger().warning("What is prepared so far could not be shown; it is tried again.")
            self.shown, self.held, self.opened, self.showing = 0, 0, False, None
        self.held = self.shown
        if listener.has_text and not self.opened:
            self.opened = True
            self.showing = live.begin.submit(self.settings, self.broadcast)
            return
        ready = sum(1 for _ in takewhile(_is_ready, zip(self.encoding, self.speech, strict=True)))
        if ready > self.shown:
            encoded = [future.result() for future in self.encoding[:ready]]
            if not pages.settled(encoded):
                return
            heard = [future.result() for future in self.speech[:ready]]
            clock = marks.moments(self.parts[:ready])
            self.showing = live.show.submit(
                self.settings, self.broadcast, self.followed.gaps, encoded, heard, clock, self.shown
            )
            self.shown, self.opened = ready, True

    def tell(self, sealed: bool) -> None:
        """Bring the progress bar up to date; it is full only when nothing more can come."""
        futures: list[PrefectFuture[Any]] = [*self.encoding, *self.speech]
        done = sum(future.state.is_final() for future in futures)
        share = 100.0 * done / (len(futures) + (0 if sealed else 2)) if futures else 0.0
        if share != self.told:
            self.told = share
            update_progress_artifact(self.artifact, progress=share)
        self.followed.beat()

    def finish(self) -> tuple[list[EncodedPart], list[Transcript]]:
        """Wait for all; the first failure is raised."""
        futures: list[PrefectFuture[Any]] = [*self.speech, *self.encoding]
        while not all(future.state.is_final() for future in futures):
            self.tell(sealed=True)
            threading.Event().wait(LOOK_EVERY_SECONDS)
        self.tell(sealed=True)
        if self.showing:
            self.showing.wait()
        return [future.result() for future in self.encoding], [future.result() for future in self.speech]


def _is_ready(futures: "tuple[PrefectFuture[EncodedPart], PrefectFuture[Transcript]]") -> bool:
    return all(future.state.is_completed() for future in futures)
