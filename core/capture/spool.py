"""Files in the spool."""

import os
from pathlib import Path


def durably(source: Path, target: Path, modified: float) -> None:
    """Move a file to its name only when the disk has it. Its date is the end of what it holds (core.capture.storer).

    Its folder is made; done again after it failed, it goes on where it was.
    """
    target.parent.mkdir(exist_ok=True)
    with source.open("rb") as file:
        os.fsync(file.fileno())
    os.utime(source, (modified, modified))
    source.rename(target)
