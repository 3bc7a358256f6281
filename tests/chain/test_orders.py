"""Orders to a recording that runs, as a producer gives them: neither a kill nor an absent store changes them."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config import stores
from core import keys
from core.archive import recordings
from core.archive.recordings import RecordingStore
from core.meeting import marks
from maaseutu import demo, requests, runs, steer
from maaseutu.follow import Follower
from maaseutu.runs import Run
from maaseutu.stack import Stack
from sample.live_source import LiveSource
from tests.chain.conftest import LONGEST_S, process_of, until

LIMIT = timedelta(minutes=1)
LATE = timedelta(seconds=30)
MARKED = "Äänestys veroprosentista"


def _steer(stack: Stack, asked: dict[str, Any]) -> Run:
    """Give an order; its run when that has ended."""
    given = runs.start(stack.settings, requests.STEER, asked, f"steer {asked['broadcast']}")
    ended: Run = until(lambda: _ended(stack, given), LONGEST_S, "an answer")
    return ended


def _ended(stack: Stack, run: Run) -> Run | None:
    found = runs.one(stack.settings, run)
    return found if found.is_over else None


def _capture(stack: Stack, url: str, starts_at: datetime) -> tuple[RecordingStore, Run]:
    known = demo.about()
    broadcast = f"ohjattu-{starts_at:%H%M%S}"
    about = requests.Description(title=known["title"], broadcast=broadcast)
    asked = requests.capture(url, about, minutes=1) | {"starts_at": starts_at.isoformat()}
    run = runs.start(stack.settings, requests.CAPTURE, asked, f"capture {broadcast}")
    return RecordingStore(stores.archive(stack.settings), broadcast), run


def _lasts(store: RecordingStore) -> timedelta:
    found = store.segments()
    return found[-1].ended_at - found[0].captured_at if found else timedelta()


def test_a_recording_is_extended_marked_killed_and_stopped(
    stack: Stack, small_film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with LiveSource(small_film, tmp_path, window=300, loop=True) as source:
        source.wait_until_live()
        unknown = runs.start(
            stack.settings, requests.STEER, requests.steer("ei-tallenneta", stop=True), "steer nothing"
        )
        store, run = _capture(stack, source.url, datetime.now(UTC) - LATE)
        until(store.segments, LONGEST_S, "recording")

        with _away(stack):
            extended = _steer(stack, requests.steer(store.id, minutes=30))
            assert "goes on until" in extended.message
            assert not extended.is_bad
            asked_at = datetime.now(UTC)
            marking = runs.start(stack.settings, requests.STEER, requests.steer(store.id, mark=MARKED), "mark")
            until(lambda: runs.one(stack.settings, marking).name == store.id, LONGEST_S, "marking")
            assert not _ended(stack, marking)
        marked = until(lambda: _ended(stack, marking), LONGEST_S, "storing the mark")
        assert MARKED in marked.message

        process = process_of(run.id)
        assert process
        process.kill()
        until(lambda: _lasts(store) > LIMIT + timedelta(seconds=15), LONGEST_S, "going on after the first limit")
        assert not store.recording().sealed
        steer.run(stack.settings, requests.steer(store.id, stop=True))
        assert "ends now" in capsys.readouterr().out
        until(lambda: store.recording().sealed, LONGEST_S, "sealing")
        assert not source.ended.is_set()
    refused = until(lambda: _ended(stack, unknown), LONGEST_S, "a refusal")
    assert refused.is_bad
    assert "ei-tallenneta is not being recorded." in refused.message
    _check(stack, store, asked_at)


@contextmanager
def _away(stack: Stack) -> Iterator[None]:
    """The store answers nothing meanwhile."""
    server = os.getpgid(stack.pids["storage"])
    os.killpg(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(server, signal.SIGCONT)


def _check(stack: Stack, store: RecordingStore, asked_at: datetime) -> None:
    recording = store.recording()
    assert recordings.verify(store) == []
    late, *others = recording.gaps
    assert others == []
    assert (late.at_ms, late.doubtful) == (0, True)
    assert late.reason == f"The recording began {late.lost_ms / 1000:.0f} s after the broadcast."
    assert LATE.total_seconds() - 10 < late.lost_ms / 1000 < LATE.total_seconds() + 60
    assert recording.totals.missing_ms == recording.totals.doubtful_ms == late.lost_ms
    [mark] = store.marks()
    assert timedelta() <= mark.at - asked_at < timedelta(seconds=15)

    Follower(stack.settings, store.id, None).wait(LONGEST_S)
    episode = store.episode()
    assert episode
    at_ms = marks.place(mark.at, episode.moments)
    assert abs(at_ms - (mark.at - recording.segments[0].captured_at).total_seconds() * 1000) < 1000
    page = stores.site(stack.settings).get(keys.page(store.id)).decode()
    assert MARKED in page
    assert f"#t={at_ms / 1000:.3f}".rstrip("0").rstrip(".") in page
