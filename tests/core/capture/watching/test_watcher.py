"""A recording from a live source, watched: what is told, to whom, and that the recording never notices."""

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config import stores
from core.archive import segments
from core.archive.recordings import RecordingStore, verify
from core.capture import recorder
from core.capture.recorder import Options
from core.capture.storer import Closed, Progress
from core.capture.watching.alarms import Alarm, Kind
from core.capture.watching.watcher import MOST_WAITING, Watcher
from core.models import Recording
from core.sources import Source
from core.telling.notices import Message, Notices, addresses
from maaseutu.stack import Stack
from sample.live_source import LiveSource
from tests.core.made_media import faulty, segments_of
from tests.core.receivers import Receivers
from tests.core.server import LOCAL

NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)
SPEED = 8


@pytest.fixture
def store(storage: Stack) -> RecordingStore:
    """A recording of the test's own."""
    return RecordingStore(stores.archive(storage.settings), f"test-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(tmp_path / "spool", give_up_seconds=10, rules=LOCAL)


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty seconds, silent from 20 to 60."""
    quiet = "volume=0:enable='between(t,20,60)'"
    return faulty(tmp_path_factory.mktemp("silent") / "silent.mp4", seconds="80", audio=quiet)


@pytest.fixture
def live(silent: Path, tmp_path: Path) -> Iterator[LiveSource]:
    with LiveSource(silent, tmp_path / "live", segment_seconds=4, speed=SPEED, window=20) as source:
        source.wait_until_live()
        yield source


def watched(
    live: LiveSource,
    store: RecordingStore,
    options: Options,
    watcher: Watcher,
    *,
    stop: threading.Event | None = None,
    report: Callable[[Progress], None] = lambda _: None,
) -> Recording:
    source = Source(live.url, live=True)
    return recorder.record(source, store, options, stop=stop or threading.Event(), report=report, observer=watcher)


def test_silence_is_told_by_mail_and_webhook_and_takes_itself_back(
    live: LiveSource, store: RecordingStore, options: Options
) -> None:
    with Receivers() as receivers:
        notices, told = Notices(addresses(receivers.urls)), []

        def tell(alarm: Alarm) -> None:
            told.append(alarm)
            notices.send(Message(alarm.headline, alarm.text, alarm.cleared_at is None))

        done = watched(live, store, options, Watcher(options.spool / store.id, tell))
        notices.close()
        # A machine that stands for a while would add "nothing comes"; that is another test's.
        raised, cleared = (alarm for alarm in told if alarm.kind is Kind.SILENT)
        begins = done.segments[0].captured_at
        assert (raised.began_at - begins).total_seconds() == pytest.approx(20, abs=1.1)
        # The Segment that shows it is over at most four seconds later.
        assert raised.known_at + timedelta(seconds=4) - begins <= timedelta(seconds=20 + 30)
        assert cleared.cleared_at
        assert (cleared.cleared_at - begins).total_seconds() == pytest.approx(60, abs=1.1)
        for way in ("mail", "hook"):
            assert [one.text for one in receivers.by(way)] == [alarm.text for alarm in told]
    assert done.gaps == ()
    assert verify(store) == []
    assert not (options.spool / store.id).exists()


def test_it_is_told_while_the_store_is_away(live: LiveSource, store: RecordingStore, options: Options) -> None:
    """The Storer waits for the store until the alarm has come: so the alarm does not wait for the Storer."""
    heard = threading.Event()
    stored: list[Progress] = []
    waited: list[bool] = []

    def report(progress: Progress) -> None:
        stored.append(progress)
        if len(stored) == 1:
            waited.append(heard.wait(60))

    watcher = Watcher(options.spool / store.id, lambda _: heard.set())
    done = watched(live, store, options, watcher, report=report)
    assert waited == [True]
    assert segments.duration_ms(done.segments) == pytest.approx(80_000, abs=300)
    assert verify(store) == []


def test_a_watching_that_breaks_does_not_break_the_recording(
    live: LiveSource, store: RecordingStore, options: Options, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Alarm) -> None:
        raise ValueError("broken")

    done = watched(live, store, options, Watcher(options.spool / store.id, broken))
    assert done.sealed
    assert segments.duration_ms(done.segments) == pytest.approx(80_000, abs=300)
    assert "The watching broke off; the recording did not." in [record.message for record in caplog.records]


def test_a_disk_without_links_is_recorded_all_the_same(
    live: LiveSource, store: RecordingStore, options: Options, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    stop = threading.Event()
    watcher = Watcher(tmp_path / "file", lambda _: None)
    done = watched(live, store, options, watcher, stop=stop, report=lambda _: stop.set())
    assert done.sealed
    assert any("is not watched" in record.message for record in caplog.records)


def test_a_stream_that_ends_before_its_time(live: LiveSource, store: RecordingStore, options: Options) -> None:
    told: list[Alarm] = []
    watcher = Watcher(
        options.spool / store.id, told.append, planned_until=live.ends_at and live.ends_at + timedelta(hours=1)
    )
    watched(live, store, options, watcher)
    assert told[-1].kind is Kind.ENDED


def test_one_that_the_producer_stops_has_not_ended(live: LiveSource, store: RecordingStore, options: Options) -> None:
    told: list[Alarm] = []
    stop = threading.Event()
    watcher = Watcher(
        options.spool / store.id, told.append, planned_until=live.ends_at and live.ends_at + timedelta(hours=1)
    )
    watched(live, store, options, watcher, stop=stop, report=lambda _: stop.set())
    assert Kind.ENDED not in [alarm.kind for alarm in told]


def test_nothing_is_left_in_the_spool_by_files_that_wait(tmp_path: Path, silent: Path) -> None:
    """What is offered is linked at once, so it may be deleted at once; and the links go when the watching ends."""
    told: list[Alarm] = []
    watcher = Watcher(tmp_path, told.append)
    with LiveSource(silent, tmp_path / "cut", segment_seconds=4) as source:
        at = source.ends_at
        assert at
        for number, segment in enumerate(source.segments):
            watcher.offer(Closed(segment.file, 1, captured_at=at + timedelta(milliseconds=segment.start_ms)))
            segment.file.unlink()
            assert number < 30
    watcher.close(ended=True)
    assert [alarm.kind for alarm in told] == [Kind.SILENT, Kind.SILENT]
    assert not (tmp_path / "watch").exists()


def test_nothing_comes_any_more(tmp_path: Path, silent: Path) -> None:
    told, heard, later = [], threading.Event(), [timedelta(0)]

    def tell(alarm: Alarm) -> None:
        told.append(alarm)
        heard.set()

    watcher = Watcher(tmp_path, tell, now=lambda: NOON + later[0])
    path = segments_of(silent, tmp_path)[0]
    watcher.offer(Closed(path, 1, captured_at=NOON))
    later[0] = timedelta(seconds=16)
    assert heard.wait(60)
    heard.clear()
    later[0] = timedelta(seconds=40)
    watcher.offer(Closed(path, 1, captured_at=NOON))
    assert heard.wait(60)
    watcher.close(ended=True)
    assert [(alarm.kind, alarm.cleared_at) for alarm in told] == [
        (Kind.NOTHING, None),
        (Kind.NOTHING, NOON + timedelta(seconds=40)),
    ]
    assert told[0].began_at == NOON


def test_a_watcher_that_falls_behind_lets_go(tmp_path: Path, silent: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is held up while it tells of the first alarm; thirty files wait, and what comes then is not linked."""
    heard, goes_on, later = threading.Event(), threading.Event(), [timedelta(0)]

    def tell(_: Alarm) -> None:
        heard.set()
        goes_on.wait(60)

    watcher = Watcher(tmp_path, tell, now=lambda: NOON + later[0])
    path = segments_of(silent, tmp_path)[0]
    watcher.offer(Closed(path, 1, captured_at=NOON))
    later[0] = timedelta(seconds=16)
    assert heard.wait(60)
    for _ in range(MOST_WAITING + 5):
        watcher.offer(Closed(path, 1, captured_at=NOON))
    linked = len(list((tmp_path / "watch").iterdir()))
    goes_on.set()
    watcher.close(ended=True)
    assert linked == MOST_WAITING
    assert sum("files wait already" in record.message for record in caplog.records) == 5


def test_links_of_a_killed_recorder_go_when_it_is_sealed(silent: Path, store: RecordingStore, options: Options) -> None:
    left = options.spool / store.id / "watch" / "000001.ts"
    left.parent.mkdir(parents=True)
    left.hardlink_to(silent)
    recorder.seal_interrupted(store, options)
    assert not left.parent.exists()
    assert silent.exists()
