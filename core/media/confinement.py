"""What ffmpeg's libraries may read. Left alone, they take a text that names other files and addresses for a medium.

An .mp4 may be an HLS playlist, a list for concat, an SDP description or a script inside; ffmpeg goes by the content and
opens whatever that names. So it is told which containers and which protocols there are, and the rest is refused.
"""

from typing import NamedTuple

FORMATS = "mov,matroska,webm,mpegts,mpeg,mpegvideo,avi,flv,asf,nut,ogg,mxf,gxf,dv,wav,w64,mp3,aac,flac,ac3,eac3"
"""Containers that hold all they need themselves. Names of ffmpeg's demuxers."""
STILLS = "image2,jpeg_pipe"
"""For the stills that we make ourselves: image2 also takes patterns of names."""
LISTS = "concat"
"""A list that we write ourselves, of one sender (core.sources.base)."""
PROTOCOLS = {
    "file": "file",
    "rtmp": "rtmp,tcp",
    "rtmps": "rtmps,tls,tcp",
    "srt": "srt,udp",
}
"""Protocols that ffmpeg may use for a source of each scheme. What begins with file: leads nowhere else."""
SENT = {"rtmp": "flv,live_flv", "rtmps": "flv,live_flv", "srt": "mpegts"}
"""Containers in which a sender of each scheme sends."""
HEAD_BYTES = 2048


class _Reference(NamedTuple):
    begins: tuple[bytes, ...]
    contains: tuple[bytes, ...]
    what: str


REFERENCES = (
    _Reference((b"#EXTM3U", b"#EXTINF"), (), "an HLS playlist, which only names other files"),
    _Reference((b"ffconcat",), (), "a list for ffmpeg (ffconcat), which only names other files"),
    _Reference((b"[playlist]",), (), "a playlist, which only names other files"),
    _Reference((b"v=0",), (b"\nc=IN ", b"\nm=video ", b"\nm=audio "), "an SDP description, which only names a stream"),
    _Reference((), (b"<MPD", b"<SmoothStreamingMedia"), "a DASH or Smooth manifest, which only names other files"),
    _Reference((b"rtsp://", b"http://", b"https://", b"RTSPtext"), (), "an address, not media"),
)


def options(scheme: str = "file", formats: str = FORMATS) -> dict[str, str]:
    """Options of an input, for ffmpeg and for PyAV alike."""
    return {"protocol_whitelist": PROTOCOLS[scheme], "format_whitelist": formats}


def sender(scheme: str) -> dict[str, str]:
    """Options of a sender, within the list that names it."""
    return options(scheme, SENT[scheme])


def sender_list(scheme: str) -> dict[str, str]:
    """Options of the list that names a sender: read from a pipe, it may lead to that sender and to no file."""
    return {"protocol_whitelist": f"pipe,{PROTOCOLS[scheme]}", "format_whitelist": f"{LISTS},{SENT[scheme]}"}


def reference(head: bytes) -> str:
    """What a file is that only names others, by its beginning; empty for all else."""
    start = head[:HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    for known in REFERENCES:
        if start.startswith(known.begins) or any(sign in start for sign in known.contains):
            return known.what
    return ""
