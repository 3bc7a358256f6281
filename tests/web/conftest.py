"""A bucket of the real S3 store for each test of the web application, and an example site in it."""

import socket
from collections.abc import Iterator
from uuid import uuid4

import pytest

from config import stores
from core import keys
from core.bucket import Bucket
from core.search.index import SearchIndex
from maaseutu.stack import Stack
from tasks import telling
from tests.web import demo
from web import render, strings


@pytest.fixture
def public(storage: Stack) -> Bucket:
    """A new, empty public bucket."""
    made = stores.site(storage.settings.model_copy(update={"site_bucket": f"site-{uuid4().hex[:8]}"}))
    made.create(public=True)
    return made


@pytest.fixture
def unreachable(storage: Stack) -> Iterator[Bucket]:
    """The bucket of a store that does not answer."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
        yield stores.site(storage.settings.model_copy(update={"s3_endpoint": endpoint}))


@pytest.fixture(scope="session")
def fi() -> strings.Strings:
    """The Finnish texts."""
    return strings.load("fi")


@pytest.fixture
def site(storage: Stack, public, fi) -> Bucket:
    """A public bucket with the example episode, its page and a file of 5000 bytes."""
    shown = demo.episode()
    public.put(keys.media(demo.ID, "abc"), bytes(range(250)) * 20)
    public.put(keys.asset(demo.ID, demo.VERSION, "captions.vtt"), demo.captions(shown).encode())
    public.put_record(keys.search_document(demo.ID, demo.VERSION), demo.search_document(shown))
    public.put_record(keys.card(demo.ID), demo.card(shown))
    public.put(keys.page(demo.ID), render.episode_page(shown, demo.VERSION, fi).encode())
    telling.write_details(public, storage.settings, shown, demo.VERSION, ["captions.vtt", "master.m3u8"])
    telling.write_lists(public, storage.settings, [demo.card(shown)])
    public.put(keys.FRONT_PAGE, render.front_page([demo.card(shown)], fi).encode())
    return public


@pytest.fixture
def index(tmp_path):
    """An empty search index."""
    with SearchIndex(tmp_path / "index") as made:
        yield made
