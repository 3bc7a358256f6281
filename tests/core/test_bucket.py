"""A real S3 store: what is put comes back, and what is wrong is said."""

import socket
import uuid
from pathlib import Path
from typing import Any

import boto3
import pytest

from config import stores
from core import digests
from core.bucket import Bucket, content_type
from core.errors import DigestMismatch, MaaseutuError, ObjectMissing, StorageDenied, StorageUnreachable
from maaseutu.stack import Stack


@pytest.fixture
def archive(storage: Stack) -> Bucket:
    """The private, versioned bucket."""
    return stores.archive(storage.settings)


@pytest.fixture
def site(storage: Stack) -> Bucket:
    """The public bucket."""
    return stores.site(storage.settings)


@pytest.fixture
def key() -> str:
    """A key of the test's own."""
    return f"test/{uuid.uuid4().hex}/a.json"


def _client(storage: Stack) -> Any:
    settings = storage.settings
    return boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint,
        aws_access_key_id=settings.s3_access_key,
        aws_secret_access_key=settings.s3_secret_key.get_secret_value(),
        region_name="us-east-1",
    )


def _wrong(storage: Stack, **changes: str) -> Bucket:
    settings = storage.settings
    given = {
        "endpoint": settings.s3_endpoint,
        "access_key": settings.s3_access_key,
        "secret_key": settings.s3_secret_key.get_secret_value(),
    }
    return Bucket(settings.archive_bucket, **(given | changes))


def test_buckets_of_a_store_share_a_client(storage: Stack, archive: Bucket, site: Bucket) -> None:
    hurried = stores.archive(storage.settings, hurried=True)
    assert archive._client is site._client is not hurried._client
    assert _wrong(storage, access_key="nobody")._client is not archive._client


def test_put_head_get(archive: Bucket, key: str) -> None:
    stored = archive.put(key, b"words")
    assert (stored.size, stored.sha256, stored.content_type) == (5, digests.of_bytes(b"words"), "application/json")
    assert archive.head(key) == stored
    assert archive.get(key) == b"words"


def test_files_travel_whole(archive: Bucket, key: str, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(bytes(range(256)) * 9000)
    stored = archive.put_file(key, path)
    found = archive.download(key, tmp_path / "b.mp4", stored.sha256)
    assert found.read_bytes() == path.read_bytes()
    assert not list(tmp_path.glob("*.partial"))


def test_a_range(archive: Bucket, key: str) -> None:
    archive.put(key, b"0123456789")
    body = archive.open(key, "bytes=2-4")
    assert (b"".join(body.chunks), body.length, body.content_range) == (b"234", 3, "bytes 2-4/10")
    assert b"".join(archive.open(key).chunks) == b"0123456789"


def test_an_impossible_range(archive: Bucket, key: str) -> None:
    archive.put(key, b"0123456789")
    with pytest.raises(StorageDenied, match="InvalidRange"):
        archive.open(key, "bytes=20-30")


def test_listing_in_order(archive: Bucket, key: str) -> None:
    folder = key.removesuffix("a.json")
    for name in ("b/2", "a/1", "b/1"):
        archive.put(folder + name, b"x")
    assert [item.key.removeprefix(folder) for item in archive.list(folder)] == ["a/1", "b/1", "b/2"]
    assert [item.key.removeprefix(folder) for item in archive.list(folder, folder + "a/1")] == ["b/1", "b/2"]
    assert archive.names(folder) == ["a", "b"]


def test_copying_between_buckets(archive: Bucket, site: Bucket, key: str) -> None:
    sha256 = archive.put(key, b"words").sha256
    copied = site.copy(archive, key, key, sha256=sha256, cache="no-cache")
    assert (copied.sha256, site.get(key)) == (sha256, b"words")
    assert site.copy(archive, key, key, sha256=sha256).etag == copied.etag


def test_a_copy_of_something_else_is_not_taken(archive: Bucket, site: Bucket, key: str) -> None:
    archive.put(key, b"words")
    with pytest.raises((DigestMismatch, ObjectMissing)):
        site.copy(archive, key + "missing", key, sha256=digests.of_bytes(b"words"))


def test_overwriting_keeps_the_old(storage: Stack, archive: Bucket, key: str) -> None:
    archive.put(key, b"old")
    archive.put(key, b"new")
    archive.delete(key)
    client = _client(storage)
    versions = client.list_object_versions(Bucket=archive.name, Prefix=key)["Versions"]
    bodies = {
        client.get_object(Bucket=archive.name, Key=key, VersionId=v["VersionId"])["Body"].read() for v in versions
    }
    assert bodies == {b"old", b"new"}
    assert archive.head(key) is None


def test_damage_is_seen(storage: Stack, archive: Bucket, key: str, tmp_path: Path) -> None:
    metadata = {"sha256": digests.of_bytes(b"what was sent")}
    _client(storage).put_object(Bucket=archive.name, Key=key, Body=b"what arrived!", Metadata=metadata)
    with pytest.raises(DigestMismatch, match=key) as raised:
        archive.get(key)
    assert raised.value.cure
    with pytest.raises(DigestMismatch):
        archive.download(key, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_what_is_put_once_is_never_replaced(archive: Bucket, key: str) -> None:
    first = archive.put_once(key, b"first")
    assert archive.put_once(key, b"second") == first
    assert archive.get(key) == b"first"
    assert first.sha256 == digests.of_bytes(b"first")


def test_what_is_not_there(archive: Bucket, key: str) -> None:
    assert archive.head(key) is None
    with pytest.raises(ObjectMissing, match=f"{archive.name}/{key} is not in the store"):
        archive.get(key)
    with pytest.raises(ObjectMissing):
        archive.open(key)


@pytest.mark.parametrize("wrong", [{"access_key": "nobody"}, {"secret_key": "guessed"}])
def test_wrong_credentials_are_named(wrong: dict[str, str], storage: Stack, key: str, tmp_path: Path) -> None:
    bucket = _wrong(storage, **wrong)
    (tmp_path / "a").write_bytes(b"x")
    for attempt in (
        lambda: bucket.put(key, b"x"),
        lambda: bucket.put_file(key, tmp_path / "a"),
        lambda: bucket.get(key),
        lambda: bucket.head(key),
        lambda: list(bucket.list(key)),
        lambda: bucket.create(),
    ):
        with pytest.raises(StorageDenied) as raised:
            attempt()
        assert "refused our credentials" in raised.value.what
        assert "MAASEUTU_S3_SECRET_KEY" in raised.value.cure


def test_a_bucket_that_is_not_there(storage: Stack, key: str, tmp_path: Path) -> None:
    settings = storage.settings
    bucket = Bucket(
        "maaseutu-nowhere",
        endpoint=settings.s3_endpoint,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
    )
    with pytest.raises(ObjectMissing, match="maaseutu-nowhere"):
        bucket.get(key)
    bucket.create()
    bucket.create()
    assert bucket.put(key, b"x").size == 1


def test_no_store_at_all(storage: Stack, key: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
        bucket = _wrong(storage, endpoint=endpoint)
        for attempt in (lambda: bucket.get(key), lambda: bucket.put_file(key, tmp_path / "a")):
            with pytest.raises(StorageUnreachable, match=f"{endpoint} does not answer") as raised:
                attempt()
            assert "maaseutu up" in raised.value.cure


def test_every_error_has_a_cure(archive: Bucket, key: str) -> None:
    with pytest.raises(MaaseutuError) as raised:
        archive.get(key)
    assert raised.value.cure


@pytest.mark.parametrize(
    ("key_", "kind"),
    [
        ("a/b.html", "text/html; charset=utf-8"),
        ("x.m3u8", "application/vnd.apple.mpegurl"),
        ("x.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("y", "application/octet-stream"),
    ],
)
def test_content_types(key_: str, kind: str) -> None:
    assert content_type(key_) == kind
