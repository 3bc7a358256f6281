"""Where names still stand in what the public sees: those that were said in a passage that is withdrawn, or is to be."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact

from config import catalogue, stores
from config.settings import Settings
from core import keys, names
from core.archive import cards
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.duties import persons, redaction, withdrawals
from core.duties.persons import Document, Mentioned, Wanted
from core.markdown import escaped
from core.models import EpisodeCard, Hidden, Passage
from core.planning import plans
from core.text import edits, mentions
from core.text.transcript import clock, spaced
from tasks import describing, lexicon
from tasks.policies import STEP
from web.links import Links

MOST = 200
"""So many places are listed."""
CURES = {
    "title": "describe-broadcast: another title",
    "chapters.title": "describe-broadcast: another agenda; of a marked moment, the editor",
    "passages.speaker": "describe-broadcast: another name of the speaker",
    "passages.text": "withdraw-passage, there too",
    "passages.heard": "withdraw-passage, there too: a person has corrected it, but the machine's words are published",
    "note": "the note on the page: restore the passage, and withdraw it with another note",
}
OF_NOTES = "withdraw-passage, where it was said; a line that a person wrote: the editor, then describe-broadcast"
OF_PLAN = "describe-broadcast; of a broadcast that is to come, plan with its Id"


@task(name="names in the passage", task_run_name="names in a passage of {broadcast_id}", **STEP)
def said(settings: Settings, broadcast_id: str, hidden: Hidden) -> list[str]:
    """What looks like the name of a person in a passage of an episode, whether it is withdrawn already or not."""
    store = RecordingStore(stores.archive(settings), broadcast_id)
    episode = store.episode()
    if episode is None:
        return []
    texts = redaction.taken(edits.applied(episode.transcript, store.edits()).transcript, [hidden])
    towns = mentions.municipalities(catalogue.MUNICIPALITIES)
    places = frozenset(name.lower() for town in towns for name in (town.name_fi, town.name_sv))
    return persons.spoken(texts, lexicon.analyser(settings.vocabulary), places, episode.transcript.language)


@task(name="look for names", task_run_name="look for names", **STEP)
def standing(settings: Settings, broadcast_id: str, wanted: Sequence[str]) -> list[Mentioned]:
    """Where they stand in what is published and announced, first in ``broadcast_id``; each text once."""
    analyser = lexicon.analyser(settings.vocabulary)
    links = Links(settings.site_url)
    looked = [Wanted(name, analyser) for name in wanted]
    found: dict[tuple[str, str, int | None, str], Mentioned] = {}
    for episode, key, told in _public(settings, broadcast_id) if looked else ():
        document = Document(told, analyser)
        for each in (named for one in looked for named in one.named(document)):
            link = links.episode(episode) if each.at_ms is None else links.moment(episode, each.at_ms)
            found.setdefault((episode, each.field, each.at_ms, each.text), each.told(episode, key, link))
    return sorted(found.values(), key=lambda each: (each.episode != broadcast_id, each.sureness != "name"))


def _public(settings: Settings, broadcast_id: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What the public reads, by broadcasts, with the key of the object that has it."""
    archive, site = stores.archive(settings), stores.site(settings)
    for card in cards.all_shown(site):
        yield card.id, keys.search_document(card.id, card.version), _read(site, card)
    decided = withdrawals.every(archive)
    for number, step in decided[broadcast_id].standing if broadcast_id in decided else ():
        yield broadcast_id, keys.withdrawal(broadcast_id, number), {"note": step.note}
    for planned in plans.every(archive):
        if not (planned.id in decided and decided[planned.id].whole):
            told = planned.model_dump(include={"title", "about", "agenda", "speakers"})
            yield planned.id, keys.planned(planned.id), {"plan": told}


def _read(site: Bucket, card: EpisodeCard) -> dict[str, Any]:
    document = cards.searched(site, card.id, card.version)
    if document is None:
        return card.model_dump(include={"title", "chapters"})
    told = document.model_dump(include={"title", "chapters", "notes"})
    return told | {"passages": [_said(passage) for passage in document.passages]}


def _said(passage: Passage) -> dict[str, Any]:
    """Text and speaker; and what the machine wrote instead, which is among the words of the page."""
    heard = " ".join(word.text for word in passage.words)
    other = {"heard": heard} if spaced(heard) != spaced(passage.text) else {}
    return {"at_ms": passage.start_ms, "text": passage.text, "speaker": passage.speaker} | other


def outside(found: Iterable[Mentioned], broadcast_id: str, hidden: Hidden) -> list[Mentioned]:
    """Those that a withdrawal of the passage would leave."""
    return [
        each
        for each in found
        if each.episode != broadcast_id or each.at_ms is None or not hidden.start_ms <= each.at_ms < hidden.end_ms
    ]


def tell(settings: Settings, broadcast_id: str, wanted: Sequence[str], found: Sequence[Mentioned]) -> str:
    """List them among the run's artifacts, with links and what to do; gives it as a sentence."""
    if not wanted:
        return "No word of it looks like a name; give those that must disappear under Names."
    called = ", ".join(wanted)
    if not found:
        return f"Names in it ({called}) stand nowhere else in what the public sees."
    create_markdown_artifact(
        markdown(wanted, found, *describing.now(stores.archive(settings), broadcast_id)),
        key=f"names-{broadcast_id}",
        description="Where names of the passage still stand",
    )
    return f"Names in it ({called}) still stand in {len(found)} places: see Artifacts, names-{broadcast_id}."


def markdown(wanted: Sequence[str], found: Sequence[Mentioned], title: str, agenda: str) -> str:
    """The list; below it title and agenda as they are now, to be changed in the form. Pure."""
    rows = [_row(each) for each in found[:MOST]]
    more = [f"And {len(found) - MOST} more.", ""] if len(found) > MOST else []
    now = [f"Its title is now: {escaped(title)}", "", "Its agenda, as the form takes it:", "", "```", agenda, "```"]
    return "\n".join([f"Looked for: {escaped(', '.join(wanted))}", "", *rows, "", *more, *(now if title else [])])


def _row(each: Mentioned) -> str:
    """An item of a list: in a table Prefect hides what to do behind the border."""
    at = f" {clock(each.at_ms)}" if each.at_ms is not None else ""
    place = f"[{escaped(each.episode)}{at}]({each.link}), {each.field} ({each.sureness})"
    return f"- {place}: “{escaped(names.line(each.quote))}” **{_cure(each.field)}**"


def _cure(field: str) -> str:
    return CURES.get(field) or (OF_PLAN if field.startswith("plan") else OF_NOTES)
