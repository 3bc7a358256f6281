"""The 14-day clock as a flow, with a real Prefect server and real receivers."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.events import emit_event
from pydantic import SecretStr

from config import stores
from config.settings import Settings
from core.duties import signing
from core.duties.signing import Signing
from flows.upkeep import DeadlinesRequest, deadlines
from maaseutu.stack import Stack
from tasks import announcements
from tests.core.receivers import Receivers
from tests.core.withdrawn import withdrawn
from tests.tasks.test_deadlines import online


def test_the_clock_tells_everywhere_once(
    prefect: None, storage: Stack, given: Callable[[Settings], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    emitted = []
    emit = emit_event
    monkeypatch.setattr(announcements, "emit_event", lambda **event: (emitted.append(event), emit(**event)))
    name = f"clock-{uuid.uuid4().hex[:8]}"
    settings = storage.settings.model_copy(update={"archive_bucket": f"{name}-archive", "site_bucket": f"{name}-site"})
    stores.create(settings)
    old = datetime.now(UTC) - timedelta(days=20)
    online(settings, "vanha", old, is_noted=False)
    online(settings, "uusi", datetime.now(UTC))
    withdrawn(stores.archive(settings), "poistettu", datetime.now(UTC) - timedelta(days=366))
    with Receivers() as receivers:
        given(settings.model_copy(update={"notify": SecretStr(receivers.urls)}))
        deadlines(DeadlinesRequest(dry_run=True))
        assert receivers.received == []
        for _ in range(2):
            deadlines(DeadlinesRequest(dry_run=False))
        assert sorted((one.by, one.subject) for one in receivers.received) == [
            ("hook", "Vanha: overdue to check its captions"),
            ("mail", "Vanha: overdue to check its captions"),
        ]
    assert [(one["event"], one["payload"]["broadcast"], one["payload"]["notice"]) for one in emitted] == [
        ("maaseutu.episode.deadline", "vanha", "14")
    ]
    # What an earlier release published is found in the change log, and noted.
    assert Signing("", signing.steps(stores.archive(settings), "vanha")).published_at == old
    with get_client(sync_client=True) as client:
        key = ArtifactFilterKey(any_=["deadlines", "erasure"])
        told = " ".join(str(one.data) for one in client.read_artifacts(artifact_filter=ArtifactFilter(key=key)))
    assert "check and sign it NOW" in told
    assert re.search("poistettu.*erase-episode", told)
