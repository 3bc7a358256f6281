"""A gate between readings and alarms: it opens when something has been bad for a while, and shuts when it is good."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


class Reading(Enum):
    """What a moment says of one fault. UNSURE is no evidence: neither for it nor against it."""

    GOOD = "good"
    BAD = "bad"
    UNSURE = "unsure"


@dataclass(slots=True)
class Gate:
    """Raised when nothing good came for ``raise_seconds`` since the first bad reading, cleared the same way.

    At least a third of that time must have been bad. So pauses between words, which say nothing, neither raise an alarm
    nor take one back. Times are those of the media or of the clock, as the caller gives them, and must not go back.
    """

    raise_seconds: float
    clear_seconds: float
    raised: bool = False
    since: datetime | None = None
    """When what is going on began: the fault, or, while it is raised, its end."""
    _evidence: timedelta = timedelta(0)

    def feed(self, reading: Reading, at: datetime, until: datetime) -> bool:
        """Take a reading that stands from ``at`` to ``until``; whether the gate has changed."""
        against = Reading.GOOD if self.raised else Reading.BAD
        if reading is Reading.UNSURE:
            return False
        if reading is not against:
            self.since = None
            return False
        if self.since is None:
            self.since, self._evidence = at, timedelta(0)
        self._evidence += max(until - at, timedelta(0))
        needed = timedelta(seconds=self.clear_seconds if self.raised else self.raise_seconds)
        return until - self.since >= needed and self._evidence * 3 >= needed

    def turn(self) -> datetime:
        """Change: from not raised to raised, or back. Gives when what it changed for began."""
        assert self.since
        since, self.since = self.since, None
        self.raised = not self.raised
        return since
