"""Disks that are filled, to the last byte or nearly."""

from collections.abc import Callable
from pathlib import Path

from core.capture import disk

BLOCK = 4096


def fill(ballast: Path, *, leave: int = 0, enough: Callable[[], object] = lambda: False) -> None:
    """Make a file larger until no more than ``leave`` bytes are free, or somebody says that it is ``enough``."""
    with ballast.open("ab", buffering=0) as file:
        while disk.free(ballast.parent) > leave and not enough():
            try:
                file.write(bytes(BLOCK))
            except OSError:
                return
