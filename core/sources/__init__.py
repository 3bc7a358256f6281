"""From an address to something that can be recorded. The first kind that knows an address wins."""

from collections.abc import Callable

from core.errors import InvalidInput, InvalidMedia
from core.names import shown
from core.outside import fetching
from core.outside.addresses import Rules
from core.sources import file, hls, page, rtmp, srt
from core.sources.base import Head, Kind, Reading, Source
from core.sources.playlists import TALLEST

__all__ = ["BY_ANSWER", "BY_SCHEME", "READINGS", "Source", "resolve"]

HEAD_BYTES = 4096
BY_SCHEME: tuple[Callable[[str, Rules], Source | None], ...] = (rtmp.known, srt.known)
BY_ANSWER: tuple[Callable[[Head, Rules, int], Source | None], ...] = (hls.known, file.known, page.known)
READINGS: dict[Kind, Callable[[Source, Rules, int], Reading]] = {"rtmp": rtmp.reading, "srt": srt.reading}


def resolve(address: str, rules: Rules, tallest: int = TALLEST) -> Source:
    """What is behind an address that the rules allow. A server of RTMP or SRT is not asked before it is recorded.

    ``tallest`` is the most lines of picture to choose where a page offers several.

    Raises:
        InvalidInput: it is no address at all, or one that we must not listen on.
        AddressRefused: it, or what it leads to, may not be reached.
        InvalidMedia: a page without a video, or something else that is not media.
        SourceMissing: the server says that it is not there, or not for us.
        SourceUnavailable: the server does not answer, or says that it failed.
    """
    for by_scheme in BY_SCHEME:
        if source := by_scheme(address, rules):
            return source
    if not address.lower().startswith(("http://", "https://")):
        what = f"{shown(address)!r} is not the address of a stream."
        raise InvalidInput(what, "Give one that begins with https://, rtmp:// or srt://.")
    head = _head(address, rules)
    for by_answer in BY_ANSWER:
        if source := by_answer(head, rules, tallest):
            return source
    what = f"{shown(address)} is {head.kind or 'of an unknown type'}, not media."
    raise InvalidMedia(what, "Give the address of the stream or its page.")


def _head(url: str, rules: Rules) -> Head:
    with fetching.opened(url, {}, rules) as answer:
        return Head(answer.url, answer.kind, answer.start(HEAD_BYTES))
