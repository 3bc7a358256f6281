"""The worker's patience, against an event stream that closes as Prefect's does when its server is busy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from prefect.events.clients import PrefectEventsClient
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from maaseutu.worker.patience import ATTEMPTS, insist

PAUSE_S = 0.001


class _EventStream:
    """Prefect's end of an event stream: the first ``deaf`` connections are lost before they are greeted."""

    def __init__(self, deaf: int) -> None:
        self._deaf = deaf
        self.seen = 0
        self.address = ""

    async def _answer(self, connection: ServerConnection) -> None:
        self.seen += 1
        await connection.recv()
        if self.seen <= self._deaf:
            await connection.close(1011, "keepalive ping timeout")
            return
        await connection.send('{"type": "auth_success"}')
        await connection.wait_closed()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        async with serve(self._answer, "127.0.0.1", 0, subprotocols=[Subprotocol("prefect")]) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            self.address = f"http://127.0.0.1:{port}/api"
            yield

    async def greet(self) -> str:
        async with PrefectEventsClient(self.address, reconnection_attempts=0):
            return "greeted"


def _greeted(stream: _EventStream, *, may_repeat: bool = True) -> str:
    async def whole() -> str:
        async with stream.listening():
            return await insist(lambda: stream.greet(), lambda: may_repeat, PAUSE_S)

    return asyncio.run(whole())


def test_a_lost_greeting_is_asked_for_again() -> None:
    stream = _EventStream(deaf=2)
    assert _greeted(stream) == "greeted"
    assert stream.seen == 3


def test_it_ends_and_says_why() -> None:
    stream = _EventStream(deaf=99)
    with pytest.raises(Exception, match="event stream") as raised:
        _greeted(stream)
    assert isinstance(raised.value.__cause__, ConnectionClosed)
    assert stream.seen == ATTEMPTS


def test_what_has_begun_is_not_begun_twice() -> None:
    stream = _EventStream(deaf=1)
    with pytest.raises(Exception, match="event stream"):
        _greeted(stream, may_repeat=False)
    assert stream.seen == 1
