"""The page of a broadcast that is on the air: what is prepared of it so far, written again with each Part.

What is said after that is in the tail (tasks.ahead).

It has the address of the episode's page to come, and is replaced by it. Nothing of it is kept in the archive.
"""

from datetime import UTC, datetime

from prefect import task

from config import stores
from config.settings import Settings
from core import digests, keys
from core.archive import cards
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.duties import withdrawals
from core.media import hls
from core.meeting import marks
from core.models import Broadcast, Change, EncodedPart, Episode, Gap, Moment, Transcript
from core.text import captionfiles, captions, transcript
from tasks import pages, telling
from tasks.announcements import announce_live, announce_news
from tasks.assembly import joined, located
from tasks.policies import ALWAYS_ASK, STEP

VERSION = keys.LIVE
LONGEST_SEGMENT_SECONDS = 30
"""A Part is longer than wished for by less than its last Segment, which ends with a keyframe of the source."""


def may_show(settings: Settings, broadcast_id: str) -> bool:
    """Whether the page is not that of a whole episode, which stays while more is prepared, and nothing is withdrawn."""
    shown = cards.shown(stores.site(settings), broadcast_id)
    is_free = shown is None or shown.live
    return settings.live_pages and is_free and not withdrawals.read(stores.archive(settings), broadcast_id).standing


def is_shown(settings: Settings, broadcast_id: str) -> bool:
    """Whether viewers see the page of a broadcast that is on the air."""
    shown = cards.shown(stores.site(settings), broadcast_id)
    return shown is not None and shown.live


@task(name="show live", task_run_name="show live {broadcast.id}", **STEP)
def show(
    settings: Settings,
    broadcast: Broadcast,
    gaps: tuple[Gap, ...],
    encoded: list[EncodedPart],
    transcripts: list[Transcript],
    moments: tuple[Moment, ...],
    before: int,
) -> None:
    """Show and let search what is prepared: the first Parts, of which ``before`` were shown already."""
    episode = _episode(settings, broadcast, gaps, encoded, transcripts, moments)
    archive, site = stores.archive(settings), stores.site(settings)
    fresh = episode.model_copy(update={"parts": episode.parts[before:]})
    pages.copy_media(archive, site, fresh, pages.shared(settings, broadcast.id))
    pages.copy_poster(archive, site, fresh, VERSION)
    _write(site, settings, episode, ended=False)
    _show_page(site, settings, episode, first=not before)


@task(name="begin live", task_run_name="begin live {broadcast.id}", **STEP)
def begin(settings: Settings, broadcast: Broadcast) -> None:
    """Show the page before there is anything but text, which it finds by itself; one that is shown is left as it is."""
    site = stores.site(settings)
    if cards.shown(site, broadcast.id) is None:
        nothing = Transcript(language=broadcast.language, engine="")
        episode = Episode(broadcast=broadcast, duration_ms=0, parts=(), transcript=nothing, live=True)
        document = cards.search_document(episode, VERSION).model_dump_json().encode()
        site.put(keys.search_document(broadcast.id, VERSION), document, cache=ALWAYS_ASK)
        telling.write_details(site, settings, episode, VERSION, ())
        _show_page(site, settings, episode, first=True)


def _show_page(site: Bucket, settings: Settings, episode: Episode, *, first: bool) -> None:
    """Change-log entry, page, and last the card; of the ``first`` time also the lists."""
    broadcast_id = episode.broadcast.id
    if first:
        pages.publish_static(site)
    change = Change(at=datetime.now(UTC), kind="published", episode=broadcast_id, version=VERSION)
    site.put_record(keys.change(change.at, broadcast_id, VERSION), change)
    pages.write_page(site, settings, episode, VERSION)
    site.put(keys.card(broadcast_id), cards.card(episode, VERSION).model_dump_json().encode(), cache=ALWAYS_ASK)
    if first:
        pages.write_lists(site, settings)
        announce_live(episode.broadcast)
        announce_news(settings, episode.broadcast)


@task(name="end live", task_run_name="end live {episode.broadcast.id}", **STEP)
def end(settings: Settings, episode: Episode) -> None:
    """Tell players that nothing more comes: who watches sees it to its end. All text is in the Parts now."""
    site = stores.site(settings)
    name = episode.broadcast.id
    site.delete(keys.tail(name))
    pages.copy_media(stores.archive(settings), site, episode, pages.shared(settings, name))
    _write(site, settings, episode, ended=True)


def _write(site: Bucket, settings: Settings, episode: Episode, *, ended: bool) -> None:
    """Captions before the playlists that name them, and the master playlist last."""
    shown = captions.cues(
        episode.transcript.passages,
        settings.captions,
        forms=episode.forms,
        marks=transcript.marks(episode.transcript.language),
    )
    growth = hls.Growth(settings.part_seconds + LONGEST_SEGMENT_SECONDS, ended)
    files = pages.watched_files(episode, VERSION, shown, growth)
    files["chapters.vtt"] = captionfiles.chapters_vtt(episode.chapters)
    there = {item.key: item.etag for item in site.list(keys.asset(episode.broadcast.id, VERSION, ""))}
    for name in sorted(files, key=lambda name: (name.endswith(".m3u8"), name == "master.m3u8", name)):
        key, text = keys.asset(episode.broadcast.id, VERSION, name), files[name].encode()
        # Most captions are as they were, and of two hours there are 120 files.
        if there.get(key) != digests.etag(text):
            site.put(key, text, cache=ALWAYS_ASK)
    telling.write_details(site, settings, episode, VERSION, files)


def _episode(
    settings: Settings,
    broadcast: Broadcast,
    gaps: tuple[Gap, ...],
    encoded: list[EncodedPart],
    transcripts: list[Transcript],
    moments: tuple[Moment, ...],
) -> Episode:
    """What is known of it while it goes on: no notes, which look at the whole. Chapters may still move."""
    grown = Episode(
        broadcast=broadcast,
        duration_ms=encoded[-1].end_ms,
        parts=tuple(encoded),
        transcript=joined(broadcast, transcripts),
        gaps=gaps,
        moments=moments,
        poster=encoded[0].poster,
        live=True,
    )
    found = located(settings, grown)
    marked = RecordingStore(stores.archive(settings), broadcast.id).marks()
    return found.model_copy(update={"chapters": marks.chapters(found.chapters, marked, moments, found.duration_ms)})
