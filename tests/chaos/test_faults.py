"""Each fault does what it says, seen from outside; and a short campaign from end to end."""

from collections.abc import Iterator
from http.client import IncompleteRead
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from chaos import campaign, faults, stream, table
from chaos.campaign import Outcome, Plan
from chaos.faults import FAULTS, Variants, Where
from chaos.store import Store
from chaos.truth import Truth
from core.media import probe
from core.models import TICKS_PER_SECOND
from core.sources import playlists
from sample.live_source import LiveSource

pytestmark = pytest.mark.slow

SECONDS = 8
WHERE = Where(3, 2)
Made = tuple[Path, Variants]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The broadcast of eight pieces and its variants."""
    return faults.variants(tmp_path_factory.mktemp("variants"), SECONDS, 1)


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of the broadcast."""
    return Clock()


@pytest.fixture
def live(made: Made, clock: Clock, tmp_path: Path) -> Iterator[LiveSource]:
    """The broadcast, at its beginning."""
    with LiveSource(made[0], tmp_path / "live", segment_seconds=1, window=20, clock=clock) as source:
        yield source


def _put(kind: str, live: LiveSource, made: Made, folder: Path) -> None:
    FAULTS[kind](live, WHERE, made[1], folder)


def _address(live: LiveSource, name: str) -> str:
    return live.url.rpartition("/")[0] + "/" + name


def _numbers(live: LiveSource) -> list[tuple[int, str]]:
    with urlopen(live.url) as answer:
        found = playlists.parse(answer.read().decode(), live.url)
    return [(piece.number, piece.url.rpartition("/")[2]) for piece in found.pieces]


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("404", HTTPError, "404"),
        ("500", HTTPError, "500"),
        ("drop", IncompleteRead, "bytes read"),
        ("outage", HTTPError, "500"),
        ("redirect loop", HTTPError, "redirect"),
        ("tls", URLError, "SSL"),
    ],
)
def test_what_a_client_is_told(
    kind: str, error: type[Exception], said: str, live: LiveSource, clock: Clock, made: Made, tmp_path: Path
) -> None:
    _put(kind, live, made, tmp_path)
    clock.now = 4.5
    with pytest.raises(error, match=said), urlopen(_address(live, "000003.ts")) as answer:
        answer.read()
    clock.now = 8.5
    with urlopen(_address(live, "000006.ts")) as answer:
        assert answer.read() == live.segments[6].file.read_bytes()


def test_a_piece_that_drips_comes_whole(live: LiveSource, clock: Clock, made: Made, tmp_path: Path) -> None:
    _put("drip", live, made, tmp_path)
    clock.now = 5.0
    with urlopen(_address(live, "000003.ts")) as answer:
        assert len(answer.read1(1 << 20)) < live.segments[3].file.stat().st_size
        answer.read()


def test_numbers_of_the_playlist(live: LiveSource, clock: Clock, made: Made, tmp_path: Path) -> None:
    _put("skipped", live, made, tmp_path)
    clock.now = 3.5
    assert _numbers(live) == [(number, f"00000{number}.ts") for number in range(3)]
    clock.now = 5.5
    assert _numbers(live) == [(6, "000003.ts"), (7, "000004.ts")]


def test_a_server_that_counts_from_the_beginning(live: LiveSource, clock: Clock, made: Made, tmp_path: Path) -> None:
    _put("restarted", live, made, tmp_path)
    clock.now = 5.5
    assert _numbers(live) == [(0, "000003.ts"), (1, "000004.ts")]


def test_pieces_come_twice(live: LiveSource, clock: Clock, made: Made, tmp_path: Path) -> None:
    _put("twice", live, made, tmp_path)
    clock.now = 3.5
    assert _numbers(live)[0] == (0, "000000.ts")
    clock.now = 4.5
    assert _numbers(live)[0] == (2, "000000.ts")


def test_the_end_is_never_told(live: LiveSource, clock: Clock, made: Made, tmp_path: Path) -> None:
    _put("endless", live, made, tmp_path)
    clock.now = 100.0
    with urlopen(live.url) as answer:
        assert b"ENDLIST" not in answer.read()


@pytest.mark.parametrize(("kind", "seconds"), [("back", -3600), ("forward", 3600)])
def test_timestamps_jump(kind: str, seconds: int, live: LiveSource, made: Made, tmp_path: Path) -> None:
    files = [piece.file for piece in live.segments]
    _put(kind, live, made, tmp_path)
    moved = [probe.span(b.file).start - probe.span(a).start for a, b in zip(files, live.segments, strict=True)]
    assert moved[:3] == [0, 0, 0]
    assert {ticks % stream.WRAP for ticks in moved[3:]} == {seconds * TICKS_PER_SECOND % stream.WRAP}


def test_timestamps_wrap_within_a_piece(live: LiveSource, made: Made, tmp_path: Path) -> None:
    _put("wrap", live, made, tmp_path)
    span = probe.span(live.segments[3].file)
    assert span.start < 0 < span.end


def test_other_pictures_and_sounds(live: LiveSource, made: Made, tmp_path: Path) -> None:
    _put("resolution told", live, made, tmp_path)
    widths = [found.video.width for piece in live.segments if (found := probe.media(piece.file)).video]
    assert widths == [160, 160, 160, 192, 192, 160, 160, 160]
    assert [number for number, piece in enumerate(live.segments) if piece.discontinuity] == [3, 5]
    _put("codec", live, made, tmp_path)
    codecs = [found.video.codec for piece in live.segments if (found := probe.media(piece.file)).video]
    assert codecs == ["mpeg2video" if n in WHERE else "h264" for n in range(SECONDS)]
    _put("no sound", live, made, tmp_path)
    assert [probe.media(piece.file).audio is None for piece in live.segments] == [n in WHERE for n in range(SECONDS)]


def test_a_seed_gives_the_same_campaigns() -> None:
    assert campaign.plans(100, 7) == campaign.plans(100, 7)
    assert campaign.plans(100, 7) != campaign.plans(100, 8)
    assert {plan.kind for plan in campaign.plans(len(campaign.KINDS), 1)} == set(campaign.KINDS)


def test_the_table_adds_up() -> None:
    plan = Plan(0, 1, "404", "", WHERE, True, 0, 0)
    found = Truth(offered=500, captured=450, marked=25, unmarked=25, doubled=0, false_ms=100, unheard=5)
    rows = table.lines([Outcome(plan, True, found, 0, ""), Outcome(plan, False, found, 500, "")])
    assert rows[2] == "| 404 | 2 | 40.0 | 36.0 | 2.0 | 2.0 | 0.0 | 0.2 | 0.4 | 0.5 | 1 |"
    assert rows[-1] == rows[2].replace("404", "**all**")


@pytest.mark.parametrize(("fault", "blow"), [("404", "kill recorder"), ("wrap", "")])
def test_a_campaign(fault: str, blow: str, tmp_path: Path) -> None:
    file, variants = faults.variants(tmp_path, campaign.SECONDS, campaign.PIECE_SECONDS)
    plan = Plan(0, 1, fault, blow, WHERE, True, 6000, 1)
    with Store(tmp_path / "store") as store:
        done = campaign.run(plan, file, variants, store, tmp_path / "run")
    assert done.sealed, done.note
    assert (done.found.unmarked, done.found.doubled) == (0, 0)
    assert done.found.captured + done.found.marked == done.found.offered
