"""HLS playlists (RFC 8216, version 7) over encoded Parts: byte ranges of fragmented MP4. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import ceil
from typing import NamedTuple

from core.models import EncodedPart, EncodedTrack

AUDIO = "audio"
AUDIO_GROUP = "sound"
LIVE_START_SECONDS = 75
"""How long before the end of what is there a live broadcast begins to play: a Part, and some time to make the next."""
FRAGMENT_SECONDS = 5
"""No fragment of a live broadcast is longer: keyframes come every four seconds, and frames do not end with them."""
CAPTIONS = "captions"
OWN_NAMES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
"""Languages in their own words; others are shown by their code."""


class Growth(NamedTuple):
    """The playlists of a live broadcast grow by Parts of at most ``part_seconds``, until it has ``ended``."""

    part_seconds: int
    ended: bool = False


def track(part: EncodedPart, name: str) -> EncodedTrack:
    """The track of that name; every Part of an Episode has the same names."""
    return next(t for t in part.tracks if t.name == name)


def renditions(parts: Sequence[EncodedPart]) -> list[str]:
    """Names of the video renditions that every Part has, highest first."""
    common = set.intersection(*({t.name for t in p.tracks} for p in parts)) - {AUDIO}
    return sorted(common, key=int, reverse=True)


def media_playlist(
    parts: Sequence[EncodedPart], name: str, url: Callable[[EncodedTrack], str], growth: Growth | None = None
) -> str:
    """One rendition of the whole recording; a new Take is a discontinuity."""
    tracks = [track(p, name) for p in parts]
    lines = _head((f.duration_ms for t in tracks for f in t.fragments), growth, FRAGMENT_SECONDS)
    init = ""
    for (_, broken), piece in zip(_with_breaks(parts), tracks, strict=True):
        lines += ["#EXT-X-DISCONTINUITY"] * broken
        if broken or piece.init_sha256 != init:
            init = piece.init_sha256
            lines.append(f'#EXT-X-MAP:URI="{url(piece)}",BYTERANGE="{piece.init_length}@0"')
        lines += _fragments(piece, url(piece))
    return "\n".join([*lines, *_tail(growth), ""])


def captions_playlist(parts: Sequence[EncodedPart], names: Sequence[str], growth: Growth | None = None) -> str:
    """The captions of the whole recording: a file for each Part, of that name."""
    lines = _head((part.end_ms - part.start_ms for part in parts), growth, growth.part_seconds if growth else 0)
    for (part, broken), name in zip(_with_breaks(parts), names, strict=True):
        lines += ["#EXT-X-DISCONTINUITY"] * broken
        lines += [f"#EXTINF:{(part.end_ms - part.start_ms) / 1000:.3f},", name]
    return "\n".join([*lines, *_tail(growth), ""])


def captions_file(number: int) -> str:
    """The file of a Part's captions while the recording grows, beside the playlists. Parts count from 0."""
    return f"{CAPTIONS}/{number:05}.vtt"


def _head(durations_ms: Iterable[int], growth: Growth | None, longest: int) -> list[str]:
    """The first lines. The longest duration must not change while a playlist grows (RFC 8216, 6.2.1)."""
    found = ceil(max(durations_ms, default=0) / 1000)
    grows = growth is not None and not growth.ended
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{max(found, longest) if growth else found}"]
    lines += ["#EXT-X-MEDIA-SEQUENCE:0", f"#EXT-X-PLAYLIST-TYPE:{'EVENT' if grows else 'VOD'}"]
    # It grows by a Part at a time: who begins nearer to its end stands still until the next one comes.
    start = f"#EXT-X-START:TIME-OFFSET=-{LIVE_START_SECONDS}"
    return [*lines, "#EXT-X-INDEPENDENT-SEGMENTS", *[start] * grows]


def _tail(growth: Growth | None) -> list[str]:
    return [] if growth and not growth.ended else ["#EXT-X-ENDLIST"]


def _with_breaks(parts: Sequence[EncodedPart]) -> Iterator[tuple[EncodedPart, bool]]:
    """The Parts, and of each whether it begins another Take than the one before."""
    for at, part in enumerate(parts):
        yield part, at > 0 and part.take != parts[at - 1].take


def _fragments(piece: EncodedTrack, address: str) -> list[str]:
    return [
        line
        for f in piece.fragments
        for line in (f"#EXTINF:{f.duration_ms / 1000:.3f},", f"#EXT-X-BYTERANGE:{f.length}@{f.offset}", address)
    ]


def master_playlist(parts: Sequence[EncodedPart], language: str, captions: str = "") -> str:
    """All renditions with one common sound. Rates are measured peaks of a Part, in bits a second.

    ``captions`` is the language of the captions; without it there are none.
    """
    sound = [track(p, AUDIO) for p in parts]
    media = f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{AUDIO_GROUP}",NAME="{language}",LANGUAGE="{language}"'
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines.append(f'{media},DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="{AUDIO}.m3u8"')
    lines += [_captions(captions)] * bool(captions)
    closed = f'SUBTITLES="{CAPTIONS}",' * bool(captions) + "CLOSED-CAPTIONS=NONE"
    for name in renditions(parts):
        tracks = [track(p, name) for p in parts]
        rate = max(t.bandwidth for t in tracks) + max(t.bandwidth for t in sound)
        first = tracks[0]
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={rate},RESOLUTION={first.width}x{first.height},"
            f'CODECS="{first.codecs},{sound[0].codecs}",AUDIO="{AUDIO_GROUP}",{closed}'
        )
        lines.append(f"{name}.m3u8")
    return "\n".join([*lines, ""])


def _captions(language: str) -> str:
    """They are shown unless the viewer chose otherwise, as on the page (RFC 8216, 4.3.4.1)."""
    return (
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="{CAPTIONS}",NAME="{OWN_NAMES.get(language, language)}",'
        f'LANGUAGE="{language}",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,'
        f'CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog",URI="{CAPTIONS}.m3u8"'
    )
