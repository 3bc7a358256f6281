"""The sound of an episode as one file, which podcast programs want: packets of its Parts, none encoded anew."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from core import digests
from core.errors import InvalidMedia
from core.media import hls, probe
from core.models import EncodedPart

VERSION = "podcast-1"


def digest(parts: Sequence[EncodedPart]) -> str:
    """The name of what ``assemble`` would make of the sound of the Parts: the same sound, the same name."""
    return digests.of_text(VERSION, *(hls.track(part, hls.AUDIO).sha256 for part in parts))


def assemble(tracks: Iterable[Path], target: Path) -> Path:
    """Write the sound of consecutive Parts into an MP4 whose header comes first, so that it plays while it loads.

    The times of the Parts are those of the recording, and are kept: what is said at a second of the page is said there.

    Raises:
        InvalidMedia: a track cannot be read, or they have different sampling rates, which one MP4 track cannot hold.
    """
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as whole:
        stream: Any = None
        for path in tracks:
            with probe.opened(path) as part:
                source = part.streams.audio[0]
                stream = stream or _begun(whole, source)
                if (source.rate, source.layout.name) != (stream.rate, stream.layout.name):
                    raise InvalidMedia(
                        f"The sound changes from {stream.rate} to {source.rate} samples a second.",
                        "One file cannot hold both; the page plays them all the same.",
                    )
                _append(whole, stream, part.demux(source))
    return target


def _begun(whole: Any, source: Any) -> Any:
    stream = whole.add_stream_from_template(source)
    stream.time_base = Fraction(1, source.rate)
    return stream


def _append(whole: Any, stream: Any, packets: Iterable[Any]) -> None:
    for packet in packets:
        if packet.dts is not None:
            packet.stream = stream
            whole.mux(packet)
