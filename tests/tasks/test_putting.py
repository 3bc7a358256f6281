"""Which files are written to a real store, and how they are counted."""

from uuid import uuid4

import pytest

from config import stores
from core.bucket import Bucket
from maaseutu.stack import Stack
from tasks.policies import ALWAYS_ASK
from tasks.putting import Count, put, put_changed


@pytest.fixture
def site(storage: Stack) -> Bucket:
    """An empty public bucket."""
    made = stores.site(storage.settings.model_copy(update={"site_bucket": f"site-{uuid4().hex[:8]}"}))
    made.create(public=True)
    return made


def test_only_what_is_not_there_with_the_same_content_is_written(site: Bucket) -> None:
    files = {"a.html": b"a", "b.html": b"b", "c.html": b"c"}
    assert put_changed(site, files, ALWAYS_ASK) == Count(3, 3)
    site.put("a.html", b"another")
    site.put("b.html", b"b", gone=True)
    assert put_changed(site, files, ALWAYS_ASK) == Count(2, 3)
    assert put_changed(site, files, ALWAYS_ASK) == Count(0, 3)
    assert {key: site.get(key) for key in files} == files
    assert not (stored := site.head("b.html")) or not stored.gone
    assert put(site, files, ALWAYS_ASK) == Count(3, 3)


def test_counts_add_up() -> None:
    assert str(Count(1, 4) + Count(2, 6)) == "3 of 10 files were written"
