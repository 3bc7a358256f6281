"""Who is told of broadcasts, and what they wish: in the archive, never in the public bucket.

What a member wishes is an object that is never written again; a change is the next one, which of two who change it at
once only one can write. Who leaves is removed with all that was kept of them.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, field_validator

from core import digests, keys
from core.bucket import Bucket
from core.errors import ObjectMissing, StorageUnreachable
from core.models import Record
from core.telling import seals
from core.telling.seals import Seal

TRIES = 10
READS_AT_A_TIME = 8
LONGEST_ADDRESS = 254
LONGEST_TOPIC = 60
MOST_TOPICS = 10
_MAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
Language = Literal["fi", "sv", "en"]
Topic = Annotated[str, Field(min_length=2, max_length=LONGEST_TOPIC)]


class Wish(StrEnum):
    """What somebody can be told of."""

    PLANNED = "planned"
    LIVE = "live"
    PUBLISHED = "published"
    MENTIONED = "mentioned"
    DISCUSSED = "discussed"
    CHECKED = "checked"


class Asked(Record):
    """What somebody asks for: messages to ``address``, an e-mail address or that of a webhook (https://…).

    ``municipalities`` are codes, ``topics`` words; of ``programmes`` none means all. ``role`` is for the operator.
    """

    address: str
    municipalities: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = Field((), max_length=MOST_TOPICS)
    role: str = ""
    language: Language = "fi"
    programmes: tuple[str, ...] = ()
    wishes: tuple[Wish, ...] = Field(min_length=1)

    @field_validator("address")
    @classmethod
    def _known(cls, text: str) -> str:
        found = plain(text)
        if not found:
            raise ValueError(f"{text!r} is neither an e-mail address nor one that begins with https://")
        return found


class Member(Asked):
    """Somebody who is told: ``consented_at`` when and ``consent`` how they said so.

    Nothing is told that is older than ``since``, but what is still to come.
    """

    consented_at: AwareDatetime
    consent: str
    since: AwareDatetime

    @property
    def is_webhook(self) -> bool:
        """Whether messages go to a program."""
        return "://" in self.address

    @property
    def masked(self) -> str:
        """The address as logs and tables may show it."""
        if self.is_webhook:
            return f"{self.address.partition('://')[2].partition('/')[0]}/…"
        name, _, host = self.address.partition("@")
        return f"{name[:1]}…@{host}"


def plain(address: str) -> str:
    """An address as it is compared and kept; empty when it is none."""
    text = address.strip()
    if "://" in text:
        return text if re.fullmatch(r"https?://[!-~]+", text) and len(text) <= 2000 else ""
    name, _, host = text.rpartition("@")
    try:
        text = f"{name}@{host.encode('idna').decode()}".lower()
    except UnicodeError:
        return ""
    return text if _MAIL.fullmatch(text) and len(text) <= LONGEST_ADDRESS else ""


class Members:
    """The list, as it lies in an archive."""

    def __init__(self, archive: Bucket) -> None:
        self._archive = archive

    @cached_property
    def seal(self) -> Seal:
        """By which they are named."""
        return seals.of(self._archive)

    @property
    def are_none(self) -> bool:
        """Whether nobody is in the list."""
        return not any(True for _ in self._archive.list(keys.MEMBERS))

    def every(self) -> dict[str, Member]:
        """All of them by their ids."""
        listed = (item.key for item in self._archive.list(keys.MEMBERS))
        newest = [list(each)[-1] for _, each in groupby(listed, key=_id)]
        with ThreadPoolExecutor(READS_AT_A_TIME) as pool:
            found = dict(zip(map(_id, newest), pool.map(self._read, newest), strict=True))
        return {name: member for name, member in found.items() if member}

    def _read(self, key: str) -> Member | None:
        try:
            return Member.model_validate_json(self._archive.get(key))
        except ObjectMissing:
            # They left just now.
            return None

    def write(self, asked: Asked, *, at: datetime, consent: str, now: datetime) -> Member:
        """Let somebody be a member, or wish something else; who wishes just that already stays as they are.

        Raises:
            StorageUnreachable: others change it all the time.
        """
        member_id = self.seal.id(asked.address)
        for _ in range(TRIES):
            known = [item.key for item in self._archive.list(keys.wishes(member_id))]
            before = self._read(known[-1]) if known else None
            if before and _wished(before) == _wished(asked):
                return before
            since = before.since if before else now
            made = Member(**_wished(asked), consented_at=at, consent=consent, since=since)
            if self._append(member_id, known, made):
                return made
        raise StorageUnreachable("What this member wishes changes all the time.", "Do it again.")

    def _append(self, member_id: str, known: Sequence[str], made: Member) -> bool:
        number = int(PurePosixPath(known[-1]).stem) + 1 if known else 1
        data = made.model_dump_json().encode()
        return self._archive.put_once(keys.wish(member_id, number), data).sha256 == digests.of_bytes(data)

    def remove(self, member_id: str) -> bool:
        """Forget somebody and all that they were told; gives whether they were there."""
        was_there = any(True for _ in self._archive.list(keys.wishes(member_id)))
        for prefix in (keys.wishes(member_id), keys.told(member_id)):
            self._archive.erase(prefix)
        return was_there


def _id(key: str) -> str:
    return key.split("/")[1]


def _wished(asked: Asked) -> dict[str, object]:
    return {name: getattr(asked, name) for name in Asked.model_fields}
