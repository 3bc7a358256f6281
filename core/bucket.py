"""One S3 bucket, and the only place that imports boto3. Every object carries our SHA-256."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import botocore.session
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from core import digests
from core.errors import DigestMismatch, MaaseutuError, ObjectMissing, StorageDenied, StorageUnreachable

if TYPE_CHECKING:
    from pydantic import BaseModel

PIECE = 1 << 20
ONE_REQUEST = 64 << 20
CLIENT = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"max_attempts": 3, "mode": "standard"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    max_pool_connections=32,
)
HURRIED = CLIENT.merge(Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 1}))
"""For who would rather go on without an answer than wait for it."""
TRANSFER = TransferConfig(multipart_threshold=ONE_REQUEST, multipart_chunksize=16 << 20)
DENIED = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "403"}
THERE = {"PreconditionFailed", "412"}
MISSING = {"NoSuchKey", "NoSuchBucket", "404"}
CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".xml": "application/xml; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
    ".srt": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".ts": "video/mp2t",
    ".ics": "text/calendar; charset=utf-8",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


class Stored(NamedTuple):
    """What the store says of an object. ``sha256`` is ours, empty for a foreign object or in a listing.

    ``gone``: it tells that what was there is not any more (410, RFC 9110).
    """

    key: str
    size: int
    etag: str
    content_type: str = ""
    sha256: str = ""
    gone: bool = False


class Body(NamedTuple):
    """A whole object or a range of it. ``total`` is the size of the whole."""

    stored: Stored
    chunks: Iterator[bytes]
    length: int
    content_range: str = ""


def content_type(key: str) -> str:
    """The media type of a key by its ending."""
    return CONTENT_TYPES.get(Path(key).suffix, "application/octet-stream")


@lru_cache(maxsize=16)
def _client(endpoint: str, access_key: str, secret_key: str, region: str, *, hurried: bool) -> Any:
    """A client, which threads may share and all buckets of a store do: to make one takes a tenth of a second."""
    session = botocore.session.get_session()
    # Nobody asks when an object was stored, and to read the times of a listing takes longer than all else of it.
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=str)
    return boto3.session.Session(botocore_session=session).client(
        "s3",
        endpoint_url=endpoint or None,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        region_name=region or "us-east-1",
        config=HURRIED if hurried else CLIENT,
    )


class Bucket:
    """Objects of one bucket. Safe to use from several threads.

    Raises:
        StorageUnreachable: the endpoint does not answer.
        StorageDenied: it refused the credentials or the request.
        ObjectMissing: the object, or the bucket itself, is not there.
    """

    def __init__(
        self, name: str, *, endpoint: str, access_key: str, secret_key: str, region: str = "", hurried: bool = False
    ) -> None:
        self.name = name
        self.endpoint = endpoint
        self._client = _client(endpoint, access_key, secret_key, region, hurried=hurried)

    def create(self, *, versioned: bool = False, public: bool = False) -> None:
        """Make the bucket if it is not there; a versioned one keeps what is overwritten, a public one is readable."""
        with self._errors():
            if not self._exists():
                self._client.create_bucket(Bucket=self.name)
            if versioned:
                self._client.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": "Enabled"})
            if public:
                self._client.put_bucket_policy(Bucket=self.name, Policy=_public_policy(self.name))
                self._client.put_bucket_cors(Bucket=self.name, CORSConfiguration=_ANY_SITE)

    def _exists(self) -> bool:
        try:
            self._client.head_bucket(Bucket=self.name)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return False
            raise
        return True

    def put(self, key: str, data: bytes, *, cache: str = "", gone: bool = False) -> Stored:
        """Store ``data`` and check what arrived. ``gone`` is kept with it.

        Raises:
            DigestMismatch: the store holds something else than what was sent.
        """
        sha256 = digests.of_bytes(data)
        with self._errors(key):
            self._client.put_object(Bucket=self.name, Key=key, Body=data, **_headers(key, sha256, cache, gone=gone))
        return self._verified(key, sha256, len(data))

    def put_file(self, key: str, path: Path, *, sha256: str = "", cache: str = "") -> Stored:
        """Store a file and check what arrived. ``sha256`` saves reading it when it is known."""
        sha256 = sha256 or digests.of_file(path)
        headers = _headers(key, sha256, cache)
        # upload_file would hide what the store answers in an error of its own.
        with self._errors(key), path.open("rb") as file:
            self._client.upload_fileobj(file, self.name, key, ExtraArgs=headers, Config=TRANSFER)
        return self._verified(key, sha256, path.stat().st_size)

    def put_once(self, key: str, data: bytes) -> Stored:
        """Store ``data`` where nothing is yet; what is there already stays. Gives what is there."""
        with self._errors(key):
            try:
                headers = _headers(key, digests.of_bytes(data), "")
                self._client.put_object(Bucket=self.name, Key=key, Body=data, IfNoneMatch="*", **headers)
            except ClientError as error:
                if error.response["Error"]["Code"] not in THERE:
                    raise
        stored = self.head(key)
        if stored is None:
            raise DigestMismatch(f"{self.name}/{key} was stored and is not there.", "Send it again.")
        return stored

    def put_record(self, key: str, record: "BaseModel") -> Stored:
        """Store a record as JSON."""
        return self.put(key, record.model_dump_json().encode())

    def _verified(self, key: str, sha256: str, size: int) -> Stored:
        stored = self.head(key)
        if stored is None or stored.size != size or stored.sha256 != sha256:
            raise DigestMismatch(
                f"{self.name}/{key} is not what was sent ({size} bytes, {sha256[:12]}).", "Send it again."
            )
        return stored

    def head(self, key: str) -> Stored | None:
        """What is stored under ``key``, or None."""
        try:
            with self._errors(key):
                answer = self._client.head_object(Bucket=self.name, Key=key)
        except ObjectMissing:
            return None
        return _stored(key, answer)

    def version(self, key: str) -> str:
        """The store's own name of the object's current version, in a versioned bucket."""
        with self._errors(key):
            return str(self._client.head_object(Bucket=self.name, Key=key).get("VersionId", ""))

    def get(self, key: str) -> bytes:
        """The whole object, checked against our digest when it has one."""
        with self._errors(key):
            answer = self._client.get_object(Bucket=self.name, Key=key)
            data: bytes = answer["Body"].read()
        wanted = answer["Metadata"].get("sha256", "")
        if wanted and wanted != digests.of_bytes(data):
            raise DigestMismatch(f"{self.name}/{key} does not have the digest it was stored with.", _DAMAGED)
        return data

    def open(self, key: str, byte_range: str = "") -> Body:
        """The object, or an HTTP byte range of it, as a stream. An impossible range gives StorageDenied."""
        extra = {"Range": byte_range} if byte_range else {}
        with self._errors(key):
            answer = self._client.get_object(Bucket=self.name, Key=key, **extra)
        chunks = answer["Body"].iter_chunks(PIECE)
        return Body(_stored(key, answer), chunks, answer["ContentLength"], answer.get("ContentRange", ""))

    def download(self, key: str, path: Path, sha256: str = "") -> Path:
        """Fetch an object into ``path``, which appears only when it is whole and its digest is right."""
        partial = path.with_name(path.name + ".partial")
        body = self.open(key)
        with self._errors(key), partial.open("wb") as file:
            for chunk in body.chunks:
                file.write(chunk)
        wanted = sha256 or body.stored.sha256
        if wanted and digests.of_file(partial) != wanted:
            raise DigestMismatch(f"{self.name}/{key} does not have the digest {wanted[:12]}.", _DAMAGED)
        return partial.rename(path)

    def list(self, prefix: str = "", after: str = "") -> Iterator[Stored]:
        """Objects under ``prefix`` in the order of their keys, beginning after the key ``after``."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=prefix, **({"StartAfter": after} if after else {})
        )
        with self._errors(prefix):
            for page in pages:
                for item in page.get("Contents", []):
                    yield Stored(item["Key"], item["Size"], item["ETag"])

    def names(self, prefix: str) -> Sequence[str]:
        """The "folder" names directly under ``prefix``."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix, Delimiter="/")
        with self._errors(prefix):
            found = [p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])]
        return [key.removeprefix(prefix).rstrip("/") for key in found]

    def copy(self, source: "Bucket", source_key: str, key: str, *, sha256: str, cache: str = "") -> Stored:
        """Copy within the store, from ``source`` to here, unless the same content is here already."""
        present = self.head(key)
        if present and present.sha256 == sha256:
            return present
        with self._errors(key):
            self._client.copy_object(
                Bucket=self.name,
                Key=key,
                CopySource={"Bucket": source.name, "Key": source_key},
                MetadataDirective="REPLACE",
                **_headers(key, sha256, cache),
            )
        copied = source.head(source_key)
        return self._verified(key, sha256, copied.size if copied else -1)

    def delete(self, key: str) -> None:
        """Remove an object; in a versioned bucket its earlier versions stay."""
        with self._errors(key):
            self._client.delete_object(Bucket=self.name, Key=key)

    def erase(self, prefix: str) -> None:
        """Remove all objects under ``prefix`` with all their earlier versions: what must not be kept."""
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self.name, Prefix=prefix)
        with self._errors(prefix):
            for page in pages:
                for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                    self._client.delete_object(Bucket=self.name, Key=item["Key"], VersionId=item["VersionId"])

    @contextmanager
    def _errors(self, key: str = "") -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            raise self._answered(error, key) from error
        except BotoCoreError as error:
            raise StorageUnreachable(
                f"The S3 store at {self.endpoint} does not answer ({type(error).__name__}).",
                "Start it (maaseutu up), or correct MAASEUTU_S3_ENDPOINT.",
            ) from error

    def _answered(self, error: ClientError, key: str) -> MaaseutuError:
        code = str(error.response["Error"]["Code"])
        if code in MISSING:
            return ObjectMissing(f"{self.name}/{key} is not in the store.", "Check the name, or store it first.")
        if code in DENIED:
            return StorageDenied(
                f"The S3 store at {self.endpoint} refused our credentials for {self.name}/{key} ({code}).",
                "Correct MAASEUTU_S3_ACCESS_KEY and MAASEUTU_S3_SECRET_KEY.",
            )
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            return StorageUnreachable(f"The S3 store failed at {self.name}/{key} ({code}).", "Look at its log.")
        return StorageDenied(f"The S3 store refused {self.name}/{key} ({code}).", "Look at its log.")


_ANY_SITE = {
    "CORSRules": [
        {
            "AllowedMethods": ["GET", "HEAD"],
            "AllowedOrigins": ["*"],
            "AllowedHeaders": ["Range", "If-None-Match"],
            "ExposeHeaders": ["ETag", "Content-Range", "Accept-Ranges"],
        }
    ]
}
"""Players of other sites may read what everyone may read."""

_DAMAGED = "It was damaged in the store or on the way; the older versions of the object may be whole."


def _headers(key: str, sha256: str, cache: str, *, gone: bool = False) -> dict[str, Any]:
    known = {"sha256": sha256} | ({"gone": "yes"} if gone else {})
    headers: dict[str, Any] = {"ContentType": content_type(key), "Metadata": known}
    return headers | ({"CacheControl": cache} if cache else {})


def _stored(key: str, answer: dict[str, Any]) -> Stored:
    known = answer["Metadata"]
    length, kind = answer["ContentLength"], answer.get("ContentType", "")
    return Stored(key, length, answer["ETag"], kind, known.get("sha256", ""), "gone" in known)


def _public_policy(name: str) -> str:
    return (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],'
        f'"Resource":["arn:aws:s3:::{name}/*"]}}]}}'
    )
