"""Broadcasts that are to come, as they lie in the archive."""

from collections.abc import Iterable
from datetime import datetime

from core import keys
from core.bucket import Bucket
from core.errors import InvalidInput
from core.models import Planned


def every(archive: Bucket) -> list[Planned]:
    """All that were ever planned, also those that are over or cancelled, in order of time."""
    found = [Planned.model_validate_json(archive.get(item.key)) for item in archive.list(keys.PLANS)]
    return sorted(found, key=lambda planned: (planned.starts_at, planned.id))


def find(archive: Bucket, broadcast_id: str) -> Planned | None:
    """One of them, if there is any of that name."""
    key = keys.planned(broadcast_id)
    return Planned.model_validate_json(archive.get(key)) if archive.head(key) else None


def write(archive: Bucket, planned: Planned, now: datetime) -> Planned:
    """Store it as the newest revision; gives what is stored, which is as before when nothing of it is new.

    Raises:
        InvalidInput: it would end before it begins.
    """
    if planned.ends_at <= planned.starts_at:
        raise InvalidInput(f"{planned.id} would end before it begins.", "Give a later end.")
    before = find(archive, planned.id)
    if before and before == planned.model_copy(update={"changed_at": before.changed_at, "revision": before.revision}):
        return before
    made = planned.model_copy(update={"changed_at": now, "revision": before.revision + 1 if before else 0})
    archive.put_record(keys.planned(made.id), made)
    return made


def coming(planned: Iterable[Planned], shown: Iterable[str], now: datetime) -> list[Planned]:
    """Those that viewers may wait for: neither over nor cancelled, and without a page of their own (``shown``) yet."""
    begun = set(shown)
    return [each for each in planned if not each.cancelled and each.ends_at > now and each.id not in begun]
