"""The password file: who may read it, how it is written, and what it says."""

import stat

import pytest
from argon2 import PasswordHasher

from core.errors import InvalidInput, Misconfigured
from tests.web.studio.conftest import QUICK
from tests.web.studio.desks import ADMIN, PASSWORD, PRODUCER
from web.studio.passwords import Passwords, account_of
from web.studio.sessions import Identity


def test_only_its_owner_reads_it_and_no_password_is_in_it(people):
    assert stat.S_IMODE(people.path.stat().st_mode) == 0o600
    text = people.path.read_text()
    assert text.count("$argon2id$") == 2
    assert PASSWORD not in text
    people.path.chmod(0o640)
    with pytest.raises(Misconfigured, match="chmod 600"):
        people.check(PRODUCER, PASSWORD)


def test_who_it_is(people):
    assert people.check("  anna   KORHONEN ", PASSWORD) == Identity("anna korhonen", PRODUCER)
    assert people.check("Eero Ma\u0308ki", PASSWORD) == Identity("eero mäki", ADMIN)
    assert people.check(PRODUCER, PASSWORD.upper()) is None
    assert people.check("Nobody", PASSWORD) is None
    assert people.check(PRODUCER, "x" * 100_000) is None
    assert people.role(Identity("eero mäki", ADMIN)) == "admin"


def test_a_name_that_nobody_has_is_hashed_as_well(people, monkeypatch):
    tried = []
    verified = people._verified
    monkeypatch.setattr(people, "_verified", lambda known, password: tried.append(known) or verified(known, password))
    people.check("Nobody", PASSWORD)
    people.check(PRODUCER, "another one, as long")
    assert [known.rpartition("$")[0].rpartition("$")[0] for known in tried] == ["$argon2id$v=19$m=8,t=1,p=1"] * 2


def test_a_hash_of_weaker_parameters_is_made_anew_at_the_next_sign_in(people):
    stronger = Passwords(people.path, PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert stronger.check(PRODUCER, "another one, as long") is None
    assert "m=16,t=2" not in people.path.read_text()
    assert stronger.check(PRODUCER, PASSWORD)
    assert [entry.name for entry in stronger.all() if "m=16,t=2" in entry.hash] == [PRODUCER]
    assert stronger.check(PRODUCER, PASSWORD)


def test_changes(people):
    people.set_role(PRODUCER, "admin")
    people.set_password(PRODUCER, "toinen pitkä salasana")
    assert people.check(PRODUCER, PASSWORD) is None
    found = people.check(PRODUCER, "toinen pitkä salasana")
    assert people.role(found) == "admin"
    assert people.remove("anna korhonen") == (PRODUCER, "admin", account_of(PRODUCER))
    assert people.role(found) is None
    assert [entry.name for entry in people.all()] == [ADMIN]


@pytest.mark.parametrize(
    ("name", "password"), [(" anna korhonen", PASSWORD), ("Uusi", "lyhyt"), ("Uusi", "x" * 257), (" \u200b", PASSWORD)]
)
def test_what_cannot_be_added(people, name, password):
    with pytest.raises(InvalidInput):
        people.add(name, "producer", password)
    assert len(people.all()) == 2


def test_nobody_of_that_name(people):
    with pytest.raises(InvalidInput, match="nobody called Uusi"):
        people.remove("Uusi")


def test_a_file_that_is_none(tmp_path):
    path = tmp_path / "people.json"
    assert Passwords(path, QUICK).all() == ()
    path.touch(mode=0o600)
    with pytest.raises(Misconfigured, match="is no password file"):
        Passwords(path, QUICK).all()


def test_what_breaks_off_leaves_the_file_as_it_was(people, monkeypatch):
    def fails(_):
        raise OSError("the disk is full")

    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(OSError, match="full"):
        people.remove(PRODUCER)
    assert len(people.all()) == 2
