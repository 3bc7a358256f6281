"""Playlists as servers write them, well and badly."""

from datetime import UTC, datetime

import pytest

from core import playlists
from core.errors import InvalidMedia

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


def test_a_signature_does_not_make_another_piece() -> None:
    again = playlists.parse(MEDIA.replace("sig=1", "sig=2"), URL)
    assert [p.identity for p in again.pieces] == [p.identity for p in playlists.parse(MEDIA, URL).pieces]


def test_the_best_variant_that_is_not_too_tall() -> None:
    assert playlists.choice(MASTER, URL) == playlists.Choice(
        "https://tv.invalid/live/high.m3u8", "https://tv.invalid/live/sound-b.m3u8"
    )
    assert playlists.choice(MEDIA, URL) == playlists.Choice(URL)


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
    ],
)
def test_what_cannot_be_used_is_said(text: str, said: str) -> None:
    with pytest.raises(InvalidMedia, match=said):
        playlists.parse(text, URL)
