"""E-mail through a server with TLS and a login."""

import ssl
from pathlib import Path

import pytest

from core.errors import NotDelivered
from core.telling import post
from core.telling.post import Letter
from tests.core.mailserver import MailServer

LETTER = Letter("Ähtäri – päätös", ".alku\näö\n", "<p>äö</p>", "fi", f"https://example.org/tilaa/lopeta?t={'x' * 90}")


def test_a_letter_comes_as_it_was_written(secure: tuple[ssl.SSLContext, Path]) -> None:
    with MailServer(secure[0], ("live", "salaisuus")) as started:
        server = started.named(security="starttls", user="live", password="salaisuus", timeout=10)
        assert post.send(server, post.message(server, "anna@example.org", LETTER, "<1@example.org>"))
        for wrong in ({"password": "other"}, {"user": ""}, {"security": "none"}, {"security": "tls"}):
            with pytest.raises(NotDelivered) as raised:
                post.send(server._replace(**wrong), post.message(server, "anna@example.org", LETTER, "<2@x>"))
            assert raised.value.is_ours
    [(to, mail, raw)] = started.taken
    assert (to, mail["Subject"], mail["Message-ID"]) == ("anna@example.org", LETTER.subject, "<1@example.org>")
    # As it stands: not all that read it know encoded words there.
    assert f"\r\nList-Unsubscribe: <{LETTER.leave}>\r\n".encode() in raw
    assert mail.get_body(("plain",)).get_content().splitlines() == LETTER.text.splitlines()
    assert mail.get_body(("html",)).get_content().strip() == LETTER.html


def test_a_certificate_that_nobody_trusts_is_refused(secure: tuple[ssl.SSLContext, Path]) -> None:
    with MailServer(secure[0]) as started:
        server = started.named(security="starttls", timeout=10)._replace(host="localhost")
        with pytest.raises(NotDelivered, match="certificate"):
            post.send(server, post.message(server, "anna@example.org", LETTER, "<1@x>"))
    assert started.taken == []
