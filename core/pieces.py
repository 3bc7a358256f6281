"""Pieces of an HLS stream, fetched: decrypted, sound and picture in one file, looked into."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from core import fetching, ffmpeg, probe
from core.child import run
from core.errors import ChildFailed, InvalidMedia
from core.playlists import Key, Piece

LARGEST = 512 << 20
KEY_BYTES = 16
BLOCK_BITS = 128
SYNC = 0x47
MUX_SECONDS = 60.0
INCOMING = "incoming-"


class Format(NamedTuple):
    """What must not change within a Take."""

    video: tuple[str, int, int] | None
    audio: tuple[str, int, int] | None


class Fetched(NamedTuple):
    """A piece as a file in the spool; ``span`` in ticks as its timestamps say."""

    path: Path
    span: probe.Span
    format: Format


class Pieces:
    """Fetches pieces into ``folder``, each under a name of its own, from which the caller moves it."""

    def __init__(self, headers: Mapping[str, str], folder: Path, program: str) -> None:
        self._headers = dict(headers)
        self._folder = folder
        self._program = program
        self._kept: dict[str, bytes] = {}
        self._count = 0
        for left in folder.glob(f"{INCOMING}*"):
            left.unlink()

    def fetch(self, piece: Piece, sound: Sequence[Piece], *, seconds: float) -> Fetched:
        """A piece, with the ``sound`` that the stream keeps apart, within ``seconds`` each.

        Raises:
            SourceMissing, SourceUnavailable: the server does not give it.
            InvalidMedia: what it gives is not media.
        """
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
        found = probe.media(whole)
        return Fetched(whole, probe.span(whole), _format(found))

    def _content(self, piece: Piece, *, seconds: float, again: bool = False) -> bytes:
        """A piece ready to be read; the initialisation section goes before it unless it stands there ``again``."""
        span = {"Range": f"bytes={piece.offset}-{piece.offset + piece.length - 1}"} if piece.length else {}
        data = fetching.content(piece.url, self._headers | span, limit=LARGEST, seconds=seconds)
        if piece.length and len(data) > piece.length:
            data = data[piece.offset : piece.offset + piece.length]
        if piece.key:
            data = _decrypted(data, self._keep(piece.key.url, seconds), piece.key, piece.url)
        return data if again or not piece.initial else self._keep(piece.initial, seconds) + data

    def _keep(self, url: str, seconds: float) -> bytes:
        if url not in self._kept:
            self._kept[url] = fetching.content(url, self._headers, limit=LARGEST, seconds=seconds)
        return self._kept[url]

    def _muxed(self, inputs: Sequence[Path], name: str) -> Path:
        """Picture and sound by stream copy in the container that holds them, with the timestamps they had."""
        found = {path: probe.media(path) for path in inputs}
        picture = next((path for path, media in found.items() if media.video), None)
        sound = next((path for path, media in found.items() if media.audio), None)
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


def _format(found: probe.Media) -> Format:
    video, audio = found.video, found.audio
    return Format(
        (video.codec, video.width, video.height) if video else None,
        (audio.codec, audio.rate, audio.channels) if audio else None,
    )
