"""Telling members: what there is to tell, who gets what, and the sending. A run looks only at what is stored."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from logging import INFO, WARNING
from threading import Lock
from typing import NamedTuple

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.concurrency.sync import concurrency
from prefect.logging import get_run_logger

from config import mail, stores
from config.settings import Settings
from core import digests, keys
from core.archive import cards
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.duties import signing
from core.duties.signing import Signing
from core.errors import MaybeDelivered, NotDelivered
from core.helsinki import HELSINKI, moment
from core.models import EpisodeCard
from core.outside import addresses
from core.planning import plans
from core.planning.planned import Planned
from core.search import topics
from core.telling import hooks, ledger, notices, post
from core.telling.ledger import Account, Claim, Handover
from core.telling.members import Member, Members, Wish
from core.telling.news import Message, News, due, planned
from tasks import lexicon
from tasks.policies import LEASE_SECONDS, STEP
from web import letters, strings
from web.links import Links

LIMIT = "members"
"""The Prefect concurrency limit by which two runs never tell at once."""
KEY = "members"
WINDOW = timedelta(days=30)
"""What was published or checked longer ago is not told any more."""
SENDERS = 4
"""Messages on their way at a time, so that an address that hangs delays no other."""
ID_SIGNS = 32
TROUBLE = 3
"""After so many messages in a row that the mail server did not take for its own reasons, the rest waits."""


class Case(NamedTuple):
    """A message to a member, and what became of it in this run: ``is_lost`` when it may never arrive."""

    member_id: str
    member: Member
    message: Message
    state: str
    is_lost: bool = False


class Known(NamedTuple):
    """Members, and what each was told, by their ids, at a moment."""

    members: dict[str, Member]
    accounts: dict[str, Account]

    @property
    def topics(self) -> set[str]:
        """All that anybody wishes to hear of."""
        return {topic for member in self.members.values() for topic in member.topics}


class Told(NamedTuple):
    """What became of each message of a run, and which of earlier runs are in doubt."""

    cases: list[Case]
    doubted: list[tuple[Member, Claim]]


class Due(NamedTuple):
    """What a member is to get now; ``account`` is what they were told before."""

    member_id: str
    member: Member
    account: Account
    messages: tuple[Message, ...]


def news(settings: Settings, now: datetime, wished: Iterable[str] = ()) -> list[News]:
    """All that can be told now, also of the topics that are ``wished`` for."""
    archive, site = stores.archive(settings), stores.site(settings)
    coming = (_of_plan(each) for each in plans.every(archive) if each.starts_at > now)
    shown = list(_changed(site, now))
    found = [each for card in shown for each in _of_card(archive, site, card, now)]
    return [*coming, *found, *_of_topics(settings, found, sorted(set(wished)), shown)]


def _of_topics(
    settings: Settings, found: Sequence[News], wished: Sequence[str], shown: Sequence[EpisodeCard]
) -> Iterator[News]:
    """Where topics were discussed, in what was published lately."""
    published = [each for each in found if each.kind is Wish.PUBLISHED]
    if not wished or not published:
        return
    versions = {card.id: card.version for card in shown}
    # What was analysed once is known without the lexicon.
    forms = lexicon.analyser(settings.vocabulary).forms(word for topic in wished for word in topics.words(topic))
    for each in published:
        document = cards.searched(stores.site(settings), each.broadcast, versions[each.broadcast])
        if document is None:
            continue
        for topic in wished:
            if quotes := topics.discussed(topic, document, forms):
                key = f"{Wish.DISCUSSED}-{each.broadcast}-{digests.of_text(topic)[:8]}"
                discussed = each._replace(kind=Wish.DISCUSSED, key=key, topic=topic, quotes=quotes)
                yield discussed._replace(language=document.language)


def _of_plan(plan: Planned) -> News:
    return News(
        kind=Wish.PLANNED,
        key=f"{planned(plan.id)}-{plan.revision}",
        at=plan.changed_at,
        broadcast=plan.id,
        title=plan.title,
        programme=plan.programme,
        starts_at=plan.starts_at,
        language=plan.language,
        about=plan.about,
        revision=plan.revision,
        is_cancelled=plan.cancelled,
    )


def _changed(site: Bucket, now: datetime) -> Iterator[EpisodeCard]:
    """What viewers see of the broadcasts of which something was published lately."""
    listed = site.list(keys.CHANGES, after=keys.change(now - WINDOW, "", ""))
    names = dict.fromkeys(keys.changed(item.key) for item in listed)
    yield from filter(None, (cards.shown(site, name) for name in names))


def _of_card(archive: Bucket, site: Bucket, card: EpisodeCard, now: datetime) -> Iterator[News]:
    if card.live:
        # Its live page also stands while a recording that is over is prepared, or waits for its review.
        if not RecordingStore(archive, card.id).recording().sealed:
            yield _about(card, Wish.LIVE, "", now)
        return
    steps = signing.steps(archive, card.id)
    signed = Signing(signing.newest(steps), steps)
    if (at := signed.published_at) and at > now - WINDOW:
        yield _about(card, Wish.PUBLISHED, "", at)
        told = cards.told(site, card)
        for code in dict.fromkeys(quote.code for quote in (told.quotes if told else ())):
            said = tuple(quote for quote in told.quotes if quote.code == code) if told else ()
            mentioned = _about(card, Wish.MENTIONED, f"-{code}", at)
            yield mentioned._replace(code=code, quotes=said, language=told.language if told else "fi")
    if (step := signed.settled) and step.at > now - WINDOW:
        yield _about(card, Wish.CHECKED, "", step.at)._replace(by=step.by)


def _about(card: EpisodeCard, kind: Wish, suffix: str, at: datetime) -> News:
    return News(kind, f"{kind}-{card.id}{suffix}", at, card.id, card.title, card.programme, card.starts_at)


def known(settings: Settings) -> Known:
    """All that is known of members now."""
    archive = stores.archive(settings)
    return Known(Members(archive).every(), ledger.accounts(archive))


def pending(known: Known, found: Sequence[News], now: datetime) -> list[Due]:
    """What is due to each member for whom anything is, whose address may have failed (``waits``)."""
    day = now.astimezone(HELSINKI).date().isoformat()
    each = (
        Due(member_id, member, account, tuple(due(found, member, account, day)))
        for member_id, member in known.members.items()
        for account in [known.accounts.get(member_id, Account())]
    )
    return [one for one in each if one.messages]


def waits(one: Due, now: datetime) -> bool:
    """Whether the address failed, and it is not yet time to try it again."""
    return one.account.failing is not None and one.account.failing.next_at > now


@task(name="tell members", **(STEP | {"retries": 0}))
def tell(settings: Settings, *, dry_run: bool) -> Told:
    """Tell everybody what is due, unless it is a ``dry_run``; gives what became of it."""
    now = datetime.now(UTC)
    with concurrency(LIMIT, lease_duration=LEASE_SECONDS):
        every = known(settings)
        found = pending(every, news(settings, now, every.topics), now) if every.members else []
        cases = _looked(found) if dry_run else Sender(settings).send(found)
    return Told(cases, doubted(every, now))


def _looked(found: Sequence[Due]) -> list[Case]:
    return [Case(one.member_id, one.member, each, "would be sent") for one in found for each in one.messages]


class Sender:
    """Sends messages, each address apart from the others."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._archive, self._clock = stores.archive(settings), clock
        self._server = mail.server(settings)
        self._rules = addresses.parse(settings.private_sources)
        self._strings, self._links = strings.load_all(settings.locale), Links(settings.site_url)
        self._seal = Members(self._archive).seal
        self._troubles, self._lock = 0, Lock()

    def send(self, found: Sequence[Due]) -> list[Case]:
        """All of them; gives what became of each message."""
        with ThreadPoolExecutor(SENDERS) as pool:
            return [case for cases in pool.map(self._tell, found) for case in cases]

    def _tell(self, one: Due) -> list[Case]:
        if waits(one, self._clock()):
            assert one.account.failing
            state = f"waits until {moment(one.account.failing.next_at)}: {one.account.failing.why}"
            return [Case(one.member_id, one.member, each, state) for each in one.messages]
        return [self._one(one, message) for message in one.messages]

    def _one(self, one: Due, message: Message) -> Case:
        told = partial(Case, one.member_id, one.member, message)
        name = digests.of_text(one.member_id, message.name)[:ID_SIGNS]
        claim = Claim(at=self._clock(), message_id=name, news=tuple(news.key for news in message.news))
        handover = Handover(self._archive, one.member_id, message.name, claim)
        try:
            was_sent = self._deliver(one, message, name, handover)
        except NotDelivered as error:
            handover.give_back()
            return told(*self._failed(one, message, error))
        except MaybeDelivered as error:
            return told(f"in doubt, and not sent again: {error.what}", is_lost=True)
        if not was_sent:
            return told("is sent by another run")
        handover.settle(self._clock())
        if one.account.failing:
            ledger.recovered(self._archive, one.member_id)
        return told("sent")

    def _deliver(self, one: Due, message: Message, name: str, handover: Handover) -> bool:
        member = one.member
        path = f"{self._strings[member.language].folder}{keys.UNSUBSCRIBE}"
        leave = f"{self._links.to(path)}?t={self._seal.leave(one.member_id)}"
        if member.is_webhook:
            now = self._clock()
            body = letters.payload(message.news, self._strings, self._links, leave, now.isoformat())
            sign = partial(self._seal.signature, one.member_id)
            return hooks.send(member.address, body, name, sign, self._rules, now, handover.claim)
        if self._server is None:
            raise NotDelivered("No mail server is set.", "Set MAASEUTU_SMTP_HOST.", is_ours=True)
        if self._troubles >= TROUBLE:
            raise NotDelivered("The mail server takes nothing just now.", is_ours=True)
        letter = letters.digest(message.news, member, self._strings, self._links, leave)
        mail_made = post.message(self._server, member.address, letter, f"<{name}@{self._server.domain}>")
        mail_made["Date"] = format_datetime(self._clock())
        return self._counted(partial(post.send, self._server, mail_made, handover.claim))

    def _counted(self, send: Callable[[], bool]) -> bool:
        try:
            done = send()
        except NotDelivered as error:
            with self._lock:
                self._troubles = self._troubles + 1 if error.is_ours else 0
            raise
        with self._lock:
            self._troubles = 0
        return done

    def _failed(self, one: Due, message: Message, error: NotDelivered) -> tuple[str, bool]:
        """What is said of it, and whether it is lost."""
        if error.is_ours:
            return f"not sent yet: {error.what}", False
        now = self._clock()
        failing = ledger.failed(self._archive, one.member_id, one.account.failing, error.what, now)
        if failing.is_hopeless:
            ledger.lose(self._archive, one.member_id, (news.key for news in message.news), now)
            return f"given up after {failing.count} tries since {moment(failing.since)}: {error.what}", True
        return f"not taken, tried again from {moment(failing.next_at)}: {error.what}", False


def doubted(known: Known, now: datetime) -> list[tuple[Member, Claim]]:
    """Messages that may have been sent, or not: whoever sent them was killed, or the receiver's server went away."""
    return [
        (known.members[member_id], claim)
        for member_id, account in known.accounts.items()
        for claim in account.doubted
        if member_id in known.members and now - WINDOW < claim.at < now - ledger.IN_DOUBT_AFTER
    ]


def row(case: Case) -> dict[str, str]:
    """A line of the table in the Prefect UI, where nobody's address stands in full."""
    return {
        "member": case.member.masked,
        "role": case.member.role,
        "message": ", ".join(news.key for news in case.message.news),
        "state": case.state,
    }


def show(settings: Settings, told: Told) -> None:
    """Bring the table in the Prefect UI up to date, and tell the operator what a person should know."""
    rows = [row(case) for case in told.cases]
    for member, claim in told.doubted:
        state = f"in doubt since {moment(claim.at)}: it may have been sent, and is not sent again"
        rows.append({"member": member.masked, "role": member.role, "message": ", ".join(claim.news), "state": state})
    create_table_artifact(rows or [{"state": "nobody is to be told anything"}], key=KEY, description="Who is told what")
    for case in told.cases:
        get_run_logger().log(WARNING if case.is_lost else INFO, "%s: %s", case.member.masked, case.state)
    if lost := [case for case in told.cases if case.is_lost]:
        text = "\n".join(f"{case.member.masked}: {case.state}" for case in lost)
        sender = notices.Notices(notices.addresses(settings.notify.get_secret_value()))
        sender.send(notices.Message(f"{len(lost)} messages to members may never arrive", text, bad=True))
        sender.close()


def summary(cases: Sequence[Case]) -> str:
    """How many messages were sent, or would be, for a person."""
    states = Counter(case.state.partition(":")[0].partition(" until ")[0] for case in cases)
    return "; ".join(f"{count} {state}" for state, count in sorted(states.items())) or "Nobody is to be told anything"
