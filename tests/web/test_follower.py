"""The follower on a real store and a real index."""

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest

from core import keys
from core.errors import ObjectMissing
from core.models import Change, Notes, Tail, TailPassage, WordForms
from core.search.index import SearchIndex
from tests.web import demo
from web.follower import Follower, Tails, follow_once


def log(public, kind, *, after=0, episode=demo.ID, version=demo.VERSION, forgets=False):
    """Write a change-log entry of ``after`` seconds from now; returns its key."""
    at = datetime.now(UTC) + timedelta(seconds=after)
    change = Change(at=at, kind=kind, episode=episode, version=version, forgets=forgets)
    return public.put_record(keys.change(at, episode, version), change).key


def publish(public, version, *, after=0, flip=True, shown=None, forgets=False):
    """Publish a version of the example; returns the key of its change."""
    shown = shown or demo.episode()
    name = shown.broadcast.id
    public.put_record(keys.search_document(name, version), demo.search_document(shown, version))
    key = log(public, "published", after=after, episode=name, version=version, forgets=forgets)
    if flip:
        public.put_record(keys.card(name), demo.card(shown, version))
    return key


def versions(index):
    """The versions that the index finds, by episode."""
    hits = index.search("Vieremä", lambda words: {}, limit=50).hits
    return {hit.episode: hit.version for hit in hits}


def learn(forms):
    """Learn nothing."""


def test_published_episode_is_found_and_its_forms_learned(public, index):
    key, learned = publish(public, "v1"), {}
    assert follow_once(public, index, learned.update) == 1
    assert versions(index) == {demo.ID: "v1"}
    assert learned == demo.episode().forms
    assert index.position == key
    assert follow_once(public, index, learn) == 0


def test_entry_before_its_pointer_waits_and_holds_up_what_follows(public, index):
    publish(public, "v1", flip=False)
    other = demo.older("b", demo.episode())
    publish(public, "v1", after=1, shown=other)
    assert follow_once(public, index, learn) == 0
    assert versions(index) == {}
    public.put_record(keys.card(demo.ID), demo.card(demo.episode(), "v1"))
    assert follow_once(public, index, learn) == 2
    assert versions(index) == {demo.ID: "v1", "b": "v1"}


def test_entry_whose_pointer_never_came_is_passed_by(public, index):
    publish(public, "v1", after=-3600, flip=False)
    publish(public, "v1", shown=demo.older("b", demo.episode()))
    assert follow_once(public, index, learn) == 1
    assert versions(index) == {"b": "v1"}


def test_superseded_version_is_skipped(public, index):
    publish(public, "v1")
    key = publish(public, "v2", after=1)
    assert follow_once(public, index, learn) == 1
    assert (versions(index), index.position) == ({demo.ID: "v2"}, key)


def test_withdrawn_episode_is_forgotten_and_can_come_back(public, index):
    publish(public, "v1")
    follow_once(public, index, learn)
    log(public, "withdrawn", after=1)
    public.delete(keys.card(demo.ID))
    assert follow_once(public, index, learn) == 1
    assert versions(index) == {}
    publish(public, "v1", after=2)
    assert follow_once(public, index, learn) == 1
    assert versions(index) == {demo.ID: "v1"}


def without(number):
    """The example without what was said in one of its Passages, and without notes."""
    shown = demo.episode()
    left = tuple(p for n, p in enumerate(shown.transcript.passages) if n != number)
    text = shown.transcript.model_copy(update={"passages": left})
    return shown.model_copy(update={"transcript": text, "notes": Notes()})


def test_what_is_withdrawn_is_suggested_no_more_and_everything_else_stays(public, index):
    forgotten = []
    publish(public, "v1")
    publish(public, "v1", after=1, shown=demo.older("b", without(6)))
    follow_once(public, index, learn)
    assert index.suggest("luonnok") == ("luonnoksen",)
    key = publish(public, "v2", after=2, shown=without(6), forgets=True)
    last = publish(public, "v3", after=3, shown=without(6))
    assert follow_once(public, index, learn, forget=forgotten.append) == 1
    assert forgotten == [last]
    assert (index.suggest("luonnok"), index.has(demo.ID), index.position) == ((), True, last)
    assert versions(index) == {demo.ID: "v3", "b": "v1"}
    assert key < last
    log(public, "withdrawn", after=4)
    assert follow_once(public, index, learn) == 1
    assert (index.has(demo.ID), versions(index)) == (False, {"b": "v1"})


def test_change_that_appears_late_is_found_and_nothing_is_done_twice(public, index):
    seen = {}
    last = publish(public, "v1", after=0)
    assert follow_once(public, index, learn, seen) == 1
    publish(public, "v1", after=-5, shown=demo.older("b", demo.episode()))
    assert follow_once(public, index, learn, seen) == 1
    assert follow_once(public, index, learn, seen) == 0
    assert (versions(index), index.position) == ({demo.ID: "v1", "b": "v1"}, last)


def test_late_and_older_change_does_not_undo_a_newer(public, index):
    seen = {}
    publish(public, "v2", after=0)
    follow_once(public, index, learn, seen)
    log(public, "withdrawn", after=-5, version="v1")
    assert follow_once(public, index, learn, seen) == 0
    assert versions(index) == {demo.ID: "v2"}


def test_missing_search_document_is_an_error(public, index):
    publish(public, "v1")
    public.delete(keys.search_document(demo.ID, "v1"))
    with pytest.raises(ObjectMissing):
        follow_once(public, index, learn)


def test_rebuilt_index_is_the_same(public, index, tmp_path):
    publish(public, "v1")
    publish(public, "v2", after=1, shown=demo.older("b", demo.episode()))
    follow_once(public, index, learn)
    with SearchIndex(tmp_path / "again") as again:
        follow_once(public, again, learn)
        assert (again.dump(), again.position) == (index.dump(), index.position)


def test_thread_follows_until_it_is_stopped(public, index):
    learned = threading.Event()
    follower = Follower(public, index, lambda _: learned.set(), poll_s=0.05)
    follower.start()
    publish(public, "v1")
    assert learned.wait(20)
    follower.stop()
    assert not follower.is_alive()
    assert versions(index) == {demo.ID: "v1"}


def test_failure_is_told_once_and_recovery_too(public, unreachable, index, caplog):
    caplog.set_level(logging.INFO, "web.follower")
    follower = Follower(unreachable, index, learn)
    assert [follower.step(), follower.step()] == [False, False]
    follower._public = public
    assert follower.step()
    told = [(r.levelname, r.getMessage().split(":")[0]) for r in caplog.records]
    assert told == [
        ("WARNING", "The change log cannot be followed"),
        ("INFO", "The change log is followed again."),
    ]


def on_air(public, *texts, after=0):
    """The example is on the air, with these Passages after its own in the tail."""
    end = max(passage.end_ms for passage in demo.episode().transcript.passages)
    publish(public, keys.LIVE, after=after)
    tail(public, *texts, start_ms=end)
    return end


def tail(public, *texts, start_ms):
    """Write the tail: a Passage a second."""
    said = [
        TailPassage(id=f"p{at}", start_ms=start_ms + at * 1000, end_ms=start_ms + at * 1000 + 900, text=text)
        for at, text in enumerate(texts)
    ]
    forms = {"hirvissä": WordForms(bases=("hirvi",))}
    made = Tail(made_at=datetime.now(UTC), after_ms=start_ms, known_ms=0, passages=tuple(said), forms=forms)
    public.put_record(keys.tail(demo.ID), made)


def found(index, query):
    """The texts that answer."""
    return [hit.text for hit in index.search(query, lambda words: {}, limit=50).hits]


def test_a_tail_is_found_and_replaces_the_last_one(public, index):
    tails, seen = Tails(), {}
    end = on_air(public, "Monissa hirvissä.", "Harvinainen ilves.")
    assert follow_once(public, index, learn, seen, tails) == 1
    assert (found(index, "ilves"), found(index, "hirvi")) == (["Harvinainen ilves."], ["Monissa hirvissä."])
    position = index.position
    tail(public, "Monissa hirvissä.", "Harvinainen ahma.", start_ms=end)
    assert follow_once(public, index, learn, seen, tails) == 0
    assert (found(index, "ilves"), found(index, "ahma")) == ([], ["Harvinainen ahma."])
    assert found(index, "hirvi") == ["Monissa hirvissä."]
    assert index.position == position
    assert tails.follow(public, index, learn) == 0


def test_what_a_part_brings_is_not_found_twice(public, index):
    tails, seen = Tails(), {}
    on_air(public)
    said = demo.episode().transcript.passages[-1]
    tail(public, said.text, "Harvinainen ilves.", start_ms=said.end_ms - 900)
    follow_once(public, index, learn, seen, tails)
    assert found(index, f'"{said.text}"') == [said.text]
    assert found(index, "ilves") == ["Harvinainen ilves."]


def test_the_next_part_keeps_the_tail_and_the_whole_episode_ends_it(public, index):
    tails, seen = Tails(), {}
    on_air(public, "Harvinainen ilves.")
    follow_once(public, index, learn, seen, tails)
    publish(public, keys.LIVE, after=1)
    assert follow_once(public, index, learn, seen, tails) == 1
    assert found(index, "ilves") == ["Harvinainen ilves."]
    publish(public, "v1", after=2)
    assert follow_once(public, index, learn, seen, tails) == 1
    assert found(index, "ilves") == []
    tail(public, "Harvinainen ahma.", start_ms=10**7)
    follow_once(public, index, learn, seen, tails)
    assert found(index, "ahma") == []


@pytest.mark.parametrize("how", ["withdrawn", "removed"])
def test_a_tail_is_gone_with_its_episode_or_its_file(public, index, how):
    tails, seen = Tails(), {}
    on_air(public, "Harvinainen ilves.")
    follow_once(public, index, learn, seen, tails)
    if how == "withdrawn":
        log(public, "withdrawn", after=1)
    else:
        public.delete(keys.tail(demo.ID))
    follow_once(public, index, learn, seen, tails)
    assert found(index, "ilves") == []


def test_an_index_made_again_while_something_is_on_the_air_is_the_same(public, index, tmp_path):
    tails, seen = Tails(), {}
    end = on_air(public, "Harvinainen ilves.")
    follow_once(public, index, learn, seen, tails)
    tail(public, "Harvinainen ahma.", start_ms=end)
    follow_once(public, index, learn, seen, tails)
    with SearchIndex(tmp_path / "again") as again:
        follow_once(public, again, learn, {}, Tails())
        assert (again.dump(), again.position) == (index.dump(), index.position)
        assert any("ahma" in line for line in again.dump())
