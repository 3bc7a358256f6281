"""What the doctor says: real checks against this machine, and each cure when something is not well."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import Settings
from core.errors import Misconfigured, NotDelivered, WriterFailed
from maaseutu import doctor
from maaseutu.doctor import Finding
from maaseutu.stack import Stack
from tests.core.mailserver import MailServer
from tests.core.model_server import KEY, MODEL, ModelServer, Said
from tests.core.receivers import Receivers
from tests.web.studio.provider import running
from web.studio import opening
from web.studio.openid import ProviderAway


@pytest.mark.parametrize("check", [doctor.python, doctor.ffmpeg_works, doctor.yt_dlp, doctor.disk, doctor.fixed_ports])
def test_a_working_machine_is_well(check: doctor.Check, settings: Settings) -> None:
    finding = check(settings)
    assert finding.well, finding


def test_storage_is_well_when_it_runs(settings: Settings) -> None:
    with Stack(settings, services=("storage",)) as stack:
        assert doctor.storage(stack.settings).well


def test_a_program_that_is_not_ffmpeg(settings: Settings, tmp_path: Path) -> None:
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\necho ffmpeg version 0\n")
    fake.chmod(0o755)
    finding = doctor.ffmpeg_works(settings.model_copy(update={"ffmpeg": str(fake)}))
    assert not finding.well
    assert "libx264, aac" in finding.what
    assert "MAASEUTU_FFMPEG" in finding.cure


def test_nothing_runs(settings: Settings) -> None:
    findings = [check(settings) for check in (doctor.storage, doctor.prefect, doctor.web)]
    assert [finding.well for finding in findings] == [False] * 3
    assert all("maaseutu up" in finding.cure for finding in findings)


def test_too_little_room(settings: Settings) -> None:
    finding = doctor.disk(settings.model_copy(update={"min_free_mb": 1 << 40}))
    assert not finding.well
    assert "MAASEUTU_MIN_FREE_MB" in finding.cure


def test_an_error_of_ours_is_a_finding_with_its_cure(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", {"Model": doctor.speech_model})
    assert doctor.run(settings.model_copy(update={"model": str(tmp_path)})) == 1
    shown = capsys.readouterr().out
    assert "✗  Model" in shown
    assert "MAASEUTU_MODEL" in shown
    assert "1 to mend." in shown


def test_the_engine_and_its_model_are_shown(settings: Settings) -> None:
    finding = doctor.speech_model(settings.model_copy(update={"model_threads": 3, "compute_type": "int8"}))
    assert finding.well
    for part in ("faster-whisper, ", "whisper-base, 141 MB, int8 on c", ", 3 threads, multilingual"):
        assert part in finding.what


def test_a_model_that_is_to_be_fetched_is_not_well(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", {"Model": doctor.speech_model})
    assert doctor.run(settings.model_copy(update={"model": "large-v3"})) == 1
    assert "hf download Systran/faster-whisper-large-v3" in capsys.readouterr().out


def test_nobody_is_told_by_default(settings: Settings) -> None:
    assert doctor.notify(settings).well
    assert doctor.notified(settings).cure == "Set it as docs/operator.md shows."


def test_addresses_are_shown_without_passwords(settings: Settings) -> None:
    told = settings.model_copy(update={"notify": SecretStr("mailto://anna:salaisuus@example.org json://127.0.0.1/x")})
    finding = doctor.notify(told)
    assert finding.well
    assert "example.org" in finding.what
    assert "salaisuus" not in finding.what


def test_an_address_that_is_none_is_found(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", {"Notify": doctor.notify})
    assert doctor.run(settings.model_copy(update={"notify": SecretStr("nosuch://x")})) == 1
    assert "Address 1 of MAASEUTU_NOTIFY" in capsys.readouterr().out


def test_a_test_message_reaches_every_address(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", {"Notify": doctor.notify})
    with Receivers() as receivers:
        told = settings.model_copy(update={"notify": SecretStr(receivers.urls)})
        assert doctor.run(told, send=True) == 0
        assert sorted(one.by for one in receivers.received) == ["hook", "mail"]
        assert {one.subject for one in receivers.received} == {"Maaseutu LIVE: a test message"}
    assert "a test message was sent to mailto://" in capsys.readouterr().out


def test_a_test_message_that_does_not_arrive(settings: Settings) -> None:
    with Receivers(refuse=1) as receivers:
        finding = doctor.notified(settings.model_copy(update={"notify": SecretStr(receivers.hook)}))
    assert not finding.well
    assert finding.what.startswith("not told: json://127.0.0.1")


def test_the_report_shows_cures_only_where_needed() -> None:
    assert doctor.report(Finding("Disk", True, "9 MB", "cure")) == ["ok Disk       9 MB"]
    assert doctor.report(Finding("S3", False, "away", "Start it.")) == ["✗  S3         away", "              Start it."]


def test_what_a_check_found_is_said_before_the_next_one_begins(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []

    def second(_: Settings) -> Finding:
        said.append(capsys.readouterr().out)
        return Finding("Second", False, "away")

    monkeypatch.setattr(doctor, "CHECKS", {"First": lambda _: Finding("First", True, "there"), "Second": second})
    assert doctor.run(settings) == 1
    assert said == ["ok First      there\n"]
    assert capsys.readouterr().out.splitlines() == ["✗  Second     away", "1 to mend."]


def _writing(settings: Settings, url: str, **more: object) -> Settings:
    given = {"notes_server": url, "notes_model": MODEL, "notes_server_key": SecretStr(KEY)}
    return settings.model_copy(update=given | more)


def test_the_language_model_of_the_notes_is_asked(settings: Settings) -> None:
    assert doctor.notes_writer(settings).well
    with ModelServer(lambda _: Said('{"ok": true}')) as model:
        finding = doctor.notes_writer(_writing(settings, model.server().url))
        assert (finding.well, finding.what) == (True, f"{MODEL} at {model.server().url} answers")
        with pytest.raises(Misconfigured, match="answers 401"):
            doctor.notes_writer(_writing(settings, model.server().url, notes_server_key=SecretStr("another")))
    with pytest.raises(WriterFailed, match="does not answer"):
        doctor.notes_writer(_writing(settings, model.server().url))


def test_a_studio_that_nobody_can_sign_in_to(settings: Settings) -> None:
    assert doctor.studio(settings).what == "switched off (MAASEUTU_STUDIO)"
    on = settings.model_copy(update={"studio": "passwords", "public_url": "http://127.0.0.1:8080"})
    assert "maaseutu studio add" in doctor.studio(on).cure
    opening.passwords(on).add("Anna", "admin", "puro virtaa hiljaa")
    assert doctor.studio(on).what == "sign-in by password: 1, of them admins: 1"
    opening.passwords(on).path.chmod(0o644)
    with pytest.raises(Misconfigured, match="Others can read"):
        doctor.studio(on)


def test_a_studio_whose_passwords_everybody_reads_on_the_way(settings: Settings) -> None:
    on = settings.model_copy(update={"studio": "passwords", "public_url": "http://live.example.org"})
    assert not doctor.studio(on).well
    assert "https" in doctor.studio(on).cure


def test_a_studio_with_a_provider(settings: Settings) -> None:
    on = settings.model_copy(update={"studio": "openid"})
    with pytest.raises(Misconfigured, match="MAASEUTU_STUDIO_ISSUER"):
        doctor.studio(on)
    with running() as provider:
        known = on.model_copy(update={"studio_issuer": provider.issuer, "studio_client_id": "studio"})
        assert doctor.studio(known).well
    with pytest.raises(ProviderAway):
        doctor.studio(known)


def test_the_mail_server_for_members_lets_us_in(settings: Settings) -> None:
    assert "members get no e-mail" in doctor.mail_server(settings).what
    with MailServer() as started:
        more = {"public_url": "https://live.example.org", "smtp_host": "127.0.0.1", "smtp_port": started.port}
        found = doctor.mail_server(settings.model_copy(update=more | {"smtp_security": "none"}))
        assert found.what == "127.0.0.1 lets us in; messages come from Maaseutu LIVE <live@live.example.org>"
        with pytest.raises(NotDelivered, match="does not let us in"):
            doctor.mail_server(settings.model_copy(update=more))
