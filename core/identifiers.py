"""Ids of broadcasts: what they are called in addresses and keys."""

import re
import unicodedata
from datetime import datetime

from core.helsinki import HELSINKI

PATTERN = "[a-z0-9][a-z0-9-]{2,79}"
RECORDER = "[a-z0-9][a-z0-9-]{0,19}"
"""What a further recorder of a broadcast may be called."""
LONGEST_SLUG = 60


def identifier(title: str, at: datetime) -> str:
    """The id of a broadcast nobody gave one: its date in Helsinki, and its title in plain letters.

    Without a time, so that a recording started again the same day goes on in the same place.
    """
    return f"{at.astimezone(HELSINKI):%Y-%m-%d}-{slug(title)}"


def run_name(broadcast_id: str, recorder: str) -> str:
    """What a recorder's folder and run are called."""
    return f"{broadcast_id}.{recorder}" if recorder else broadcast_id


def of_run(name: str) -> tuple[str, str]:
    """The broadcast's id and the recorder's name in the name of a run."""
    broadcast_id, _, recorder = name.partition(".")
    return broadcast_id, recorder


def slug(text: str) -> str:
    """``text`` as part of an address: å, ä and ö become a and o, everything else a hyphen; at most 60 characters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-") or "lahetys"
