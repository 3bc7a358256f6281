"""The 14-day clock, told in every way: a table and an event in Prefect, messages to the producer."""

import contextvars
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import inf
from typing import NamedTuple

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.concurrency.sync import concurrency
from prefect.logging import get_run_logger

from config import stores
from config.settings import Settings
from core import digests, keys
from core.bucket import Bucket
from core.duties import deadlines
from core.duties.deadlines import Deadline, Sent
from core.duties.signing import Signing
from core.helsinki import day, moment
from core.models import EpisodeCard
from core.telling.notices import Address, Message, Notices, addresses
from tasks import signing
from tasks.announcements import announce_deadline
from tasks.policies import LEASE_SECONDS, STEP

LIMIT = "deadlines"
"""The Prefect concurrency limit by which two runs never send the same notice at once."""
KEY = "deadlines"
SHOWN_DAYS = 60
"""So long after its publication an episode that is in order stays in the table."""


class Case(NamedTuple):
    """A recording that is online; ``deadline`` while nobody stands behind its text."""

    card: EpisodeCard
    signing: Signing
    deadline: Deadline | None


class Notice(NamedTuple):
    """One that is due: of which recording, and of which day."""

    case: Case
    deadline: Deadline

    def key(self, way: str) -> str:
        """Where it is kept that it was sent that way."""
        return keys.notice(self.case.card.id, self.case.signing.rounds, self.deadline.notice, way)


@task(name="read the clock", **STEP)
def cases(settings: Settings, now: datetime) -> list[Case]:
    """All recordings that are online, those with the least time left first, and then those in order, newest first."""
    found = [Case(card, signed, deadlines.deadline(signed, now)) for card, signed in signing.online(settings)]
    newest = sorted(found, key=lambda case: case.card.starts_at, reverse=True)
    return sorted(newest, key=lambda case: case.deadline.due_at.timestamp() if case.deadline else inf)


def show(found: Iterable[Case], now: datetime) -> None:
    """Bring the table in the Prefect UI up to date."""
    since = now - timedelta(days=SHOWN_DAYS)
    rows = [row(case) for case in found if case.deadline or (case.signing.published_at or now) > since]
    about = "Recordings that are online, and the days left until their captions must be accessible (Act 306/2019)"
    create_table_artifact(rows or [{"state": "nothing is online"}], key=KEY, description=about)


def row(case: Case) -> dict[str, str]:
    """A line of the table."""
    deadline, published_at = case.deadline, case.signing.published_at
    cure = (
        ("check and sign it NOW" if deadline.notice == deadlines.OVERDUE else "check and sign it") if deadline else ""
    )
    return {
        "episode": case.card.title,
        "id": case.card.id,
        "published": day(published_at) if published_at else "",
        "days left": str(deadline.days_left) if deadline else "",
        "due": moment(deadline.due_at) if deadline else "",
        "state": _state(case.signing),
        "what to do": cure or "nothing",
    }


def _state(found: Signing) -> str:
    if settled := found.settled:
        changed = found.changed
        by = f" by {changed.by}" if changed and changed.by else ""
        what = "words" if found.is_reworded else "chapters"
        since = f"; other {what} were published on {day(changed.at)}, changed{by}" if changed else ""
        return f"{settled.kind} by {settled.by} on {day(settled.at)}{since}"
    if found.is_rejected:
        return f"rejected by {found.decisions[-1].by} on {day(found.decisions[-1].at)}, and still online"
    earlier = found.earlier
    since = f"; an earlier text was {earlier.kind} by {earlier.by} on {day(earlier.at)}" if earlier else ""
    return f"automatic text{since}"


@task(name="send notices", **(STEP | {"retries": 0}))
def tell(settings: Settings, found: Sequence[Case]) -> None:
    """Send the newest notice that is due of each recording, by every way that has not had it yet.

    It is noted as sent once the receiver's server has taken it. What cannot be sent is sent by the next run, unless a
    newer notice is due then.
    """
    due, context = pending(found), contextvars.copy_context()  # The run's, so that the event names it.
    event = Address("event", lambda told: context.run(_announce, due[told]))
    archive = stores.archive(settings)
    with concurrency(LIMIT, lease_duration=LEASE_SECONDS):
        send(archive, due, [event])
        # After the event, which a wrong setting does not stop.
        send(archive, due, addresses(settings.notify.get_secret_value()))


def pending(found: Iterable[Case]) -> dict[Message, Notice]:
    """The newest notice that is due of each recording, by what it says."""
    return {message(case, d): Notice(case, d) for case in found if (d := case.deadline) and d.notice}


def send(archive: Bucket, due: Mapping[Message, Notice], ways: Iterable[Address]) -> None:
    """Send each by every way that has not had it."""
    notices = Notices([_once(archive, way, due) for way in ways])
    for told in due:
        notices.send(told)
    notices.close()


def _once(archive: Bucket, way: Address, due: Mapping[Message, Notice]) -> Address:
    """The address, but a notice that it has had is not sent again."""

    def send(told: Message) -> bool:
        key = due[told].key(digests.of_text(way.name, way.id)[:12])
        if archive.head(key):
            return True
        if not way.send(told):
            return False
        archive.put_record(key, Sent(at=datetime.now(UTC), way=way.name, subject=told.subject))
        return True

    return way._replace(send=send)


def _announce(notice: Notice) -> bool:
    announce_deadline(notice.case.card, notice.deadline)
    get_run_logger().warning("%s", message(*notice).subject)
    return True


def message(case: Case, deadline: Deadline) -> Message:
    """What a producer gets: which recording, until when, and what to do."""
    title = case.card.title
    left = f"{deadline.days_left} days left" if deadline.days_left != 1 else "1 day left"
    is_over = deadline.notice == deadlines.OVERDUE
    subject = f"{title}: {'overdue' if is_over else left} to check its captions"
    text = (
        f"{title} ({case.card.id}) was published on {day(deadline.published_at)} and its text is automatic. A "
        f"recording that stays online must be accessible by {moment(deadline.due_at)} (Act 306/2019)."
    )
    cure = (
        "Answer its run of review_episode in the Prefect UI, or start the deployment review. To take a recording away "
        "because of the time limit is not what the Act means."
    )
    return Message(subject, f"{text} {cure}", bad=True)
