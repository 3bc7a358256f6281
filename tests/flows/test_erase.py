"""A withdrawn episode is erased from a real store when the time to restore it is over, and nothing of others is."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from pydantic import ValidationError

from config import stores
from config.settings import Settings
from core import keys
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.duties import erasing, withdrawals
from core.duties.erasing import Erasure
from core.errors import InvalidInput
from core.models import Edit, Episode, Kept, Transcript
from core.speech import learning
from flows import withdraw
from flows.withdraw import EraseRequest, RestoreRequest
from maaseutu.stack import Stack
from tests.core.transcripts import spoken
from tests.core.withdrawn import withdrawn
from tests.web import demo

NOW = datetime.now(UTC)
SECRET = "Ville Salakuljettaja asuu Rääkkylässä osoitteessa Piilokuja kolme."
OTHER = "Valtuusto päätti tänään uuden koulun rakentamisesta kirkonkylän keskustaan."


class Store(NamedTuple):
    """An archive with an episode that is due, and one that stays."""

    archive: Bucket
    due: str
    stays: str

    def versions(self) -> set[str]:
        """The keys of all objects, also of those that were replaced or deleted."""
        pages = self.archive._client.get_paginator("list_object_versions").paginate(Bucket=self.archive.name)
        return {item["Key"] for page in pages for kind in ("Versions", "DeleteMarkers") for item in page.get(kind, [])}


@pytest.fixture
def store(prefect: None, storage: Stack, given: Callable[[Settings], Settings], tmp_path: Path) -> Store:
    """Both have a recording, an original, a transcript and media, of which some are the same in both."""
    name = uuid.uuid4().hex[:8]
    settings = given(storage.settings.model_copy(update={"archive_bucket": f"a-{name}", "site_bucket": f"s-{name}"}))
    stores.create(settings)
    archive = stores.archive(settings)
    for called, text in (("pois", SECRET), ("jaa", OTHER)):
        recorded = RecordingStore(archive, called)
        made = _episode(called, spoken((1, 9, text)), [f"{called}-media", "shared-media"])
        recorded.announce(made.broadcast)
        original = tmp_path / f"{called} Ville Salakuljettaja.mp4"
        original.write_bytes(text.encode())
        recorded.keep_original(original)
        recorded.keep(Kept(at=NOW, transcript=made.transcript))
        for _ in range(2):
            archive.put_record(keys.episode(called), made)
        at = NOW - timedelta(minutes=len(called))
        edit = Edit(passage="p", at=at, author=called, start_ms=0, end_ms=1, before="a", after="Ville Salakuljettaja")
        recorded.correct(edit)
        learning.teach(archive, made.broadcast.programme, edit, ["Salakuljettaja"])
        archive.put(keys.planned(called), b"{}")
        archive.put_record(keys.speech(f"{called}-part"), made.transcript)
        archive.put_record(keys.window(called), spoken((1, 2, " ".join(text.split()[1:3]))))
        archive.put(keys.answer(called), f'{{"summary": ["Todettiin: {text}"]}}'.encode())
        for digest in (f"{called}-media", "shared-media"):
            archive.put(keys.encoded(digest, "audio.mp4"), b"media")
            archive.put(keys.encoded(digest, "result.json"), b"{}")
    archive.put(keys.encoded("pois-covered", "audio.mp4"), b"media")
    withdrawn(archive, "pois", NOW - timedelta(days=366))
    return Store(archive, "pois", "jaa")


def _episode(name: str, said: Transcript, encodings: list[str]) -> Episode:
    made = demo.episode(video=False)
    (part,) = made.parts
    (track,) = part.tracks
    tracks = tuple(track.model_copy(update={"key": keys.encoded(digest, "audio.mp4")}) for digest in encodings)
    changed = {"broadcast": made.broadcast.model_copy(update={"id": name}), "transcript": said, "forms": {}}
    return made.model_copy(update=changed | {"parts": (part.model_copy(update={"tracks": tracks}),)})


def erase(name: str) -> None:
    withdraw.erase_episode(EraseRequest(broadcast=name, confirm=name, by="Anna", reason="Aika on ohi"))


def test_all_of_it_is_erased_and_nothing_of_others(store: Store) -> None:
    before = store.versions()
    erase(store.due)
    gone = before - store.versions()
    assert {key for key in before - gone if "pois" in key} == {keys.withdrawal("pois", n) for n in (1, 2)}
    assert {key for key in gone if "jaa" in key or "shared" in key} == set()
    learned = [item.key for item in store.archive.list("learned/")]
    assert [store.archive.get(key).decode().count('"author":"jaa"') for key in learned] == [1]
    noted = Erasure.model_validate_json(store.archive.get(keys.erasure("pois")))
    assert (noted.by, noted.reason, len(noted.objects)) == ("Anna", "Aika on ohi", len(gone))
    assert "Salakuljettaja" not in noted.model_dump_json()
    assert all(each.etag for each in noted.objects)
    with pytest.raises(InvalidInput, match="not to be erased"):
        erase(store.due)
    with pytest.raises(InvalidInput, match="was erased from the archive"):
        withdraw.restore(RestoreRequest(broadcast=store.due, by="Anna", reason="Erehdys"))


def test_what_can_be_restored_or_is_prepared_is_not_erased(store: Store) -> None:
    assert [each.broadcast for each in erasing.due(store.archive, NOW, 365)] == ["pois"]
    before = store.versions()
    with pytest.raises(InvalidInput, match="Due are now: pois"):
        erase(store.stays)
    withdrawn(store.archive, store.stays, NOW - timedelta(days=364))
    with pytest.raises(InvalidInput, match="can still be restored"):
        erase(store.stays)
    RecordingStore(store.archive, store.stays).beat()
    with pytest.raises(InvalidInput, match="jaa is prepared just now"):
        erase(store.due)
    assert before <= store.versions()
    with pytest.raises(ValidationError, match="Nothing is erased"):
        EraseRequest(broadcast="pois", confirm="jaa", by="Anna", reason="Aika on ohi")


def test_a_run_that_was_killed_is_started_again_and_ends_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Bucket.erase
    for killed_at in (keys.answer("pois"), keys.kept("pois")[1]):

        def dies(bucket: Bucket, prefix: str, killed_at: str = killed_at) -> None:
            if prefix == killed_at:
                raise SystemError("killed")
            whole(bucket, prefix)

        with monkeypatch.context() as patch:
            patch.setattr(Bucket, "erase", dies)
            with pytest.raises(SystemError):
                erase(store.due)
        assert [each.broadcast for each in erasing.due(store.archive, NOW, 365)] == ["pois"]
    erase(store.due)
    assert {key for key in store.versions() if "pois" in key} == {
        keys.erasure("pois"),
        *(keys.withdrawal("pois", n) for n in (1, 2)),
    }
    assert withdrawals.read(store.archive, "pois").is_cleared
