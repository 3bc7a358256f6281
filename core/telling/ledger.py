"""What members were told, so that nothing is told twice.

A message is claimed in the last moment before its receiver's server could take it, by an object of which only one can
be written; when it was taken, that is noted. One that is claimed and not noted may have been taken: it is not sent
again, and the operator is told of it. The name of a digest's claim is the day, so there is one a day at most.

    told/ID/claims/NAME.json   told/ID/sent/NAME.json   told/ID/news/KEY.json   told/ID/failing.json
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import uuid4

from pydantic import AwareDatetime, Field

from core import digests, keys
from core.bucket import Bucket
from core.errors import ObjectMissing
from core.models import Record

FIRST_PAUSE = timedelta(minutes=4)
LONGEST_PAUSE = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=3)
"""An address that took nothing for so long does not get what it has missed."""
IN_DOUBT_AFTER = timedelta(minutes=10)
"""No message takes so long: who claimed it was killed."""

R = TypeVar("R", bound=Record)


class Claim(Record):
    """A message that is handed over. ``by`` tells apart two who would."""

    at: AwareDatetime
    message_id: str
    news: tuple[str, ...]
    by: str = Field(default_factory=lambda: uuid4().hex)


class Noted(Record):
    """That something was done."""

    at: AwareDatetime


class Failing(Record):
    """An address that takes nothing: since when, how often that was tried, and why."""

    since: AwareDatetime
    last: AwareDatetime
    count: int
    why: str

    @property
    def next_at(self) -> datetime:
        """When it is tried again."""
        pauses = min(self.count, 20) - 1
        return self.last + min(FIRST_PAUSE * (1 << pauses), LONGEST_PAUSE)

    @property
    def is_hopeless(self) -> bool:
        """Whether it was tried for so long that what it has not taken is given up."""
        return self.last - self.since >= GIVEN_UP_AFTER


class Account(NamedTuple):
    """What a member was told: news by their keys, names of messages, those in doubt, and whether the address fails."""

    news: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()
    doubted: tuple[Claim, ...] = ()
    failing: Failing | None = None


def accounts(archive: Bucket) -> dict[str, Account]:
    """What each member was told, by their ids; read from the listing but where something went wrong."""
    listed: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for item in archive.list(keys.TOLD):
        _, member_id, *folder, name = item.key.removesuffix(".json").split("/")
        listed[member_id]["".join(folder)].add(name)
    return {member_id: _account(archive, member_id, found) for member_id, found in listed.items()}


def _account(archive: Bucket, member_id: str, found: dict[str, set[str]]) -> Account:
    open_ones = sorted(found["claims"] - found["sent"])
    doubted = [claim for name in open_ones if (claim := _read(archive, keys.claimed(member_id, name), Claim))]
    heard = found["news"].union(*(claim.news for claim in doubted))
    failing = _read(archive, keys.failing(member_id), Failing) if found[""] else None
    return Account(frozenset(heard), frozenset(found["claims"]), tuple(doubted), failing)


def _read(archive: Bucket, key: str, kind: type[R]) -> R | None:
    try:
        return kind.model_validate_json(archive.get(key))
    except ObjectMissing:
        return None


class Handover:
    """One message on its way to a member: claimed, and then settled or given back."""

    def __init__(self, archive: Bucket, member_id: str, name: str, claim: Claim) -> None:
        self._archive, self._member_id, self._name, self._claim = archive, member_id, name, claim
        self.is_claimed = False

    def claim(self) -> bool:
        """Whether it is ours to send; else somebody has claimed it already."""
        data = self._claim.model_dump_json().encode()
        stored = self._archive.put_once(keys.claimed(self._member_id, self._name), data)
        self.is_claimed = stored.sha256 == digests.of_bytes(data)
        return self.is_claimed

    def give_back(self) -> None:
        """It was not taken, and can be claimed again."""
        if self.is_claimed:
            self._archive.erase(keys.claimed(self._member_id, self._name))

    def settle(self, now: datetime) -> None:
        """It was taken. Last is noted what says that the rest is there."""
        for news in self._claim.news:
            self._archive.put_record(keys.heard_news(self._member_id, news), Noted(at=now))
        self._archive.put_record(keys.delivered(self._member_id, self._name), Noted(at=now))


def failed(archive: Bucket, member_id: str, before: Failing | None, why: str, now: datetime) -> Failing:
    """Note that an address took nothing."""
    known = before or Failing(since=now, last=now, count=0, why=why)
    made = known.model_copy(update={"last": now, "count": known.count + 1, "why": why})
    archive.put_record(keys.failing(member_id), made)
    return made


def lose(archive: Bucket, member_id: str, news: Iterable[str], now: datetime) -> None:
    """Give up what an address did not take: it is not tried again, but what comes later is."""
    for key in news:
        archive.put_record(keys.heard_news(member_id, key), Noted(at=now))
    recovered(archive, member_id)


def recovered(archive: Bucket, member_id: str) -> None:
    """Note that an address does not fail any more."""
    archive.erase(keys.failing(member_id))
