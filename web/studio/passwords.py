"""The people of the studio and their passwords, in one file that only its owner reads: for who has no OpenID provider.

A password is kept as its argon2id hash. It takes as long to refuse a name that nobody has as one with a wrong password.
"""

import fcntl
import os
import secrets
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import ValidationError

from core import names
from core.errors import InvalidInput, Misconfigured
from core.models import Record
from web.studio.people import Person, Role
from web.studio.sessions import Identity

SHORTEST, LONGEST = 15, 256
"""Characters of a password: NIST SP 800-63B-4 wants fifteen where there is nothing beside it."""
MODE = 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Entry(Record):
    """Somebody who may sign in: the name is typed, and shown where they corrected."""

    name: str
    role: Role
    hash: str


class Book(Record):
    """The file."""

    people: tuple[Entry, ...] = ()


class Passwords:
    """The password file. ``check`` is slow and takes 64 MB: a few at a time.

    Raises:
        Misconfigured: the file cannot be read, or others can read it.
    """

    def __init__(self, path: Path, hasher: PasswordHasher | None = None) -> None:
        self.path, self._hasher = path, hasher or PasswordHasher()

    def all(self) -> tuple[Entry, ...]:
        """Everybody, in the order of their names."""
        try:
            with self.path.open("rb") as file:
                mode, data = os.fstat(file.fileno()).st_mode, file.read()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise Misconfigured(f"{self.path} cannot be read: {error.strerror}.", "Give it to who runs us.") from error
        if mode & OTHERS:
            raise Misconfigured(f"Others can read {self.path}.", f"Run: chmod 600 {self.path}")
        try:
            return Book.model_validate_json(data).people
        except ValidationError as error:
            raise Misconfigured(f"{self.path} is no password file.", "Put back a copy, or remove it.") from error

    def role(self, identity: Identity) -> Role | None:
        """What somebody may do now; None when they are not in the file any more."""
        entry = _find(self.all(), identity.account)
        return entry.role if entry else None

    def known(self, name: str) -> str:
        """The name as it stands in the file; ``?`` for another, which may be a password in the wrong place."""
        entry = _find(self.all(), name)
        return entry.name if entry else "?"

    def check(self, name: str, password: str) -> Identity | None:
        """Who it is, if that is their password. One of weaker parameters than those of today is hashed anew."""
        entry = _find(self.all(), name)
        if len(password) > LONGEST or not self._verified(entry.hash if entry else self._nobody, password) or not entry:
            return None
        if self._hasher.check_needs_rehash(entry.hash):
            self._renew(entry, password)
        return Identity(account_of(entry.name), entry.name)

    def _renew(self, entry: Entry, password: str) -> None:
        hashed = self._hasher.hash(_normal(password))
        with self._changing() as people:
            # Who was given another password meanwhile keeps that.
            self._write(each.model_copy(update={"hash": hashed}) if each == entry else each for each in people)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe())

    def _verified(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, _normal(password))
        except (VerificationError, InvalidHashError):
            return False

    def add(self, name: str, role: Role, password: str) -> Person:
        """Somebody new.

        Raises:
            InvalidInput: the name is taken or none, or the password is too short or too long.
        """
        shown = names.title(name)
        if not shown:
            raise InvalidInput("A person needs a name.")
        hashed = self._hashed(password)
        with self._changing() as people:
            if _find(people, shown):
                raise InvalidInput(f"{shown} is there already.", "Give another name.")
            self._write([*people, Entry(name=shown, role=role, hash=hashed)])
        return Person(shown, role, account_of(shown))

    def set_password(self, name: str, password: str) -> Person:
        """Another password. Raises InvalidInput: there is nobody of that name, or as for ``add``."""
        hashed = self._hashed(password)
        with self._changing() as people:
            entry = require(people, name)
            self._write([each.model_copy(update={"hash": hashed}) if each is entry else each for each in people])
        return _person(entry)

    def set_role(self, name: str, role: Role) -> Person:
        """Another role, from the next request on. Raises InvalidInput: there is nobody of that name."""
        with self._changing() as people:
            entry = require(people, name)
            self._write([each.model_copy(update={"role": role}) if each is entry else each for each in people])
        return _person(entry)._replace(role=role)

    def remove(self, name: str) -> Person:
        """Nobody any more, from the next request on. Raises InvalidInput: there is nobody of that name."""
        with self._changing() as people:
            entry = require(people, name)
            self._write(each for each in people if each is not entry)
        return _person(entry)

    def _hashed(self, password: str) -> str:
        require_password(password)
        return self._hasher.hash(_normal(password))

    @contextmanager
    def _changing(self) -> Iterator[tuple[Entry, ...]]:
        """Everybody, while nobody else changes it: the command line and the web process may both want to."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, MODE)) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.all()

    def _write(self, people: Iterable[Entry]) -> None:
        book = Book(people=tuple(sorted(people, key=lambda entry: account_of(entry.name))))
        partial = self.path.with_suffix(".partial")
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, MODE), "w", encoding="utf-8") as file:
            file.write(book.model_dump_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path)


def account_of(name: str) -> str:
    """By what somebody is found, however they write their name."""
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


def require(people: Iterable[Entry], name: str) -> Entry:
    """The one of that name. Raises InvalidInput: there is none."""
    entry = _find(people, name)
    if entry is None:
        raise InvalidInput(f"There is nobody called {names.title(name)}.", "`maaseutu studio list` shows who there is.")
    return entry


def require_password(password: str) -> None:
    """Nothing, if it can be one. Raises InvalidInput: it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        cure = "Some words that do not belong together are easy to remember."
        raise InvalidInput(f"A password has {SHORTEST} to {LONGEST} characters, and this one {len(password)}.", cure)


def _find(people: Iterable[Entry], name: str) -> Entry | None:
    return next((entry for entry in people if account_of(entry.name) == account_of(name)), None)


def _person(entry: Entry) -> Person:
    return Person(entry.name, entry.role, account_of(entry.name))


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)
