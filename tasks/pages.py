"""The public site: media, pages, feeds, change log. An episode becomes visible by its last two small objects."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from prefect import task

from config import catalogue, stores
from config.settings import Settings
from core import (
    captionfiles,
    captions,
    cards,
    compliance,
    digests,
    hls,
    keys,
    marks,
    places,
    plans,
    redaction,
    segments,
    transcript,
    withdrawals,
)
from core.bucket import Bucket
from core.errors import ObjectMissing
from core.models import Change, EncodedPart, EncodedTrack, Episode, Thumbnail
from core.recordings import RecordingStore
from core.signing import Signing
from tasks import corrections, telling
from tasks.policies import ALWAYS_ASK, FOREVER, STEP
from web import memo, minutes, render, views
from web.links import Links
from web.strings import Strings, load, load_all

VERSION = "pages-5"
COPIES_AT_A_TIME = 8


@task(name="load episode", **STEP)
def load_episode(settings: Settings, broadcast_id: str) -> Episode:
    """The assembled Episode as persons corrected it, without the words that are withdrawn, and with a chapter where
    anybody marked a moment. Its media are those that were prepared (tasks.covering).

    Raises:
        ObjectMissing: it was never prepared.
    """
    store = RecordingStore(stores.archive(settings), broadcast_id)
    episode = store.episode()
    if episode is None:
        raise ObjectMissing(f"{broadcast_id} has not been prepared.", "Run prepare_episode for it first.")
    episode, found = corrections.corrected(settings, store, episode)
    corrections.tell(broadcast_id, found)
    marked = redaction.marks(store.marks(), episode.moments, episode.hidden)
    placed = marks.chapters(episode.chapters, marked, episode.moments, episode.duration_ms)
    return episode.model_copy(update={"chapters": placed})


def version_of(settings: Settings, episode: Episode) -> str:
    """Name of what the pages would be now: changes with episode, design, language and the style of captions."""
    design = render.digest(), settings.captions, settings.locale, settings.site_url, settings.contact
    return digests.of_records(VERSION, episode, *design)[:12]


def address(settings: Settings, episode: Episode) -> str:
    """Where viewers find the episode."""
    return f"{settings.site_url}/{keys.EPISODES}{episode.broadcast.id}/"


@task(name="publish media", **STEP)
def publish_media(settings: Settings, episode: Episode) -> int:
    """Copy what was encoded to the public bucket; gives the number of files. What is there is not copied again."""
    return copy_media(stores.archive(settings), stores.site(settings), episode)


def copy_media(archive: Bucket, site: Bucket, episode: Episode) -> int:
    """The same as ``publish_media``, without a task."""
    tracks = [track for part in episode.parts for track in part.tracks]

    def copy(track: EncodedTrack) -> None:
        key = keys.media(episode.broadcast.id, track.sha256)
        site.copy(archive, track.key, key, sha256=track.sha256, cache=FOREVER)

    with ThreadPoolExecutor(COPIES_AT_A_TIME) as pool:
        return len(list(pool.map(copy, tracks)))


@task(name="publish version", **STEP)
def publish_version(settings: Settings, episode: Episode, version: str) -> None:
    """Write everything that the page of this version refers to."""
    archive, site = stores.archive(settings), stores.site(settings)
    broadcast_id = episode.broadcast.id
    first, *others = languages(settings)
    files = whole_files(episode, version, first, settings)
    for name, data in files.items():
        site.put(keys.asset(broadcast_id, version, name), data, cache=FOREVER)
    for strings in others:
        key = strings.folder + keys.asset(broadcast_id, version, "muistio.html")
        site.put(key, render.notes_page(episode, version, strings).encode(), cache=FOREVER)
    telling.write_version(archive, site, settings, episode, version, files)
    copy_stills(archive, site, episode, version)
    publish_static(site)


def copy_stills(archive: Bucket, site: Bucket, episode: Episode, version: str) -> None:
    """Bring the poster and the thumbnails to a version's folder."""
    stills = [(_thumbnail_name(t), t) for p in episode.parts for t in p.thumbnails]
    stills += [("poster.jpg", episode.poster)] if episode.poster else []

    def copy(still: tuple[str, Thumbnail]) -> None:
        name, found = still
        key = keys.asset(episode.broadcast.id, version, name)
        site.copy(archive, found.key, key, sha256=found.sha256, cache=FOREVER)

    with ThreadPoolExecutor(COPIES_AT_A_TIME) as pool:
        list(pool.map(copy, stills))


def whole_files(episode: Episode, version: str, strings: Strings, settings: Settings) -> dict[str, bytes]:
    """Name and content of every file of a version but the stills. Pure."""
    links = Links(settings.site_url)
    texts = version_files(episode, version, strings, settings.captions)
    texts["muistio.json"] = minutes.memo(episode, links).model_dump_json(indent=1)
    return {name: text.encode() for name, text in texts.items()} | {"muistio.docx": memo.docx(episode, strings, links)}


def version_files(episode: Episode, version: str, strings: Strings, style: captions.Style) -> dict[str, str]:
    """Name and text of every file of a version that does not depend on the site's address. Pure."""
    told = transcript.marks(episode.transcript.language)
    shown = captions.cues(episode.transcript.passages, style, forms=episode.forms, marks=told)
    shown = redaction.captions(shown, episode.hidden, told.withdrawn)
    return watched_files(episode, version, shown) | {
        "captions.srt": captionfiles.srt(shown),
        "words.json": captionfiles.words_json(episode),
        "chapters.vtt": captionfiles.chapters_vtt(episode.chapters),
        "transcript.txt": transcript.plain_text(episode.transcript, episode.gaps, episode.hidden),
        "muistio.md": minutes.markdown(episode, strings, lambda at_ms: f"../#t={views.seconds(at_ms)}"),
        "muistio.html": render.notes_page(episode, version, strings),
        "mentions.json": places.mentioned(episode).model_dump_json(),
    }


def watched_files(
    episode: Episode, version: str, shown: tuple[captions.Caption, ...], growth: hls.Growth | None = None
) -> dict[str, str]:
    """What the player and the search need: playlists, captions, stills' times, search document. Pure.

    ``growth`` is of the playlists of a broadcast that is on the air.
    """
    broadcast_id = episode.broadcast.id

    def media(track: EncodedTrack) -> str:
        return f"{render.TO_ROOT}{keys.media(broadcast_id, track.sha256)}"

    playlists = {f"{n}.m3u8": hls.media_playlist(episode.parts, n, media, growth) for n in _tracks(episode)}
    return {
        **playlists,
        **_captions(episode, shown, growth),
        "captions.vtt": captionfiles.webvtt(shown),
        "thumbs.vtt": captionfiles.thumbnails_vtt(_thumbnail_times(episode)),
        "search.json": cards.search_document(episode, version).model_dump_json(),
        "forms.json": cards.forms_json(episode),
    }


def _captions(episode: Episode, shown: tuple[captions.Caption, ...], growth: hls.Growth | None) -> dict[str, str]:
    """The master playlist, and the captions as a rendition of it where anything was said."""
    grows = growth is not None and not growth.ended
    language = episode.transcript.language or episode.broadcast.language
    files = {
        "master.m3u8": hls.master_playlist(
            episode.parts, episode.broadcast.language, language if shown or grows else ""
        )
    }
    if not (shown or grows):
        return files
    pieces = captionfiles.segments(shown, episode.parts)
    files |= {hls.captions_file(number): text for number, text in enumerate(pieces)}
    listed = settled(episode.parts) if grows else episode.parts
    return files | {f"{hls.CAPTIONS}.m3u8": hls.captions_playlist(listed, growth)}


def settled(parts: Sequence[EncodedPart]) -> list[EncodedPart]:
    """The Parts of a growing recording whose speech is known to their ends: a player reads captions once."""
    until_ms = parts[-1].end_ms - segments.LEAD_SECONDS * 1000 if parts else 0
    return [part for part in parts if part.end_ms <= until_ms or part.take != parts[-1].take]


def _tracks(episode: Episode) -> list[str]:
    return [*hls.renditions(episode.parts), hls.AUDIO]


def _thumbnail_name(still: Thumbnail) -> str:
    return f"thumbs/{still.at_ms:09d}.jpg"


def _thumbnail_times(episode: Episode) -> list[tuple[int, int, str]]:
    stills = [still for part in episode.parts for still in part.thumbnails]
    ends = [*(still.at_ms for still in stills[1:]), episode.duration_ms]
    return [(still.at_ms, end, _thumbnail_name(still)) for still, end in zip(stills, ends, strict=False)]


def publish_static(site: Bucket) -> None:
    """What all pages load."""
    for name, path in render.static_files():
        if site.head(keys.static(name)) is None:
            site.put_file(keys.static(name), path, cache=FOREVER)


@task(name="flip pointer", **STEP)
def flip_pointer(settings: Settings, episode: Episode, version: str, signed: Signing, *, forgets: bool = False) -> None:
    """Make a version the one that is shown: change-log entry, page, and last the card that names the version.

    ``forgets``: something was withdrawn or restored since, so that the search keeps nothing of the versions before.
    """
    site = stores.site(settings)
    broadcast_id = episode.broadcast.id
    shown = cards.shown(site, broadcast_id)
    if shown is None or shown.version != version:
        now = datetime.now(UTC)
        change = Change(at=now, kind="published", episode=broadcast_id, version=version, forgets=forgets)
        site.put_record(keys.change(change.at, broadcast_id, version), change)
    write_evidence(site, settings, episode, version, signed)
    write_page(site, settings, episode, version, signed)
    site.put(keys.card(broadcast_id), cards.card(episode, version).model_dump_json().encode(), cache=ALWAYS_ASK)


def languages(settings: Settings) -> tuple[Strings, ...]:
    """The languages of the pages, the site's own first."""
    return tuple(load_all(settings.locale).values())


def write_evidence(site: Bucket, settings: Settings, episode: Episode, version: str, signed: Signing) -> None:
    """What shows that the text was made accessible, and by whom: for programs, and in every language to print."""
    shown = compliance.evidence(episode, version, signed)
    site.put(keys.evidence(episode.broadcast.id), shown.model_dump_json(indent=1).encode(), cache=ALWAYS_ASK)
    for strings in languages(settings):
        page = render.evidence_page(shown, strings)
        site.put(strings.folder + keys.evidence_page(episode.broadcast.id), page.encode(), cache=ALWAYS_ASK)


def write_page(site: Bucket, settings: Settings, episode: Episode, version: str, signed: Signing | None = None) -> None:
    """What other sites show of it, then the episode's page in every language, the one without a folder last.

    What is on the air has not been ``signed``.
    """
    telling.write_embedding(site, settings, episode, version)
    for strings in reversed(languages(settings)):
        page = render.episode_page(
            episode,
            version,
            strings,
            base_url=settings.site_url,
            thumbnails=True,
            contact=settings.contact,
            signed=signed,
        )
        site.put(strings.folder + keys.page(episode.broadcast.id), page.encode(), cache=ALWAYS_ASK)


@task(name="publish lists", **STEP)
def publish_lists(settings: Settings) -> None:
    """The front page and the feed, from the cards of all episodes."""
    write_lists(stores.site(settings), settings)


def write_lists(site: Bucket, settings: Settings) -> None:
    """The same without a task. The feed tells of an episode once it is whole."""
    found, titles = cards.all_shown(site), {slug: each.title for slug, each in catalogue.programmes().items()}
    archive = stores.archive(settings)
    gone = {name for name, each in withdrawals.every(archive).items() if each.whole}
    planned = [each for each in plans.every(archive) if each.id not in gone]
    coming = plans.coming(planned, (card.id for card in found), datetime.now(UTC))
    for strings in languages(settings):
        page = render.front_page(found, strings, titles, coming)
        site.put(strings.folder + keys.FRONT_PAGE, page.encode(), cache=ALWAYS_ASK)
    telling.write_lists(site, settings, found, planned)
    whole = [card for card in found if not card.live]
    site.put(keys.FEED, render.feed(whole, load(settings.locale), settings.site_url).encode(), cache=ALWAYS_ASK)
