"""Snapshots on a real store: what a new replica finds, and what it never finds."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from config import stores
from core import keys
from core.errors import Misconfigured, ObjectMissing
from core.language.finnish import Analyser
from core.models import WordForms
from core.search.index import SearchIndex
from tests.web import demo
from tests.web.test_follower import found, learn, log, publish, versions, without
from web import snapshots
from web.follower import Follower, follow_once
from web.server import build, rebuild
from web.snapshots import Writer, restore

BEFORE = timedelta(hours=-1)


@pytest.fixture
def store(storage):
    """A bucket that is not there yet."""
    made = stores.snapshots(storage.settings.model_copy(update={"index_bucket": f"index-{uuid4().hex[:8]}"}))
    assert made
    return made


@pytest.fixture
def writer(store, index, tmp_path):
    """Writes snapshots of the index, with a vocabulary of two words."""
    vocabulary = tmp_path / "vocabulary.sqlite"
    with Analyser(vocabulary) as analyser:
        analyser.learn({"kuntien": WordForms(bases=("kunta",))})
    return Writer(store, index, tmp_path / "index", vocabulary)


def test_a_new_replica_is_equal_and_goes_on_from_there(public, store, index, writer, tmp_path):
    publish(public, "v1")
    publish(public, "v1", after=1, shown=demo.older("b", demo.episode()))
    follow_once(public, index, learn)
    made = writer.write()
    publish(public, "v2", after=2)
    log(public, "withdrawn", after=3, episode="b")
    public.delete(keys.card("b"))
    place = tmp_path / "new"
    assert restore(store, place / "index", place / "vocabulary.sqlite") == made
    with closing(sqlite3.connect(place / "vocabulary.sqlite")) as database:
        assert database.execute("SELECT word FROM forms ORDER BY word").fetchall() == [("kunta",), ("kuntien",)]
    with SearchIndex(place / "index") as other:
        assert (other.dump(), other.position) == (index.dump(), index.position)
        assert (follow_once(public, other, learn, {}), follow_once(public, index, learn)) == (2, 2)
        assert versions(other) == versions(index) == {demo.ID: "v2"}
        assert (other.dump(), other.position) == (index.dump(), index.position)


def test_the_index_goes_on_after_its_snapshot(public, index, writer):
    publish(public, "v1")
    follow_once(public, index, learn)
    writer.write()
    publish(public, "v2", after=1)
    assert follow_once(public, index, learn) == 1
    assert versions(index) == {demo.ID: "v2"}


def test_a_machine_that_has_an_index_keeps_it(store, writer, index, tmp_path):
    writer.write()
    assert restore(store, tmp_path / "index", tmp_path / "vocabulary.sqlite") is None


def test_a_damaged_snapshot_is_passed_by(public, store, index, writer, tmp_path):
    publish(public, "v1")
    follow_once(public, index, learn)
    good = writer.write()
    publish(public, "v2", after=1)
    follow_once(public, index, learn)
    bad = writer.write()
    fresh = {file.sha256 for file in bad.files} - {file.sha256 for file in good.files}
    store.delete(keys.snapshot_file(fresh.pop()))
    store.put(keys.snapshot(datetime.now(UTC)), b"{")
    place = tmp_path / "new"
    assert restore(store, place / "index", place / "vocabulary.sqlite") == good
    with SearchIndex(place / "index") as other:
        assert versions(other) == {demo.ID: "v1"}
        follow_once(public, other, learn)
        assert other.dump() == index.dump()


def test_a_snapshot_of_another_schema_is_not_taken(store, writer, tmp_path, monkeypatch):
    writer.write()
    monkeypatch.setattr(snapshots, "SCHEMA_VERSION", "another")
    assert restore(store, tmp_path / "new" / "index", tmp_path / "new" / "v") is None


def test_a_name_in_a_snapshot_leads_nowhere_else(store, writer, tmp_path):
    made = writer.write()
    evil = made.model_copy(
        update={"files": (made.files[0].model_copy(update={"name": "../../escaped"}), *made.files[1:])}
    )
    store.put_record(keys.snapshot(datetime.now(UTC)), evil)
    restore(store, tmp_path / "a" / "b" / "index", tmp_path / "a" / "b" / "v")
    assert not (tmp_path / "a" / "escaped").exists()
    assert not (tmp_path / "escaped").exists()


def test_only_the_last_snapshots_and_their_files_are_kept(public, store, index, writer):
    for number in range(snapshots.KEPT + 2):
        publish(public, f"v{number}", after=number)
        follow_once(public, index, learn)
        last = writer.write()
    listed = [stored.key for stored in store.list(keys.SNAPSHOTS)]
    assert len(listed) == snapshots.KEPT
    kept = [snapshots.Snapshot.model_validate_json(store.get(key)) for key in listed]
    assert kept[-1] == last
    named = {keys.snapshot_file(file.sha256) for each in kept for file in each.files}
    assert {stored.key for stored in store.list(keys.SNAPSHOT_FILES)} == named


def test_the_follower_writes_one_when_it_is_time(public, store, index, writer):
    follower = Follower(public, index, learn, poll_s=0.05, snapshots=writer)
    publish(public, "v1")
    follower.start()
    deadline = time.monotonic() + 60
    while not (listed := _listed(store)) and time.monotonic() < deadline:
        time.sleep(0.05)
    writer._look_at = datetime.now(UTC) + BEFORE
    time.sleep(0.5)
    follower.stop()
    writer.wait()
    assert len(listed) == 1
    assert _listed(store) == listed, "it is not old yet"
    assert found(index, "Vieremä")


def test_no_snapshot_keeps_what_was_withdrawn(public, store, index, writer):
    follower = Follower(public, index, learn, snapshots=writer)
    publish(public, "v1")
    assert follower.step()
    old = {file.sha256 for file in writer.write().files}
    key = publish(public, "v2", after=1, shown=without(6), forgets=True)
    assert follower.step()
    writer.step()
    writer.wait()
    (left,) = [snapshots.Snapshot.model_validate_json(store.get(listed)) for listed in _listed(store)]
    assert left.position == key
    files = {stored.key for stored in store.list(keys.SNAPSHOT_FILES)}
    assert files == {keys.snapshot_file(file.sha256) for file in left.files}
    assert {file.name for file in left.files if file.sha256 in old} <= {"schema-version", snapshots.VOCABULARY}


def _listed(store):  # before the bucket is made
    try:
        return [stored.key for stored in store.list(keys.SNAPSHOTS)]
    except ObjectMissing:
        return []


def test_the_index_is_made_anew_from_the_change_log_alone(public, store, index, writer, tmp_path):
    publish(public, "v1")
    follow_once(public, index, learn)
    wanted = index.dump()
    index.apply(demo.search_document(demo.older("wrong", demo.episode())), index.position)
    writer.write()
    index.remove("", index.position)
    with pytest.raises(Misconfigured, match="another process"):
        rebuild(public, tmp_path / "index", tmp_path / "words.sqlite", store)
    assert "wrong" in versions(index)
    index.close()
    assert rebuild(public, tmp_path / "index", tmp_path / "words.sqlite", store) == index.position
    place = tmp_path / "new"
    assert restore(store, place / "index", place / "vocabulary.sqlite")
    with SearchIndex(place / "index") as other:
        assert other.dump() == wanted


def test_what_was_withdrawn_since_the_snapshot_is_never_found(public, store, index, writer, tmp_path):
    publish(public, "v1")
    publish(public, "v1", after=1, shown=demo.older("b", demo.episode()))
    follow_once(public, index, learn)
    writer.write()
    log(public, "withdrawn", after=2, episode="b")
    public.delete(keys.card("b"))
    place = tmp_path / "new"
    with TestClient(build(public, place / "index", place / "vocabulary.sqlite", 600, store=store)) as client:
        found = client.get("/api/v1/search", params={"q": '"valokuituun"'}).json()
    assert {item["episode"] for item in found["items"]} == {demo.ID}
