"""``maaseutu person``: all that the archive keeps in which somebody is named."""

import json
from collections.abc import Iterator

from config import stores
from config.settings import Settings
from core import keys, names
from core.bucket import Bucket
from core.duties.persons import Document, Mentioned, Wanted
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
    for each in found:
        for line in _lines(each):
            say(line)
    say(f"{len(found)} found for: {asked}")


def _lines(each: Mentioned) -> list[str]:
    at = clock(each.at_ms) if each.at_ms is not None else "-"
    told = [f"{each.episode or '-'}  {at}  {each.sureness}, in {each.key}: {each.field}", f"    {each.quote}"]
    return told + ([f"    {each.link}"] if each.link else [])


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
