"""review_episode with a real Prefect server: suspended without a process, resumed by the form, noted in the archive."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow

from config import stores
from config.settings import Settings
from core import keys
from core.archive.recordings import RecordingStore
from core.duties import signing
from core.duties.signing import Decision, Signing, Step
from core.models import Edit, Episode
from core.text import anchors
from flows.publish import PublishRequest, publish_episode
from flows.review import review_episode
from tasks import reviewing


class Reviews:
    """The reviews of one episode: their runs, as the worker begins them, and what they have started."""

    def __init__(self, settings: Settings, episode: Episode) -> None:
        self.name = episode.broadcast.id
        self.archive = stores.archive(settings)
        with get_client(sync_client=True) as client:
            self._publish = client.create_deployment(client.create_flow(publish_episode), "publish")
            self._review = client.create_deployment(client.create_flow(review_episode), "review")

    def begin(self, **more: object) -> FlowRun:
        """A new run, until it is suspended or over."""
        with get_client(sync_client=True) as client:
            parameters = {"request": {"broadcast": self.name} | more}
            run = client.create_flow_run_from_deployment(self._review, parameters=parameters)
        return self._go_on(run)

    def answer(self, run: FlowRun, decision: Decision, by: str, note: str = "") -> FlowRun:
        """What the form of the Prefect UI does; the run goes on until it is suspended again or over."""
        with get_client(sync_client=True) as client:
            given = {"decision": decision.value, "name": by, "note": note}
            answer = client.resume_flow_run(run.id, run_input=given)
        assert answer.status.value == "ACCEPT", answer.details
        return self._go_on(run)

    def _go_on(self, run: FlowRun) -> FlowRun:
        """What the worker's child process does; that of a suspended run ends by ``Pause``."""
        with get_client(sync_client=True) as client:
            begun = client.read_flow_run(run.id)
        with suppress(Pause):
            run_flow(review_episode, flow_run=begun)
        with get_client(sync_client=True) as client:
            return client.read_flow_run(run.id)

    def refused(self, run: FlowRun, answer: dict[str, Any]) -> bool:
        """Whether the server takes no such answer."""
        with get_client(sync_client=True) as client:
            return client.resume_flow_run(run.id, run_input=answer).status.value != "ACCEPT"

    def form(self, run: FlowRun) -> str:
        """What the form says."""
        assert run.state
        assert run.state.state_details.run_input_keyset
        with get_client(sync_client=True) as client:
            key = run.state.state_details.run_input_keyset["description"]
            return json.loads(client.read_flow_run_input(run.id, key))

    def published(self) -> int:
        """How many publications were started."""
        with get_client(sync_client=True) as client:
            of = FlowRunFilterDeploymentId(any_=[self._publish])
            runs = client.read_flow_runs(flow_run_filter=FlowRunFilter(deployment_id=of))
        return sum(run.parameters == {"request": {"broadcast": self.name}} for run in runs)

    def steps(self) -> list[tuple[str, str, str]]:
        """What is noted: kind, who, and note."""
        return [(step.kind, step.by, step.note) for step in signing.steps(self.archive, self.name)]


@pytest.fixture
def reviews(prefect: None, settings: Settings, episode: Episode) -> Reviews:
    return Reviews(settings, episode)


def _state(run: FlowRun) -> str:
    assert run.state
    return run.state.name or ""


def _message(run: FlowRun) -> str:
    assert run.state
    return run.state.message or ""


def test_a_text_is_sent_back_released_and_signed(reviews: Reviews) -> None:
    run = reviews.begin()
    assert (_state(run), run.name) == ("Suspended", reviews.name)
    asked = reviews.form(run)
    assert "### Unclear passages (1)" in asked
    assert "### Gaps in the recording (1)" in asked
    assert f"jaksot/{reviews.name}/#t=37.5" in asked
    assert reviews.refused(run, {"decision": Decision.SIGN.value, "name": " "})
    assert reviews.refused(run, {"decision": "perhaps", "name": "Anna"})
    run = reviews.answer(run, Decision.RETURN, "Anna Korhonen", "Nimet *väärin*.")
    assert (_state(run), reviews.published()) == ("Suspended", 0)
    assert "Anna Korhonen sent it back on" in reviews.form(run)
    assert "Nimet \\*väärin\\*." in reviews.form(run)
    run = reviews.answer(run, Decision.RELEASE, "Anna Korhonen")
    assert (_state(run), reviews.published()) == ("Suspended", 1)
    run = reviews.answer(run, Decision.CHECK, "Anna Korhonen")
    assert (_state(run), reviews.published()) == ("Suspended", 2)
    run = reviews.answer(run, Decision.SIGN, "  Eero\tMäki ")
    assert (_state(run), reviews.published()) == ("Completed", 3)
    assert _message(run).startswith("Eero Mäki signed it on ")
    assert reviews.steps() == [
        ("returned", "Anna Korhonen", "Nimet *väärin*."),
        ("released", "Anna Korhonen", ""),
        ("checked", "Anna Korhonen", ""),
        ("signed", "Eero Mäki", ""),
    ]


def test_the_later_of_two_reviews_sees_that_it_was_signed_meanwhile(reviews: Reviews) -> None:
    first = reviews.begin()
    assert _message(reviews.begin()) == "Another review of it waits for an answer."
    second = reviews.begin(second=True)
    assert (_state(first), _state(second)) == ("Suspended", "Suspended")
    assert _state(reviews.answer(second, Decision.SIGN, "Eero")) == "Completed"
    first = reviews.answer(first, Decision.REJECT, "Anna")
    assert _state(first) == "Completed"
    assert _message(first).startswith("Eero signed it on ")
    assert _message(first).endswith("This run has noted nothing.")
    assert [(kind, by) for kind, by, _ in reviews.steps()] == [("signed", "Eero")]


def test_an_answer_to_another_text_of_the_machine_holds_for_nothing(reviews: Reviews, episode: Episode) -> None:
    run = reviews.begin()
    step = Step(at=datetime.now(UTC), kind="signed", by="Eero", machine=episode.machine)
    assert signing.append(reviews.archive, reviews.name, (), step)
    reviews.archive.put_record(keys.episode(reviews.name), episode.model_copy(update={"machine": "another"}))
    run = reviews.answer(run, Decision.SIGN, "Anna")
    assert _state(run) == "Suspended"
    assert "The machine's text is another since Eero signed it." in reviews.form(run)
    assert _state(reviews.answer(run, Decision.REJECT, "Anna")) == "Completed"
    assert [(kind, by) for kind, by, _ in reviews.steps()] == [("signed", "Eero"), ("rejected", "Anna")]
    assert reviews.published() == 0


def test_after_a_rejection_its_address_says_that_it_is_not_published(reviews: Reviews, settings: Settings) -> None:
    reviews.answer(reviews.begin(), Decision.REJECT, "Anna")
    page = stores.site(settings).get(keys.page(reviews.name)).decode()
    assert "Tallennetta ei ole julkaistu" in page
    assert "Kyläkoulut, valokuitu ja etätyö" not in page


def test_the_form_leads_to_the_editor_where_there_is_one(settings: Settings, episode: Episode) -> None:
    on = settings.model_copy(update={"studio": "passwords", "public_url": "https://live.example"})
    asked = reviewing.form(on, episode, Signing(episode.machine))
    editor = f"https://live.example/studio/jaksot/{episode.broadcast.id}/"
    assert f"[Correct it in the editor]({editor})" in asked
    assert f"({editor}#t=37.5)" in asked
    assert "maaseutu correct" not in asked
    assert asked.splitlines()[2].startswith(f"**[Correct it in the editor]({editor})**")
    off = reviewing.form(settings, episode, Signing(episode.machine))
    assert f"`maaseutu correct {episode.broadcast.id}" in off.splitlines()[2]


def test_a_form_that_waits_tells_what_is_left_once_corrections_are_published(
    reviews: Reviews, settings: Settings, episode: Episode, given: Callable[[Settings], Settings]
) -> None:
    given(settings.model_copy(update={"review": "before"}))
    run = reviews.begin()
    assert "### Unclear passages (1)" in reviews.form(run)
    unclear = next(each for each in anchors.named(episode.transcript).passages if each.unclear)
    edit = Edit(
        at=datetime.now(UTC),
        author="Anna",
        passage=unclear.id,
        kind="confirm",
        start_ms=unclear.start_ms,
        end_ms=unclear.end_ms,
        before=unclear.text,
    )
    RecordingStore(reviews.archive, reviews.name).correct(edit)
    publish_episode(PublishRequest(broadcast=reviews.name))
    assert "Unclear passages" not in reviews.form(run)
    assert "### Gaps in the recording (1)" in reviews.form(run)
    assert _state(reviews.answer(run, Decision.REJECT, "Anna")) == "Completed"
