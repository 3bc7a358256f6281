"""Pages made of many episodes, or of none: lists, municipalities, regions, programmes, prose. Only what changes is
written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from prefect import task

from config import catalogue, stores
from config.settings import Settings
from core import digests, keys
from core.archive import cards
from core.bucket import Bucket
from core.errors import ObjectMissing
from core.models import EpisodeCard, EpisodeMentions, Written
from core.planning.planned import Planned
from core.text import mentions
from core.text.places import by_municipality
from tasks import pages
from tasks.policies import ALWAYS_ASK, STEP
from tasks.putting import AT_A_TIME, Count
from web import maps, places, plain_pages, render, views
from web.strings import Strings

VERSION = "places-1"
PREFIXES = (
    keys.MUNICIPALITIES,
    keys.REGIONS,
    keys.PROGRAMMES,
    *(f"{name}/" for name in render.TEXTS),
    keys.SUBSCRIBE,
    keys.MISSING_PAGE,
)


class Draft(NamedTuple):
    """A page before it is made: ``inputs`` is the digest of all that it depends on."""

    inputs: str
    make: Callable[[], str]


@task(name="publish lists", **STEP)
def publish_lists(settings: Settings) -> Count:
    """The front page and the feeds, then the pages of municipalities, regions, programmes and prose."""
    return write_all(stores.site(settings), settings)


def write_all(site: Bucket, settings: Settings) -> Count:
    """The same without a task."""

    def written(found: Sequence[EpisodeCard], planned: Sequence[Planned]) -> Count:
        return pages.lists(site, settings, found, planned) + _write(site, settings, found)

    return pages.listing(site, settings, written)


def write(site: Bucket, settings: Settings) -> Count:
    """The pages of municipalities, regions, programmes and prose.

    A page is left as it is when the store holds what was written from the same inputs: its ETag says so, whoever wrote
    it. So it is harmless to repeat, and heals what two runs at a time or a half-done one left.
    """
    return cards.listing(site, lambda found: _write(site, settings, found))


def _write(site: Bucket, settings: Settings, found: Sequence[EpisodeCard]) -> Count:
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        told = list(pool.map(lambda card: cards.told(site, card), found))
    wanted = drafts(settings, list(zip(found, told, strict=True)))
    before, stored = written(site), _stored(site, settings)
    due = [key for key, draft in wanted.items() if before.get(key) != (draft.inputs, stored.get(key, ""))]

    def put(key: str) -> tuple[str, str]:
        return wanted[key].inputs, site.put(key, wanted[key].make().encode(), cache=ALWAYS_ASK).etag

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        fresh = dict(zip(due, pool.map(put, due), strict=True))
    gone = before.keys() - wanted.keys()
    for key in gone:
        site.delete(key)
    if due or gone:
        kept = {key: entry for key, entry in before.items() if key in wanted}
        site.put_record(keys.WRITTEN, Written(pages=kept | fresh))
    return Count(len(due), len(wanted))


def written(site: Bucket) -> dict[str, tuple[str, str]]:
    """What was written before; nothing when that is not known, and then all is written again."""
    with suppress(ObjectMissing, ValueError):
        return Written.model_validate_json(site.get(keys.WRITTEN)).pages
    return {}


def _stored(site: Bucket, settings: Settings) -> dict[str, str]:
    prefixes = [strings.folder + prefix for strings in pages.languages(settings) for prefix in PREFIXES]
    return {item.key: item.etag for prefix in prefixes for item in site.list(prefix)}


def drafts(settings: Settings, episodes: Sequence[tuple[EpisodeCard, EpisodeMentions | None]]) -> dict[str, Draft]:
    """Key of every such page → how to make it. Pure."""
    found = by_municipality([(card, told) for card, told in episodes if told])
    towns = places.named(mentions.municipalities(catalogue.MUNICIPALITIES), found)
    titles = {slug: programme.title for slug, programme in catalogue.programmes().items()}
    series = views.programmes(views.newest_first(card for card, _ in episodes), titles)
    told = {town.slug: digests.of_text(*_inputs(town)) for town in towns}
    made: dict[str, Draft] = {}
    for strings in pages.languages(settings):
        maker = _Maker(settings, strings, told)
        every = (*maker.prose(), *maker.towns(towns), *maker.regions(towns), *maker.programmes(series))
        made |= {strings.folder + key: draft for key, draft in every}
    return made


class _Maker:
    """Drafts of the pages in one language."""

    def __init__(self, settings: Settings, strings: Strings, told: Mapping[str, str]) -> None:
        """``told`` has the digest of all that is told of a municipality, by its slug."""
        self._told = told
        self._strings, self._url, self._contact = strings, settings.site_url, settings.contact
        self._design = digests.of_text(VERSION, render.digest(), strings.lang, strings.folder, settings.site_url)

    def _draft(self, make: Callable[[], str], *inputs: str) -> Draft:
        return Draft(digests.of_text(self._design, *inputs), make)

    def prose(self) -> Iterator[tuple[str, Draft]]:
        """The pages that no episode changes."""
        for name in render.TEXTS:
            make = partial(render.text_page, name, self._strings, self._contact)
            yield f"{name}/{keys.FRONT_PAGE}", self._draft(make, self._contact)
        subscribe = f"{keys.SUBSCRIBE}{keys.FRONT_PAGE}"
        yield subscribe, self._draft(partial(plain_pages.subscribe_away, self._strings))
        if not self._strings.folder:
            yield keys.MISSING_PAGE, self._draft(lambda: render.missing_page(self._strings, self._url))

    def towns(self, towns: Sequence[places.Named]) -> Iterator[tuple[str, Draft]]:
        """The overview and a page of each municipality; in the site's first language also its box and its feed."""
        counts = [f"{town.slug}:{town.count}" for town in towns]
        drawn = maps.drawn(maps.seats(catalogue.SEATS))
        overview = partial(places.overview, towns, self._strings, drawn)
        yield f"{keys.MUNICIPALITIES}{keys.FRONT_PAGE}", self._draft(overview, *counts, str(drawn))
        for town in towns:
            folder, told = f"{keys.MUNICIPALITIES}{town.slug}/", self._told[town.slug]
            yield folder + keys.FRONT_PAGE, self._draft(partial(places.page, town, self._strings, self._url), told)
            if not self._strings.folder:
                yield f"{folder}upotus.html", self._draft(partial(places.box, town, self._strings), told)
                yield f"{folder}{keys.FEED}", self._draft(partial(places.rss, town, self._strings, self._url), told)

    def regions(self, towns: Sequence[places.Named]) -> Iterator[tuple[str, Draft]]:
        """A page for each region."""
        for region, its in places.by_region(towns).items():
            told = [self._told[town.slug] for town in its]
            make = partial(places.region_page, region, its, self._strings)
            yield f"{keys.REGIONS}{keys.slug(region)}/{keys.FRONT_PAGE}", self._draft(make, *told)

    def programmes(self, every: Sequence[views.Series]) -> Iterator[tuple[str, Draft]]:
        """A page for each programme that has a broadcast."""
        for series in every:
            inputs = [series.title, *(card.model_dump_json() for card in series.cards)]
            make = partial(render.programme_page, series, self._strings)
            yield f"{keys.PROGRAMMES}{series.slug}/{keys.FRONT_PAGE}", self._draft(make, *inputs)


def _inputs(town: places.Named) -> list[str]:
    # Of the card only what is shown: a page of the same quotes need not be written because another thing was corrected.
    plain = [place.model_copy(update={"card": place.card.model_copy(update=_UNSHOWN)}) for place in town.places]
    return [town.municipality.model_dump_json(), *(place.model_dump_json() for place in plain)]


_UNSHOWN = {"version": "", "summary": "", "poster": "", "mentions": (), "chapters": ()}
