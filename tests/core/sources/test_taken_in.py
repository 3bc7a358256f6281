"""What only RTMP and SRT can do wrong: strangers, secrets, ports, recorders that are killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config import stores
from core import names, sources
from core.archive import segments
from core.archive.recordings import RecordingStore, verify
from core.capture import recorder
from core.capture.recorder import Options
from core.capture.storer import Progress
from core.capture.watching.alarms import Alarm, Kind
from core.errors import InvalidInput, Misconfigured, SourceMissing
from core.outside import addresses
from maaseutu.stack import Stack
from tests.core.filling import fill
from tests.core.made_media import make
from tests.core.server import LOCAL
from tests.core.sources.senders import ESCAPED, KEY, PASSPHRASE, RtmpCalls, Sent, SrtCalled, SrtCalls

ANY = addresses.parse("0.0.0.0/0, ::/0")
WRONG = "aivan-vaara-avain"


@pytest.fixture
def store(storage: Stack) -> RecordingStore:
    """A recording of the test's own."""
    return RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """Impatient ones."""
    return Options(tmp_path / "spool", segment_seconds=1, give_up_seconds=7, stall_seconds=5, rules=LOCAL)


def _until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)


def test_strangers_are_refused(
    storage: Stack, options: Options, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    film = make(tmp_path / "film.mp4", seconds=20)
    with ThreadPoolExecutor() as pool:
        said = pool.map(lambda kind: _refused(kind, storage, options, film), (RtmpCalls, SrtCalls, SrtCalled))
        told = " ".join([*said, caplog.text])
    assert not list(options.spool.rglob("*.ts"))
    assert not [secret for secret in (KEY, PASSPHRASE, ESCAPED) if secret in told]
    assert "a sender with a wrong stream key was refused" in told


def _refused(kind: type[Sent], storage: Stack, options: Options, film: Path) -> str:
    """What is said of a sender with a wrong key, of which nothing is stored."""
    work = film.parent / kind.__name__
    work.mkdir()
    store = RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")
    sender = kind(film, work, WRONG)
    sender.start()
    try:
        with pytest.raises(SourceMissing) as raised:
            recorder.record(sender.source, store, options, stop=threading.Event(), report=lambda _: None)
    finally:
        sender.close()
    assert store.segments() == []
    return raised.value.what + raised.value.cure


KILLED = """
import json, sys, threading
from pathlib import Path
from urllib.parse import urlsplit
from core.outside import addresses
from core.capture import recorder
from core import sources
from core.bucket import Bucket
from core.archive.recordings import RecordingStore
given = json.loads(sys.stdin.read())
store = RecordingStore(Bucket(given["bucket"], **given["store"]), given["id"])
options = recorder.Options(Path(given["spool"]), segment_seconds=1)
source = sources.resolve(given["url"], addresses.parse("127.0.0.1"))
recorder.record(source, store, options, stop=threading.Event(), report=lambda _: None)
"""


def _children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in found for child in path.read_text().split()]


def test_a_killed_recorder_leaves_no_ffmpeg_and_all_that_came(
    storage: Stack, store: RecordingStore, options: Options, tmp_path: Path
) -> None:
    sender = SrtCalls(make(tmp_path / "film.mp4", seconds=60), tmp_path)
    settings = storage.settings
    access = {"access_key": settings.s3_access_key, "secret_key": settings.s3_secret_key.get_secret_value()}
    given = {"bucket": settings.archive_bucket, "store": {"endpoint": settings.s3_endpoint, **access}}
    given |= {"id": store.id, "spool": str(options.spool), "url": sender.address}
    sender.start()
    try:
        with subprocess.Popen([sys.executable, "-c", KILLED], stdin=subprocess.PIPE) as process:
            assert process.stdin
            process.stdin.write(json.dumps(given).encode())
            process.stdin.close()
            try:
                _until(lambda: len(store.segments()) > 2)
                left_of_it = _children_of(process.pid)
                shown = b"".join(Path(f"/proc/{child}/cmdline").read_bytes() for child in left_of_it)
            finally:
                os.kill(process.pid, signal.SIGKILL)
        assert left_of_it
        assert b"ffmpeg" in shown
        assert PASSPHRASE.encode() not in shown
        assert ESCAPED.encode() not in shown
        _until(lambda: not any(Path(f"/proc/{child}").exists() for child in left_of_it))
        before = len(store.segments())
        stop = threading.Event()
        # The sender takes some seconds to see that nobody listens any more.
        patient = options._replace(give_up_seconds=30, stall_seconds=20)
        done = recorder.record(
            sender.source, store, patient, stop=stop, report=lambda p: stop.set() if p.segments > before + 3 else None
        )
    finally:
        sender.close()
    assert {segment.take for segment in done.segments} == {1, 2}
    assert [gap.reason for gap in done.gaps] == ["The recorder was interrupted."]
    assert [s.state for s in done.segments if s.take == 1].count("partial") <= 1
    assert verify(store) == []


def test_a_port_in_use(store: RecordingStore, options: Options) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        source = sources.resolve(f"rtmp://127.0.0.1:{other.getsockname()[1]}/live/{KEY}?mode=listener", LOCAL)
        with pytest.raises(Misconfigured, match="cannot listen on port|is in use") as raised:
            recorder.record(source, store, options, stop=threading.Event(), report=lambda _: None)
    assert KEY not in raised.value.what


def test_a_port_that_stays_in_use(store: RecordingStore, options: Options) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        address = f"srt://127.0.0.1:{other.getsockname()[1]}?mode=listener&passphrase={ESCAPED}"
        source = sources.resolve(address, LOCAL)
        with pytest.raises(Misconfigured, match="is in use. Choose another"):
            recorder.record(source, store, options._replace(give_up_seconds=30), stop=threading.Event(), report=print)


def test_a_port_that_is_let_go(store: RecordingStore, options: Options, tmp_path: Path) -> None:
    sender = SrtCalls(make(tmp_path / "film.mp4", seconds=4), tmp_path)
    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    other.bind(("127.0.0.1", urlsplit(sender.address).port))
    letting_go = threading.Timer(1.5, other.close)
    letting_go.start()
    sender.start()
    try:
        done = recorder.record(sender.source, store, options, stop=threading.Event(), report=lambda _: None)
    finally:
        sender.close()
        letting_go.join()
    assert segments.duration_ms(done.segments) > 3500
    assert {segment.take for segment in done.segments} == {1}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("rtmp://example.invalid/live", "needs an application and a stream key"),
        ("rtmp://0.0.0.0/live/short", "must have 8 to 128"),
        ("rtmp://0.0.0.0/live/with spaces in it", "no spaces"),
        ("rtmps://0.0.0.0/live/long-enough", "cannot listen for rtmps"),
        ("rtmp:///live/short", "must have 8 to 128"),
        ("rtmp://host:port/live/long-enough", "is not an address"),
        ("srt://example.invalid", "needs a port"),
        ("srt://0.0.0.0:9000", "Without a passphrase anyone"),
        ("srt://:9000", "Without a passphrase anyone"),
        ("srt://10.0.0.1:9000?mode=listener", "Without a passphrase anyone"),
        ("srt://0.0.0.0:9000?passphrase=short", "10 to 64"),
        ("srt://0.0.0.0:9000?passphrase=longenough1&streamid=a", "stream id is not checked"),
        ("srt://example.invalid:9000?password=x", "do not know password"),
        ("srt://example.invalid:9000?mode=rendezvous", "caller or listener"),
        ("srt://example.invalid:9000?pbkeylen=7", "16, 24 or 32"),
        ("srt://example.invalid:9000?latency=soon", "in milliseconds"),
        ("srt://example.invalid:9000?streamid=a%0Ab", "cannot be sent"),
    ],
)
def test_addresses_that_cannot_be(address: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as raised:
        sources.resolve(address, ANY)
    assert raised.value.cure


@pytest.mark.parametrize(
    ("address", "listens"),
    [
        ("rtmp://0.0.0.0/live/long-enough", True),
        ("rtmp://[::]:1936/live/long-enough", True),
        ("rtmp://10.0.0.1/live/long-enough?mode=listener", True),
        ("rtmp://192.0.2.1/live/k", False),
        ("rtmps://192.0.2.1/live/k", False),
        ("srt://:9000?passphrase=longenough1", True),
        ("srt://0.0.0.0:9000?passphrase=longenough1", True),
        ("srt://192.0.2.1:9000?mode=caller", False),
        ("SRT://192.0.2.1:9000?streamid=%23!::r=live", False),
    ],
)
def test_who_calls(address: str, listens: bool) -> None:
    source = sources.resolve(address, ANY)
    assert (source.live, source.listens, source.is_taken_in) == (True, listens, True)


def test_latency_is_given_in_milliseconds() -> None:
    source = sources.resolve("srt://192.0.2.1:9000?latency=200", ANY)
    assert sources.READINGS["srt"](source, ANY, 0).options["latency"] == "200000"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtmp://h:1/live/KEY", "rtmp://h:1/live/***"),
        ("rtmp://h/live/sub/KEY?mode=listener", "rtmp://h/live/sub/***?mode=listener"),
        ("rtmps://me:pass@h/live/KEY", "rtmps://me:***@h/live/***"),
        ("srt://h:9?passphrase=PASS&latency=2", "srt://h:9?passphrase=***&latency=2"),
        ("srt://h:9?latency=2&STREAMID=PASS", "srt://h:9?latency=2&STREAMID=***"),
        ("https://me:pass@h/a.m3u8", "https://me:***@h/a.m3u8"),
        ("https://h/live/a.m3u8?x=1", "https://h/live/a.m3u8?x=1"),
        ("/srv/a:b@c/live/kokous.mp4", "/srv/a:b@c/live/kokous.mp4"),
    ],
)
def test_addresses_are_shown_without_secrets(address: str, shown: str) -> None:
    assert names.masked(address) == shown
    assert names.masked(shown) == shown
    assert not [secret for secret in names.secrets(address) if secret in shown]


@pytest.mark.parametrize("kind", [RtmpCalls, SrtCalls])
def test_a_full_disk_interrupts_and_does_not_end_it(
    kind: type[RtmpCalls], small_disk: Path, store: RecordingStore, options: Options, tmp_path: Path
) -> None:
    """It is full for longer than a silent sender would be waited for."""
    sender = kind(make(tmp_path / "film.mp4", seconds=60), tmp_path)
    ballast = small_disk / "ballast"
    told: list[tuple[Kind, bool]] = []
    stop = threading.Event()
    emptied = threading.Timer(options.give_up_seconds + 2, ballast.unlink)
    since: list[int] = []

    def tell(alarm: Alarm) -> None:
        told.append((alarm.kind, alarm.cleared_at is not None))
        if told == [(Kind.FULL, False)]:
            emptied.start()

    def report(progress: Progress) -> None:
        if not told:
            fill(ballast, enough=lambda: told)
        elif (Kind.FULL, True) in told:
            since.append(progress.segments)
            if len(since) > 3:
                stop.set()

    small = options._replace(spool=small_disk / "spool")
    sender.start()
    try:
        done = recorder.record(sender.source, store, small, stop=stop, report=report, tell=tell)
    finally:
        emptied.cancel()
        sender.close()
    assert done.sealed
    assert (Kind.FULL, True) in told
    assert "The disk was full." in {gap.reason for gap in done.gaps}
    assert sum(gap.lost_ms for gap in done.gaps) > 1000 * options.give_up_seconds
    assert verify(store) == []
