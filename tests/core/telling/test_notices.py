"""Messages to real servers, and to ones that are away."""

import socket
from collections.abc import Iterator

import pytest

from core.errors import Misconfigured
from core.telling.notices import Message, Notices, addresses
from tests.core.receivers import Receivers

MESSAGE = Message("Kokous: No sound since 18.04.20", "No sound since 18.04.20. Check the mixer <1>.", bad=True)


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    with Receivers() as started:
        yield started


def _closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_addresses_are_told_apart_by_receiver_and_by_password() -> None:
    mail, hook = "mailto://127.0.0.1:25?from=live@x.fi&to={}@x.fi&mode=insecure", "json://user:{}@127.0.0.1:1/a"
    found = addresses(" ".join([mail.format("anna"), mail.format("eero"), hook.format("one"), hook.format("two")]))
    assert len({(each.name, each.id) for each in found}) == 4
    assert all("one" not in f"{each.name} {each.id}" for each in found)


def test_a_message_comes_by_mail_and_by_webhook(receivers: Receivers) -> None:
    notices = Notices(addresses(receivers.urls))
    notices.send(MESSAGE)
    notices.close()
    assert sorted((one.by, one.subject, one.text) for one in receivers.received) == [
        ("hook", MESSAGE.subject, MESSAGE.text),
        ("mail", MESSAGE.subject, MESSAGE.text),
    ]


def test_messages_keep_their_order(receivers: Receivers) -> None:
    notices = Notices(addresses(receivers.hook))
    for number in range(3):
        notices.send(MESSAGE._replace(subject=str(number)))
    notices.close()
    assert [one.subject for one in receivers.received] == list("012")


def test_a_server_that_fails_is_tried_again() -> None:
    with Receivers(refuse=2) as receivers:
        notices = Notices(addresses(receivers.hook), retry_seconds=(0.01, 0.01))
        notices.send(MESSAGE)
        notices.close()
        assert receivers.refused == 2
        assert [one.subject for one in receivers.received] == [MESSAGE.subject]


def test_a_server_that_is_away_is_logged_and_delays_no_other(
    receivers: Receivers, caplog: pytest.LogCaptureFixture
) -> None:
    dead = f"json://127.0.0.1:{_closed_port()}/alarm"
    notices = Notices(addresses(f"{dead} {receivers.hook}"), retry_seconds=(60.0,))
    notices.send(MESSAGE)
    assert receivers.wait_for(1)[0].subject == MESSAGE.subject
    notices.close(seconds=0.1)
    ours = [record.message for record in caplog.records if record.name == "core.telling.notices"]
    assert len(ours) == 1
    assert ours[0].endswith(f"was not told: {MESSAGE.subject}")


def test_nobody_to_tell() -> None:
    notices = Notices(addresses(""))
    notices.send(MESSAGE)
    notices.close()


def test_passwords_are_hidden() -> None:
    [address] = addresses("mailto://anna:salaisuus@example.org")
    assert "salaisuus" not in address.name


def test_an_address_that_is_none_is_named_without_its_secrets() -> None:
    with pytest.raises(Misconfigured, match=r"Address 2 of MAASEUTU_NOTIFY \(nosuch:…\)") as raised:
        addresses("json://127.0.0.1/ nosuch://user:salaisuus@example.org")
    assert "salaisuus" not in str(raised.value)
