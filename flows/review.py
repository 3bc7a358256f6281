"""review_episode: a person looks at an episode's text, and signs it, sends it back, or rejects it."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict, Field

from config import settings as configuration
from core import identifiers
from core.duties.signing import Decision
from tasks import afterwards, pages, reviewing, signing, waiting
from tasks.reviewing import REVIEW

SHOWN = {Decision.SIGN, Decision.CHECK, Decision.RELEASE}
"""Decisions that the page tells, or by which it is written."""
LAST = {Decision.SIGN, Decision.REJECT}


class ReviewRequest(BaseModel):
    """Which episode to review."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    broadcast: str = Field(
        pattern=f"^{identifiers.PATTERN}$",
        title="Id of the broadcast",
        description="As in the episode's address; see maaseutu status.",
    )
    second: bool = Field(
        False,
        title="Also beside another review",
        description="Ask although another review of this broadcast waits for an answer.",
    )


@flow(name=REVIEW, flow_run_name="{request.broadcast}", log_prints=False, on_crashed=[afterwards.go_on])
def review_episode(request: ReviewRequest) -> State[Any]:
    """Ask a person to check an episode's text, and note what was decided. Resume the run to answer.

    It is suspended while it waits, for days if need be: no process runs. After *send back*, *publish now* and *checked*
    it asks again, until the text is signed or rejected.
    """
    settings = configuration.load()
    episode = pages.load_episode(settings, request.broadcast)
    found = signing.read(settings, episode)
    if found.state == "signed":
        # A run that was killed just after the signature has not published it.
        reviewing.publish(request.broadcast)
        return Completed(message=reviewing.sentence(found))
    # A run that is resumed begins here too, and has asked before.
    if flow_run.run_count == 1 and not request.second and reviewing.waits_elsewhere(request.broadcast):
        return Completed(message="Another review of it waits for an answer.")
    while True:
        answer = reviewing.ask(settings, episode, found)
        found = reviewing.decide(settings, episode, answer, flow_run.id)
        if answer.decision in SHOWN:
            reviewing.publish(request.broadcast)
        if found.is_rejected:
            waiting.show(settings, episode.broadcast, is_rejected=True)
        if answer.decision in LAST or found.state == "signed":
            return Completed(message=reviewing.sentence(found))
