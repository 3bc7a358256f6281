"""The recorder as a program of its own, so that it can be killed: ``python -m chaos.recorder FILE``.

FILE is a Task as JSON. Ends with 0 when the recording is sealed, 75 when it is to be started again, 1 otherwise.
"""

import logging
import os
import sys
import threading
from pathlib import Path

from pydantic import BaseModel

from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.capture.recorder import Options, record
from core.errors import MaaseutuError, Retryable
from core.outside import addresses
from core.sources import Source

AGAIN = os.EX_TEMPFAIL


class Task(BaseModel):
    """What to record, and where to."""

    url: str
    id: str
    recorder: str = ""
    spool: Path
    bucket: str
    endpoint: str
    access_key: str
    secret_key: str
    give_up_seconds: float
    reserve_bytes: int = 0


def main(file: str) -> int:
    """Record as the file says; gives the exit status."""
    task = Task.model_validate_json(Path(file).read_text(encoding="utf-8"))
    archive = Bucket(task.bucket, endpoint=task.endpoint, access_key=task.access_key, secret_key=task.secret_key)
    rules = addresses.parse("127.0.0.1")
    options = Options(task.spool, give_up_seconds=task.give_up_seconds, rules=rules, reserve_bytes=task.reserve_bytes)
    source = Source(task.url, live=True)
    store = RecordingStore(archive, task.id, task.recorder)
    try:
        record(source, store, options, stop=threading.Event(), report=lambda _: None)
    except MaaseutuError as error:
        sys.stderr.write(f"{error}\n")
        return AGAIN if isinstance(error, Retryable) else 1
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    sys.exit(main(sys.argv[1]))
