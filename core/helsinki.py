"""Time as clocks show it in Finland, for producers and operators. What viewers read is written by web.strings."""

from datetime import datetime
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")


def day(at: datetime) -> str:
    """A day: ``24.11.2026``."""
    return f"{at.astimezone(HELSINKI):%-d.%-m.%Y}"


def moment(at: datetime) -> str:
    """A moment: ``24.11.2026 at 9.00``."""
    return f"{day(at)} at {at.astimezone(HELSINKI):%-H.%M}"
