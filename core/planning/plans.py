"""Broadcasts that are to come, as they lie in the archive, and whether they can be held as planned."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from core import digests, keys, names
from core.bucket import Bucket
from core.errors import InvalidInput
from core.helsinki import moment
from core.models import AgendaItem
from core.planning.planned import Planned

T = TypeVar("T")

LONGEST = timedelta(hours=20)
"""A recording is at most a day long, with what is recorded before and after the broadcast."""


def every(archive: Bucket) -> list[Planned]:
    """All that were ever planned, also those that are over or cancelled, in order of time."""
    found = [Planned.model_validate_json(archive.get(item.key)) for item in archive.list(keys.PLANS)]
    return sorted(found, key=lambda planned: (planned.starts_at, planned.id))


def listing(archive: Bucket, write: Callable[[list[Planned]], T]) -> T:
    """What ``write`` gives, which writes what is made of all plans, from these.

    It is done over again when another run has stored a plan meanwhile: whichever of them writes last knows of both.
    """
    while True:
        stored = set(archive.list(keys.PLANS))
        done = write(every(archive))
        if set(archive.list(keys.PLANS)) == stored:
            return done


def find(archive: Bucket, broadcast_id: str) -> Planned | None:
    """One of them, if there is any of that name."""
    key = keys.planned(broadcast_id)
    return Planned.model_validate_json(archive.get(key)) if archive.head(key) else None


def is_same(planned: Planned, before: Planned | None) -> bool:
    """Whether nothing of it is new."""
    return before is not None and before == planned.model_copy(
        update={"changed_at": before.changed_at, "revision": before.revision}
    )


def require(planned: Planned, others: Iterable[Planned], now: datetime) -> None:
    """Nothing, if it can be held at its time beside the ``others``.

    Raises:
        InvalidInput: it would end before it begins, is past or too long, or another one has its source at that time.
    """
    if planned.ends_at <= planned.starts_at:
        raise InvalidInput(
            f"{planned.title} would end before it begins: {moment(planned.starts_at)} to {moment(planned.ends_at)}.",
            "Give a later end.",
        )
    if planned.starts_at <= now:
        raise InvalidInput(
            f"{planned.title} would begin on {moment(planned.starts_at)}, which is past.",
            "Give a time that is to come. What is on the air now is recorded by the deployment capture.",
        )
    if planned.ends_at - planned.starts_at > LONGEST:
        hours = LONGEST.total_seconds() / 3600
        raise InvalidInput(f"{planned.title} would last more than {hours:.0f} hours.", "Check the day of its end.")
    for other in others:
        if _collide(planned, other):
            raise InvalidInput(
                f"{other.title} ({other.id}) is planned from the same source from {moment(other.starts_at)} to "
                f"{moment(other.ends_at)}.",
                "Give another time or source; or move or cancel the other one. To change it, give its Id.",
            )


def require_free(archive: Bucket, broadcast_id: str, now: datetime) -> None:
    """Nothing, unless a broadcast that is not over is planned under this id, which was made of a title by chance.

    Raises:
        InvalidInput: one is.
    """
    found = find(archive, broadcast_id)
    if found is None or found.cancelled or found.ends_at <= now:
        return
    own = "To record that one now, move it to some minutes from now (deployment change)."
    raise InvalidInput(
        f"{found.title} is planned under this Id ({found.id}) from {moment(found.starts_at)} to "
        f"{moment(found.ends_at)}.",
        f"Give another title or Id. {own if found.source else 'To record that one, which has no source, give its Id.'}",
    )


def _collide(one: Planned, other: Planned) -> bool:
    is_other = one.id != other.id and not other.cancelled
    is_one_source = bool(one.source_digest) and one.source_digest == other.source_digest
    return is_other and is_one_source and one.starts_at < other.ends_at and other.starts_at < one.ends_at


def write(archive: Bucket, planned: Planned, now: datetime) -> Planned:
    """Store it as the newest revision; gives what is stored, which is as before when nothing of it is new."""
    before = find(archive, planned.id)
    if before and is_same(planned, before):
        return before
    made = planned.model_copy(update={"changed_at": now, "revision": before.revision + 1 if before else 0})
    archive.put_record(keys.planned(made.id), made)
    return made


def coming(planned: Iterable[Planned], shown: Iterable[str], now: datetime) -> list[Planned]:
    """Those that viewers may wait for: neither over nor cancelled, and without a page of their own (``shown``) yet."""
    begun = set(shown)
    return [each for each in planned if not each.cancelled and each.ends_at > now and each.id not in begun]


def sourced(planned: Planned, source: str) -> Planned:
    """The same, to be recorded from ``source``, of which only what is no secret is kept."""
    digest = digests.of_text(source) if source else ""
    return planned.model_copy(update={"source": names.masked(source), "source_digest": digest})


def is_source(planned: Planned, source: str) -> bool:
    """Whether this is the whole address of its source."""
    return bool(source) and digests.of_text(source) == planned.source_digest


def listened_for(planned: Planned) -> list[str]:
    """Names that recognition should know: those of its speakers and of their municipalities."""
    found = [name for speaker in planned.speakers for name in (speaker.name, speaker.municipality) if name]
    return list(dict.fromkeys(found))


def line(item: AgendaItem) -> str:
    """An agenda item as the forms take it."""
    return f"{item.title}: {', '.join(item.cues)}" if item.cues else item.title
