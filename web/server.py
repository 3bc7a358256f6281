"""The web application as a process: uvicorn, and the follower in a thread beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from core.bucket import Bucket
from core.finnish import Analyser
from core.index import SearchIndex
from web import strings
from web.api import create_app
from web.follower import Follower

IDLE_S = 600.0
"""The analyser needs 1 GB while it is loaded; this long after the last unknown word it is let go."""


def build(
    public: Bucket,
    index_folder: Path,
    vocabulary: Path,
    poll_s: float = 2.0,
    *,
    locale: str = "fi",
    base_url: str = "",
    per_minute: int = 0,
) -> Starlette:
    """The application with its follower, which starts and ends with it. The rest as for ``create_app``.

    Raises:
        Misconfigured: there are no texts for ``locale``, or a locale file lacks some.
    """
    texts = strings.load_all() | {locale: strings.load(locale)}
    index, analyser = SearchIndex(index_folder), Analyser(vocabulary, idle_s=IDLE_S)
    follower = Follower(public, index, analyser.learn, poll_s=poll_s)

    # Not around uvicorn.run: it ends the process by the signal it was sent, and nothing after it would run.
    @asynccontextmanager
    async def following(app: Starlette) -> AsyncIterator[None]:
        follower.start()
        yield
        await run_in_threadpool(follower.stop)
        await run_in_threadpool(analyser.close)
        await run_in_threadpool(index.close)

    return create_app(
        public,
        index,
        analyser.forms,
        texts,
        locale=locale,
        base_url=base_url,
        per_minute=per_minute,
        lifespan=following,
    )


def serve(app: Starlette, host: str, port: int, *, proxies: str = "") -> None:
    """Serve the application until SIGTERM or SIGINT.

    ``proxies`` are addresses or networks, with commas between, whose word is taken for who the client is.
    """
    uvicorn.run(
        app,
        host=host,
        port=port,
        server_header=False,
        access_log=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
    )
