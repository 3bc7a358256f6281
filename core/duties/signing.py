"""What became of an episode's text: published, checked, signed, and by whom. Each step is an object of its own.

None is ever written again, and none is lost when two persons decide at once: a step bears its number, which only one of
them gets. The machine's text is named by its digest (``Episode.machine``): what was signed holds for that, and when the
machine has written another one, it is still known who signed the earlier one.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import AwareDatetime

from core import digests, keys
from core.bucket import Bucket
from core.models import Change, Episode, Record

State = Literal["automatic", "checked", "signed"]
Kind = Literal["published", "checked", "signed", "released", "returned", "rejected"]


class Decision(StrEnum):
    """What a reviewer can decide. The words are those of the form."""

    SIGN = "approve and sign"
    CHECK = "checked; somebody else signs"
    RETURN = "send back to be corrected"
    RELEASE = "publish the automatic text now, review later"
    REJECT = "reject: do not publish"

    @property
    def kind(self) -> Kind:
        """The step that it is."""
        return _KINDS[self]


_KINDS: dict[Decision, Kind] = {
    Decision.SIGN: "signed",
    Decision.CHECK: "checked",
    Decision.RETURN: "returned",
    Decision.RELEASE: "released",
    Decision.REJECT: "rejected",
}


class Step(Record):
    """One of them. ``machine`` is the machine's text, ``text`` the digest of the words as they were shown then.

    ``chapters`` is that of the chapters; steps of an earlier version have none.

    ``released`` lets the automatic text be published, ``returned`` sends it back to be corrected, ``rejected`` keeps it
    from being published. ``run`` is the flow run in which somebody decided. A text is published ``by`` those who
    corrected it since it was published before.
    """

    at: AwareDatetime
    kind: Kind
    by: str = ""
    machine: str = ""
    text: str = ""
    chapters: str = ""
    note: str = ""
    run: str = ""


class Signing(NamedTuple):
    """How far the text of an episode is, of which the machine wrote ``machine``; all ``steps`` in order."""

    machine: str
    steps: tuple[Step, ...] = ()

    @property
    def published_at(self) -> datetime | None:
        """When the recording was first published."""
        return next((step.at for step in self.steps if step.kind == "published"), None)

    @property
    def decisions(self) -> tuple[Step, ...]:
        """What persons decided of this text of the machine."""
        return tuple(step for step in self.steps if step.machine == self.machine and step.kind != "published")

    @property
    def settled(self) -> Step | None:
        """The step by which a person stands behind this text: the last signature, else the last check."""
        kinds = [step.kind for step in self.decisions]
        since = len(kinds) - kinds[::-1].index("rejected") if "rejected" in kinds else 0
        return _last(self.decisions[since:])

    @property
    def state(self) -> State:
        """Whether a person has checked this text, or signed it."""
        settled = self.settled
        return "automatic" if settled is None else "signed" if settled.kind == "signed" else "checked"

    @property
    def changed(self) -> Step | None:
        """The publication by which viewers see other words or chapters than those that a person stands behind."""
        settled = self.settled
        after = self.steps[self.steps.index(settled) + 1 :] if settled and settled.text else ()
        published = next((step for step in reversed(after) if step.kind == "published"), None)
        return published if settled and published and _differ(settled, published) else None

    @property
    def is_reworded(self) -> bool:
        """Whether words are other ones by that publication, and not chapters alone."""
        settled, changed = self.settled, self.changed
        return settled is not None and changed is not None and changed.text != settled.text

    @property
    def earlier(self) -> Step | None:
        """The same of an earlier text of the machine, while nobody stands behind this one."""
        return None if self.settled else _last([step for step in self.steps if step.machine != self.machine])

    @property
    def is_rejected(self) -> bool:
        """Whether the last word is that this text shall not be published."""
        return bool(self.decisions) and self.decisions[-1].kind == "rejected"

    @property
    def is_released(self) -> bool:
        """Whether a person let this text be published."""
        passed = any(step.kind in ("released", "checked", "signed") for step in self.decisions)
        return passed and not self.is_rejected

    @property
    def rounds(self) -> int:
        """How often a person has stood behind a text of this episode."""
        return sum(step.kind in ("checked", "signed") for step in self.steps)


def _differ(settled: Step, published: Step) -> bool:
    # Which chapters an earlier version showed is not known.
    return published.text != settled.text or bool(settled.chapters and published.chapters != settled.chapters)


def _last(steps: Sequence[Step]) -> Step | None:
    for kind in ("signed", "checked"):
        if found := [step for step in steps if step.kind == kind]:
            return found[-1]
    return None


def steps(archive: Bucket, broadcast_id: str) -> tuple[Step, ...]:
    """All that became of an episode's text so far, in order."""
    listed = archive.list(keys.steps(broadcast_id))
    return tuple(Step.model_validate_json(archive.get(item.key)) for item in listed)


def append(archive: Bucket, broadcast_id: str, known: Sequence[Step], step: Step) -> bool:
    """Store a step after those that are known; False when another one has come after these, and nothing is stored."""
    data = step.model_dump_json().encode()
    return archive.put_once(keys.step(broadcast_id, len(known) + 1), data).sha256 == digests.of_bytes(data)


def text_of(episode: Episode) -> str:
    """The digest of an episode's words as they are shown, with persons' corrections."""
    return digests.of_text("shown", *(passage.text for passage in episode.transcript.passages))[:16]


def chapters_of(episode: Episode) -> str:
    """The digest of an episode's chapters as they are shown."""
    return digests.of_text("chapters", *(f"{each.start_ms} {each.title}" for each in episode.chapters))[:16]


def first_published(site: Bucket, broadcast_id: str) -> datetime | None:
    """When the change log first tells of a whole recording of it."""
    named = f"-{broadcast_id}-"
    found = (item.key for item in site.list(keys.CHANGES) if named in item.key)
    changes = (Change.model_validate_json(site.get(key)) for key in found if not key.endswith(f"-{keys.LIVE}.json"))
    return next((each.at for each in changes if each.episode == broadcast_id and each.kind == "published"), None)


def newest(found: Iterable[Step]) -> str:
    """The machine's text that was published last."""
    return next((step.machine for step in reversed(tuple(found)) if step.kind == "published"), "")
