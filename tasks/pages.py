"""The public site: media, pages, feeds, change log. An episode becomes visible by its last two small objects."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache

from prefect import task

from config import catalogue, stores
from config.settings import Settings
from core import digests, keys
from core.archive import cards, segments
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.duties import compliance, redaction, withdrawals
from core.duties.signing import Signing
from core.errors import ObjectMissing
from core.media import hls
from core.models import Change, EncodedPart, EncodedTrack, Episode, EpisodeCard, Thumbnail
from core.planning import plans
from core.planning.planned import Planned
from core.text import captionfiles, captions, places, transcript
from tasks import corrections, telling
from tasks.policies import ALWAYS_ASK, FOREVER, STEP
from tasks.putting import Count, put, put_changed
from web import memo, minutes, render, views
from web.links import Links
from web.strings import Strings, load, load_all

VERSION = "pages-6"
COPIES_AT_A_TIME = 8


@task(name="load episode", **STEP)
def load_episode(settings: Settings, broadcast_id: str) -> Episode:
    """The assembled Episode as persons corrected it, without the words that are withdrawn (tasks.corrections).

    Its media are those that were prepared (tasks.covering).

    Raises:
        ObjectMissing: it was never prepared.
    """
    store = RecordingStore(stores.archive(settings), broadcast_id)
    episode = store.episode()
    if episode is None:
        raise ObjectMissing(f"{broadcast_id} has not been prepared.", "Run prepare_episode for it first.")
    episode, found = corrections.corrected(settings, store, episode)
    corrections.tell(broadcast_id, found)
    return episode


def version_of(settings: Settings, episode: Episode) -> str:
    """Name of what the pages would be now: changes with episode, design, language and the style of captions."""
    design = render.digest(), settings.captions, settings.locale, settings.site_url, settings.contact
    return digests.of_records(VERSION, episode, *design)[:12]


def address(settings: Settings, episode: Episode) -> str:
    """Where viewers find the episode."""
    return f"{settings.site_url}/{keys.EPISODES}{episode.broadcast.id}/"


@task(name="publish media", **STEP)
def publish_media(settings: Settings, episode: Episode, there: Collection[str]) -> Count:
    """Copy what was encoded to the public bucket. What is ``there`` is not copied again."""
    return copy_media(stores.archive(settings), stores.site(settings), episode, there)


def copy_media(archive: Bucket, site: Bucket, episode: Episode, there: Collection[str]) -> Count:
    """The same as ``publish_media``, without a task."""
    wanted = _media(episode)
    missing = wanted.keys() - there

    def copy(key: str) -> None:
        site.copy(archive, wanted[key].key, key, sha256=wanted[key].sha256, cache=FOREVER)

    with ThreadPoolExecutor(COPIES_AT_A_TIME) as pool:
        list(pool.map(copy, missing))
    return Count(len(missing), len(wanted))


def _media(episode: Episode) -> dict[str, EncodedTrack | Thumbnail]:
    name, parts = episode.broadcast.id, episode.parts
    tracks = {keys.media(name, track.sha256): track for part in parts for track in part.tracks}
    return tracks | {keys.media(name, still.sha256, "jpg"): still for part in parts for still in part.thumbnails}


def shared(settings: Settings, broadcast_id: str) -> set[str]:
    """Of the files that an episode's versions share, those that are there: each is named by its content."""
    return {item.key for item in stores.site(settings).list(keys.shared(broadcast_id))}


def needed(settings: Settings, episode: Episode) -> set[str]:
    """The keys of all files that a version needs of those that versions share, but the sound as one file."""
    name, shown = episode.broadcast.id, _shown(episode, settings.captions)
    return {*_media(episode), *(_key(name, "", file) for file in _captions(episode, shown, None) if _is_shared(file))}


@task(name="publish version", **STEP)
def publish_version(settings: Settings, episode: Episode, version: str, there: Collection[str]) -> Count:
    """Write everything that the page of this version refers to. What is ``there`` of what versions share stays."""
    archive, site = stores.archive(settings), stores.site(settings)
    name = episode.broadcast.id
    first, *others = languages(settings)
    files = whole_files(episode, version, first, settings)
    made = {_key(name, version, file): data for file, data in files.items()}
    for strings in others:
        key = strings.folder + keys.asset(name, version, "muistio.html")
        made[key] = render.notes_page(episode, version, strings).encode()
    kept = made.keys() & there
    count = put(site, {key: data for key, data in made.items() if key not in kept}, FOREVER)
    told = telling.write_version(archive, site, settings, episode, version, files)
    copy_poster(archive, site, episode, version)
    publish_static(site)
    return count + told + Count(int(episode.poster is not None), len(kept) + int(episode.poster is not None))


def _key(broadcast_id: str, version: str, name: str) -> str:
    """Where a file is that is called so in a version's folder."""
    return name.removeprefix(render.TO_ROOT) if _is_shared(name) else keys.asset(broadcast_id, version, name)


def _is_shared(name: str) -> bool:
    return name.startswith(render.TO_ROOT)


def copy_poster(archive: Bucket, site: Bucket, episode: Episode, version: str) -> None:
    """Bring the poster to a version's folder."""
    if found := episode.poster:
        key = keys.asset(episode.broadcast.id, version, "poster.jpg")
        site.copy(archive, found.key, key, sha256=found.sha256, cache=FOREVER)


def whole_files(episode: Episode, version: str, strings: Strings, settings: Settings) -> dict[str, bytes]:
    """Name and content of every file of a version but the stills, as ``version_files``. Pure."""
    links = Links(settings.site_url)
    texts = version_files(episode, version, strings, settings.captions)
    texts["muistio.json"] = minutes.memo(episode, links).model_dump_json(indent=1)
    return {name: text.encode() for name, text in texts.items()} | {"muistio.docx": memo.docx(episode, strings, links)}


def version_files(episode: Episode, version: str, strings: Strings, style: captions.Style) -> dict[str, str]:
    """Name and text of every file of a version that does not depend on the site's address. Pure.

    A name is that in the version's folder, from which the path leads to those that versions share.
    """
    shown = _shown(episode, style)
    return watched_files(episode, version, shown) | {
        "captions.srt": captionfiles.srt(shown),
        "words.json": captionfiles.words_json(episode),
        "chapters.vtt": captionfiles.chapters_vtt(episode.chapters),
        "transcript.txt": transcript.plain_text(episode.transcript, episode.gaps, episode.hidden),
        "muistio.md": minutes.markdown(episode, strings, lambda at_ms: f"../#t={views.seconds(at_ms)}"),
        "muistio.html": render.notes_page(episode, version, strings),
        "mentions.json": places.mentioned(episode).model_dump_json(),
    }


def _shown(episode: Episode, style: captions.Style) -> tuple[captions.Caption, ...]:
    told = transcript.marks(episode.transcript.language)
    shown = captions.cues(episode.transcript.passages, style, forms=episode.forms, marks=told)
    return redaction.captions(shown, episode.hidden, told.withdrawn)


def watched_files(
    episode: Episode, version: str, shown: tuple[captions.Caption, ...], growth: hls.Growth | None = None
) -> dict[str, str]:
    """What the player and the search need: playlists, captions, stills' times, search document. Pure.

    ``growth`` is of the playlists of a broadcast that is on the air.
    """

    def media(track: EncodedTrack) -> str:
        return _address(episode, track.sha256, "mp4")

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
    """The master playlist, and the captions as a rendition of it where anything was said. Without media none."""
    if not episode.plays:
        return {}
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
    # Of what grows, the last pieces are written again and again: they keep their names.
    names = [
        hls.captions_file(number) if growth else _address(episode, digests.of_text(text), "vtt")
        for number, text in enumerate(pieces)
    ]
    listed = settled(episode.parts) if grows else episode.parts
    files |= dict(zip(names, pieces, strict=True))
    return files | {f"{hls.CAPTIONS}.m3u8": hls.captions_playlist(listed, names[: len(listed)], growth)}


def _address(episode: Episode, sha256: str, suffix: str) -> str:
    """Of a file that versions share, from a version's folder."""
    return f"{render.TO_ROOT}{keys.media(episode.broadcast.id, sha256, suffix)}"


def settled(parts: Sequence[EncodedPart]) -> list[EncodedPart]:
    """The Parts of a growing recording whose speech is known to their ends: a player reads captions once."""
    until_ms = parts[-1].end_ms - segments.LEAD_SECONDS * 1000 if parts else 0
    return [part for part in parts if part.end_ms <= until_ms or part.take != parts[-1].take]


def _tracks(episode: Episode) -> list[str]:
    return [*hls.renditions(episode.parts), hls.AUDIO] if episode.plays else []


def _thumbnail_times(episode: Episode) -> list[tuple[int, int, str]]:
    stills = [still for part in episode.parts for still in part.thumbnails]
    ends = [*(still.at_ms for still in stills[1:]), episode.duration_ms]
    return [
        (still.at_ms, end, _address(episode, still.sha256, "jpg")) for still, end in zip(stills, ends, strict=False)
    ]


def publish_static(site: Bucket) -> None:
    """What all pages load."""
    there = {item.key for item in site.list(keys.static(render.digest()))}
    for name, path in render.static_files():
        if keys.static(name) not in there:
            site.put_file(keys.static(name), path, cache=FOREVER)


@task(name="flip pointer", **STEP)
def flip_pointer(
    settings: Settings, episode: Episode, version: str, signed: Signing, *, forgets: bool = False
) -> Count:
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
    count = write_evidence(site, settings, episode, version, signed)
    count += write_page(site, settings, episode, version, signed)
    site.put(keys.card(broadcast_id), cards.card(episode, version).model_dump_json().encode(), cache=ALWAYS_ASK)
    return count + Count(1, 1)


def languages(settings: Settings) -> tuple[Strings, ...]:
    """The languages of the pages, the site's own first."""
    return _languages(settings.locale)


@cache
def _languages(locale: str) -> tuple[Strings, ...]:
    return tuple(load_all(locale).values())


def write_evidence(site: Bucket, settings: Settings, episode: Episode, version: str, signed: Signing) -> Count:
    """What shows that the text was made accessible, and by whom: for programs, and in every language to print."""
    shown, name = compliance.evidence(episode, version, signed), episode.broadcast.id
    made = {keys.evidence(name): shown.model_dump_json(indent=1).encode()}
    for strings in languages(settings):
        made[strings.folder + keys.evidence_page(name)] = render.evidence_page(shown, strings).encode()
    return put_changed(site, made, ALWAYS_ASK)


def write_page(
    site: Bucket, settings: Settings, episode: Episode, version: str, signed: Signing | None = None
) -> Count:
    """What other sites show of it, then the episode's page in every language, the one without a folder last.

    What is on the air has not been ``signed``.
    """
    count = telling.write_embedding(site, settings, episode, version)
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
    pages = len(languages(settings))
    return count + Count(pages, pages)


def listing(site: Bucket, settings: Settings, write: Callable[[list[EpisodeCard], list[Planned]], Count]) -> Count:
    """What ``write`` gives, which writes what is made of the cards of all episodes and of all plans, from these."""
    return plans.listing(
        stores.archive(settings), lambda planned: cards.listing(site, lambda found: write(found, planned))
    )


def write_lists(site: Bucket, settings: Settings) -> Count:
    """The front page and the feeds."""
    return listing(site, settings, lambda found, planned: lists(site, settings, found, planned))


def lists(site: Bucket, settings: Settings, found: Sequence[EpisodeCard], every: Sequence[Planned]) -> Count:
    """The same, from the cards of all episodes and all plans. The feed tells of an episode once it is whole."""
    titles = {slug: each.title for slug, each in catalogue.programmes().items()}
    gone = {name for name, each in withdrawals.every(stores.archive(settings)).items() if each.whole}
    planned = [each for each in every if each.id not in gone]
    coming = plans.coming(planned, (card.id for card in found), datetime.now(UTC))
    whole = [card for card in found if not card.live]
    made = {keys.FEED: render.feed(whole, load(settings.locale), settings.site_url).encode()}
    for strings in languages(settings):
        made[strings.folder + keys.FRONT_PAGE] = render.front_page(found, strings, titles, coming).encode()
    return put_changed(site, made, ALWAYS_ASK) + telling.write_lists(site, settings, found, planned)
