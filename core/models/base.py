"""What all records have in common."""

from pydantic import BaseModel, ConfigDict

TICKS_PER_SECOND = 90_000
TICKS_PER_MS = 90


class Record(BaseModel):
    """Base of all records: immutable, and unknown fields are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
