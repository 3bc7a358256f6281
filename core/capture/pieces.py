"""Pieces of an HLS stream, fetched: decrypted, sound and picture in one file, looked into."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from core.child import run
from core.errors import ChildFailed, InvalidMedia
from core.media import ffmpeg, probe
from core.outside import fetching
from core.outside.addresses import Rules
from core.sources.playlists import Key, Piece

LARGEST = 512 << 20
LARGEST_INITIAL = 16 << 20
KEY_BYTES = 16
LARGEST_KEY = 4096
MOST_KEPT = 32
"""Keys and initialisation sections that are remembered; streams change them now and then."""
BLOCK_BITS = 128
SYNC = 0x47
MUX_SECONDS = 60.0
INCOMING = "incoming-"
WAITING = "waiting-"
"""What is whole bears this name until it has its place in the recording: an earlier run's is found by it."""


NOTE = "format"
"""File in the folder of a Take."""


class Format(NamedTuple):
    """What must not change within a Take."""

    video: tuple[str, int, int] | None
    audio: tuple[str, int, int] | None


class Fetched(NamedTuple):
    """A piece as a file in the spool; ``span`` in ticks as its timestamps say."""

    path: Path
    span: probe.Span
    format: Format


@dataclass(slots=True)
class Wanted:
    """A piece that a playlist has named, at its ``reading``-th reading.

    It begins ``since`` seconds after the first that was named. ``skipped`` numbers before it were never seen, which are
    ``skipped_seconds`` of media.

    It ``jumps`` when its number does not follow the one before, so that it may be one that came already, and is counted
    ``anew`` when its number goes back, or so far on that it tells nothing.
    """

    piece: Piece
    sound: tuple[Piece, ...]
    jumps: bool
    anew: bool
    skipped: int
    skipped_seconds: float
    reading: int
    since: float
    tries: int = 0
    first_tried: float = 0.0
    fetched: Fetched | None = None
    lost: str = ""
    cause: str = ""
    """Why it is lost, if it is, whatever the server says later: it could not be written."""


class Pieces:
    """Fetches pieces into ``folder``, each under a name of its own, from which the caller moves it."""

    def __init__(self, headers: Mapping[str, str], folder: Path, program: str, rules: Rules) -> None:
        self._headers = dict(headers)
        self._rules = rules
        self._folder = folder
        self._program = program
        self._kept: dict[str, bytes] = {}
        self._count = 0
        self._clear()

    def fetch(self, piece: Piece, sound: Sequence[Piece], *, seconds: float, since: float) -> Fetched:
        """A piece, with the ``sound`` that the stream keeps apart, within ``seconds`` each.

        It begins ``since`` seconds after the first piece that the stream named.

        Raises:
            SourceMissing, SourceUnavailable: the server does not give it.
            AddressRefused: it, or its key, may not be reached.
            InvalidMedia: what it gives is not media.
            DiskFull, OSError: it cannot be written. Nothing is left of it on the disk then.
        """
        try:
            return self._fetched(piece, sound, seconds=seconds, since=since)
        finally:
            self._clear()

    def _clear(self) -> None:
        for left in self._folder.glob(f"{INCOMING}*"):
            left.unlink()

    def _fetched(self, piece: Piece, sound: Sequence[Piece], *, seconds: float, since: float) -> Fetched:
        get = partial(self._content, seconds=seconds)
        self._count += 1
        name = f"{INCOMING}{self._count}"
        whole = self._folder / f"{name}.ts"
        data = get(piece)
        if data[:1] == bytes([SYNC]) and not sound:
            whole.write_bytes(data)
        else:
            picture = self._folder / f"{INCOMING}picture"
            picture.write_bytes(data)
            apart = self._folder / f"{INCOMING}sound"
            apart.write_bytes(b"".join(get(one, again=bool(at)) for at, one in enumerate(sound)))
            whole = self._muxed([picture, apart] if sound else [picture], name)
        found = Fetched(whole, probe.span(whole), form(whole))
        if piece.at:
            ends = (piece.at + timedelta(seconds=piece.seconds)).timestamp()
            os.utime(whole, (ends, ends))
        return found._replace(path=whole.rename(self._folder / f"{WAITING}{round(since * 1000):012d}{whole.suffix}"))

    def _content(self, piece: Piece, *, seconds: float, again: bool = False) -> bytes:
        """A piece ready to be read; the initialisation section goes before it unless it stands there ``again``."""
        span = {"Range": f"bytes={piece.offset}-{piece.offset + piece.length - 1}"} if piece.length else {}
        data = fetching.content(piece.url, self._headers | span, self._rules, limit=LARGEST, seconds=seconds)
        if piece.length and len(data) > piece.length:
            data = data[piece.offset : piece.offset + piece.length]
        if piece.key:
            data = _decrypted(data, self._keep(piece.key.url, seconds, limit=LARGEST_KEY), piece.key, piece.url)
        return data if again or not piece.initial else self._keep(piece.initial, seconds, limit=LARGEST_INITIAL) + data

    def _keep(self, url: str, seconds: float, *, limit: int) -> bytes:
        if url not in self._kept:
            self._kept[url] = fetching.content(url, self._headers, self._rules, limit=limit, seconds=seconds)
            if len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return self._kept[url]

    def _muxed(self, inputs: Sequence[Path], name: str) -> Path:
        """Picture and sound by stream copy in the container that holds them, with the timestamps they had."""
        found = {path: probe.media(path) for path in inputs}
        picture = next((path for path, media in found.items() if media.video), None)
        sound = next((path for path, media in found.items() if media.audio), None)
        if picture is None and sound is None:
            raise InvalidMedia("A piece of the stream holds neither picture nor sound.", "Look at the source.")
        video, audio = (found[path] if path else None for path in (picture, sound))
        streams = probe.Media("", 0, video.video if video else None, audio.audio if audio else None)
        target = self._folder / f"{name}.{probe.segment_suffix(streams)}"
        argv = ffmpeg.muxer(self._program, picture, sound, target)
        try:
            run(argv, self._folder / "ffmpeg.log", timeout=MUX_SECONDS)
        except ChildFailed as error:
            raise InvalidMedia(f"A piece of the stream cannot be read ({error.what})", error.cure) from error
        return target


def _decrypted(data: bytes, key: bytes, about: Key, url: str) -> bytes:
    if len(key) != KEY_BYTES:
        raise InvalidMedia(f"{about.url} is not a key of {KEY_BYTES} bytes.", "Ask the stream's owner.")
    try:
        decryptor = Cipher(AES(key), CBC(about.vector)).decryptor()
        padded = decryptor.update(data) + decryptor.finalize()
        unpadder = PKCS7(BLOCK_BITS).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as error:
        raise InvalidMedia(f"{url} cannot be decrypted ({error}).", "Ask the stream's owner.") from error


def waiting(folder: Path) -> list[tuple[float, Path]]:
    """Whole pieces that have no place yet, in order, each with the seconds since the first that the stream named.

    Their date is the end of what they hold.
    """
    return [(int(path.stem.removeprefix(WAITING)) / 1000, path) for path in sorted(folder.glob(f"{WAITING}*"))]


def form(path: Path) -> Format:
    """What must not change within a Take.

    Raises:
        InvalidMedia: it cannot be read.
    """
    found = probe.media(path)
    video, audio = found.video, found.audio
    return Format(
        (video.codec, video.width, video.height) if video else None,
        (audio.codec, audio.rate, audio.channels) if audio else None,
    )


def remember(take: Path, found: Format) -> None:
    """Note what a Take is made of, for a recorder that goes on with it; a note for which there is no room is missed."""
    with suppress(OSError):
        (take / NOTE).write_text(json.dumps(found))


def remembered(take: Path) -> Format:
    """What a Take is made of; nothing when that is not known, so that no piece goes on with it."""
    try:
        video, audio = json.loads((take / NOTE).read_text())
        return Format(tuple(video), tuple(audio))
    except (OSError, ValueError, TypeError):
        return Format(None, None)
