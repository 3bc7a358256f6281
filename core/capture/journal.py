"""What a recorder knows of its recording without the archive: a file in the spool of what was stored and marked.

It is read only while the archive is away; the archive knows better. So a half line, as a killed run leaves it, and
lines for which there was no room are no harm.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from core.archive import segments
from core.models import Gap, Segment

NAME = "journal"


class Journal:
    """The journal of one recording, in its folder of the spool."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self.segments: list[Segment] = []
        self.gaps: list[Gap] = []
        self.takes_before = 0
        """How many Takes the archive had that this spool knew nothing of."""
        for line in self._path.read_text().splitlines() if self._path.is_file() else ():
            self._take_in(line)

    def _take_in(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if "segment" in said:
            self.segments.append(segments.parse(said["segment"], said["size"], said["recorder"]))
        elif "gap" in said:
            self.gaps.append(Gap.model_validate(said["gap"]))
        else:
            self.takes_before = said["takes_before"]

    def stored(self, segment: Segment) -> None:
        """Note a Segment that the archive has."""
        self._write(_of_segment(segment))

    def marked(self, gap: Gap) -> None:
        """Note a gap."""
        self._write(_of_gap(gap))

    def renew(self, stored: Iterable[Segment], gaps: Iterable[Gap], takes_before: int) -> None:
        """Begin again with what the archive says."""
        self.takes_before = takes_before
        lines = [{"takes_before": takes_before}, *map(_of_segment, stored), *map(_of_gap, gaps)]
        new = self._path.with_suffix(".new")
        with suppress(OSError):
            new.write_text("".join(json.dumps(line) + "\n" for line in lines))
            new.rename(self._path)

    def _write(self, line: dict[str, object]) -> None:
        with suppress(OSError), self._path.open("a") as file:
            file.write(json.dumps(line) + "\n")


def _of_segment(segment: Segment) -> dict[str, object]:
    return {"segment": segments.name(segment), "size": segment.size, "recorder": segment.recorder}


def _of_gap(gap: Gap) -> dict[str, object]:
    return {"gap": gap.model_dump()}
