"""Playlists as servers write them, well and badly."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import AddressRefused, InvalidMedia
from core.sources import playlists

URL = "https://tv.invalid/live/index.m3u8?token=1"
MEDIA = """#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:41
#EXT-X-PROGRAM-DATE-TIME:2026-11-24T09:00:00.000+02:00
#EXTINF:4,
a.ts?sig=1
#EXTINF:3.5,
/other/b.ts
#EXT-X-DISCONTINUITY
#EXT-X-KEY:METHOD=AES-128,URI="k.bin"
#EXTINF:4,
c.ts
"""
MASTER = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="s",NAME="fi",DEFAULT=NO,URI="sound-a.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="s",NAME="sv",DEFAULT=YES,URI="sound-b.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=9000000,RESOLUTION=3840x2160
4k.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=3000000,RESOLUTION=1280x720,AUDIO="s"
high.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=500000,RESOLUTION=640x360
low.m3u8
"""


def test_what_a_playlist_offers() -> None:
    found = playlists.parse(MEDIA, URL)
    assert (found.target_seconds, found.ended) == (4, False)
    assert [piece.number for piece in found.pieces] == [41, 42, 43]
    assert [piece.url for piece in found.pieces] == [
        "https://tv.invalid/live/a.ts?sig=1",
        "https://tv.invalid/other/b.ts",
        "https://tv.invalid/live/c.ts",
    ]
    assert found.pieces[0].at == datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert found.pieces[1].at == datetime(2026, 11, 24, 7, 0, 4, tzinfo=UTC)
    assert [piece.discontinuity for piece in found.pieces] == [False, False, True]
    assert found.pieces[2].key == playlists.Key("https://tv.invalid/live/k.bin", (43).to_bytes(16, "big"))


LOW_LATENCY = """#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-PART-INF:PART-TARGET=2
#EXT-X-MEDIA-SEQUENCE:40
#EXT-X-SKIP:SKIPPED-SEGMENTS=1
#EXT-X-PROGRAM-DATE-TIME:2026-11-24T07:00:00.000Z
#EXTINF:4,
a.ts
#EXT-X-PART:DURATION=2,URI="b.0.ts"
#EXT-X-PART:DURATION=2,URI="b.1.ts"
#EXTINF:4,
b.ts
#EXT-X-PART:DURATION=2,URI="c.0.ts"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="c.1.ts"
#EXT-X-RENDITION-REPORT:URI="../low.m3u8",LAST-MSN=42
"""


def test_pieces_of_low_latency_are_taken_when_they_are_whole() -> None:
    found = playlists.parse(LOW_LATENCY, URL)
    assert [(piece.number, piece.url.rpartition("/")[2]) for piece in found.pieces] == [(41, "a.ts"), (42, "b.ts")]
    at = datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert [piece.at for piece in found.pieces] == [at, at + timedelta(seconds=4)]


def test_a_signature_does_not_make_another_piece() -> None:
    again = playlists.parse(MEDIA.replace("sig=1", "sig=2"), URL)
    assert [p.identity for p in again.pieces] == [p.identity for p in playlists.parse(MEDIA, URL).pieces]


def test_the_best_variant_that_is_not_too_tall() -> None:
    assert playlists.choice(MASTER, URL) == playlists.Choice(
        "https://tv.invalid/live/high.m3u8", "https://tv.invalid/live/sound-b.m3u8"
    )
    assert playlists.choice(MEDIA, URL) == playlists.Choice(URL)


@pytest.mark.parametrize(("tallest", "chosen"), [(2160, "4k"), (720, "high"), (719, "low"), (200, "low")])
def test_how_tall_is_for_the_operator_to_say(tallest: int, chosen: str) -> None:
    assert playlists.choice(MASTER, URL, tallest).url == f"https://tv.invalid/live/{chosen}.m3u8"


def test_ranges_follow_one_another() -> None:
    text = (
        "#EXTM3U\n#EXT-X-BYTERANGE:100@20\n#EXTINF:1,\na.mp4\n#EXT-X-BYTERANGE:50\n#EXTINF:1,\na.mp4\n#EXT-X-ENDLIST\n"
    )
    found = playlists.parse(text, URL)
    assert [(piece.offset, piece.length) for piece in found.pieces] == [(20, 100), (120, 50)]
    assert found.ended


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<html>", "is not an HLS playlist"),
        ("", "is not an HLS playlist"),
        ("#EXTM3U\n#EXTINF:four,\na.ts\n", "cannot be read"),
        ('#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k"\n#EXTINF:4,\na.ts\n', "is protected"),
        ("#EXTM3U\n#EXT-X-KEY:METHOD=AES-128\n#EXTINF:4,\na.ts\n", "does not say where its key is"),
        ('#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0xzz\n#EXTINF:4,\na.ts\n', "cannot be read"),
        (f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x{"f" * 40}\n#EXTINF:4,\na.ts\n', "cannot be read"),
        ('#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:-5\n#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:4,\na.ts\n', "cannot be read"),
        ("#EXTM3U\n#EXT-X-BYTERANGE:all\n#EXTINF:4,\na.ts\n", "cannot be read"),
        ("#EXTM3U\n#EXTINF:inf,\na.ts\n", "cannot be read"),
        ("#EXTM3U\n#EXTINF:nan,\na.ts\n", "cannot be read"),
        ("#EXTM3U\n#EXTINF:-4,\na.ts\n", "cannot be read"),
        ("#EXTM3U\n#EXTINF:86400,\na.ts\n", "a piece of 86400 seconds"),
        ("#EXTM3U\n" + "#EXTINF:1,\na.ts\n" * 50_001, "has more than 50000 entries"),
        ("#EXTM3U\n" + "#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n" * 50_001, "has more than 50000 entries"),
    ],
)
def test_what_cannot_be_used_is_said(text: str, said: str) -> None:
    with pytest.raises(InvalidMedia, match=said):
        playlists.parse(text, URL)


def test_a_day_of_short_pieces_is_not_too_much() -> None:
    found = playlists.parse("#EXTM3U\n" + "#EXTINF:2,\na.ts\n" * 43_200, URL)
    assert sum(piece.seconds for piece in found.pieces) == 24 * 3600


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXTINF:4,\nfile:///etc/passwd\n",
        '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="FILE:///etc/passwd"\n#EXTINF:4,\na.ts\n',
        '#EXTM3U\n#EXT-X-MAP:URI="file:///etc/passwd"\n#EXTINF:4,\na.mp4\n',
        "#EXTM3U\n#EXTINF:4,\nconcat:http://a/1|http://a/2\n",
        "#EXTM3U\n#EXTINF:4,\ndata:video/mp2t;base64,R0==\n",
    ],
)
def test_other_kinds_of_addresses_are_refused(text: str) -> None:
    with pytest.raises(AddressRefused, match=f"The playlist {re.escape(URL)} is not followed: .* is not opened"):
        playlists.parse(text, URL)
