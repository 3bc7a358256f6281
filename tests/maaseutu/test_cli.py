"""The command line as a person meets it: help, errors, and what is asked of the flows."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import Settings
from core.errors import InvalidInput
from core.identifiers import identifier
from flows.capture import CaptureRequest
from maaseutu import cli, progress, requests
from maaseutu.console import table

COMMANDS = (
    "up",
    "down",
    "demo",
    "import",
    "record",
    "search",
    "status",
    "doctor",
    "sweep",
    "verify",
    "steer",
    "correct",
    "studio",
    "members",
)
NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(f"    {name} " in shown for name in COMMANDS)


def test_help_does_not_wait_for_libraries() -> None:
    code = "import sys; from maaseutu import cli; cli.parser(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"prefect", "boto3", "pydantic", "numpy"} & set(loaded)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert f"usage: maaseutu {command}" in capsys.readouterr().out


def test_a_file_that_is_not_there(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["import", "nowhere.mp4"]) == 1
    what, cure = capsys.readouterr().err.splitlines()
    assert what.startswith("Error: There is no file")
    assert what.endswith("nowhere.mp4.")
    assert cure


def test_an_empty_file(settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.mp4").touch()
    assert cli.main(["import", str(tmp_path / "empty.mp4")]) == 1
    assert "is empty" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["record", "https://example.invalid/live.m3u8"], ["search", "kunta"], ["sweep"]])
def test_without_a_stack_the_cure_is_to_start_it(
    arguments: list[str], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 1
    assert capsys.readouterr().err.splitlines() == [
        "Error: No stack is running.",
        *[line for line in [_cure(arguments[0])] if line],
    ]


def _cure(command: str) -> str:
    setting = "MAASEUTU_PUBLIC_URL" if command == "search" else "MAASEUTU_PREFECT_API_URL"
    return f"Start it with `maaseutu up`, or set {setting}."


def test_status_and_down_without_a_stack(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["status"]) == 0
    assert "not running" in capsys.readouterr().out
    assert cli.main(["down"]) == 0
    assert capsys.readouterr().out == "No stack is running.\n"


def test_an_invalid_setting_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAASEUTU_WEB_PORT", "99999")
    assert cli.main(["status"]) == 1
    assert "MAASEUTU_WEB_PORT" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("order", "said"),
    [(["--minutes", "0"], "cannot go on for 0 minutes"), (["--mark", " "], "needs a text"), (["--stop"], "No stack")],
)
def test_an_order_that_cannot_be_given(
    order: list[str], said: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["steer", "2026-11-24-kokous", *order]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Pienkuntien yhteistyö", "2026-11-24-pienkuntien-yhteistyo"),
        ("  Äänekoski & Ähtäri!  ", "2026-11-24-aanekoski-ahtari"),
        ("北海道", "2026-11-24-lahetys"),
    ],
)
def test_identifiers(title: str, expected: str) -> None:
    assert identifier(title, NOON) == expected
    assert requests.checked_id(expected) == expected


def test_the_form_and_the_commands_name_a_broadcast_alike() -> None:
    asked = CaptureRequest(source_url="https://x.invalid/a.m3u8", title="Pienkuntien yhteistyö", starts_at=NOON)
    assert asked.name == identifier("Pienkuntien yhteistyö", NOON)


@pytest.mark.parametrize("text", ["", "ab", "-x", "Iso", "a/b", "a" * 81])
def test_an_identifier_must_fit_into_an_address(text: str) -> None:
    with pytest.raises(InvalidInput):
        requests.checked_id(text)


def test_dates_are_helsinkis() -> None:
    assert requests.moment("2026-11-24T12:00") == NOON
    with pytest.raises(InvalidInput):
        requests.moment("24.11.2026")


def test_what_is_not_given_is_left_to_the_flow() -> None:
    about = requests.Description(title="T", broadcast="t-1", vocabulary=["Kustavi"])
    assert requests.capture("https://x.invalid/a", about) == {
        "source_url": "https://x.invalid/a",
        "title": "T",
        "broadcast": "t-1",
        "vocabulary": ["Kustavi"],
    }


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("/tmp/kunnan_ilta.mp4", "Kunnan ilta"),
        ("https://x.invalid/videot/ilta.mp4?x=1", "Ilta"),
        ("rtmp://0.0.0.0:1935/live/secret-key", "Lähetys"),
        ("srt://0.0.0.0:9000?passphrase=secret-words", "Lähetys"),
    ],
)
def test_titles_from_sources(source: str, title: str) -> None:
    assert requests.title_of(source) == title


def test_clock_and_table() -> None:
    assert [progress.clock(ms) for ms in (0, 83_400, 3_723_000)] == ["0:00", "1:23", "1:02:03"]
    assert table([("A", "BB"), ("ccc", "d")]) == ["A    BB", "ccc  d"]
