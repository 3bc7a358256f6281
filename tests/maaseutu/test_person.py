"""All that is kept of a person, on the command line."""

import json
import uuid
from datetime import UTC, datetime

import pytest

from config import stores
from core import keys
from core.archive.recordings import RecordingStore
from core.duties import signing
from core.duties.signing import Step
from core.errors import InvalidInput
from core.models import Broadcast, Edit
from core.planning.planned import Planned, Speaker
from maaseutu import person
from maaseutu.stack import Stack
from tests.core.transcripts import spoken
from tests.web import demo

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
AT = {"at": NOW, "start_ms": 65_000, "end_ms": 69_000}


def test_transcripts_edits_steps_and_plans_are_searched(storage: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    changed = {"archive_bucket": f"a-{uuid.uuid4().hex[:8]}", "public_url": "https://example.org"}
    settings = storage.settings.model_copy(update=changed)
    archive = stores.archive(settings)
    archive.create(versioned=True)
    store = RecordingStore(archive, "kokous")
    broadcast = store.announce(Broadcast(id="kokous", programme="p", title="Vieraana Matti Virtanen", starts_at=NOW))
    said = spoken((65, 69, "Pyydetään Matti Virtaselta selvitys."), (70, 74, "Kiitos."))
    episode = demo.episode().model_copy(update={"broadcast": broadcast, "transcript": said})
    archive.put_record(keys.episode("kokous"), episode)
    store.correct(Edit.model_validate(AT | {"passage": "p", "author": "Anna", "before": "", "after": "Virtanen sanoi"}))
    assert signing.append(archive, "kokous", (), Step(at=NOW, kind="signed", by="Matti Virtanen"))
    plan = {"id": "tuleva", "programme": "p", "title": "Ilta", "starts_at": NOW, "ends_at": NOW, "changed_at": NOW}
    archive.put_record(
        keys.planned("tuleva"), Planned.model_validate(plan | {"speakers": (Speaker(name="Virtanen, Matti"),)})
    )
    person.run(settings, "Matti Virtanen", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["name"] == "Matti Virtanen"
    assert sorted((each["episode"], each["field"], each["sureness"]) for each in told["found"]) == [
        ("kokous", "broadcast.title", "name"),
        ("kokous", "by", "name"),
        ("kokous", "edits.after", "surname"),
        ("kokous", "transcript.passages.text", "name"),
        ("tuleva", "speakers.name", "name"),
    ]
    person.run(settings, "Matti Virtanen", as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert "    https://example.org/jaksot/kokous/#t=65" in lines
    assert "kokous  0.01.05  name, in: transcript, corrections" in lines
    assert not any("episodes/" in line or ".json" in line for line in lines)
    assert lines[-1].startswith("4 found for: Matti Virtanen.")
    with pytest.raises(InvalidInput, match="is no name"):
        person.run(settings, " - ", as_json=False)
