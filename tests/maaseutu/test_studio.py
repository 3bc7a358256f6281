"""``maaseutu studio``: who may sign in, and the log of it."""

import io

import pytest

from config.settings import PREFIX
from maaseutu import cli
from web.studio import opening
from web.studio.sessions import Identity

PASSWORD = "puro virtaa hiljaa kotiin"


def _run(monkeypatch, *arguments: str, typed: str = "") -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    return cli.main(["studio", *arguments])


def test_people_and_the_log(stored, monkeypatch, capsys):
    assert _run(monkeypatch, "add", "Anna Korhonen", "--role", "producer", typed=PASSWORD) == 0
    assert _run(monkeypatch, "role", "anna korhonen", "--role", "admin") == 0
    people, sessions = opening.passwords(stored), opening.sessions(stored)
    identity = people.check("Anna Korhonen", PASSWORD)
    assert identity
    session = sessions.begin(identity)
    assert _run(monkeypatch, "passwd", "Anna Korhonen", typed="toinen pitkä salasana") == 0
    assert sessions.find(session) is None
    assert people.check("Anna Korhonen", "toinen pitkä salasana")
    assert _run(monkeypatch, "list") == 0
    session = sessions.begin(identity)
    assert _run(monkeypatch, "end", "Anna Korhonen") == 0
    assert sessions.find(session) is None
    provided = sessions.begin(Identity("anna@example.org", "Anna"))
    assert _run(monkeypatch, "end", "anna@example.org") == 0
    assert sessions.find(provided) is None
    assert _run(monkeypatch, "remove", "Anna Korhonen") == 0
    capsys.readouterr()
    assert _run(monkeypatch, "log") == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[-1].strip() for line in shown[1:]] == [
        "Anna Korhonen (producer)",
        "Anna Korhonen (admin)",
        "Anna Korhonen",
        "Anna Korhonen",
        "anna@example.org",
        "Anna Korhonen",
    ]
    assert PASSWORD not in "".join(shown)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add"], "Say who."),
        (["add", "Anna"], "Say what they may do."),
        (["add", "Anna", "--role", "admin"], "A password has 15 to 256 characters, and this one 0."),
        (["passwd", "Nobody"], "There is nobody called Nobody."),
        (["log", "--day", "eilen"], "eilen is not a day."),
    ],
)
def test_what_cannot_be_done_is_not_noted(stored, monkeypatch, capsys, arguments, said):
    assert _run(monkeypatch, *arguments) == 1
    assert capsys.readouterr().err.startswith(f"Error: {said}")
    assert opening.passwords(stored).all() == ()


def test_nothing_is_changed_that_cannot_be_noted(stored, monkeypatch, capsys):
    monkeypatch.setenv(f"{PREFIX}S3_ENDPOINT", "")
    assert _run(monkeypatch, "add", "Anna", "--role", "admin", typed=PASSWORD) == 1
    assert "maaseutu up" in capsys.readouterr().err
    assert opening.passwords(stored).all() == ()
