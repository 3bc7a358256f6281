"""SHA-256 of files and of records, and what stores call their objects."""

import hashlib
from pathlib import Path

from pydantic import BaseModel


def of_bytes(data: bytes) -> str:
    """Hex SHA-256 of ``data``."""
    return hashlib.sha256(data).hexdigest()


def etag(data: bytes) -> str:
    """What S3 stores commonly call an object that was put at once: its MD5, in quotes. Another name proves nothing."""
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def of_file(path: Path) -> str:
    """Hex SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_text(*parts: str) -> str:
    """Hex SHA-256 of several texts; ``("ab", "c")`` and ``("a", "bc")`` differ."""
    return of_bytes("\0".join(parts).encode())


def of_records(version: str, *records: BaseModel | str) -> str:
    """Hex SHA-256 of records with the version constant of the code that uses them."""
    return of_text(version, *(r if isinstance(r, str) else r.model_dump_json() for r in records))
