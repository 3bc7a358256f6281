"""Runs of the flow that publishes, asked for over the API of the Prefect server.

By HTTP alone: the web process, which answers viewers, would need a hundred megabytes more with Prefect in it.
"""

from typing import Any, NamedTuple, Protocol

import httpx

from core.duties.outcomes import Outcome
from core.errors import InvalidInput, Misconfigured, SourceUnavailable

PUBLISH = "publish_episode/publish"
SECONDS = 10.0
OVER = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
WELL = "COMPLETED"
OUTCOMES = {each.value: each.name.lower() for each in Outcome}


class Run(NamedTuple):
    """A run as a person sees it; ``message`` is what it said at its end, and ``outcome`` what came of it, if it went
    well: published, waiting, rejected or withdrawn.
    """

    id: str
    state: str
    message: str
    is_over: bool
    is_bad: bool
    outcome: str = ""


class Runs(Protocol):
    """Where publishing is begun."""

    def start(self, broadcast_id: str) -> Run:
        """Begin to publish an episode; does not wait."""

    def find(self, run_id: str) -> Run:
        """A run as it is now."""


class PrefectRuns:
    """Runs on the Prefect server whose API is at ``address``.

    Raises:
        Misconfigured: no server is named, or it does not know the flow.
        SourceUnavailable: it does not answer.
        InvalidInput: it does not take this.
    """

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")

    def start(self, broadcast_id: str) -> Run:
        """As of Runs."""
        deployment = self._asked("GET", f"/deployments/name/{PUBLISH}")["id"]
        wanted = {
            "name": broadcast_id,
            "parameters": {"request": {"broadcast": broadcast_id}},
            "state": {"type": "SCHEDULED"},
        }
        return _run(self._asked("POST", f"/deployments/{deployment}/create_flow_run", wanted))

    def find(self, run_id: str) -> Run:
        """As of Runs."""
        return _run(self._asked("GET", f"/flow_runs/{run_id}"))

    def _asked(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if not self._address:
            raise Misconfigured("No Prefect server is named.", "Set MAASEUTU_PREFECT_API_URL.")
        try:
            answer = httpx.request(method, f"{self._address}{path}", json=body, timeout=SECONDS)
        except httpx.TransportError as error:
            raise SourceUnavailable(
                f"The Prefect server at {self._address} does not answer.", "Try again in a while."
            ) from error
        if answer.status_code == 404:
            raise Misconfigured(f"The Prefect server has no {path}.", "Run `maaseutu up` again.")
        if answer.is_server_error:
            raise SourceUnavailable(f"The Prefect server failed ({answer.status_code}).", "Try again in a while.")
        if answer.is_error:
            raise InvalidInput(f"The Prefect server does not take this: {answer.text[:200]}")
        return answer.json()


def _run(found: dict[str, Any]) -> Run:
    state = found.get("state") or {}
    kind = str(state.get("type", ""))
    is_over, message = kind in OVER, str(state.get("message") or "")
    outcome = OUTCOMES.get(message, "") if kind == WELL else ""
    return Run(found["id"], str(state.get("name", "")), message, is_over, is_over and kind != WELL, outcome)
