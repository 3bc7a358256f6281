"""``maaseutu studio``: who may sign in to the studio by a password, and what was done there."""

import getpass
import sys
from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

from config import stores
from config.settings import Settings
from core.errors import InvalidInput, Misconfigured
from core.helsinki import HELSINKI
from maaseutu.console import say, table
from maaseutu.correct import login
from web.studio import opening
from web.studio.audit import Audit, Event
from web.studio.passwords import account_of, require, require_password
from web.studio.people import Role

NAMELESS = ("list", "log")


class Asked(NamedTuple):
    """What is asked: ``what`` of ``ACTIONS``, with whom; ``role`` and ``day`` may be empty."""

    what: str
    name: str = ""
    role: str = ""
    day: str = ""


def run(settings: Settings, asked: Asked) -> None:
    """Do it. Each change is noted in the log first, so that none is made that is not there.

    Raises:
        InvalidInput: the name, the password or the day is none, or nobody has that name.
        Misconfigured: the store is not known, or the password file cannot be read.
    """
    if not asked.name and asked.what not in NAMELESS:
        raise InvalidInput("Say who.", f"maaseutu studio {asked.what} NAME")
    ACTIONS[asked.what](settings, asked)


def _add(settings: Settings, asked: Asked) -> None:
    people = opening.passwords(settings)
    if any(account_of(entry.name) == account_of(asked.name) for entry in people.all()):
        raise InvalidInput(f"{asked.name} is there already.", "`maaseutu studio role` gives another role.")
    role, password = _role(asked), _password()
    _note(settings, "added", f"{asked.name} ({role})")
    made = people.add(asked.name, role, password)
    say(f"{made.name} is {made.role} from now on.")
    if settings.studio != "passwords":
        say("Nobody signs in by a password before MAASEUTU_STUDIO=passwords is in settings.env.")


def _passwd(settings: Settings, asked: Asked) -> None:
    people = opening.passwords(settings)
    entry = require(people.all(), asked.name)
    password = _password()
    _note(settings, "password", entry.name)
    person = people.set_password(entry.name, password)
    ended = opening.sessions(settings).end_all(person.account)
    say(f"{person.name} has another password; {ended} sessions are ended.")


def _change_role(settings: Settings, asked: Asked) -> None:
    people = opening.passwords(settings)
    entry, role = require(people.all(), asked.name), _role(asked)
    _note(settings, "role", f"{entry.name} ({role})")
    say(f"{people.set_role(entry.name, role).name} is {role} from now on.")


def _remove(settings: Settings, asked: Asked) -> None:
    people = opening.passwords(settings)
    entry = require(people.all(), asked.name)
    _note(settings, "removed", entry.name)
    person = people.remove(entry.name)
    opening.sessions(settings).end_all(person.account)
    say(f"{person.name} cannot sign in any more. What {person.name} corrected stays.")


def _end(settings: Settings, asked: Asked) -> None:
    _note(settings, "ended", asked.name)
    # Accounts of an OpenID provider are as it writes them, those of passwords as they are compared.
    accounts = {asked.name, account_of(asked.name)}
    ended = sum(opening.sessions(settings).end_all(account) for account in accounts)
    say(f"{ended} sessions of {asked.name} are ended.")


def _list(settings: Settings, _: Asked) -> None:
    people = opening.passwords(settings).all()
    for line in table([("NAME", "ROLE"), *((entry.name, entry.role) for entry in people)]) if people else ():
        say(line)
    if not people:
        say("Nobody has a password. `maaseutu studio add NAME --role producer` adds somebody.")


def _log(settings: Settings, asked: Asked) -> None:
    day = _day(asked.day)
    events = _audit(settings).of(day)
    for line in table([HEADING, *map(_row, reversed(events))]) if events else ():
        say(line)
    if not events:
        say(f"Nothing is noted on {day.isoformat()}.")


HEADING = ("TIME", "WHO", "DID", "TO WHAT", "FROM")


def _row(event: Event) -> tuple[str, ...]:
    who = f"{event.by} <{event.account}>" if "@" in event.account else event.by
    return f"{event.at.astimezone(HELSINKI):%H:%M:%S}", who, event.action, event.what, event.client


def _role(asked: Asked) -> Role:
    if asked.role == "admin":
        return "admin"
    if asked.role == "producer":
        return "producer"
    raise InvalidInput("Say what they may do.", "Add --role producer, or --role admin, who also reads the log.")


def _password() -> str:
    """As it is typed twice, or as the first line of what is piped in."""
    if not sys.stdin.isatty():
        given = sys.stdin.readline().rstrip("\r\n")
        require_password(given)
        return given
    first = getpass.getpass("Password: ")
    require_password(first)
    if getpass.getpass("The same again: ") != first:
        raise InvalidInput("The two are not the same.", "Try again.")
    return first


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else datetime.now(HELSINKI).date()
    except ValueError as error:
        raise InvalidInput(f"{text} is not a day.", "Write it as 2026-11-28.") from error


def _note(settings: Settings, action: str, what: str) -> None:
    _audit(settings).attempt(f"{login()} (command line)", action, what)


def _audit(settings: Settings) -> Audit:
    if not settings.s3_endpoint:
        raise Misconfigured("The log lies in the store, and none is known.", "Run `maaseutu up` first.")
    return Audit(stores.archive(settings))


ACTIONS: dict[str, Callable[[Settings, Asked], None]] = {
    "add": _add,
    "passwd": _passwd,
    "role": _change_role,
    "remove": _remove,
    "end": _end,
    "list": _list,
    "log": _log,
}
