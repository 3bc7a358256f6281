"""The clock of the Act on the Provision of Digital Services (306/2019). Pure.

A recording that stays online must be accessible within 14 days of its publication: by the same hour of the fourteenth
day, as clocks show it in Finland. What is due in between are notices to the producer, from eight in the morning on.
"""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from pydantic import AwareDatetime

from core.duties.signing import Signing
from core.helsinki import HELSINKI
from core.models import Record

DAYS = 14
NOTICES = (7, 10, 13)
OVERDUE = DAYS
"""The notice after the last: the time is over."""
MORNING = time(8)


class Sent(Record):
    """That a notice was sent, and to whom; ``way`` hides the passwords in the address."""

    at: AwareDatetime
    way: str
    subject: str


class Deadline(NamedTuple):
    """An episode's text at a moment: how many days are left, and which notice is due, the newest; 0 is none."""

    published_at: datetime
    due_at: datetime
    days_left: int
    notice: int


def due(published_at: datetime) -> datetime:
    """When it must be accessible. An hour that is left out when clocks are set forward means the next one."""
    local = published_at.astimezone(HELSINKI)
    return (local + timedelta(days=DAYS)).astimezone(UTC)


def notice_at(published_at: datetime, day: int) -> datetime:
    """From when on a notice is due."""
    if day == OVERDUE:
        return due(published_at)
    local = published_at.astimezone(HELSINKI).date() + timedelta(days=day)
    return datetime.combine(local, MORNING, HELSINKI).astimezone(UTC)


def deadline(signing: Signing, now: datetime) -> Deadline | None:
    """Of a recording that is online and behind whose text nobody stands yet."""
    published_at = signing.published_at
    if published_at is None or signing.settled:
        return None
    due_at = due(published_at)
    left = (due_at.astimezone(HELSINKI).date() - now.astimezone(HELSINKI).date()).days
    begun = [day for day in (*NOTICES, OVERDUE) if notice_at(published_at, day) <= now]
    return Deadline(published_at, due_at, left, max(begun, default=0))
