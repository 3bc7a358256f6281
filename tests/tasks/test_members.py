"""Messages to members through a real SMTP server that refuses, hangs and drops: what each gets is counted."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from config import stores
from config.settings import Settings, environment
from core import keys
from core.bucket import Bucket
from core.duties import signing
from core.duties.signing import Step
from core.helsinki import HELSINKI
from core.models import Change, Recording
from core.telling import ledger
from core.telling.ledger import Handover
from core.telling.members import Asked, Members, Wish
from core.text import places
from maaseutu.stack import Stack
from tasks import members
from tasks.members import Case, Sender
from tests.core.mailserver import MailServer
from tests.core.receivers import Receivers
from tests.web import demo

NOON = datetime(2026, 11, 24, 12, tzinfo=HELSINKI)
LONG_AGO = NOON - timedelta(days=100)
VIEREMA, PERHO = "925", "584"


CHILD = """
import sys
from datetime import datetime
from config import settings as configuration
from tasks import members

settings, now = configuration.load(), datetime.fromisoformat(sys.argv[1])
due = members.pending(members.known(settings), members.news(settings, now), now)
members.Sender(settings, lambda: now).send(due)
"""


class World(NamedTuple):
    """The settings, and the mail server that they name."""

    settings: Settings
    server: MailServer

    @property
    def archive(self) -> Bucket:
        """Where members are."""
        return stores.archive(self.settings)

    def add(self, name: str, *wishes: Wish, town: str = VIEREMA, address: str = "") -> str:
        """A member of long ago; gives the id."""
        asked = Asked(
            address=address or f"{name}@example.org", municipalities=(town,), wishes=wishes or (Wish.PUBLISHED,)
        )
        found = Members(self.archive)
        found.write(asked, at=LONG_AGO, consent="meeting", now=LONG_AGO)
        return found.seal.id(asked.address)

    def publish(self, name: str, at: datetime, *, live: bool = False) -> None:
        """A broadcast that was published at a moment, or goes on the air then."""
        site, shown = stores.site(self.settings), demo.older(name, demo.episode(title=name.title()))
        shown = shown.model_copy(update={"live": live})
        card = demo.card(shown)
        site.put_record(keys.mentions(name, card.version), places.mentioned(shown))
        site.put_record(keys.search_document(name, card.version), demo.search_document(shown, card.version))
        site.put_record(keys.card(name), card)
        change = Change(at=at, kind="published", episode=name, version=card.version)
        site.put_record(keys.change(at, name, card.version), change)
        if not live:
            known = signing.steps(self.archive, name)
            signing.append(self.archive, name, known, Step(at=at, kind="published"))

    def run(self, now: datetime) -> dict[str, str]:
        """What the flow does; gives what became of each member's message."""
        return {case.member.address.partition("@")[0]: case.state for case in self.cases(now)}

    def cases(self, now: datetime) -> list[Case]:
        """The same in full."""
        known = members.known(self.settings)
        due = members.pending(known, members.news(self.settings, now, known.topics), now)
        return self.sender(now).send(due)

    def sender(self, now: datetime) -> Sender:
        """One whose clock stands, and which does not wait for long."""
        made = Sender(self.settings, lambda: now)
        made._server = self.server.named()
        return made


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with MailServer() as started:
        yield started


@pytest.fixture
def world(storage: Stack, mail: MailServer) -> World:
    """Buckets of its own, and an empty inbox."""
    name = f"net-{uuid.uuid4().hex[:8]}"
    buckets = {"archive_bucket": f"{name}-archive", "site_bucket": f"{name}-site"}
    made = storage.settings.model_copy(update=buckets | {"public_url": "https://example.org"})
    stores.create(made)
    mail.taken, mail.is_well = [], False
    for event in (mail.dropped, mail.hung, mail.held):
        event.clear()
    return World(made, mail)


def test_each_gets_what_they_wish_once_and_can_leave(world: World) -> None:
    world.add("anna", Wish.MENTIONED, Wish.PUBLISHED)
    world.add("eero", Wish.PUBLISHED, town=PERHO)
    world.add("olli", Wish.MENTIONED, town=PERHO)
    world.add("liisa", Wish.PLANNED)
    world.publish("kokous", NOON)
    for hours in (0, 1, 24, 48):
        world.run(NOON + timedelta(hours=hours, minutes=1))
    assert sorted(mail.to for mail in world.server.taken) == ["anna@example.org", "eero@example.org"]
    [mail] = world.server.got("anna")
    assert mail["Subject"] == "Vieremä mainittiin: Kokous"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    leave = mail["List-Unsubscribe"].strip("<>")
    assert leave.startswith("https://example.org/tilaa/lopeta?t=")
    for kind in ("plain", "html"):
        text = mail.get_body((kind,)).get_content()
        assert "Vieremällä koulu pidettiin auki" in text
        assert "https://example.org/jaksot/kokous/#t=11.6" in text
        assert leave in text


def test_a_topic_is_told_with_what_was_said(world: World) -> None:
    asked = Asked(address="anna@example.org", topics=("kyläkoulu", "tekoäly"), wishes=(Wish.DISCUSSED,))
    Members(world.archive).write(asked, at=LONG_AGO, consent="form", now=LONG_AGO)
    world.publish("kokous", NOON)
    for hours in (0, 24):
        world.run(NOON + timedelta(hours=hours, minutes=1))
    [mail] = world.server.got("anna")
    assert mail["Subject"] == "Aiheesta ”kyläkoulu” puhuttiin: Kokous"
    assert "Ensimmäisenä asiana on kyläkoulujen tulevaisuus" in mail.get_body(("plain",)).get_content()


def test_one_digest_a_day_unless_it_is_live(world: World) -> None:
    world.add("anna", Wish.PUBLISHED, Wish.LIVE)
    world.publish("aamu", NOON)
    world.run(NOON + timedelta(minutes=1))
    world.publish("ilta", NOON + timedelta(hours=2))
    world.publish("suora", NOON + timedelta(hours=2), live=True)
    world.publish("ohi", NOON + timedelta(hours=2), live=True)
    world.archive.put_record(keys.manifest("ohi"), Recording(broadcast="ohi", sealed=True))
    for hours in (2, 3, 11):
        world.run(NOON + timedelta(hours=hours, minutes=1))
    assert [mail["Subject"] for mail in world.server.got("anna")] == ["Julkaistu: Aamu", "Nyt suorana: Suora"]
    world.run(NOON + timedelta(hours=12, minutes=1))
    assert [mail["Subject"] for mail in world.server.got("anna")][2:] == ["Julkaistu: Ilta"]


def test_whatever_a_server_does_each_gets_it_once_and_nobody_waits_for_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    claiming, dropping = Handover.claim, Members(world.archive).seal.id("drops@example.org")

    def late(handover: Handover) -> bool:
        # Who breaks off in the middle has done so before the end is reached.
        assert handover._member_id != dropping or world.server.is_well or world.server.dropped.wait(30)
        return claiming(handover)

    monkeypatch.setattr(Handover, "claim", late)
    everybody = ("refused", "later", "hangs", "drops", "quiet", "anna", "eero")
    for name in everybody:
        world.add(name)
    world.publish("kokous", NOON)
    now = NOON + timedelta(minutes=1)
    states = world.run(now)
    assert {name for name, state in states.items() if state == "sent"} == {"anna", "eero"}
    assert "550 no such user" in states["refused"]
    assert states["quiet"].startswith("in doubt")
    assert sorted(mail.to.partition("@")[0] for mail in world.server.taken) == ["anna", "eero", "quiet"]
    # Too early; and then the server is well.
    assert {state[:5] for state in world.run(now).values()} == {"waits"}
    world.server.is_well = True
    for hours in (1, 2, 24):
        world.run(now + timedelta(hours=hours))
    assert {name: len(world.server.got(name)) for name in everybody} == dict.fromkeys(everybody, 1)
    [(member, claim)] = members.doubted(members.known(world.settings), now + timedelta(hours=1))
    assert (member.masked, claim.news) == ("q…@example.org", ("published-kokous",))


@pytest.mark.parametrize(("moment", "count"), [("before", 1), ("claimed", 0), ("taken", 1)])
def test_who_is_killed_sends_nothing_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, moment: str, count: int
) -> None:
    world.add("anna")
    world.publish("kokous", NOON)
    claim = Handover.claim

    def killed(handover: Handover, *_: datetime) -> bool:
        if moment == "claimed":
            claim(handover)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Handover, "settle" if moment == "taken" else "claim", killed)
        with pytest.raises(SystemExit):
            world.run(NOON + timedelta(minutes=1))
    for hours in (1, 24):
        world.run(NOON + timedelta(hours=hours))
    assert len(world.server.got("anna")) == count
    # Only between the claim and the dot is it lost; that is told.
    in_doubt = members.doubted(members.known(world.settings), NOON + timedelta(hours=1))
    assert len(in_doubt) == (0 if moment == "before" else 1)


def test_a_process_that_is_killed_while_the_server_has_two_messages_sends_nothing_twice(world: World) -> None:
    for name in ("hangs", "holds"):
        world.add(name)
    world.publish("kokous", NOON)
    now = NOON + timedelta(minutes=1)
    server = {"smtp_host": "127.0.0.1", "smtp_port": world.server.port, "smtp_security": "none"}
    given = environment(world.settings.model_copy(update=server)) | {"PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen([sys.executable, "-c", CHILD, now.isoformat()], env=given)
    assert world.server.hung.wait(60)
    assert world.server.held.wait(60)
    child.kill()
    child.wait()
    world.server.is_well = True
    for hours in (0, 1, 24):
        world.run(now + timedelta(hours=hours))
    assert [len(world.server.got(name)) for name in ("hangs", "holds")] == [1, 1]
    [(member, _)] = members.doubted(members.known(world.settings), now + timedelta(hours=1))
    assert member.address == "holds@example.org"


def test_two_runs_at_once_send_one(world: World) -> None:
    for name in ("anna", "eero", "olli"):
        world.add(name)
    world.publish("kokous", NOON)
    now = NOON + timedelta(minutes=1)
    due = members.pending(members.known(world.settings), members.news(world.settings, now), now)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: world.sender(now).send(due), range(2)))
    assert sorted(mail.to for mail in world.server.taken) == [f"{n}@example.org" for n in ("anna", "eero", "olli")]


def test_an_address_is_given_up_after_three_days_and_then_tried_with_later_news(world: World) -> None:
    world.add("refused")
    world.publish("kokous", NOON)
    cases = [case for hours in (1, 2, 30, 60, 73) for case in world.cases(NOON + timedelta(hours=hours))]
    assert [case.is_lost for case in cases] == [False] * 4 + [True]
    assert "given up after 5 tries" in cases[-1].state
    world.server.is_well = True
    assert world.run(NOON + timedelta(hours=74)) == {}
    world.publish("toinen", NOON + timedelta(hours=75))
    world.run(NOON + timedelta(hours=76))
    assert [mail["Subject"] for mail in world.server.got("refused")] == ["Julkaistu: Toinen"]


def test_when_our_own_server_is_away_no_address_is_blamed(world: World) -> None:
    for number in range(8):
        world.add(f"a{number}")
    world.publish("kokous", NOON)
    now = NOON + timedelta(minutes=1)
    due = members.pending(members.known(world.settings), members.news(world.settings, now), now)
    sender = world.sender(now)
    sender._server = world.server.named(security="starttls")
    assert {case.state.partition(":")[0] for case in sender.send(due)} == {"not sent yet"}
    assert ledger.accounts(world.archive) == {}
    world.run(now)
    assert len(world.server.taken) == 8


def test_a_webhook_gets_signed_json_and_is_tried_again(world: World) -> None:
    with Receivers(refuse=1) as receivers:
        address = receivers.hook.replace("json://", "http://")
        world.add("hook", Wish.MENTIONED, address=address)
        world.publish("kokous", NOON)
        refused = world.cases(NOON + timedelta(minutes=1))
        assert "an address of this machine" in refused[0].state
        allowed = world.settings.model_copy(update={"private_sources": "127.0.0.1"})
        world = World(allowed, world.server)
        assert "503" in world.cases(NOON + timedelta(hours=1))[0].state
        for hours in (2, 24):
            world.cases(NOON + timedelta(hours=hours))
    [(headers, body)] = receivers.posted
    told = json.loads(body)["data"]["items"]
    assert [(item["kind"], item["municipality"], len(item["quotes"])) for item in told] == [("mentioned", VIEREMA, 2)]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    found = Members(world.archive)
    assert headers["webhook-signature"] == found.seal.signature(found.seal.id(address), signed)


def test_a_table_tells_no_address_in_full(world: World) -> None:
    world.add("anna")
    world.publish("kokous", NOON)
    [case] = world.cases(NOON + timedelta(minutes=1))
    assert members.row(case) == {
        "member": "a…@example.org",
        "role": "",
        "message": "published-kokous",
        "state": "sent",
    }
    assert members.summary([case]) == "1 sent"


def test_what_was_before_somebody_came_is_not_told(world: World) -> None:
    world.publish("kokous", NOON)
    asked = Asked(address="anna@example.org", wishes=(Wish.PUBLISHED,))
    later = NOON + timedelta(hours=1)
    Members(world.archive).write(asked, at=later, consent="form", now=later.astimezone(UTC))
    assert world.run(NOON + timedelta(hours=2)) == {}
