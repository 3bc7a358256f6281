"""A review of an episode's text: the form in which a person decides, and the noting of what was decided."""

import json
from datetime import UTC, datetime
from http import HTTPStatus

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilterName, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.deployments import run_deployment
from prefect.exceptions import PrefectHTTPStatusError
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.runtime import flow_run
from pydantic import Field, field_validator

from config import stores
from config.settings import Settings
from core import keys, names
from core.duties import deadlines, signing
from core.duties.signing import Decision, Signing, Step
from core.errors import StorageUnreachable
from core.helsinki import day, moment
from core.markdown import escaped
from core.models import Broadcast, Episode
from core.review import doubts
from tasks import signing as steps
from tasks.orders import runs_of
from tasks.policies import STEP

REVIEW = "review_episode"
PUBLISH = "publish_episode/publish"
SAID = {
    "checked": "checked it",
    "signed": "signed it",
    "released": "let the automatic text be published",
    "returned": "sent it back",
    "rejected": "rejected it",
}


class Answer(RunInput):
    """The form."""

    decision: Decision = Field(
        title="Decision",
        description="Approve and sign: you stand behind the text, and the page says so. Checked: it is right, and "
        "somebody else signs. Send back: it must be corrected first; say what in the note. Reject: it is not "
        "published, and a page that is there is not written again.",
    )
    name: str = Field(
        min_length=2,
        max_length=80,
        pattern=r"\S.*\S",
        title="Your name",
        description="Who decides. The page shows it when you check or sign.",
        examples=["Anna Korhonen"],
    )
    note: str = Field(
        "", max_length=1000, title="Note", description="For those who work on it. It is not shown to viewers."
    )

    @field_validator("name")
    @classmethod
    def _one_line(cls, name: str) -> str:
        return names.title(name) or "?"


def waits_elsewhere(broadcast_id: str) -> bool:
    """Whether another run asks for a review of the broadcast already."""
    with get_client(sync_client=True) as client:
        return bool(_waiting(client, broadcast_id))


def _waiting(client: SyncPrefectClient, broadcast_id: str) -> list[FlowRun]:
    paused = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))
    return runs_of(client, REVIEW, FlowRunFilterName(any_=[broadcast_id]), paused)


def ask(settings: Settings, episode: Episode, found: Signing) -> Answer:
    """What a person decides. The run is suspended until then, without a process, and begins again with the answer.

    Each decision of a run, and each text of the machine, has a form of its own: an answer to another text holds for
    nothing.
    """
    decided = sum(step.run == flow_run.id for step in found.steps)
    what = _noted(episode.broadcast, form(settings, episode, found))
    key = f"{episode.machine or 'text'}-{decided + 1}"
    return suspend_flow_run(wait_for_input=Answer.with_initial_data(description=what), key=key)


def renew(settings: Settings, episode: Episode, found: Signing) -> None:
    """Let the forms of reviews that wait show the episode as it is now."""
    with get_client(sync_client=True) as client:
        forms = [(run.id, key) for run in _waiting(client, episode.broadcast.id) if (key := _form_key(client, run))]
        what = _noted(episode.broadcast, form(settings, episode, found)) if forms else ""
        for run_id, key in forms:
            client.delete_flow_run_input(run_id, key)
            client.create_flow_run_input(run_id, key, json.dumps(what))


def _form_key(client: SyncPrefectClient, run: FlowRun) -> str:
    """Under which key Prefect keeps what the form of a suspended run says; nothing before it has stored that."""
    keyset = run.state.state_details.run_input_keyset if run.state else None
    key = keyset["description"] if keyset else ""
    try:
        return key if key and client.read_flow_run_input(run.id, key) else ""
    except PrefectHTTPStatusError as error:
        if error.response.status_code != HTTPStatus.NOT_FOUND:
            raise
        return ""


def _noted(broadcast: Broadcast, what: str) -> str:
    """The same, which is under Artifacts, too."""
    create_markdown_artifact(what, key=f"review-{broadcast.id}", description=f"What to check in {broadcast.title}")
    return what


def form(settings: Settings, episode: Episode, found: Signing) -> str:
    """What the form shows, as Markdown: where to correct, how things stand, and what to check."""
    broadcast = episode.broadcast
    page = f"{settings.site_url}/{keys.EPISODES}{broadcast.id}/"
    editor = f"{settings.site_url}/studio/{keys.EPISODES}{broadcast.id}/" if settings.studio != "off" else ""
    lines = [f"## [{escaped(broadcast.title)}]({page})", "", *_how(broadcast, editor), ""]
    if due := deadlines.deadline(found, datetime.now(UTC)):
        lines += [f"It must be accessible by **{moment(due.due_at)}**: {due.days_left} days are left.", ""]
    lines += [f"- {_told(step)}" for step in found.decisions]
    if earlier := found.earlier:
        lines.append(f"- The machine's text is another since {escaped(earlier.by)} {SAID[earlier.kind]}.")
    checked = doubts.markdown(episode, lambda ms: f"{editor or page}#t={ms / 1000:g}")
    return "\n".join([*lines, "", checked])


def _how(broadcast: Broadcast, editor: str) -> list[str]:
    as_of = f"Below is what was left to check on {moment(datetime.now(UTC))}; it is listed anew when you publish."
    if editor:
        return [f"**[Correct it in the editor]({editor})**, publish there, then resume this run. {as_of}"]
    # Not as a block of code, which the form cuts off at its edge.
    command = f'`maaseutu correct {broadcast.id} --at H.MM.SS "TEXT" --publish`'
    return [f"Correct it first, then resume this run. An operator does it by {command}. {as_of}"]


def _told(step: Step) -> str:
    note = f": {escaped(step.note)}" if step.note else ""
    return f"{escaped(step.by)} {SAID[step.kind]} on {day(step.at)}{note}"


@task(name="note the decision", **STEP)
def decide(settings: Settings, episode: Episode, answer: Answer, run: str) -> Signing:
    """Note what was decided, unless the text was signed meanwhile; gives how far it is then."""
    step = Step(
        at=datetime.now(UTC),
        kind=answer.decision.kind,
        by=answer.name,
        machine=episode.machine,
        text=signing.text_of(episode),
        chapters=signing.chapters_of(episode),
        note=names.line(answer.note),
        run=run,
    )
    for _ in range(steps.TRIES):
        found = steps.read(settings, episode)
        if found.state == "signed":
            return found
        if signing.append(stores.archive(settings), episode.broadcast.id, found.steps, step):
            return found._replace(steps=(*found.steps, step))
    raise StorageUnreachable(f"The steps of {episode.broadcast.id} change all the time.", "Answer again.")


def publish(broadcast_id: str) -> None:
    """Begin to publish it, so that the page says what was decided."""
    run_deployment(PUBLISH, parameters={"request": {"broadcast": broadcast_id}}, timeout=0, as_subflow=False)


def sentence(found: Signing) -> str:
    """The last decision, for the state of the run; it may be that of another one."""
    last = found.settled or found.decisions[-1]
    others = "" if last.run == flow_run.id else " This run has noted nothing."
    return f"{last.by} {SAID[last.kind]} on {moment(last.at)}.{others}"
