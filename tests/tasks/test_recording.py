"""What the steps of a recording store and show."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from prefect.logging import disable_run_logger
from pydantic import ValidationError

from config import stores
from core import keys
from core.archive.recordings import RecordingStore
from core.errors import InvalidInput, StorageUnreachable
from core.models import Broadcast
from core.planning import plans
from flows.capture import CaptureRequest
from maaseutu import ports
from maaseutu.stack import Stack
from tasks import recording
from tests.web import demo

SECRET = "srt://0.0.0.0:9000?passphrase=secret-words"
SHOWN = "srt://0.0.0.0:9000?passphrase=***"


def _broadcast() -> Broadcast:
    name = f"test-{uuid.uuid4().hex[:12]}"
    starts_at = datetime(2026, 11, 24, 10, tzinfo=UTC)
    return Broadcast(id=name, programme="maaseutu-live", title="Kokous", starts_at=starts_at, source=SECRET)


def test_a_passphrase_is_for_the_run_and_not_for_the_archive(storage: Stack) -> None:
    broadcast = _broadcast()
    announced = recording.announce.fn(storage.settings, broadcast)
    store = RecordingStore(stores.archive(storage.settings), broadcast.id)
    assert announced == broadcast
    assert store.broadcast().source == SHOWN


def test_an_id_that_is_taken_is_refused_though_its_source_is_masked(storage: Stack) -> None:
    broadcast = _broadcast()
    recording.announce.fn(storage.settings, broadcast)
    RecordingStore(stores.archive(storage.settings), broadcast.id).seal([])
    assert recording.announce.fn(storage.settings, broadcast, again=True).source == SECRET
    with pytest.raises(InvalidInput, match="already recorded"):
        recording.announce.fn(storage.settings, broadcast)


def test_an_id_made_of_a_title_does_not_take_the_place_of_a_plan(storage: Stack) -> None:
    broadcast, archive = _broadcast(), stores.archive(storage.settings)
    now = datetime.now(UTC)
    plan = demo.planned(broadcast.id, starts_at=now, ends_at=now + timedelta(hours=1))
    plans.write(archive, plan, now)
    with pytest.raises(InvalidInput, match="which has no source, give its Id"):
        recording.announce.fn(storage.settings, broadcast, made_up=True)
    plans.write(archive, plans.sourced(plan, SECRET), now)
    with pytest.raises(InvalidInput, match="move it to some minutes from now"):
        recording.announce.fn(storage.settings, broadcast, made_up=True)
    assert archive.head(keys.broadcast(broadcast.id)) is None
    assert recording.announce.fn(storage.settings, broadcast) == broadcast
    plans.require_free(archive, broadcast.id, plan.ends_at)


def test_a_live_broadcast_does_not_wait_for_the_archive(storage: Stack) -> None:
    broadcast = _broadcast()
    away = storage.settings.model_copy(update={"s3_endpoint": f"http://127.0.0.1:{ports.pick()}"})
    with disable_run_logger():
        assert recording.announce.fn(away, broadcast, live=True) == broadcast
        assert not recording.is_over(away, broadcast)
        assert not recording.is_followed(away, broadcast)
        with pytest.raises(StorageUnreachable):
            recording.announce.fn(away, broadcast)


def test_the_recorder_itself_waits_for_a_sender(storage: Stack) -> None:
    assert not recording.await_source.fn(storage.settings, SECRET, 0)


@pytest.mark.parametrize("url", [SECRET, "rtmp://0.0.0.0/live/long-enough", "rtmps://h/a/b", "https://example.org/a"])
def test_addresses_that_the_form_takes(url: str) -> None:
    assert CaptureRequest(source_url=url).source_url == url


@pytest.mark.parametrize("url", ["", "kokous.mp4", "file:///etc/passwd", "gopher://x"])
def test_addresses_that_the_form_does_not_take(url: str) -> None:
    with pytest.raises(ValidationError):
        CaptureRequest(source_url=url)
