"""A run that records a faulty stream, with a real Prefect server: event, artifact, messages."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.events import emit_event
from pydantic import SecretStr

from config import stores
from config.settings import Settings
from core.archive.recordings import RecordingStore
from core.capture.watching.alarms import Alarm, Kind
from core.models import Broadcast
from maaseutu.stack import Stack
from sample.live_source import LiveSource
from tasks import alarms, announcements, recording
from tests.core.made_media import faulty
from tests.core.receivers import Receivers

SPEED = 8
QUICK = {"give_up_seconds": 10, "private_sources": "127.0.0.1"}
SIX = datetime(2026, 11, 24, 16, 4, 20, tzinfo=UTC)


@pytest.fixture
def broadcast() -> Broadcast:
    name = f"test-{uuid.uuid4().hex[:12]}"
    return Broadcast(id=name, programme="maaseutu-live", title="Kunnanvaltuusto", starts_at=datetime.now(UTC))


def recorded(settings: Settings, broadcast: Broadcast, live: LiveSource) -> None:
    """Record it in a run, as capture_broadcast does."""

    @flow(name="capture for a test")
    def capture() -> None:
        recording.record(settings, broadcast, live.url, 0)

    capture()


def artifacts(key: str) -> list[str]:
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])))
    return [str(one.data) for one in sorted(found, key=lambda one: one.created or SIX)]


def test_a_silent_stream_is_told_everywhere(
    prefect: None, storage: Stack, broadcast: Broadcast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitted: list[dict[str, Any]] = []
    emit = emit_event
    monkeypatch.setattr(announcements, "emit_event", lambda **given: (emitted.append(given), emit(**given)))
    media = faulty(tmp_path / "silent.mp4", seconds="80", audio="volume=0:enable='between(t,20,60)'")
    with (
        Receivers() as receivers,
        LiveSource(media, tmp_path / "live", segment_seconds=4, speed=SPEED, window=20) as live,
    ):
        live.wait_until_live()
        settings = storage.settings.model_copy(
            update={"notify": SecretStr(receivers.urls), "give_up_seconds": 10, "private_sources": "127.0.0.1"}
        )
        recorded(settings, broadcast, live)
    # A machine that stands for a while would add "nothing comes".
    silent = [one["event"] for one in emitted if one["payload"].get("kind") == "silent"]
    assert silent == ["maaseutu.alarm.raised", "maaseutu.alarm.cleared"]
    assert {one["resource"]["prefect.resource.id"] for one in emitted} == {f"maaseutu.broadcast.{broadcast.id}"}
    first, *_, last = artifacts(f"watch-{broadcast.id}")
    assert first.count("No sound.") == last.count("No sound.") == 1
    assert ("| 4" in last, "| 4" in first) == (True, False)
    for way in ("mail", "hook"):
        raised, cleared = (one for one in receivers.by(way) if " sound " in one.subject.lower())
        assert raised.subject.startswith("Kunnanvaltuusto: No sound since ")
        assert raised.text.endswith("Check the microphone and the mixer. The recording goes on.")
        assert cleared.subject.startswith("Kunnanvaltuusto: The sound is back since ")


def test_a_disk_that_is_nearly_full_is_told_everywhere(
    prefect: None, storage: Stack, broadcast: Broadcast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitted: list[dict[str, Any]] = []
    monkeypatch.setattr(announcements, "emit_event", lambda **given: emitted.append(given))
    media = faulty(tmp_path / "good.mp4", seconds="8")
    with (
        Receivers() as receivers,
        LiveSource(media, tmp_path / "live", segment_seconds=4, speed=SPEED, window=20) as live,
    ):
        live.wait_until_live()
        told = {"notify": SecretStr(receivers.urls), "min_free_mb": 1 << 40, "reserve_mb": 1}
        recorded(storage.settings.model_copy(update=QUICK | told), broadcast, live)
    assert RecordingStore(stores.archive(storage.settings), broadcast.id).recording().sealed
    assert [one["payload"]["kind"] for one in emitted if "kind" in one["payload"]] == ["disk"]
    assert "The disk of the recorder is nearly full." in artifacts(f"watch-{broadcast.id}")[-1]
    for way in ("mail", "hook"):
        (raised,) = receivers.by(way)
        assert raised.subject.startswith("Kunnanvaltuusto: The disk of the recorder is nearly full since ")


def test_a_wrong_address_does_not_stop_a_recording(
    prefect: None, storage: Stack, broadcast: Broadcast, tmp_path: Path
) -> None:
    settings = storage.settings.model_copy(
        update={"notify": SecretStr("nosuch://x"), "give_up_seconds": 10, "private_sources": "127.0.0.1"}
    )
    media = faulty(tmp_path / "good.mp4", seconds="8")
    with LiveSource(media, tmp_path / "live", segment_seconds=4, speed=SPEED) as live:
        live.wait_until_live()
        recorded(settings, broadcast, live)
    assert artifacts(f"watch-{broadcast.id}") == []


def test_the_table_of_a_run() -> None:
    silent = Alarm(Kind.SILENT, SIX, SIX + timedelta(seconds=12))
    frozen = Alarm(Kind.FROZEN, SIX - timedelta(minutes=1), SIX, "It moved before, and stopped without a cut.")
    rows = alarms.table([silent._replace(cleared_at=SIX + timedelta(seconds=75)), frozen]).splitlines()
    assert rows[2:] == [
        "| 18.03.20 |  |  | The picture stands still. It moved before, and stopped without a cut. |",
        "| 18.04.20 | 18.05.35 | 1 min 15 s | No sound. |",
    ]
