"""A stack for measuring: all services embedded, in a temporary folder, whatever the settings say."""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.settings import Settings, load
from maaseutu.stack import ALL, Stack

EMBEDDED: dict[str, Any] = {
    "s3_endpoint": "",
    "prefect_api_url": "",
    "public_url": "",
    "web_host": "127.0.0.1",
    "web_port": 0,
    "prefect_port": 0,
    "s3_port": 0,
    "private_sources": "127.0.0.1",
}


@contextmanager
def running(services: Collection[str] = ALL) -> Iterator[Stack]:
    """A stack of these services that is ready; nothing is left of it afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="maaseutu-bench-") as folder,
        Stack(_settings(Path(folder)), services=services) as stack,
    ):
        yield stack


def _settings(folder: Path) -> Settings:
    return load(state=folder, **EMBEDDED)
