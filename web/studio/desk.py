"""The first page of the studio: every episode, and what a producer must do first."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from pydantic import ValidationError

from core import keys
from core.archive import cards
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.duties import deadlines, signing, withdrawals
from core.duties.compliance import Evidence
from core.duties.deadlines import Deadline
from core.duties.signing import Signing, State, Step
from core.errors import ObjectMissing
from core.text.transcript import NOT_RECOGNISED

AT_A_TIME = 16
"""So many episodes are read at a time."""
Todo = Literal["check", "release", "sign", "again", "nothing"]
ORDER: dict[Todo, int] = {"check": 0, "release": 1, "sign": 2, "again": 3, "nothing": 4}


class Doubts(NamedTuple):
    """How many Passages of a text were not recognised, and how many are unclear."""

    lost: int = 0
    unclear: int = 0


class Row(NamedTuple):
    """An episode. ``doubts`` are None where nobody needs them, or knows; ``online`` says that viewers see it.

    ``withdrawn``: somebody took the whole of it away from them.
    """

    id: str
    title: str
    starts_at: datetime
    signing: Signing
    deadline: Deadline | None
    doubts: Doubts | None
    online: bool
    withdrawn: bool = False

    @property
    def state(self) -> State | Literal["rejected", "withdrawn"]:
        """How far its text is."""
        if self.withdrawn:
            return "withdrawn"
        return "rejected" if self.signing.is_rejected else self.signing.state

    @property
    def by(self) -> str:
        """Who stands behind what is shown, or would be."""
        settled = self.signing.settled
        return settled.by if settled and not self.withdrawn else ""

    @property
    def is_overdue(self) -> bool:
        """Whether the time of its clock is over."""
        return self.deadline is not None and self.deadline.notice == deadlines.OVERDUE

    @property
    def todo(self) -> Todo:
        """What a person must do: check what is online, look before it is published, or sign what was checked.

        Or sign ``again``, as other words are online than were signed; the clock does not run again for that.
        """
        if self.withdrawn:
            return "nothing"
        if self.state == "signed" and self.signing.is_reworded:
            return "again"
        if self.state == "signed" or (self.state == "rejected" and not self.online):
            return "nothing"
        if self.state == "checked":
            return "sign"
        return "check" if self.online else "release"


def rows(archive: Bucket, site: Bucket, now: datetime) -> list[Row]:
    """All of them, what must be done first at the beginning, and then those in order, the newest first.

    Recordings that are on the air, or not prepared yet, are not among them.
    """
    names = archive.names(keys.ASSEMBLED)
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        found = pool.map(lambda name: _row(archive, site, name, now), names)
        return ordered(row for row in found if row)


def ordered(found: Iterable[Row]) -> list[Row]:
    """In the order in which they are to be done."""
    newest = sorted(found, key=lambda row: row.starts_at, reverse=True)
    return sorted(newest, key=lambda row: (ORDER[row.todo], row.deadline.due_at.timestamp() if row.deadline else 0))


def _row(archive: Bucket, site: Bucket, name: str, now: datetime) -> Row | None:
    card, steps = cards.shown(site, name), tuple(_steps(archive, name))
    if card is None:
        return _unpublished(archive, name, steps)
    if card.live:
        return None
    shown = Signing(signing.newest(steps), steps)
    doubts = None if shown.settled else _published_doubts(site, name)
    return Row(name, card.title, card.starts_at, shown, deadlines.deadline(shown, now), doubts, online=True)


def _unpublished(archive: Bucket, name: str, steps: tuple[Step, ...]) -> Row | None:
    stored = archive.head(keys.episode(name))
    facts = _facts(archive, name, stored.etag) if stored else None
    if facts is None:
        return None
    title, starts_at, machine, doubts = facts
    withdrawn = withdrawals.read(archive, name).whole is not None
    return Row(name, title, starts_at, Signing(machine, steps), None, doubts, online=False, withdrawn=withdrawn)


@lru_cache(maxsize=256)
def _facts(archive: Bucket, name: str, _etag: str) -> tuple[str, datetime, str, Doubts] | None:
    """Title, beginning, the machine's text and its doubts. To read a long episode takes a second."""
    episode = RecordingStore(archive, name).episode()
    if episode is None:
        return None
    passages = episode.transcript.passages
    lost = sum(passage.text == NOT_RECOGNISED for passage in passages)
    unclear = sum(passage.unclear for passage in passages if passage.text != NOT_RECOGNISED)
    return episode.broadcast.title, episode.broadcast.starts_at, episode.machine, Doubts(lost, unclear)


def _steps(archive: Bucket, name: str) -> Iterator[Step]:
    for item in archive.list(keys.steps(name)):
        yield _step(archive, item.key)


@lru_cache(maxsize=10_000)
def _step(archive: Bucket, key: str) -> Step:
    # It is never written again.
    return Step.model_validate_json(archive.get(key))


def _published_doubts(site: Bucket, name: str) -> Doubts | None:
    """As they were at the last publication, with what persons had corrected until then."""
    try:
        shown = Evidence.model_validate_json(site.get(keys.evidence(name)))
    except (ObjectMissing, ValidationError):
        return None
    return Doubts(len(shown.not_recognised), shown.unclear)
