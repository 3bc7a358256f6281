"""Serves the work pool until it is told to end."""

import asyncio
import os
import sys
from contextlib import suppress

from prefect.settings import get_current_settings
from prefect.utilities.processutils import setup_signal_handlers_worker

from maaseutu.services import POOL, worker_name
from maaseutu.worker.patience import Worker, revive
from maaseutu.worker.warm import Nursery


async def serve() -> None:
    """Serve the work pool until a signal comes; SIGTERM is as polite as SIGINT, a second one is not."""
    if sys.platform == "linux":
        await asyncio.to_thread(Nursery().open)
    await asyncio.to_thread(revive)
    # Only now: asyncio has set its own handler of SIGINT, to which these hand over.
    setup_signal_handlers_worker(os.getpid(), "the worker", print)
    settings = get_current_settings().worker
    worker = Worker(
        work_pool_name=POOL,
        name=worker_name(),
        prefetch_seconds=settings.prefetch_seconds,
        heartbeat_interval_seconds=int(settings.heartbeat_seconds),
    )
    await worker.start()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve())
