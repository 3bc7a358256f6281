"""HLS playlists (RFC 8216, version 7) over encoded Parts: byte ranges of fragmented MP4. Pure."""

from collections.abc import Callable, Sequence
from math import ceil

from core.models import EncodedPart, EncodedTrack

AUDIO = "audio"
AUDIO_GROUP = "sound"


def track(part: EncodedPart, name: str) -> EncodedTrack:
    """The track of that name; every Part of an Episode has the same names."""
    return next(t for t in part.tracks if t.name == name)


def renditions(parts: Sequence[EncodedPart]) -> list[str]:
    """Names of the video renditions that every Part has, highest first."""
    common = set.intersection(*({t.name for t in p.tracks} for p in parts)) - {AUDIO}
    return sorted(common, key=int, reverse=True)


def media_playlist(parts: Sequence[EncodedPart], name: str, url: Callable[[EncodedTrack], str]) -> str:
    """One rendition of the whole recording; a new Take is a discontinuity."""
    tracks = [track(p, name) for p in parts]
    longest = max(f.duration_ms for t in tracks for f in t.fragments)
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{ceil(longest / 1000)}"]
    lines += ["#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-INDEPENDENT-SEGMENTS"]
    init = ""
    for i, (part, piece) in enumerate(zip(parts, tracks, strict=True)):
        broken = i > 0 and part.take != parts[i - 1].take
        lines += ["#EXT-X-DISCONTINUITY"] * broken
        if broken or piece.init_sha256 != init:
            init = piece.init_sha256
            lines.append(f'#EXT-X-MAP:URI="{url(piece)}",BYTERANGE="{piece.init_length}@0"')
        lines += _fragments(piece, url(piece))
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def _fragments(piece: EncodedTrack, address: str) -> list[str]:
    return [
        line
        for f in piece.fragments
        for line in (f"#EXTINF:{f.duration_ms / 1000:.3f},", f"#EXT-X-BYTERANGE:{f.length}@{f.offset}", address)
    ]


def master_playlist(parts: Sequence[EncodedPart], language: str) -> str:
    """All renditions with one common sound. Rates are measured peaks of a Part, in bits a second."""
    sound = [track(p, AUDIO) for p in parts]
    media = f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{AUDIO_GROUP}",NAME="{language}",LANGUAGE="{language}"'
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines.append(f'{media},DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="{AUDIO}.m3u8"')
    for name in renditions(parts):
        tracks = [track(p, name) for p in parts]
        rate = max(t.bandwidth for t in tracks) + max(t.bandwidth for t in sound)
        first = tracks[0]
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={rate},RESOLUTION={first.width}x{first.height},"
            f'CODECS="{first.codecs},{sound[0].codecs}",AUDIO="{AUDIO_GROUP}"'
        )
        lines.append(f"{name}.m3u8")
    return "\n".join([*lines, ""])
