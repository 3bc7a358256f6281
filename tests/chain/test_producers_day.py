"""A producer's day: a broadcast is planned, recorded, reviewed, corrected, signed, told of, and partly withdrawn.

All of it as the producer does it: by the forms of the Prefect server and in the studio, in Chromium.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import expect, sync_playwright
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterName,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType

from config import catalogue, stores
from config.settings import Settings
from core.archive.recordings import RecordingStore
from core.duties import signing
from core.duties.signing import Decision
from core.helsinki import HELSINKI
from core.media import hls
from core.models import Episode, Passage
from core.telling.members import Asked, Members, Wish
from maaseutu import runs, search
from maaseutu.follow import Follower
from maaseutu.runs import Run
from maaseutu.stack import Stack
from sample.live_source import LiveSource
from tests.chain.conftest import FLAGS, LONGEST_S, PATIENCE_S, SPEED, narrow, until
from tests.core.mailserver import MailServer
from tests.flows.test_withdraw import holding, pictures, samples, tracks
from web.studio import opening

LENGTH_S = 50
NAME, PASSWORD = "Anna Korhonen", "kolme kuusta pihalla"
WRITTEN = "Kuhmossa"
"""What she writes where Kuhmoisissa is said: no other broadcast of the tests names that municipality."""
MARGIN_S = 0.1


def started(settings: Settings, deployment: str, request: Mapping[str, Any], name: str) -> Run:
    """A run that is over, and well."""
    run = runs.start(settings, deployment, request, name)

    def over() -> Run | None:
        found = runs.one(settings, run)
        return found if found.is_over else None

    found: Run = until(over, PATIENCE_S, deployment)
    assert not found.is_bad, found.message
    return found


def planned(settings: Settings, url: str, broadcast: str) -> Run:
    """The form of ``plan``: the broadcast begins in ten minutes, so its recording begins now."""
    now = datetime.now(HELSINKI)
    form = {
        "title": "Palvelut harvaan asutuilla alueilla",
        "starts_at": (now + timedelta(minutes=10, seconds=5)).isoformat(),
        "ends_at": (now + timedelta(minutes=40)).isoformat(),
        "source_url": url,
        "agenda": "1. Pienkuntien yhteistyö: ensimmäiseen kohtaan",
        "speakers": [{"name": NAME, "municipality": "Kuhmoinen", "role": "kunnanjohtaja"}],
        "broadcast": broadcast,
    }
    return started(settings, "plan_broadcast/plan", form, f"plan {broadcast}")


def waiting(settings: Settings, broadcast: str) -> FlowRun | None:
    """The review that waits for an answer."""
    name = FlowRunFilterName(any_=[broadcast])
    paused = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))
    with runs.connected(settings) as client:
        found = client.read_flow_runs(flow_run_filter=FlowRunFilter(name=name, state=paused))
    return found[0] if found else None


def episode_of(settings: Settings, broadcast: str) -> Episode:
    found = RecordingStore(stores.archive(settings), broadcast).episode()
    assert found
    return found


def passage_with(episode: Episode, pattern: str) -> tuple[Passage, str]:
    """The first passage with such a word, and the word."""
    found = ((each, re.search(pattern, each.text)) for each in episode.transcript.passages)
    return next((each, word.group()) for each, word in found if word)


def corrected(settings: Settings, broadcast: str, said: str, browser: str, profile: Path) -> None:
    """Sign in to the studio, and replace a word wherever it stands."""
    with sync_playwright() as play:
        context = play.chromium.launch_persistent_context(str(profile), executable_path=browser, args=FLAGS)
        page = context.new_page()
        page.goto(f"{settings.site_url}/studio/jaksot/{broadcast}/")
        page.get_by_label("Nimi").fill(NAME)
        page.get_by_label("Salasana").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("html.ready")).to_be_attached(timeout=1000 * PATIENCE_S)
        page.get_by_role("button", name="Korvaa kaikkialta").click()
        page.get_by_label("Korvattavat sanat").fill(said)
        page.get_by_label("Uudet sanat").fill(WRITTEN)
        page.keyboard.press("Enter")
        replace = page.get_by_role("dialog").get_by_role("button", name="Korvaa valitut")
        expect(replace).to_be_enabled(timeout=1000 * PATIENCE_S)
        replace.click()
        page.get_by_role("dialog").get_by_role("button", name="Sulje").click()
        expect(page.locator(".state")).to_contain_text("Tallennettu", timeout=1000 * PATIENCE_S)
        context.close()


def signed(settings: Settings, review: FlowRun, broadcast: str) -> None:
    """The form of the review."""
    with runs.connected(settings) as client:
        answer = {"decision": Decision.SIGN.value, "name": NAME, "note": ""}
        assert client.resume_flow_run(review.id, run_input=answer).status.value == "ACCEPT"
    steps = stores.archive(settings), broadcast
    until(lambda: any(step.kind == "signed" for step in signing.steps(*steps)), PATIENCE_S, "signing")


def found(settings: Settings, broadcast: str, words: str) -> list[dict[str, Any]]:
    """What the search finds in the broadcast."""
    items: list[dict[str, Any]] = search.find(settings, words, limit=5, episode=broadcast)["items"]
    return items


def test_from_the_plan_to_a_passage_that_is_withdrawn(
    stack: Stack, mail: MailServer, browser: str, small_film: Path, tmp_path: Path
) -> None:
    settings, now = stack.settings, datetime.now(UTC)
    site, broadcast = stores.site(settings), f"tuottajan-paiva-{now:%H%M%S}"
    opening.passwords(settings).add(NAME, "producer", PASSWORD)
    kuhmo = catalogue.municipality("Kuhmo").code
    member = Asked(address="kuhmo@example.org", municipalities=(kuhmo,), wishes=(Wish.MENTIONED,))
    Members(stores.archive(settings)).write(member, at=now, consent="test", now=now)

    film = narrow(small_film, tmp_path / "day.mp4", 480, LENGTH_S)
    (tmp_path / "live").mkdir()
    with LiveSource(film, tmp_path / "live", speed=SPEED, window=100, when_asked=True) as source:
        assert "recording begins" in planned(settings, source.url, broadcast).message.lower()
        Follower(settings, broadcast, None).wait(LONGEST_S)
    review: FlowRun = until(lambda: waiting(settings, broadcast), PATIENCE_S, "asking for a review")
    _, said = passage_with(episode_of(settings, broadcast), r"\bKuhmois\w*")
    assert holding(site, [WRITTEN]) == {}

    corrected(settings, broadcast, said, browser, tmp_path / "profile")
    signed(settings, review, broadcast)
    until(lambda: mail.got("kuhmo"), PATIENCE_S, "telling the member")
    hits: list[dict[str, Any]] = until(lambda: found(settings, broadcast, "Kuhmo"), PATIENCE_S, "finding the name")
    assert WRITTEN in hits[0]["text"]
    for _ in range(2):
        started(settings, "tell_members/tell", {"dry_run": False}, "tell again")
    (letter,) = mail.got("kuhmo")
    body = letter.get_body(("plain",))
    assert body
    assert WRITTEN in body.get_content()
    assert f"/jaksot/{broadcast}/#t=" in body.get_content()

    passage, _ = passage_with(episode_of(settings, broadcast), re.escape(said))
    start, end = passage.start_ms / 1000, passage.end_ms / 1000
    asked = {"broadcast": broadcast, "by": NAME, "reason": "Pyyntö", "start": f"{start:.3f}", "end": f"{end:.3f}"}
    assert holding(site, [WRITTEN])
    started(settings, "withdraw_passage/withdraw-passage", asked, f"withdraw {broadcast}")
    assert holding(site, [WRITTEN]) == {}
    until(lambda: not found(settings, broadcast, "Kuhmo"), PATIENCE_S, "forgetting the passage")
    covered(settings, broadcast, (start, end), tmp_path)
    assert len(mail.got("kuhmo")) == 1


def covered(settings: Settings, broadcast: str, stretch: tuple[float, float], folder: Path) -> None:
    """Nothing is seen or heard of the stretch (s) in what viewers play, and all is as before elsewhere."""
    site, (start, end) = stores.site(settings), stretch
    parts = episode_of(settings, broadcast).parts
    assert len(hls.renditions(parts)) == 2
    for rendition in hls.renditions(parts):
        for part, key in zip(parts, tracks(site, broadcast, rendition), strict=True):
            for at, picture in pictures(site, key, part, folder).items():
                if start + MARGIN_S < at < end - MARGIN_S:
                    assert np.ptp(picture) < 8, (rendition, at)
    heard = [samples(site, key, folder) for key in tracks(site, broadcast, hls.AUDIO)]
    sound, times = (np.concatenate(each) for each in zip(*heard, strict=True))
    inside = (times > start + MARGIN_S) & (times < end - MARGIN_S)
    assert inside.any()
    assert np.abs(sound[inside]).max() < 1e-3
    assert np.abs(sound[times < start - MARGIN_S]).max() > 0.05
