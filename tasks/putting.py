"""Files on their way to the site: many at a time, and only those that are not there already."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

from core import digests
from core.bucket import Bucket, Stored

AT_A_TIME = 16
"""Small objects, each of which waits for the store more than for us."""


@dataclass(frozen=True)
class Count:
    """How many files were written, of how many that there are to be."""

    written: int = 0
    of: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(self.written + other.written, self.of + other.of)

    def __str__(self) -> str:
        return f"{self.written} of {self.of} files were written"


def put(site: Bucket, files: Mapping[str, bytes], cache: str) -> Count:
    """Write the files, by their keys."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(lambda key: site.put(key, files[key], cache=cache), files))
    return Count(len(files), len(files))


def put_changed(site: Bucket, files: Mapping[str, bytes], cache: str) -> Count:
    """Write those files, by their keys, that are not there with the same content."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        there = dict(zip(files, pool.map(site.head, files), strict=True))
    changed = {key: data for key, data in files.items() if not _holds(there[key], data)}
    return Count(put(site, changed, cache).written, len(files))


def _holds(stored: Stored | None, data: bytes) -> bool:
    return stored is not None and not stored.gone and stored.sha256 == digests.of_bytes(data)
