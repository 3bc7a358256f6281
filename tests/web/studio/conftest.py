"""A studio on the real store, with a password file in which two persons are."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from config import stores
from core.bucket import Bucket
from core.search.index import SearchIndex
from maaseutu.stack import Stack
from tests.web.studio.desks import ADMIN, PASSWORD, PRODUCER
from web import strings
from web.api import create_app
from web.studio.app import create_studio
from web.studio.passwords import Passwords
from web.studio.sessions import Sessions

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def archive(storage: Stack) -> Bucket:
    """A new, empty archive."""
    made = stores.archive(storage.settings.model_copy(update={"archive_bucket": f"archive-{uuid4().hex[:8]}"}))
    made.create(versioned=True)
    return made


@pytest.fixture
def people(tmp_path: Path) -> Passwords:
    """The password file."""
    made = Passwords(tmp_path / "people.json", QUICK)
    made.add(PRODUCER, "producer", PASSWORD)
    made.add(ADMIN, "admin", PASSWORD)
    return made


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    """The sessions' file."""
    return Sessions(tmp_path / "sessions.sqlite", longest=timedelta(hours=12), idle=timedelta(hours=2))


@pytest.fixture
def client(archive, public, people, sessions, tmp_path) -> Iterator[TestClient]:
    """A browser at the web application with a studio: of this site, as what it sends says."""
    studio = create_studio(archive, public, strings.load_all(), door=people, sessions=sessions)
    with SearchIndex(tmp_path / "index") as index:
        app = create_app(public, index, lambda _: {}, strings.load_all(), studio=studio)
        headers = {"Sec-Fetch-Site": "same-origin"}
        with TestClient(app, headers=headers, follow_redirects=False) as made:
            yield made
