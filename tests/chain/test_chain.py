"""What a viewer gets of a live broadcast: a page that plays, a search that knows Finnish, a recording that is whole."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.sync_api import sync_playwright
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType

from config import catalogue, stores
from core import keys
from core.archive import recordings, segments
from core.archive.recordings import RecordingStore
from core.media import hls
from core.search.index import SearchIndex
from maaseutu import runs, search
from maaseutu.stack import Stack
from tests.chain.conftest import FLAGS, PATIENCE_S, REFERENCE, Published, until
from web.follower import follow_once

PART_S = 15
PLAYING = "() => document.querySelector('video').currentTime > 7"
CAPTION = (
    "() => [...document.querySelector('video').textTracks]"
    ".some(t => ['captions', 'subtitles'].includes(t.kind) && t.activeCues?.length)"
)


def test_the_recording_is_whole(stack: Stack, published: Published) -> None:
    store = RecordingStore(stores.archive(stack.settings), published.id)
    recording = store.recording()
    assert recording.sealed
    assert recordings.verify(store) == []
    assert abs(segments.duration_ms(recording.segments) - REFERENCE["duration_ms"]) < 2000


def test_it_is_there_in_all_renditions_of_the_ladder(stack: Stack, published: Published) -> None:
    episode = RecordingStore(stores.archive(stack.settings), published.id).episode()
    assert episode
    assert hls.renditions(episode.parts) == [str(rung.height) for rung in catalogue.ladder()]


def test_the_page_plays_with_captions_in_a_browser(published: Published, browser: str, tmp_path: Path) -> None:
    with sync_playwright() as play:
        context = play.chromium.launch_persistent_context(str(tmp_path), executable_path=browser, args=FLAGS)
        page = context.new_page()
        foreign: list[str] = []
        page.on("request", lambda r: foreign.append(r.url) if not r.url.startswith(_origin(published)) else None)
        page.goto(published.url + "#t=6")
        page.evaluate("() => { const v = document.querySelector('video'); v.muted = true; v.play() }")
        page.wait_for_function(PLAYING, timeout=1000 * PATIENCE_S)
        page.wait_for_function(CAPTION, timeout=1000 * PATIENCE_S)
        context.close()
    assert [url for url in foreign if not url.startswith(("blob:", "data:"))] == []


def _origin(published: Published) -> str:
    return published.url.split("/jaksot/")[0]


def test_search_finds_other_forms_at_their_second(stack: Stack, published: Published) -> None:
    def hits() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = search.find(stack.settings, "kunta", limit=20, episode=published.id)["items"]
        return found

    first = until(hits, PATIENCE_S, "being searchable")[0]
    assert not re.search(r"\bkunta\b", first["text"], re.IGNORECASE)
    assert "kunnissa" in first["text"]
    spoken = [
        w["start_ms"] for s in REFERENCE["sentences"] for w in s["words"] if w["text"].lower().startswith("kunnissa")
    ]
    assert min(abs(first["start_ms"] - at) for at in spoken) < 1000
    assert first["url"].endswith(f"jaksot/{published.id}/#t={first['start_ms'] / 1000:.3f}".rstrip("0").rstrip("."))


def test_the_sweep_is_scheduled(stack: Stack) -> None:
    def scheduled() -> list[Any]:
        with runs.connected(stack.settings) as client:
            deployment = client.read_deployment_by_name("sweep/sweep")
            found = client.read_flow_runs(flow_run_filter=_scheduled(deployment.id))
            return [run for run in found if run.parameters == {"request": {"dry_run": False}}]

    until(scheduled, PATIENCE_S, "scheduling the sweep")


def _scheduled(deployment: UUID) -> FlowRunFilter:
    state = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
    return FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[deployment]), state=state)


def test_notes_hold_the_decisions_and_the_action(stack: Stack, published: Published) -> None:
    episode = RecordingStore(stores.archive(stack.settings), published.id).episode()
    assert episode
    lines = [line for section in episode.notes.sections for line in section.lines]
    assert any(line.kind == "decision" and "lausunnon" in line.text for line in lines)
    assert any(line.kind == "action" and "joulukuuta" in line.due for line in lines)


def test_pages_and_index_are_rebuilt_alike_from_the_store(stack: Stack, published: Published, tmp_path: Path) -> None:
    site = stores.site(stack.settings)
    before = {o.key: site.get(o.key) for o in site.list() if _derived(o.key, published.id)}
    with SearchIndex(stack.settings.index) as shown:
        indexed = [line for line in shown.dump() if published.id in line]
    for key in before:
        site.delete(key)
    run = runs.start(stack.settings, "publish_episode/publish", {"broadcast": published.id}, published.id)
    until(lambda: _over(stack, published.id, run.id), PATIENCE_S, "publishing again")
    assert keys.page(published.id) in before
    assert {key: site.get(key) for key in before} == before
    with SearchIndex(tmp_path / "index") as fresh:
        follow_once(site, fresh, lambda _: None)
        assert [line for line in fresh.dump() if published.id in line] == indexed


def _derived(key: str, broadcast: str) -> bool:
    """What publishing this broadcast makes; the change log, other episodes and what was shown on the air stay."""
    if key.startswith((keys.CHANGES, keys.asset(broadcast, keys.LIVE, ""))):
        return False
    return broadcast in key or key.startswith("static/") or "/" not in key


def _over(stack: Stack, broadcast: str, run_id: str) -> bool:
    return any(run.id == run_id and run.is_over for run in runs.of_broadcast(stack.settings, broadcast))
