"""``maaseutu person``: all that the archive keeps in which somebody is named."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import get_args

from config import stores
from config.settings import Settings
from core import keys, names
from core.bucket import Bucket
from core.duties.persons import Document, Mentioned, Sureness, Wanted
from core.errors import InvalidInput
from core.language.finnish import Analyser
from core.language.morphology import tokens
from core.text.transcript import clock
from maaseutu.console import say
from web.links import Links

OF_BROADCASTS = {keys.RECORDINGS, keys.PLANS, keys.WITHDRAWALS, "episodes/"}
"""Under which each object or folder is called like its broadcast."""
TEXTS = (".json", ".jsonl", ".csv", ".txt", ".md")
FORMAT = "maaseutu-person-1"
NEAR_MS = 60_000
"""A passage is not longer than this."""
OBJECTS = {
    "transcript": "transcript",
    "notes": "notes",
    "chapters": "chapters",
    "mentions": "municipalities",
    "broadcast": "description",
    "edits": "corrections",
    "speakers": "speakers of the plan",
}
"""What parts of records are called."""
KINDS = {
    keys.RECORDINGS: "description",
    keys.PLANS: "plan",
    keys.WITHDRAWALS: "withdrawals",
    keys.ASSEMBLED: "records of the episode",
    keys.MEMBERS: "list of members",
    keys.TOLD: "messages to members",
    keys.EVENTS: "log of the studio",
    keys.ANSWERS: "answers of the language model",
}
"""What the folders of the archive hold, for parts that have no name."""


def run(settings: Settings, name: str, *, as_json: bool) -> None:
    """Print where they are named, as text or as JSON.

    Raises:
        InvalidInput: it is no name.
    """
    asked = names.title(name)
    if not tokens(asked):
        raise InvalidInput(f"{name!r} is no name.", 'Write first name and surname: "Matti Virtanen".')
    found = list(mentions(settings, asked))
    if as_json:
        listed = [each.model_dump(mode="json") for each in found]
        say(json.dumps({"format": FORMAT, "name": asked, "found": listed}, ensure_ascii=False, indent=1))
        return
    told = places(found)
    for place in told:
        for line in _lines(place):
            say(line)
    say(f"{len(told)} found for: {asked}. --json names the objects of the archive that have them.")


@dataclass
class Place:
    """Where somebody is named, as a person sees it: what several objects say of one moment is one place."""

    first: Mentioned
    sureness: Sureness
    quotes: list[str]
    objects: list[str]

    def has(self, other: Mentioned) -> bool:
        """Whether that is of the same moment, or a word of it that is told with its own time."""
        first = self.first
        if first.episode != other.episode or (first.at_ms is None) is not (other.at_ms is None):
            return False
        if first.at_ms is None or other.at_ms is None:
            return other.quote in self.quotes
        is_word = any(other.quote in quote for quote in self.quotes)
        return first.at_ms == other.at_ms or (is_word and 0 <= other.at_ms - first.at_ms < NEAR_MS)

    def add(self, other: Mentioned) -> None:
        """Take it in: a quote that others have in them tells nothing new."""
        self.sureness = min(self.sureness, other.sureness, key=get_args(Sureness).index)
        if not any(other.quote in quote for quote in self.quotes):
            self.quotes = [*(quote for quote in self.quotes if quote not in other.quote), other.quote]
        if (told := _object(other)) not in self.objects:
            self.objects.append(told)


def places(found: Iterable[Mentioned]) -> list[Place]:
    """The places of what was found: by episode, in order of time, those without a time first."""
    made: list[Place] = []
    for each in sorted(found, key=lambda one: (one.episode, one.at_ms or -1, -len(one.quote))):
        place = next((place for place in reversed(made) if place.has(each)), None)
        if place is None:
            made.append(place := Place(each, each.sureness, [], []))
        place.add(each)
    return made


def _object(each: Mentioned) -> str:
    """What has it, in words: the part of an episode, or what the object is."""
    part, folder = each.field.partition(".")[0], each.key.partition("/")[0]
    return OBJECTS.get(part) or next((told for prefix, told in KINDS.items() if each.key.startswith(prefix)), folder)


def _lines(place: Place) -> list[str]:
    first = place.first
    at = clock(first.at_ms) if first.at_ms is not None else "-"
    told = [f"{first.episode or '-'}  {at}  {place.sureness}, in: {', '.join(place.objects)}"]
    return [*told, *(f"    {quote}" for quote in place.quotes), *([f"    {first.link}"] if first.link else [])]


def mentions(settings: Settings, name: str) -> Iterator[Mentioned]:
    """Where they are named, by object; what several objects say of the same moment is told once."""
    archive, links = stores.archive(settings), Links(settings.site_url)
    told: set[tuple[str, int | None, str]] = set()
    with Analyser(settings.vocabulary) as analyser:
        wanted = Wanted(name, analyser)
        for key in _objects(archive):
            episode = _episode(key)
            for found in wanted.named(Document(_document(archive, key), analyser)):
                seen = episode, found.at_ms, found.text
                if seen in told:
                    continue
                told.add(seen)
                link = links.moment(episode, found.at_ms) if episode and found.at_ms is not None else ""
                yield found.told(episode, key, link)


def _objects(archive: Bucket) -> Iterator[str]:
    """Every record in which a name may stand. What was recognised in pieces is in the transcripts."""
    for folder in archive.names(""):
        if f"{folder}/" == keys.RECORDINGS:
            # There are thousands of Segments.
            for name in archive.names(keys.RECORDINGS):
                yield keys.broadcast(name)
                yield from (item.key for item in archive.list(keys.marks(name)))
        else:
            prefix = keys.ANSWERS if keys.ANSWERS.startswith(f"{folder}/") else f"{folder}/"
            yield from (item.key for item in archive.list(prefix) if item.key.endswith(TEXTS))


def _document(archive: Bucket, key: str) -> object:
    text = archive.get(key).decode(errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def _episode(key: str) -> str:
    """The id in the key, where the object is of one broadcast."""
    folder, _, rest = key.partition("/")
    return rest.partition("/")[0].removesuffix(".json") if f"{folder}/" in OF_BROADCASTS else ""
