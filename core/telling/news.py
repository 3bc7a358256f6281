"""What members can be told of, and who wishes to hear it. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from core.models import Quote
from core.telling.ledger import Account
from core.telling.members import Member, Wish


class News(NamedTuple):
    """A piece of news of a broadcast. ``key`` is its name, ``at`` since when it is known.

    ``revision`` and ``is_cancelled`` are of one that is planned; ``quotes``, in ``language``, of a municipality that
    was mentioned (``code``) or of a ``topic``; ``by`` has checked the text.
    """

    kind: Wish
    key: str
    at: datetime
    broadcast: str
    title: str
    programme: str
    starts_at: datetime
    language: str = "fi"
    about: str = ""
    revision: int = 0
    is_cancelled: bool = False
    code: str = ""
    topic: str = ""
    quotes: tuple[Quote, ...] = ()
    by: str = ""


class Message(NamedTuple):
    """What a member is to get now. ``name`` is that of its claim: a day, or a broadcast that begins."""

    name: str
    news: tuple[News, ...]


ORDER = (Wish.LIVE, Wish.MENTIONED, Wish.DISCUSSED, Wish.PUBLISHED, Wish.CHECKED, Wish.PLANNED)


def is_for(news: News, member: Member) -> bool:
    """Whether a member wishes to hear it."""
    # What is still to come is news to a new member, whenever it was planned.
    is_late = news.kind is not Wish.PLANNED and news.at <= member.since
    if news.kind not in member.wishes or is_late:
        return False
    if member.programmes and news.programme not in member.programmes:
        return False
    if news.kind is Wish.DISCUSSED:
        return news.topic in member.topics
    return news.kind is not Wish.MENTIONED or news.code in member.municipalities


def due(every: Iterable[News], member: Member, account: Account, day: str) -> list[Message]:
    """What a member is to get: each broadcast that begins at once, all else in one digest, if ``day`` had none yet."""
    fresh = [news for news in every if is_for(news, member) and _is_new(news, account.news)]
    live = [Message(news.key, (news,)) for news in fresh if news.kind is Wish.LIVE]
    rest = [_first(news, account.news) for news in fresh if news.kind is not Wish.LIVE]
    rest.sort(key=lambda news: (ORDER.index(news.kind), news.starts_at, news.key))
    digest = [Message(day, tuple(rest))] if rest else []
    return [message for message in (*live, *digest) if message.name not in account.claims]


def _is_new(news: News, heard: frozenset[str]) -> bool:
    # Who was never told of a plan need not know that nothing comes of it.
    return news.key not in heard and (not news.is_cancelled or _heard_plan(news, heard))


def _first(news: News, heard: frozenset[str]) -> News:
    """Of a plan that somebody has not heard of nothing is changed."""
    return news if not news.revision or _heard_plan(news, heard) else news._replace(revision=0)


def _heard_plan(news: News, heard: frozenset[str]) -> bool:
    return any(key.startswith(f"{planned(news.broadcast)}-") for key in heard)


def planned(broadcast_id: str) -> str:
    """What the keys of all plans of a broadcast begin with."""
    return f"planned-{broadcast_id}"
