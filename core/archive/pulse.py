"""Signs of life of whoever prepares a recording, for all who must know whether somebody does."""

from datetime import datetime, timedelta

from pydantic import AwareDatetime

from core.models import Record

PULSE = timedelta(seconds=90)
"""A sign of life is left twice a minute."""


class Pulse(Record):
    """A sign of life of whoever prepares a recording; ``rests`` when it was the last one of its run."""

    at: AwareDatetime
    rests: bool = False

    def is_fresh(self, now: datetime) -> bool:
        """Whether the run lives; one that was killed seems to for ``PULSE`` yet."""
        return not self.rests and now - self.at < PULSE
