"""What is written of a broadcast on the air with each Part."""

from uuid import uuid4

import pytest

from config import stores
from core import keys
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.models import AgendaItem, Mark, Moment, Notes, Passage, Transcript
from core.telling.members import Asked, Members, Wish
from tasks import announcements, live
from tests.core.media import test_hls
from tests.web import demo


@pytest.fixture
def settings(storage):
    """Those of the store, with empty buckets of their own."""
    name = uuid4().hex[:8]
    own = {"site_bucket": f"site-{name}", "archive_bucket": f"archive-{name}"}
    made = storage.settings.model_copy(update=own)
    stores.create(made)
    return made


@pytest.fixture
def written(monkeypatch):
    """The keys that are written."""
    found, put = [], Bucket.put

    def noted(bucket, key, *rest, **more):
        found.append(key)
        return put(bucket, key, *rest, **more)

    monkeypatch.setattr(Bucket, "put", noted)
    return found


def on_air(count):
    """The first Parts, with a Passage in each."""
    parts = tuple(test_hls.PARTS[:count])
    said = tuple(Passage(start_ms=p.start_ms, end_ms=p.start_ms + 2000, text="Hyvää huomenta.") for p in parts)
    transcript = Transcript(language="fi", engine="example", passages=said)
    return demo.episode().model_copy(update={"parts": parts, "transcript": transcript, "live": True, "poster": None})


def test_only_files_that_changed_are_written_and_the_master_last(settings, written):
    site = stores.site(settings)
    live._write(site, settings, on_air(2), ended=False)
    first, written[:] = list(written), []
    live._write(site, settings, on_air(3), ended=False)
    names = [key.removeprefix(keys.asset(demo.ID, live.VERSION, "")) for key in written]
    assert "captions/00000.vtt" not in names
    assert {"captions/00002.vtt", "360.m3u8", "audio.m3u8", "captions.m3u8", "search.json"} <= set(names)
    playlists = [key for key in first if key.endswith(".m3u8")]
    assert playlists[-1].endswith("/master.m3u8")
    assert first.index(playlists[0]) > first.index(keys.asset(demo.ID, live.VERSION, "captions/00001.vtt"))
    assert b"Hyv" in site.get(keys.asset(demo.ID, live.VERSION, "captions/00000.vtt"))


def test_chapters_and_municipalities_are_known_while_it_goes_on(settings):
    parts = list(test_hls.PARTS[:2])
    agenda = (AgendaItem(title="Kyläkoulujen tulevaisuus"), AgendaItem(title="Valokuitu ja etätyö"))
    broadcast = demo.episode().broadcast.model_copy(update={"agenda": agenda})
    said = [demo.passages()[:4], demo.passages()[4:6]]
    RecordingStore(stores.archive(settings), broadcast.id).mark(Mark(at=demo.STARTS_AT, text="Alku"))
    clock = (Moment(start_ms=0, end_ms=parts[-1].end_ms, captured_at=demo.STARTS_AT),)
    heard = [Transcript(language="fi", engine="example", passages=each) for each in said]
    found = live._episode(settings, broadcast, (), parts, heard, clock)
    assert [chapter.title for chapter in found.chapters] == ["Avaus – Alku", "Kyläkoulujen tulevaisuus"]
    assert {mention.name for mention in found.mentions} == {"Vieremä", "Kuhmoinen", "Utajärvi"}
    assert found.notes == Notes()


def test_that_it_is_on_the_air_is_told_once_when_its_page_is_there(settings, monkeypatch):
    told, site = [], stores.site(settings)

    def note(**event):
        told.append((event["event"], site.head(keys.card(demo.ID)) is not None))

    monkeypatch.setattr(announcements, "emit_event", note)
    live.begin.fn(settings, demo.episode().broadcast)
    live._show_page(site, settings, on_air(1), first=False)
    live.begin.fn(settings, demo.episode().broadcast)
    assert told == [(announcements.LIVE, True)]


def test_news_are_announced_only_when_there_is_anybody_to_tell(settings, monkeypatch):
    told, list_ = [], Members(stores.archive(settings))
    monkeypatch.setattr(announcements, "emit_event", lambda **event: told.append(event["event"]))
    announcements.announce_news(settings, demo.episode().broadcast)
    wish = Asked(address="anna@example.org", wishes=(Wish.LIVE,))
    list_.write(wish, at=demo.STARTS_AT, consent="meeting", now=demo.STARTS_AT)
    announcements.announce_news(settings, demo.episode().broadcast)
    list_.remove(list_.seal.id(wish.address))
    announcements.announce_news(settings, demo.episode().broadcast)
    assert told == [announcements.NEWS]
