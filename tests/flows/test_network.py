"""Telling members as a flow, with a real Prefect server and a real mail server."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from pydantic import SecretStr

from config import stores
from config.settings import Settings
from core.telling.members import Wish
from flows.network import TellRequest, tell_members
from maaseutu import members
from maaseutu.stack import Stack
from tests.core.mailserver import MailServer
from tests.core.receivers import Receivers
from tests.tasks.test_members import World


def test_members_are_told_once_and_a_dry_run_tells_nobody(
    prefect: None, storage: Stack, given: Callable[[Settings], Settings], capsys
) -> None:
    name = f"net-{uuid.uuid4().hex[:8]}"
    buckets = {"archive_bucket": f"{name}-archive", "site_bucket": f"{name}-site"}
    with MailServer() as mail, Receivers() as operator:
        named = mail.named()
        set_ = {"smtp_host": named.host, "smtp_port": named.port, "smtp_security": "none"}
        more = buckets | set_ | {"public_url": "https://example.org", "notify": SecretStr(operator.hook)}
        settings = given(storage.settings.model_copy(update=more))
        stores.create(settings)
        world = World(settings, mail)
        for each in ("anna", "quiet"):
            world.add(each, Wish.PUBLISHED)
        world.publish("kokous", datetime.now(UTC) - timedelta(minutes=1))
        state = tell_members(TellRequest(dry_run=True), return_state=True)
        assert state.message == "2 would be sent."
        members.preview(settings)
        assert "anna@example.org  published-kokous" in capsys.readouterr().out
        assert mail.taken == []
        states = [tell_members(TellRequest(dry_run=False), return_state=True).message for _ in range(2)]
        assert states == ["1 in doubt, and not sent again; 1 sent.", "Nobody is to be told anything."]
        assert [one.subject for one in operator.received] == ["1 messages to members may never arrive"]
    assert sorted(mail.to for mail in mail.taken) == ["anna@example.org", "quiet@example.org"]
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["members"])))
    assert any("published-kokous" in str(one.data) for one in found)
    assert not any("anna@example.org" in str(one.data) for one in found)
