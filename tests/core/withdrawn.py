"""Episodes that were withdrawn as a whole, at any time, and cleared from the site."""

from datetime import datetime

from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.duties import withdrawals
from core.duties.withdrawals import Withdrawal
from tests.web import demo


def withdrawn(archive: Bucket, name: str, at: datetime) -> None:
    """What the archive has of one."""
    RecordingStore(archive, name).announce(demo.older(name, demo.episode()).broadcast)
    for kind in ("episode", "cleared"):
        step = Withdrawal.model_validate({"at": at, "kind": kind, "by": "Anna", "reason": "Pyyntö"})
        assert withdrawals.append(archive, name, withdrawals.read(archive, name), step)
