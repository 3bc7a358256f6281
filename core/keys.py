"""Every key in the two buckets is made here.

Archive (private, versioned)                          Public site (readable by everyone)
    recordings/ID/broadcast.json                          index.html  syote.xml  and other lists  static/…
    recordings/ID/segments/NAME   (core.archive.segments)         jaksot/ID/index.html       the pointer: written last
    recordings/ID/manifest.json                           jaksot/ID/card.json
    recordings/ID/recorders/NAME/…   of a further one
    recordings/ID/marks/TIME.json
    recordings/ID/original/NAME                           jaksot/ID/VERSION/…        everything the page refers to
                                                          kunnat/SLUG/…  maakunnat/…  ohjelmat/…  LANG/…
    prepared/encode/DIGEST/…                              media/ID/SHA256.mp4 .jpg .vtt   shared by versions
    prepared/speech/DIGEST.json                           changes/TIME-ID-VERSION.json
    prepared/windows/DIGEST.json                          jaksot/ID/live/…           while it is on the air
    prepared/notes/DIGEST.json    what a language model answered
    episodes/ID/episode.json
    episodes/ID/transcripts/TIME-DIGEST.json   each that the machine made
    episodes/ID/edits/TIME-NAME.json           what persons corrected in it
    episodes/ID/chapters.json                  what was found in its text when it was published (meeting.chapter_edits)
    episodes/ID/steps/NUMBER.json              published, checked, signed: when and by whom (core.duties.signing)
    episodes/ID/notices/ROUND-DAY-WAY.json     which notices of the clock were sent (core.duties.deadlines)
    learned/PROGRAMME/TIME-NAME.json           names that these corrections taught
    plans/ID.json                 a broadcast that is to come
    studio/log/TIME-RANDOM.json   who did what in the studio (web.studio.audit)
    withdrawals/ID/NUMBER.json    what was withdrawn or restored: when, by whom, why (core.duties.withdrawals)
    erased/ID.json                what was erased of it, when the time to restore it was over (core.duties.erasing)
    episodes/ID/pulse.json        written again and again while someone prepares it
    members/ID/NUMBER.json        who is told of broadcasts, and what they wish: the last holds (core.telling.members)
    told/ID/…                     what a member was told (core.telling.ledger)
    seal.json                     by what addresses of members become IDs, and links are sealed (core.telling.seals)
"""

import unicodedata
from datetime import UTC, datetime

ENCODED = "prepared/encode/"
SPOKEN = "prepared/speech/"
WINDOWS = "prepared/windows/"
ANSWERS = "prepared/notes/"
"""Under which all of them are."""


def broadcast(broadcast_id: str) -> str:
    """Who, what and when: written once, before the first Segment."""
    return f"recordings/{broadcast_id}/broadcast.json"


def recorders(broadcast_id: str) -> str:
    """Prefix of what further recorders of the same broadcast made, each under its name."""
    return f"recordings/{broadcast_id}/recorders/"


def _recorder(broadcast_id: str, recorder: str) -> str:
    return f"{recorders(broadcast_id)}{recorder}/" if recorder else f"recordings/{broadcast_id}/"


def segments(broadcast_id: str, recorder: str = "") -> str:
    """Prefix of a recorder's Segments; their names sort in order of time."""
    return f"{_recorder(broadcast_id, recorder)}segments/"


def manifest(broadcast_id: str, recorder: str = "") -> str:
    """A recorder's manifest."""
    return f"{_recorder(broadcast_id, recorder)}manifest.json"


def original(broadcast_id: str, name: str) -> str:
    """An imported file as it came."""
    return f"recordings/{broadcast_id}/original/{name}"


def marks(broadcast_id: str) -> str:
    """Prefix of the moments that producers marked, in order of time."""
    return f"recordings/{broadcast_id}/marks/"


def mark(broadcast_id: str, at: datetime) -> str:
    """One of them (UTC, microseconds)."""
    return f"{marks(broadcast_id)}{at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}.json"


RECORDINGS = "recordings/"


def encoded(digest: str, name: str) -> str:
    """A file that encoding a Part made; ``result.json`` is written last and says that all are there."""
    return f"{ENCODED}{digest}/{name}"


def speech(digest: str) -> str:
    """What was recognised in a Part."""
    return f"{SPOKEN}{digest}.json"


def window(digest: str) -> str:
    """What was recognised in a window of speech."""
    return f"{WINDOWS}{digest}.json"


def answer(digest: str) -> str:
    """What a language model answered to a question about what was said."""
    return f"{ANSWERS}{digest}.json"


ASSEMBLED = "episodes/"
"""Under which all is that was assembled and written of episodes."""


def episode(broadcast_id: str) -> str:
    """The assembled Episode, from which its pages are rendered."""
    return f"episodes/{broadcast_id}/episode.json"


def transcripts(broadcast_id: str) -> str:
    """Prefix of the transcripts that the machine made of it, in order of time."""
    return f"episodes/{broadcast_id}/transcripts/"


def transcript(broadcast_id: str, at: datetime, digest: str) -> str:
    """One of them (UTC, microseconds); never written again."""
    return f"{transcripts(broadcast_id)}{_moment(at)}-{digest}.json"


def chapters(broadcast_id: str) -> str:
    """The chapters that were found in an episode's text, before persons changed any of them."""
    return f"episodes/{broadcast_id}/chapters.json"


def edits(broadcast_id: str) -> str:
    """Prefix of what persons corrected in its transcript, in order of time."""
    return f"episodes/{broadcast_id}/edits/"


def edit(broadcast_id: str, at: datetime, suffix: str) -> str:
    """One of them (UTC, microseconds); ``suffix`` is its name. Never written again."""
    return f"{edits(broadcast_id)}{_moment(at)}-{suffix}.json"


def edit_id(key: str) -> str:
    """The name that one of them has."""
    return key.removesuffix(".json").rpartition("-")[2]


def steps(broadcast_id: str) -> str:
    """Prefix of what became of its text, in order."""
    return f"episodes/{broadcast_id}/steps/"


def step(broadcast_id: str, number: int) -> str:
    """One of them, from 1 on. Never written again."""
    return f"{steps(broadcast_id)}{number:06d}.json"


def notice(broadcast_id: str, rounds: int, day: int, way: str) -> str:
    """That a notice was sent: after so many signatures, of which day, and to whom."""
    return f"episodes/{broadcast_id}/notices/{rounds}-{day:02d}-{way}.json"


def lessons(programme: str) -> str:
    """Prefix of the names that corrections of a programme's broadcasts taught, in order of time."""
    return f"learned/{programme}/"


def learned(programme: str, at: datetime, name: str) -> str:
    """One of them (UTC, microseconds). The name, of signs that an address may hold, is known by listing."""
    return f"{lessons(programme)}{_moment(at)}-{name}.json"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"


PLANS = "plans/"
"""Under which all broadcasts are that were planned."""


def planned(broadcast_id: str) -> str:
    """A broadcast that is to come."""
    return f"{PLANS}{broadcast_id}.json"


EVENTS = "studio/log/"
"""Under which all is that anybody did in the studio, in order of time."""


def event(at: datetime, suffix: str) -> str:
    """One of them (UTC, microseconds); ``suffix`` tells apart those of one moment. Never written again."""
    return f"{EVENTS}{_moment(at)}-{suffix}.json"


SEAL = "seal.json"
MEMBERS = "members/"
TOLD = "told/"
"""Under which all is that members wish, and all that they were told."""


def wishes(member_id: str) -> str:
    """Prefix of what a member wishes, in order: the last holds."""
    return f"{MEMBERS}{member_id}/"


def wish(member_id: str, number: int) -> str:
    """One of them, from 1 on. Never written again."""
    return f"{wishes(member_id)}{number:06d}.json"


def told(member_id: str) -> str:
    """Prefix of all that a member was told."""
    return f"{TOLD}{member_id}/"


def claimed(member_id: str, name: str) -> str:
    """That a message is handed over, or was."""
    return f"{told(member_id)}claims/{name}.json"


def delivered(member_id: str, name: str) -> str:
    """That it was taken."""
    return f"{told(member_id)}sent/{name}.json"


def heard_news(member_id: str, news: str) -> str:
    """That a member has heard a piece of news."""
    return f"{told(member_id)}news/{news}.json"


def failing(member_id: str) -> str:
    """Since when a member's address takes nothing."""
    return f"{told(member_id)}failing.json"


WITHDRAWALS = "withdrawals/"
"""Under which all of them are, so that one listing names the episodes of which anything was withdrawn."""


def withdrawals(broadcast_id: str) -> str:
    """Prefix of what was withdrawn of an episode, in order."""
    return f"{WITHDRAWALS}{broadcast_id}/"


def withdrawal(broadcast_id: str, number: int) -> str:
    """One of them, from 1 on. Never written again."""
    return f"{withdrawals(broadcast_id)}{number:06d}.json"


def erasure(broadcast_id: str) -> str:
    """What was erased of a withdrawn episode. Never written again."""
    return f"erased/{broadcast_id}.json"


def kept(broadcast_id: str) -> tuple[str, ...]:
    """Prefixes of all that the archive has of one broadcast alone, but for the log of what was withdrawn."""
    return f"{ASSEMBLED}{broadcast_id}/", f"{RECORDINGS}{broadcast_id}/", planned(broadcast_id)


def pulse(broadcast_id: str) -> str:
    """A sign of life of the run that prepares an episode: when old, nobody does."""
    return f"episodes/{broadcast_id}/pulse.json"


EPISODES = "jaksot/"
EMBEDS = "embed/"
CHANGES = "changes/"
FRONT_PAGE = "index.html"
FEED = "syote.xml"
JSON_FEED = "syote.json"
PODCAST = "podcast.xml"
CALENDAR = "kalenteri.ics"
SITEMAP = "sitemap.xml"
ROBOTS = "robots.txt"
SEARCH_AWAY = "haku/index.html"
"""What a static host shows instead of the search."""
SUBSCRIBE = "tilaa/"
CONFIRM = "tilaa/vahvista"
UNSUBSCRIBE = "tilaa/lopeta"
"""Where one subscribes to messages, which on a static host only says that it cannot be done there."""
CARDS = "jaksot.json"
"""The cards of all episodes, for programs; the card of each is what counts."""


def page(broadcast_id: str) -> str:
    """The episode's page, and the pointer to its version: written after everything that it refers to."""
    return f"{EPISODES}{broadcast_id}/index.html"


def card(broadcast_id: str) -> str:
    """What lists and feeds show of an episode; names the version that is shown."""
    return f"{EPISODES}{broadcast_id}/card.json"


def own_calendar(broadcast_id: str) -> str:
    """A planned broadcast alone, for calendars."""
    return f"{EPISODES}{broadcast_id}/{CALENDAR}"


def evidence(broadcast_id: str) -> str:
    """What was published when, and who checked it, as JSON."""
    return f"{EPISODES}{broadcast_id}/selvitys.json"


def evidence_page(broadcast_id: str) -> str:
    """The same as a page to print."""
    return f"{EPISODES}{broadcast_id}/selvitys/index.html"


def embed(broadcast_id: str) -> str:
    """The page with nothing but the player, for the frames of other sites."""
    return f"{EMBEDS}{broadcast_id}/index.html"


def programme_podcast(slug: str) -> str:
    """The podcast of a programme."""
    return f"ohjelmat/{slug}/{PODCAST}"


def oembed(broadcast_id: str) -> str:
    """How another site shows the episode in a frame."""
    return f"{EPISODES}{broadcast_id}/oembed.json"


def heard(broadcast_id: str, version: str) -> str:
    """Which sound file a version has, for the feeds."""
    return asset(broadcast_id, version, "podcast.json")


def details(broadcast_id: str, version: str) -> str:
    """All that the API tells of one version."""
    return asset(broadcast_id, version, "episode.json")


def asset(broadcast_id: str, version: str, name: str) -> str:
    """A file that the page of one version refers to."""
    return f"{EPISODES}{broadcast_id}/{version}/{name}"


def mentions(broadcast_id: str, version: str) -> str:
    """What one version tells of municipalities."""
    return asset(broadcast_id, version, "mentions.json")


MUNICIPALITIES = "kunnat/"
REGIONS = "maakunnat/"
PROGRAMMES = "ohjelmat/"
MISSING_PAGE = "404.html"
WRITTEN = "kunnat/pages.json"
"""What the pages that are made of many episodes were last made from, so that only what changes is written."""


def slug(name: str) -> str:
    """A name as it stands in an address: ``Pedersören kunta`` is ``pedersoren-kunta``."""
    plain = unicodedata.normalize("NFD", name.lower()).encode("ascii", "ignore").decode()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())


LIVE = "live"
"""The version of an episode that is on the air. Its files are replaced while they are read: no cache may keep them."""


def tail(broadcast_id: str) -> str:
    """The text of a broadcast on the air that its page does not hold yet; written again with every few seconds."""
    return asset(broadcast_id, LIVE, "text.json")


def search_document(broadcast_id: str, version: str) -> str:
    """What the search index is told of one version."""
    return asset(broadcast_id, version, "search.json")


def media(broadcast_id: str, sha256: str, suffix: str = "mp4") -> str:
    """A published media file, still or piece of captions, named by its content so that versions share it."""
    return f"{shared(broadcast_id)}{sha256}.{suffix}"


def shared(broadcast_id: str) -> str:
    """Prefix of all of them."""
    return f"media/{broadcast_id}/"


def public(broadcast_id: str) -> tuple[str, ...]:
    """Prefixes of all that the site has of one episode alone; those of its pages are also under each language."""
    return f"{EPISODES}{broadcast_id}/", f"{EMBEDS}{broadcast_id}/", shared(broadcast_id)


def static(name: str) -> str:
    """A file of the player or the style sheet."""
    return f"static/{name}"


def change(at: datetime, broadcast_id: str, version: str) -> str:
    """A change-log entry; keys sort by time (UTC, microseconds)."""
    return f"{CHANGES}{at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{broadcast_id}-{version}.json"


def changed(key: str) -> str:
    """Of which episode such an entry is."""
    return key.removeprefix(CHANGES).partition("-")[2].rpartition("-")[0]


SNAPSHOTS = "snapshots/"
SNAPSHOT_FILES = "files/"
"""Both in the bucket of the search index's snapshots."""


def snapshot(at: datetime) -> str:
    """What files a snapshot has; keys sort by time (UTC, microseconds)."""
    return f"{SNAPSHOTS}{_moment(at)}.json"


def snapshot_file(sha256: str) -> str:
    """A file of one or more snapshots."""
    return f"{SNAPSHOT_FILES}{sha256}"
