"""What a producer orders while a broadcast is recorded, and what a recording was told. Pure but for the limit moved."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from core.capture.limit import Limit

BEGAN, UNTIL, TOLD, ENDS = "began-", "until-", "told-", "ends-"
KNOWN = (BEGAN, UNTIL, TOLD, ENDS)
"""Tags of a capture's run begin with these; a run that goes on after a kill bears them too."""


class Action(StrEnum):
    """What can be ordered. The words are those of the form."""

    GO_ON = "go on for so many minutes from now"
    STOP = "stop now"
    MARK = "mark this moment"


class Order(NamedTuple):
    """An order to a recorder, and when it was given."""

    action: Action
    given_at: datetime
    minutes: int = 0

    @property
    def until(self) -> datetime:
        """When the recording shall end."""
        return self.given_at + timedelta(minutes=self.minutes if self.action is Action.GO_ON else 0)


class Told(NamedTuple):
    """What a recording knows: when its first media came, when it shall end, and the newest order that it has heard.

    ``ends`` is when the broadcast is planned to end, if its recording goes on for longer and nobody ordered otherwise.
    """

    began_at: datetime | None = None
    until: datetime | None = None
    heard: datetime | None = None
    ends: datetime | None = None

    @property
    def expected(self) -> datetime | None:
        """Until when the stream should go on."""
        return self.ends or self.until

    def tags(self) -> list[str]:
        """As tags of a run."""
        pairs = zip(KNOWN, self, strict=True)
        return [f"{name}{at.astimezone(UTC).isoformat()}" for name, at in pairs if at]


def told(tags: Iterable[str]) -> Told:
    """What the tags of a run say."""
    found = [next((t.removeprefix(name) for t in tags if t.startswith(name)), "") for name in KNOWN]
    return Told(*(datetime.fromisoformat(text) if text else None for text in found))


def carry_out(order: Order, limit: Limit, known: Told) -> Told:
    """Move the limit as ordered, unless a later order was heard; gives what the recording knows then.

    An order that comes when the recording has ended is not heard, and a mark is none to the recorder.
    """
    is_old = known.heard is not None and order.given_at <= known.heard
    if is_old or order.action is Action.MARK or not limit.move(order.until):
        return known
    return Told(limit.began_at, limit.told, order.given_at)
