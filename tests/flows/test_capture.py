"""What a producer may ask of a capture, and what the run is then called."""

import pytest
from pydantic import ValidationError

from core.identifiers import of_run
from flows.capture import CaptureRequest

URL = "https://example.org/live.m3u8"


def test_a_second_recorder_has_a_name_and_a_run_of_its_own() -> None:
    asked = CaptureRequest(source_url=URL, broadcast="2026-11-24-kokous", recorder="b")
    assert asked.run_name == "2026-11-24-kokous.b"
    assert of_run(asked.run_name) == ("2026-11-24-kokous", "b")


def test_the_first_recorder_has_none() -> None:
    asked = CaptureRequest(source_url=URL, broadcast="2026-11-24-kokous")
    assert of_run(asked.run_name) == ("2026-11-24-kokous", "")


def test_a_second_recorder_must_say_of_which_broadcast() -> None:
    with pytest.raises(ValidationError, match="needs the Id of the broadcast"):
        CaptureRequest(source_url=URL, recorder="b")


@pytest.mark.parametrize("name", ["B", "a.b", "../b", "b" * 21])
def test_a_recorders_name_fits_into_a_key(name: str) -> None:
    with pytest.raises(ValidationError):
        CaptureRequest(source_url=URL, broadcast="2026-11-24-kokous", recorder=name)
