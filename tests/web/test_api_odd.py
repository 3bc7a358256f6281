"""Whatever is given to the parameters that the API describes, it answers or says what is wrong, and never fails."""

import time
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.web import demo, test_api
from web import problems, strings
from web.api import create_app

SANE_S = 30.0
"""No benchmark: what takes longer hangs, also on a slow machine."""
ODD = (
    "", " ", "0", "-1", "1", "20", "1e9", "NaN", "null", "true", "²", "9" * 5000, "a" * 5000, "\x00", "\ud7ff", "💥",
    "kunta", "kunt*", "*", '"', '"kunta', "-kunta", '-"', "- -", "-" * 150, "(" * 150, '"a" ' * 50, "a* " * 60,
    "kieli:fi", "NOT kunta", "kunta~9", "[a TO z]", "../..", "%2e%2e", "<script>", "'; DROP TABLE", "sort", "newest",
    "passage", "925",
)  # fmt: skip
VALUE = st.one_of(st.sampled_from(ODD), st.text(max_size=60), st.integers().map(str), st.floats().map(str))


@pytest.fixture
def client(site, index):
    index.apply(demo.search_document(demo.episode()), "changes/1")
    with TestClient(create_app(site, index, test_api.forms, strings.load_all())) as made:
        yield made


def operations(client: TestClient) -> list[tuple[str, list[dict[str, Any]]]]:
    """Every documented path with its parameters."""
    described = client.get("/api/v1/openapi.json").json()["paths"]
    return [(path, methods["get"].get("parameters", [])) for path, methods in described.items()]


def request(data: st.DataObject, path: str, parameters: list[dict[str, Any]]) -> str:
    """A request for that path with some of its parameters, some of them twice."""
    query = []
    for parameter in parameters:
        values = data.draw(st.lists(VALUE, max_size=2) if parameter["in"] == "query" else st.tuples(VALUE))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(values[0], safe=""))
        query += [(parameter["name"], value) for value in values if parameter["in"] == "query"]
    return f"/api/v1{path}?{urlencode(query)}"


def check(client: TestClient, address: str) -> None:
    began = time.monotonic()
    answer = client.get(address)
    assert time.monotonic() - began < SANE_S
    assert answer.status_code in {200, 404, 422}, answer.text
    if answer.status_code != 200:
        assert answer.headers["content-type"] == problems.MEDIA_TYPE
        assert answer.json()["status"] == answer.status_code


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_value_of_any_parameter_makes_it_fail(client, data):
    path, parameters = data.draw(st.sampled_from(operations(client)))
    check(client, request(data, path, parameters))


def test_odd_values_of_every_parameter_alone(client):
    for path, parameters in operations(client):
        for parameter in parameters:
            for value in ODD:
                if parameter["in"] == "path":
                    check(client, "/api/v1" + path.replace(f"{{{parameter['name']}}}", quote(value, safe="")))
                else:
                    extra = {"q": "kuhmoinen"} | {parameter["name"]: value}
                    check(client, f"/api/v1{path}?{urlencode(extra)}")
