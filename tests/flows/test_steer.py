"""The form of an order: what a person under stress may send, and what is refused before anything happens."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from pydantic import ValidationError

from core.capture import orders
from core.capture.orders import Action, Told
from flows.steer import steer_capture
from maaseutu import requests
from tasks.orders import SteerRequest, asked_for, inherited, sentence

ID = "2026-11-24-kokous"


def _asked(action: Action, **more: object) -> SteerRequest:
    return SteerRequest.model_validate({"broadcast": ID, "action": action, **more})


def test_the_form_offers_three_things_to_do() -> None:
    shown = SteerRequest.model_json_schema()
    assert shown["$defs"]["Action"]["enum"] == [
        "go on for so many minutes from now",
        "stop now",
        "mark this moment",
    ]
    assert shown["required"] == ["broadcast", "action"]
    assert steer_capture.name == "steer_capture"


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": Action.GO_ON},
        {"action": Action.GO_ON, "minutes": 0},
        {"action": Action.GO_ON, "minutes": 24 * 60 + 1},
        {"action": Action.GO_ON, "minutes": -5},
        {"action": Action.MARK},
        {"action": Action.MARK, "text": " \u200b "},
        {"action": "halt"},
        {"action": Action.STOP, "broadcast": "../x"},
        {"action": Action.STOP, "recorder": "a.b"},
    ],
)
def test_what_the_form_refuses(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SteerRequest.model_validate({"broadcast": ID, **wrong})


@pytest.mark.parametrize(
    ("recorder", "name", "is_meant"),
    [("", ID, True), ("", f"{ID}.b", True), ("", f"{ID}-2", False), ("b", f"{ID}.b", True), ("b", ID, False)],
)
def test_whom_an_order_is_meant_for(recorder: str, name: str, is_meant: bool) -> None:
    assert _asked(Action.STOP, recorder=recorder).is_for(name) is is_meant


def test_the_command_asks_what_the_form_takes() -> None:
    assert SteerRequest(**requests.steer(ID, minutes=30)) == _asked(Action.GO_ON, minutes=30)
    assert SteerRequest(**requests.steer(ID, stop=True, recorder="b")) == _asked(Action.STOP, recorder="b")
    assert SteerRequest(**requests.steer(ID, mark="Äänestys")) == _asked(Action.MARK, text="Äänestys")


def test_an_order_is_of_the_moment_at_which_it_was_first_given() -> None:
    first, later = datetime(2026, 11, 24, 10, tzinfo=UTC), datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert asked_for(["again-2"], first) == first
    assert asked_for([f"since-{first.isoformat()}", "again-2"], later) == first


def test_a_run_that_goes_on_inherits_what_the_killed_one_knew() -> None:
    first, later = datetime(2026, 11, 24, 10, tzinfo=UTC), datetime(2026, 11, 24, 11, tzinfo=UTC)
    known = Told(first, later, first).tags()
    killed = FlowRun(flow_id=uuid4(), tags=["again-2", "producer", *known], expected_start_time=first)
    tags = inherited(killed)
    assert orders.told(tags) == Told(first, later, first)
    assert asked_for(tags, later) == first
    assert "again-2" not in tags
    again = FlowRun(flow_id=uuid4(), tags=[*tags, "again-3"], expected_start_time=later)
    assert inherited(again) == tags


def test_it_is_said_what_holds_now() -> None:
    far = datetime(2099, 11, 24, 11, 5, tzinfo=UTC)
    assert sentence(ID, Told(until=far)) == f"The recording of {ID} goes on until 13.05."
    past = datetime(2026, 1, 1, tzinfo=UTC)
    assert sentence(ID, Told(until=past)).startswith(f"The recording of {ID} ends now.")
