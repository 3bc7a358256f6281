"""Odd media made here: how each ends, and what counts as failed."""

from pathlib import Path
from urllib.request import urlopen

import pytest

from chaos import media, outcomes, table
from chaos.outcomes import FAILED, FAULTS, RECORDED, REFUSED, Outcome, Taken
from chaos.site import Site
from chaos.taker import Answer, Counted, Job
from config import stores
from core.models import Recording
from maaseutu.stack import Stack
from tests.core.made_media import cut, make

PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n"


def test_each_file_ends_in_one_of_the_ways(tmp_path: Path) -> None:
    make(tmp_path / "whole.ts", seconds=2)
    cut(make(tmp_path / "half.mp4", seconds=2), 0.5)
    (tmp_path / "own.m3u8").write_text(PLAYLIST.format("whole.ts"))
    (tmp_path / "away.m3u8").write_text(PLAYLIST.format("https://tv.invalid/piece.ts"))
    found = {(one.name, one.way): one for one in media.run(tmp_path, "", 4)}
    assert {key: one.kind for key, one in found.items()} == {
        ("whole.ts", "import"): RECORDED,
        ("half.mp4", "import"): REFUSED,
        ("own.m3u8", "import"): REFUSED,
        ("own.m3u8", "address"): RECORDED,
        ("own.m3u8", "live"): RECORDED,
        ("own.m3u8", "stand-ins"): RECORDED,
        ("away.m3u8", "import"): REFUSED,
        ("away.m3u8", "address"): REFUSED,
        ("away.m3u8", "live"): FAULTS,
        ("away.m3u8", "stand-ins"): RECORDED,
    }
    assert found["whole.ts", "import"].told == "2.0 s"
    assert found["away.m3u8", "stand-ins"].told == "1.0 s"
    assert found["half.mp4", "import"].told == "InvalidMedia: half.mp4 is a truncated or damaged MP4."


JOB = Job("import", "a.mp4", "/srv/odd/a.mp4", "bad-import-0000", 3.0)
WHOLE = Taken(JOB, 0, Answer(recording=Recording(broadcast="bad", sealed=True)), "", [], [], 0, frozenset())


def _lacking(offered: Counted, kept: Counted) -> Taken:
    assert WHOLE.answer
    return WHOLE._replace(answer=WHOLE.answer.model_copy(update={"offered": offered, "kept": kept}))


@pytest.mark.parametrize(
    ("taken", "told"),
    [
        (WHOLE._replace(ended=None, answer=None), "it hangs"),
        (WHOLE._replace(ended=1, answer=None, log="Traceback\nKeyError: 'x'\n"), "ended with 1: KeyError: 'x'"),
        (WHOLE._replace(lost=["t001"]), "1 earlier Segments are lost"),
        (WHOLE._replace(answer=Answer(wrong=("Segment 1/0 is missing.",))), "Segment 1/0 is missing."),
        (WHOLE._replace(left=2), "nothing came, and 2 files stay in the spool"),
        (
            _lacking(Counted(packets=365, frames=345), Counted(packets=156, frames=151)),
            "nothing came, 209 of 365 packets are missing and nothing is marked",
        ),
        (
            _lacking(Counted(packets=615, frames=241), Counted(packets=615, frames=241)),
            "nothing came, only 241 of 615 packets can be decoded and nothing is marked",
        ),
    ],
)
def test_what_may_not_happen(taken: Taken, told: str, storage: Stack) -> None:
    assert outcomes.judged(taken, stores.archive(storage.settings)) == Outcome("import", "a.mp4", FAILED, told)


def test_addresses_on_other_servers_lead_to_the_site(tmp_path: Path) -> None:
    (tmp_path / "a.m3u8").write_text(PLAYLIST.format("https://tv.invalid/piece.ts") + "//tv.invalid/b.ts\nc.ts\n")
    with Site(tmp_path) as site, urlopen(site.url("a.m3u8")) as answer:
        lines = answer.read().decode().splitlines()
    assert lines[3] == f"{site.root}/tv.invalid/piece.ts"
    assert lines[5:] == [f"{site.root}/tv.invalid/b.ts", "c.ts"]


def test_no_folder_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert media.main([str(tmp_path / "none")]) == 0
    assert "none with odd media: nothing was taken" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("http://127.0.0.1:4711/a/b.ts answers 404", "http://HOST/a/b.ts answers 404"),
        ("Its log is /srv/spool/take-001/ffmpeg.log.", "Its log is ffmpeg.log."),
        ("a | b\n c", "a / b c"),
    ],
)
def test_the_table_tells_nothing_of_this_machine(told: str, shown: str, storage: Stack) -> None:
    taken = WHOLE._replace(answer=Answer(error="ChildFailed", said=told))
    found = outcomes.judged(taken, stores.archive(storage.settings))
    assert found == Outcome("import", "a.mp4", REFUSED, f"ChildFailed: {shown}")
    rows = outcomes.lines([found])
    assert f"| a.mp4 | refused | ChildFailed: {shown} |" in rows


@pytest.mark.parametrize("name", ["table", "flows"])
def test_a_table_goes_between_its_marks(name: str) -> None:
    marks = {one: f"<!-- {one}: made by `make chaos` -->\n" for one in ("table", "flows")}
    page = "a\n" + "".join(f"{mark}old\n<!-- /{one} -->\n" for one, mark in marks.items())
    assert table.written(page, ["new"], name) == page.replace(f"{marks[name]}old", f"{marks[name]}new")
