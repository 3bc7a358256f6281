"""The web application as a process: uvicorn, and the follower in a thread beside it."""

import gc
import logging
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from config import catalogue
from core.bucket import Bucket
from core.errors import MaaseutuError
from core.language.finnish import Analyser
from core.search.index import SearchIndex
from core.telling.desk import Desk
from core.telling.post import Server
from web import patience, snapshots, strings
from web.api import create_app
from web.follower import Follower, follow_once
from web.snapshots import Writer
from web.subscribing import Subscribing

_log = logging.getLogger(__name__)

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
    store: Bucket | None = None,
    studio: Starlette | None = None,
    desk: Desk | None = None,
    server: Server | None = None,
) -> Starlette:
    """The application with its follower, which starts and ends with it. The rest as for ``create_app``.

    One subscribes to messages at the ``desk``, if there is a mail ``server``.

    Where there is no index yet, it begins with the newest snapshot in ``store``; there snapshots are written, too.

    Raises:
        Misconfigured: there are no texts for ``locale``, or a locale file lacks some.
    """
    texts = strings.load_all(locale)
    restored = _restored(store, index_folder, vocabulary)
    index, analyser = SearchIndex(index_folder, known=catalogue.thesaurus()), Analyser(vocabulary, idle_s=IDLE_S)
    # The first search loads what all need; without it the first viewers would wait, one behind the other.
    index.search("kunta", lambda words: {}, grouped=True, counted=True)
    writer = Writer(store, index, index_folder, vocabulary) if store else None
    follower = Follower(public, index, analyser.learn, poll_s=poll_s, snapshots=writer)

    # Not around uvicorn.run: it ends the process by the signal it was sent, and nothing after it would run.
    @asynccontextmanager
    async def following(app: Starlette) -> AsyncIterator[None]:
        if restored:
            # What was withdrawn since the snapshot must not be found for a moment.
            await run_in_threadpool(follower.step)
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
        studio=studio,
        subscribing=Subscribing(desk, server, texts, base_url) if desk and server else None,
        lifespan=following,
    )


def rebuild(public: Bucket, index_folder: Path, vocabulary: Path, store: Bucket | None) -> str:
    """Make the index anew from the change log, without any snapshot, and write one of it; gives its position.

    The application must not run on it meanwhile. The old index stays until the new one is whole.

    Raises:
        Misconfigured: it does run.
        MaaseutuError: the store failed.
    """
    fresh = index_folder.with_name(f"{index_folder.name}.rebuilding")
    shutil.rmtree(fresh, ignore_errors=True)
    with SearchIndex(index_folder) as old, Analyser(vocabulary) as analyser:
        # Who writes it keeps others from that: nothing is removed, and the position stays.
        old.remove("", old.position)
        with SearchIndex(fresh) as new:
            follow_once(public, new, analyser.learn)
            position = new.position
    shutil.rmtree(index_folder)
    fresh.rename(index_folder)
    if store:
        with SearchIndex(index_folder) as index:
            Writer(store, index, index_folder, vocabulary).write()
    return position


def _restored(store: Bucket | None, index_folder: Path, vocabulary: Path) -> bool:
    try:
        snapshot = snapshots.restore(store, index_folder, vocabulary) if store else None
    except MaaseutuError as error:
        _log.info("The index begins from the change log, without a snapshot: %s", error)
        return False
    if snapshot:
        _log.info("The index begins with the snapshot of %s", snapshot.made_at)
    return snapshot is not None


def serve(
    app: Starlette, host: str, port: int, *, proxies: str = "", protocol: type[patience.Patient] = patience.Patient
) -> None:
    """Serve the application until SIGTERM or SIGINT.

    ``proxies`` are addresses or networks, with commas between, whose word is taken for who the client is.
    """
    # What is there by now stays: to look through all of it for garbage would hold up every client for 0.2 s at times.
    gc.collect()
    gc.freeze()
    uvicorn.run(
        app,
        host=host,
        port=port,
        server_header=False,
        access_log=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        http=protocol,
        ws="none",
        limit_concurrency=patience.most_connections(),
    )
