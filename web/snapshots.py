"""Snapshots of the search index in a bucket, so that a new replica begins in seconds and follows on from there.

A snapshot is a small list of files, written last; the files lie beside it by their digests, and snapshots share those
that did not change. Any replica may write one. Whoever finds a file missing, since another replica has just cleared it
away, takes the snapshot before, or begins from the change log.
"""

import logging
import os
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, ValidationError

from core import digests, keys
from core.bucket import Bucket
from core.errors import MaaseutuError
from core.models import Record
from core.search.index import SearchIndex
from core.search.passages import SCHEMA_VERSION

EVERY = timedelta(minutes=10)
"""No snapshot is written when one is newer than this, whoever wrote it."""

KEPT = 3
AT_A_TIME = 8
VOCABULARY = "vocabulary.sqlite"
"""Name, in a snapshot, of the analysed words: without them a new replica would have to load the lexicon to answer."""

_log = logging.getLogger(__name__)


class File(Record):
    """A file of a snapshot."""

    name: str
    sha256: str
    size: int


class Snapshot(Record):
    """A whole index as it was at a ``position`` of the change log. ``schema_version`` is core.search.passages'."""

    made_at: AwareDatetime
    schema_version: str
    position: str
    files: tuple[File, ...]


def restore(store: Bucket, index: Path, vocabulary: Path) -> Snapshot | None:
    """Bring the newest usable snapshot where there is no index yet; None where there is one, or no snapshot.

    The vocabulary is brought too, unless this machine has one.

    Raises:
        MaaseutuError: the store failed.
    """
    if index.exists():
        return None
    for key in reversed([stored.key for stored in store.list(keys.SNAPSHOTS)]):
        try:
            snapshot = Snapshot.model_validate_json(store.get(key))
            if snapshot.schema_version == SCHEMA_VERSION:
                _bring(store, snapshot, index, vocabulary)
                return snapshot
        except (MaaseutuError, ValidationError) as error:
            _log.warning("Snapshot %s cannot be used: %s", key, error)
    return None


def _bring(store: Bucket, snapshot: Snapshot, index: Path, vocabulary: Path) -> None:
    folder = index.with_name(f"{index.name}.restoring")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)

    def fetch(file: File) -> None:
        # A name is only ever a file's own: what a damaged list says must not lead elsewhere.
        store.download(keys.snapshot_file(file.sha256), folder / Path(file.name).name, file.sha256)

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(fetch, snapshot.files))
    words = folder / VOCABULARY
    if words.exists():
        if vocabulary.exists():
            words.unlink()
        else:
            words.rename(vocabulary)
    folder.rename(index)


class Writer:
    """Writes snapshots of an index from the thread that follows the change log, which is the index's only writer."""

    def __init__(self, store: Bucket, index: SearchIndex, folder: Path, vocabulary: Path) -> None:
        self._store, self._index, self._folder, self._vocabulary = store, index, folder, vocabulary
        self._look_at = datetime.now(UTC)
        self._thread: threading.Thread | None = None
        self._from = ""

    def forget(self, position: str) -> None:
        """With the next step no snapshot is left of an index that was not at ``position`` yet, nor its files."""
        self._from = position

    def step(self) -> None:
        """Begin a snapshot if it is time for one and the index has moved on. Only its files' names are taken now."""
        now = datetime.now(UTC)
        if self._thread and self._thread.is_alive():
            return
        self._forget()
        if now < self._look_at:
            return
        self._look_at = now + EVERY / 10
        try:
            if self._is_due(now):
                linked = self._link()
                self._thread = threading.Thread(target=self._upload, args=(linked, now), name="snapshot", daemon=True)
                self._thread.start()
        except (MaaseutuError, OSError, sqlite3.Error) as error:
            _log.warning("No snapshot of the index: %s", error)

    def _forget(self) -> None:
        if not self._from:
            return
        try:
            self._store.create()
            for key in [stored.key for stored in self._store.list(keys.SNAPSHOTS)]:
                if Snapshot.model_validate_json(self._store.get(key)).position < self._from:
                    self._store.delete(key)
            _clear(self._store)
            self._from = ""
        except MaaseutuError as error:
            _log.warning("Snapshots of what is withdrawn are still there: %s", error)

    def write(self) -> Snapshot:
        """Write one now, and wait for it. Errors of the store, the disk or the vocabulary."""
        return self._store_all(self._link(), datetime.now(UTC))

    def wait(self) -> None:
        """Wait for the snapshot that is being written, if there is one."""
        if self._thread:
            self._thread.join()

    def _is_due(self, now: datetime) -> bool:
        self._store.create()
        newest = [stored.key for stored in self._store.list(keys.SNAPSHOTS)][-1:]
        if not newest:
            return bool(self._index.position)
        found = Snapshot.model_validate_json(self._store.get(newest[0]))
        is_old = now - found.made_at >= EVERY or found.schema_version != SCHEMA_VERSION
        return is_old and self._index.position > found.position

    def _link(self) -> Path:
        """The files of this moment, under names of their own: the index replaces files, and never changes one."""
        self._index.close()
        linked = self._folder.with_name(f"{self._folder.name}.snapshot")
        shutil.rmtree(linked, ignore_errors=True)
        linked.mkdir()
        for path in self._folder.iterdir():
            if path.is_file() and not path.name.endswith(".lock"):
                os.link(path, linked / path.name)
        (linked / "position").write_text(self._index.position)
        with closing(sqlite3.connect(self._vocabulary)) as words, closing(sqlite3.connect(linked / VOCABULARY)) as copy:
            words.backup(copy)
        return linked

    def _upload(self, linked: Path, now: datetime) -> None:
        try:
            snapshot = self._store_all(linked, now)
            _log.info("Snapshot of the index at %s: %d files", snapshot.position, len(snapshot.files))
        except (MaaseutuError, OSError) as error:
            _log.warning("No snapshot of the index: %s", error)

    def _store_all(self, linked: Path, now: datetime) -> Snapshot:
        position = linked / "position"
        at = position.read_text()
        position.unlink()
        self._store.create()
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            files = tuple(pool.map(self._put, sorted(linked.iterdir())))
        snapshot = Snapshot(made_at=now, schema_version=SCHEMA_VERSION, position=at, files=files)
        self._store.put_record(keys.snapshot(now), snapshot)
        shutil.rmtree(linked)
        _clear(self._store)
        return snapshot

    def _put(self, path: Path) -> File:
        sha256, size = digests.of_file(path), path.stat().st_size
        key = keys.snapshot_file(sha256)
        if self._store.head(key) is None:
            self._store.put_file(key, path, sha256=sha256)
        return File(name=path.name, sha256=sha256, size=size)


def _clear(store: Bucket) -> None:
    """Keep the newest snapshots, and the files that they name."""
    listed = [stored.key for stored in store.list(keys.SNAPSHOTS)]
    kept = [Snapshot.model_validate_json(store.get(key)) for key in listed[-KEPT:]]
    named = {keys.snapshot_file(file.sha256) for snapshot in kept for file in snapshot.files}
    files = [stored.key for stored in store.list(keys.SNAPSHOT_FILES)]
    for key in [*listed[:-KEPT], *(key for key in files if key not in named)]:
        store.delete(key)
