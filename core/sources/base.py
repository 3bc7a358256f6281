"""What every kind of source gives: a Source, and for those that ffmpeg reads, how it is to read them."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple
from urllib.parse import SplitResult, urlsplit

from core.errors import InvalidInput
from core.media import confinement
from core.names import shown
from core.outside.addresses import Address

Kind = Literal["hls", "file", "page", "rtmp", "srt"]
LOOK_MICROSECONDS = 1_000_000
"""How much ffmpeg looks at before it begins to write; senders begin with all that must be known."""
TAKEN_IN: tuple[Kind, ...] = ("rtmp", "srt")


class Source(NamedTuple):
    """A stream or file to read. ``live`` when it may go on; ``headers`` are to be sent with each request.

    ``listens`` when we wait for the sender to call us. ``kind`` says who records it: an ``hls`` source is followed by
    capture.feed, ``rtmp`` and ``srt`` are taken in by core.capture.intake; a ``file`` is downloaded, a ``page``
    by yt-dlp.
    """

    url: str
    live: bool
    title: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    kind: Kind = "hls"
    listens: bool = False

    @property
    def shown(self) -> str:
        """Its address without secrets."""
        return shown(self.url)

    @property
    def is_taken_in(self) -> bool:
        """Whether it is a connection that ffmpeg keeps, and not something that is fetched piece by piece."""
        return self.kind in TAKEN_IN


def parsed(address: str) -> SplitResult:
    """The parts of an address whose host and port can be read.

    Raises:
        InvalidInput: they cannot.
    """
    try:
        parts = urlsplit(address)
        _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidInput(f"{shown(address)} is not an address ({error}).", "Type it again.") from error
    return parts


def scheme(address: str) -> str:
    """What stands before ``://``, in small letters."""
    return address.partition("://")[0].lower()


class Head(NamedTuple):
    """How a web server answers: the address at last, the media type it gives, and the first bytes."""

    url: str
    kind: str
    start: bytes


class Reading(NamedTuple):
    """How ffmpeg reads a source: the address without options, the options, and the ``scheme`` (core.media.confinement).

    ``refused`` are words in ffmpeg's log that mean: whoever sent this was not who should. Where ffmpeg itself lets
    anyone in, ``gate`` is the address, the port and the stream key of capture.gate; ffmpeg listens on ``{port}`` then.
    """

    url: str
    options: Mapping[str, str]
    scheme: str
    refused: tuple[str, ...] = ()
    gate: tuple[str, int, str] | None = None

    def listing(self) -> bytes:
        """It as a list for ffmpeg's concat demuxer. Read from a pipe, it keeps secrets out of the process list.

        The list may name the source; what the source sends may not be a list itself.
        """
        lines = ["ffconcat version 1.0", f"file {_quoted(self.url)}"]
        options = dict(self.options) | confinement.sender(self.scheme)
        lines += [f"option {name} {_quoted(value)}" for name, value in options.items()]
        lines.append(f"option analyzeduration {LOOK_MICROSECONDS}")
        return ("\n".join(lines) + "\n").encode()


def host_of(found: Sequence[Address], attempt: int) -> str:
    """One of the addresses that a name leads to, as a part of an address; each gets its turn."""
    address = found[attempt % len(found)]
    return f"[{address}]" if address.version == 6 else str(address)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
