"""Bad input through the whole system: each gives one clear error, in Prefect's words and on the command line."""

import threading
import uuid
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from config import stores
from core import keys
from core.archive.recordings import RecordingStore, verify
from core.errors import ChildFailed
from maaseutu import progress, requests, runs
from maaseutu.follow import Follower
from maaseutu.stack import Stack
from tests.chain.conftest import until
from tests.core.made_media import cut, make
from web.strings import load

LONGEST_S = 180
PAGE = b"<!doctype html><html><title>Kokous</title><p>No video here.</p></html>"


class _Site(BaseHTTPRequestHandler):
    """A web site with one page."""

    def do_GET(self) -> None:
        found = self.path == "/kokous"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _import(stack: Stack, source: str) -> str:
    broadcast = f"bad-{uuid.uuid4().hex[:8]}"
    request = requests.import_recording(source, _about(broadcast))
    return _start(stack, requests.IMPORT, broadcast, request)


def _record(stack: Stack, source: str) -> str:
    broadcast = f"bad-{uuid.uuid4().hex[:8]}"
    return _start(stack, requests.CAPTURE, broadcast, requests.capture(source, _about(broadcast)))


def _start(stack: Stack, deployment: str, broadcast: str, request: Mapping[str, Any]) -> str:
    runs.start(stack.settings, deployment, request, broadcast)
    return broadcast


def _error(stack: Stack, broadcast: str) -> ChildFailed:
    with pytest.raises(ChildFailed) as raised:
        Follower(stack.settings, broadcast, None).wait(LONGEST_S)
    return raised.value


def test_what_cannot_be_recorded_or_imported(stack: Stack, site: str, tmp_path: Path) -> None:
    """All at once, because starting a run takes longer than failing."""
    blind = make(tmp_path / "blind.mp4", picture=False)
    half = cut(make(tmp_path / "half.mp4"), 0.5)
    listing = tmp_path / "list.mp4"
    listing.write_text(f"ffconcat version 1.0\nfile {half}\n")
    wanted = {
        _record(stack, f"{site}/live.m3u8"): f"{site}/live.m3u8 answers 404",
        _record(stack, "http://127.0.0.2/live.m3u8"): "leads to 127.0.0.2, an address of this machine",
        _import(stack, str(listing)): "list.mp4 is a list for ffmpeg (ffconcat), which only names other files.",
        _import(stack, f"{site}/kokous.mp4"): f"{site}/kokous.mp4 answers 404",
        _import(stack, f"{site}/kokous"): f"{site}/kokous is a web page in which no video was found",
        _import(stack, str(blind)): "blind.mp4 has no picture.",
        _import(stack, str(half)): "half.mp4 is a truncated or damaged MP4. Fetch or export it again to its end.",
    }
    for broadcast, said in wanted.items():
        error = _error(stack, broadcast)
        assert said in error.what
        assert "Traceback" not in error.what
        assert "/runs/flow-run/" in error.cure
        found = runs.of_broadcast(stack.settings, broadcast)
        assert [run.state for run in found] == ["Failed"]
        assert said in found[0].message
        assert RecordingStore(stores.archive(stack.settings), broadcast).segments() == []


def test_no_speech_is_a_normal_result_and_its_id_is_taken(stack: Stack, site: str, tmp_path: Path) -> None:
    source = make(tmp_path / "tone.mp4", seconds=6)
    broadcast = _import(stack, str(source))
    Follower(stack.settings, broadcast, None).wait(LONGEST_S)
    store = RecordingStore(stores.archive(stack.settings), broadcast)
    episode = store.episode()
    assert episode
    assert episode.transcript.passages == ()
    page = stores.site(stack.settings).get(keys.page(broadcast)).decode()
    assert load(stack.settings.locale)("episode.no_speech") in page
    other = str(make(tmp_path / "other.mp4", seconds=2))
    before = progress.card(stack.settings, broadcast)
    asked = (
        (requests.CAPTURE, requests.capture(f"{site}/live.m3u8", _about(broadcast))),
        (requests.IMPORT, requests.import_recording(other, _about(broadcast))),
    )
    given = [runs.start(stack.settings, deployment, request, broadcast) for deployment, request in asked]
    for run in given:
        until(lambda run=run: runs.one(stack.settings, run).is_over, LONGEST_S, "a refusal")
        assert f"{broadcast} is already recorded" in runs.one(stack.settings, run).message
    assert progress.card(stack.settings, broadcast) == before
    assert verify(store) == []


def _about(broadcast: str) -> requests.Description:
    return requests.Description(title="Kokous", broadcast=broadcast)
