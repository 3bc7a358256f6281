"""The members' list in a real store: changes of two at once, leaving, and links that nobody else can make."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from config import stores
from core import keys
from core.bucket import Bucket
from core.telling import desk
from core.telling.desk import Desk
from core.telling.ledger import Claim, Handover, accounts
from core.telling.members import Asked, Members, Wish, plain
from core.telling.seals import Seal
from maaseutu.stack import Stack

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def archive(storage: Stack) -> Bucket:
    made = stores.archive(storage.settings.model_copy(update={"archive_bucket": f"list-{uuid.uuid4().hex[:8]}"}))
    made.create(versioned=True)
    return made


def asked(*towns: str, address: str = "anna@example.org") -> Asked:
    return Asked(address=address, municipalities=towns, wishes=(Wish.MENTIONED,))


def write(found: Members, what: Asked, now: datetime = NOW) -> None:
    found.write(what, at=now, consent="meeting", now=now)


def test_what_holds_is_the_last_and_nothing_is_lost_when_two_change_at_once(archive: Bucket) -> None:
    found = Members(archive)
    write(found, asked("925"))
    write(found, asked("925"), NOW + timedelta(days=1))
    write(found, asked("584"), NOW + timedelta(days=2))
    [(member_id, member)] = found.every().items()
    assert (member.municipalities, member.since, member.consented_at) == (("584",), NOW, NOW + timedelta(days=2))
    stored = [item.key for item in archive.list(keys.MEMBERS)]
    assert stored == [keys.wish(member_id, number) for number in (1, 2)]
    towns = ["005", "009", "010", "016"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda town: write(Members(archive), asked(town)), towns))
    assert len(list(archive.list(keys.wishes(member_id)))) == 6
    assert found.every()[member_id].municipalities[0] in towns


def test_who_leaves_is_forgotten_with_all_versions_and_may_come_back(archive: Bucket) -> None:
    found = Members(archive)
    write(found, asked("925"))
    write(found, asked("584"))
    write(found, asked(address="eero@example.org"))
    member_id = found.seal.id("anna@example.org")
    Handover(archive, member_id, "2026-11-24", Claim(at=NOW, message_id="x", news=("a",))).claim()
    assert found.remove(member_id)
    assert not found.remove(member_id)
    versions = archive._client.list_object_versions(Bucket=archive.name)
    left = {item["Key"] for kind in ("Versions", "DeleteMarkers") for item in versions.get(kind, [])}
    assert left == {keys.SEAL, keys.wish(found.seal.id("eero@example.org"), 1)}
    write(found, asked("925"))
    assert len(found.every()) == 2
    assert accounts(archive) == {}


def test_a_claim_is_given_to_one_and_can_be_given_back(archive: Bucket) -> None:
    one, other = (Handover(archive, "m", "d", Claim(at=NOW, message_id="x", news=("a",))) for _ in range(2))
    assert (one.claim(), other.claim()) == (True, False)
    assert accounts(archive)["m"].news == {"a"}
    other.give_back()
    assert accounts(archive)["m"].claims == {"d"}
    one.give_back()
    assert accounts(archive) == {}
    assert other.claim()
    other.settle(NOW)
    assert accounts(archive)["m"].doubted == ()


def test_links_are_ours_and_end(archive: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    at_desk, other = Desk(archive), Seal(b"another")
    link = at_desk.link(asked("925"))
    assert at_desk.asked(link) == asked("925")
    assert Desk(archive).asked(link) == asked("925")
    for wrong in ("", "å", link[:-2], other.closed(asked("925").model_dump_json()), at_desk.seal.closed("{}")):
        assert at_desk.asked(wrong) is None
    monkeypatch.setattr(desk, "WITHIN", timedelta(seconds=-1))
    assert at_desk.asked(link) is None
    assert list(archive.list(keys.MEMBERS)) == []
    leave = at_desk.confirm(asked("925"), NOW)
    for wrong in ("", "å", leave[:-1], f"{leave}0", other.leave(at_desk.seal.left(leave))):
        assert not at_desk.leave(wrong)
    assert len(Members(archive).every()) == 1
    assert at_desk.leave(leave)
    assert at_desk.leave(leave)
    assert Members(archive).every() == {}


def test_addresses_are_known_as_one_and_what_is_none_is_refused() -> None:
    assert plain(" Anna.K+live@Kunta.FI ") == "anna.k+live@kunta.fi"
    assert plain("anna@hämeenkyrö.fi") == "anna@xn--hmeenkyr-0za1q.fi"
    assert plain("https://kunta.fi/hook?x=1") == "https://kunta.fi/hook?x=1"
    for wrong in ("", "anna", "a@b", "a b@x.fi", "a@x.fi\nBcc: b@x.fi", "a@x.fi,b@x.fi", "javascript://x", "ä@x.fi"):
        assert plain(wrong) == "", wrong
