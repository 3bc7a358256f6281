"""Who did what in the studio: each event is an object of its own in the archive, never written again."""

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from datetime import date as Day
from itertools import takewhile

from pydantic import AwareDatetime

from core import keys
from core.bucket import Bucket
from core.helsinki import HELSINKI
from core.models import Record
from web.studio.people import Person

AT_A_TIME = 16
"""So many events are read at a time."""


class Event(Record):
    """One of them. ``what`` is what it was done to, in words; never a password, nor what was typed for one."""

    at: AwareDatetime
    by: str
    account: str = ""
    role: str = ""
    action: str
    what: str = ""
    client: str = ""


class Audit:
    """The log in the archive. Raises the bucket's errors."""

    def __init__(self, archive: Bucket) -> None:
        self._archive = archive

    def __call__(self, person: Person, action: str, what: str = "", *, client: str = "") -> None:
        """Note that a person did something; ``client`` is the address from which."""
        self._note(Event(at=datetime.now(UTC), action=action, what=what, client=client, **_of(person)))

    def attempt(self, name: str, action: str, what: str = "", *, client: str = "") -> None:
        """Note what somebody did who did not sign in, or on the command line."""
        self._note(Event(at=datetime.now(UTC), by=name, action=action, what=what, client=client))

    def _note(self, event: Event) -> None:
        key = keys.event(event.at, secrets.token_hex(4))
        self._archive.put_once(key, event.model_dump_json().encode())

    def keys(self, day: Day) -> list[str]:
        """Those of a day in Finland, the newest first."""
        first, last = (datetime.combine(each, time(), HELSINKI) for each in (day, day + timedelta(days=1)))
        listed, end = self._archive.list(keys.EVENTS, after=keys.event(first, "")), keys.event(last, "")
        return [item.key for item in takewhile(lambda item: item.key < end, listed)][::-1]

    def read(self, found: Sequence[str]) -> list[Event]:
        """The events of these keys."""
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            return list(pool.map(lambda key: Event.model_validate_json(self._archive.get(key)), found))

    def of(self, day: Day) -> list[Event]:
        """All of a day in Finland, the newest first."""
        return self.read(self.keys(day))


def _of(person: Person) -> dict[str, str]:
    return {"by": person.name, "account": person.account, "role": person.role}
