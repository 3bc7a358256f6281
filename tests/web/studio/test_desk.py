"""The first page of the studio: what is on it, and in which order."""

from datetime import UTC, datetime, timedelta

import pytest

from core import keys
from core.duties import signing, withdrawals
from core.duties.withdrawals import Withdrawal
from core.text.transcript import NOT_RECOGNISED
from tests.web import demo
from tests.web.studio.desks import put, sign_in
from web.studio import desk
from web.studio.desk import Doubts

NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)


def ago(days):
    return NOW - timedelta(days=days)


@pytest.fixture
def full(archive, public):
    """Episodes of every state."""
    put(archive, public, "uusi", [("published", "", ago(1))])
    put(archive, public, "kiire", [("published", "", ago(11))])
    put(archive, public, "myohassa", [("published", "", ago(20))])
    put(archive, public, "tarkistettu", [("published", "", ago(3)), ("checked", "Anna", ago(2))])
    put(archive, public, "valmis", [("published", "", ago(9)), ("signed", "Eero", ago(8))])
    put(archive, public, "verkossa", [("published", "", ago(5)), ("rejected", "Eero", ago(4))])
    put(archive, None, "odottaa", [])
    put(archive, None, "hylatty", [("rejected", "Eero", ago(2))])
    live = put(archive, None, "suora", [])
    public.put_record(keys.card("suora"), demo.card(live).model_copy(update={"live": True}))
    archive.put(keys.pulse("alussa"), b"{}")


def test_what_must_be_done_first_is_first(full, client, archive, public):
    rows = desk.rows(archive, public, NOW)
    assert [(row.id, row.todo, row.state, row.deadline and row.deadline.days_left) for row in rows] == [
        ("myohassa", "check", "automatic", -6),
        ("kiire", "check", "automatic", 3),
        ("verkossa", "check", "rejected", 9),
        ("uusi", "check", "automatic", 13),
        ("odottaa", "release", "automatic", None),
        ("tarkistettu", "sign", "checked", None),
        ("hylatty", "nothing", "rejected", None),
        ("valmis", "nothing", "signed", None),
    ]
    assert [row.id for row in rows if row.is_overdue] == ["myohassa"]
    lost = [passage for passage in demo.passages() if passage.text == NOT_RECOGNISED]
    unclear = [passage for passage in demo.passages() if passage.unclear and passage not in lost]
    assert {row.doubts for row in rows if not row.by} == {Doubts(len(lost), len(unclear))}
    assert {row.doubts for row in rows if row.by} == {None}

    put(archive, public, "nimi", [("published", "", datetime.now(UTC) - timedelta(days=13))], title="Kylät & <koulut>")
    sign_in(client)
    text = client.get("/studio/").text
    assert "Kylät &amp; &lt;koulut&gt;" in text
    assert 'href="../studio/jaksot/nimi/"' in text
    assert 'href="../jaksot/nimi/"' in text
    assert "1 päivä jäljellä" in text
    assert "tarkistettu: Anna, 26.11.2026" in text
    assert 'href="../jaksot/odottaa/"' not in text
    assert "suora" not in text
    assert "../studio/loki" not in text


def test_what_was_changed_after_it_was_signed_is_to_be_signed_again(full, client, archive, public):
    put(archive, public, "muutettu", [("published", "", ago(9))])
    for kind, text, days in (("signed", "a", 8), ("published", "b", 7)):
        known = signing.steps(archive, "muutettu")
        told = {"kind": kind, "text": text, "at": ago(days), "by": "Eero"}
        assert signing.append(archive, "muutettu", known, known[0].model_copy(update=told))
    row = next(row for row in desk.rows(archive, public, NOW) if row.id == "muutettu")
    assert (row.todo, row.state, row.deadline) == ("again", "signed", None)
    sign_in(client)
    text = client.get("/studio/").text
    assert "Tekstiä on muutettu allekirjoituksen jälkeen" in text.partition('id="valmiit"')[0]


def test_what_was_withdrawn_waits_for_nobody(full, client, archive, public):
    for id_ in ("odottaa", "hylatty"):
        step = Withdrawal(at=ago(1), kind="episode", by="Anna", reason="Pyyntö.")
        withdrawals.append(archive, id_, withdrawals.read(archive, id_), step)
    found = [(row.id, row.todo, row.by) for row in desk.rows(archive, public, NOW) if row.state == "withdrawn"]
    assert sorted(found) == [("hylatty", "nothing", ""), ("odottaa", "nothing", "")]
    sign_in(client)
    assert client.get("/studio/").text.partition('id="valmiit"')[2].count("poistettu katsojilta") == 2


def test_nothing_to_do(client):
    sign_in(client)
    assert "Kaikki on kunnossa." in client.get("/studio/").text
