"""prefect.yaml: every entrypoint is a flow, every form explains itself, every trigger waits for an event that comes."""

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow
from pydantic import BaseModel

from config import catalogue
from tasks import announcements

DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parents[1] / "prefect.yaml").read_text())[
    "deployments"
]
EVENTS = {
    announcements.RECORDING,
    announcements.PREPARED,
    announcements.PUBLISHED,
    announcements.NEWS,
    announcements.UNCHECKED,
    announcements.LIVE,
}


def flow(deployment: dict[str, Any]) -> Flow[Any, Any]:
    module, name = deployment["entrypoint"].rsplit(".", 1)
    found = getattr(importlib.import_module(module), name)
    assert isinstance(found, Flow)
    return found


def form(deployment: dict[str, Any]) -> type[BaseModel]:
    found = flow(deployment).fn.__annotations__["request"]
    assert issubclass(found, BaseModel)
    return found


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["name"])
def test_every_field_of_the_form_is_described(deployment: dict[str, Any]) -> None:
    assert flow(deployment).description
    assert all(field.title and field.description for field in form(deployment).model_fields.values())


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["name"])
def test_parameters_and_triggers_fit(deployment: dict[str, Any]) -> None:
    for parameters in [deployment.get("parameters"), *(t["parameters"] for t in deployment.get("triggers", []))]:
        if parameters:
            form(deployment).model_validate(parameters["request"] | _filled(parameters["request"]))
    assert all(set(trigger["expect"]) <= EVENTS for trigger in deployment.get("triggers", []))


def _filled(request: dict[str, Any]) -> dict[str, Any]:
    return {name: "maaseutu-live" for name, value in request.items() if isinstance(value, str) and "{{" in value}


def test_tables_of_config_are_valid() -> None:
    assert [rung.height for rung in catalogue.ladder()] == [720, 480, 360]
    assert catalogue.programme("maaseutu-live").language == "fi"
