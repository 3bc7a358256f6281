"""How long the Prefect server is silent, and how much it refuses, when much is asked of it at a time.

Workers ask for runs, and runs tell their states, logs, events and artifacts, about as fast as they are answered. What
is refused is what Prefect answers with 503, after which its clients wait and ask again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from benchmarks import own_stack
from benchmarks.figures import Figure
from maaseutu.services import POOL

SECONDS = 20.0
EACH = 2
"""How many there are of each kind of those who ask."""
PAUSE_S = 0.1
HEALTH_S = 0.2
LONGEST_S = 180.0
LIMIT_S = 5.0

Ask = Callable[..., Awaitable[httpx.Response]]
Asker = Callable[[Ask, str], Awaitable[None]]


def run() -> list[Figure]:
    """The figures."""
    with own_stack.running(("prefect",)) as stack:
        silence, statuses = asyncio.run(_measure(stack.settings.prefect_api_url))
    refused = statuses.count(httpx.codes.SERVICE_UNAVAILABLE)
    return [
        Figure("prefect: longest silence under load", f"{silence:.1f} s", f"< {LIMIT_S:.0f} s", silence < LIMIT_S),
        Figure("prefect: requests refused, of all", f"{refused} of {len(statuses)}"),
    ]


async def _measure(url: str) -> tuple[float, list[int]]:
    """The longest time without an answer, and the status of each answer."""
    statuses: list[int] = []
    end = time.monotonic() + SECONDS
    async with httpx.AsyncClient(base_url=url, timeout=LONGEST_S) as client:

        async def ask(path: str, body: Any) -> httpx.Response:
            answer = await client.post(path, json=body)
            statuses.append(answer.status_code)
            return answer

        async def again(asker: Asker, flow: str) -> None:
            while time.monotonic() < end:
                await asker(ask, flow)
                await asyncio.sleep(PAUSE_S)

        await client.post("/work_pools/", json={"name": POOL, "type": "process"})
        flow = (await client.post("/flows/", json={"name": "measured"})).json()["id"]
        askers = [again(asker, flow) for asker in (_poll, _events, _logs, _artifact, _run) for _ in range(EACH)]
        silence = asyncio.create_task(_silence(client, end))
        await asyncio.gather(*askers)
        return await silence, statuses


async def _silence(client: httpx.AsyncClient, end: float) -> float:
    longest = 0.0
    while time.monotonic() < end:
        asked = time.monotonic()
        await client.get("/health")
        longest = max(longest, time.monotonic() - asked)
        await asyncio.sleep(HEALTH_S)
    return longest


async def _poll(ask: Ask, _: str) -> None:
    await ask(f"/work_pools/{POOL}/get_scheduled_flow_runs", {"scheduled_before": _now()})


async def _events(ask: Ask, _: str) -> None:
    await ask("/events", [_event() for _ in range(12)])


def _event() -> dict[str, Any]:
    related = [{"prefect.resource.id": f"prefect.flow-run.{uuid4()}", "prefect.resource.role": "flow-run"}] * 6
    resource = {"prefect.resource.id": f"prefect.artifact.{uuid4()}"}
    named = {"id": str(uuid4()), "event": "prefect.artifact.updated", "occurred": _now()}
    return named | {"resource": resource, "related": related}


async def _logs(ask: Ask, _: str) -> None:
    line = {"name": "measured", "level": 20, "message": "measured " * 10, "timestamp": _now()}
    await ask("/logs/", [line | {"flow_run_id": str(uuid4())} for _ in range(8)])


NUMBERS = count()


async def _artifact(ask: Ask, _: str) -> None:
    await ask("/artifacts/", {"key": f"progress-{next(NUMBERS) % 10}", "type": "progress", "data": 50.0})


async def _run(ask: Ask, flow: str) -> None:
    """A run from its beginning to its end."""
    made = await ask("/flow_runs/", {"flow_id": flow, "state": {"type": "PENDING"}})
    if made.is_success:
        for state in ("RUNNING", "COMPLETED"):
            await ask(f"/flow_runs/{made.json()['id']}/set_state", {"state": {"type": state}})


def _now() -> str:
    return datetime.now(UTC).isoformat()
