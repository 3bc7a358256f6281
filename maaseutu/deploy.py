"""Makes the work pool and the limits, then becomes ``prefect deploy`` for all of prefect.yaml.

Run as a child in the folder of prefect.yaml, with PREFECT_API_URL set. Doing it again changes nothing.
"""

import os
import sys
from contextlib import suppress

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists

from maaseutu.services import DEADLINES_LIMIT, MEMBERS_LIMIT, POOL, TRANSCRIPTION_LIMIT

SLOTS = 1


def prepare(client: SyncPrefectClient) -> None:
    """The work pool and the limits."""
    with suppress(ObjectAlreadyExists):
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
    for limit in (TRANSCRIPTION_LIMIT, DEADLINES_LIMIT, MEMBERS_LIMIT):
        client.upsert_global_concurrency_limit_by_name(limit, SLOTS)


def main() -> None:
    """Never returns."""
    with get_client(sync_client=True) as client:
        prepare(client)
    os.execv(sys.executable, [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"])


if __name__ == "__main__":
    main()
