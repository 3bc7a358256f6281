"""What a source is, before anything is recorded: some seconds of it are read and measured, and nothing is kept."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core import sources
from core.capture.intake import Intake, Patience
from core.capture.limit import Limit
from core.capture.pieces import Pieces
from core.capture.storer import Closed
from core.child import run
from core.errors import ChildFailed, InvalidMedia, SourceMissing
from core.media import ffmpeg, probe, sound
from core.outside import fetching
from core.outside.addresses import Rules
from core.sources import Source, playlists
from core.sources.playlists import Piece

SAMPLE_SECONDS = 10.0
SILENCE_DB = -120.0
TIMEOUT_SECONDS = 60.0
LARGEST_PLAYLIST = 16 << 20
EVENT = "#EXT-X-PLAYLIST-TYPE:EVENT"


class Options(NamedTuple):
    """``folder`` is for the sample; ``wait_seconds`` is how long an RTMP or SRT sender is waited for.

    ``rules`` say which addresses may be reached; ``spare`` bytes of the folder's disk must stay free.
    """

    folder: Path
    program: str
    tallest: int
    wait_seconds: float
    rules: Rules = Rules()
    spare: int = 0


class Sound(NamedTuple):
    """A sound stream and its level in dBFS: the mean power and the highest sample of the sample read."""

    stream: probe.Audio
    mean_db: float
    peak_db: float


class Examination(NamedTuple):
    """What was found. ``kind`` and ``going_on`` are for a person; ``seconds`` of media were measured.

    ``keyframe_seconds`` is the longest distance of two keyframes, or ``seconds`` when only one was seen.
    """

    kind: str
    going_on: str
    seconds: float
    bits_per_second: int
    video: probe.Video | None
    keyframe_seconds: float
    sound: Sound | None


class _Sample(NamedTuple):
    kind: str
    going_on: str
    files: Sequence[Path]


def examine(address: str, options: Options, told: Callable[[str], None]) -> Examination:
    """Read about ten seconds of what is behind an address or a path; ``told`` hears what is being done.

    Raises:
        InvalidInput, InvalidMedia: it is no source, or holds no media.
        AddressRefused: it, or what it leads to, may not be reached.
        DiskFull: a file on a web server, which is fetched whole, has no room.
        SourceMissing, SourceUnavailable: nothing came.
    """
    if "://" not in address:
        return _measured(_of_file(Path(address), "a file", options))
    told("Asking what it is")
    source = sources.resolve(address, options.rules, options.tallest)
    if source.is_taken_in:
        told("Waiting for the sender" if source.listens else "Calling the sender")
        return _measured(_of_sender(source, options, told))
    if source.kind == "file":
        told("Fetching it whole, to look at it")
        path = fetching.download(source.url, dict(source.headers), options.folder, options.rules, spare=options.spare)
        return _measured(_of_file(path, "a file on a web server", options))
    if source.kind == "hls":
        told(f"Reading {SAMPLE_SECONDS:.0f} seconds of it")
        return _measured(_of_playlist(source, options))
    what = f"{source.shown} is a page whose video comes in parts; it can only be fetched whole."
    raise InvalidMedia(what, "Publish it with maaseutu import.")


def _of_file(source: Path, kind: str, options: Options) -> _Sample:
    whole = probe.media(source)
    target = options.folder / "sample.nut"
    argv = ffmpeg.sampler(options.program, source, target, SAMPLE_SECONDS)
    try:
        run(argv, options.folder / "ffmpeg.log", timeout=TIMEOUT_SECONDS)
    except ChildFailed as error:
        raise InvalidMedia(f"{source.name} cannot be read as media.", "Try it in a player.") from error
    return _Sample(kind, f"finished, {_length(whole.duration_ms / 1000)}", [target])


def _of_playlist(source: Source, options: Options) -> _Sample:
    headers = dict(source.headers)

    def text(url: str) -> str:
        data = fetching.content(url, headers, options.rules, limit=LARGEST_PLAYLIST, seconds=TIMEOUT_SECONDS)
        return data.decode("utf-8", errors="replace")

    choice = playlists.choice(text(source.url), source.url, options.tallest)
    shown = text(choice.url)
    playlist = playlists.parse(shown, choice.url)
    apart = playlists.parse(text(choice.sound_url), choice.sound_url) if choice.sound_url else None
    length = _length(sum(piece.seconds for piece in playlist.pieces))
    going_on = f"live, the last {length} can be had"
    if EVENT in shown:
        going_on = f"live, all {length} since its start can be had"
    if playlist.ended:
        going_on = f"finished, {length}"
    pieces = Pieces(headers, options.folder, options.program, options.rules)
    wanted = list(_some(playlist.pieces, newest=not playlist.ended))
    if not wanted:
        raise SourceMissing(f"{source.shown} is an empty playlist.", "Check that the broadcast has begun.")
    by_number = {piece.number: piece for piece in apart.pieces} if apart else {}
    files: list[Path] = []
    since = 0.0
    for piece in wanted:
        beside = [by_number[piece.number]] if piece.number in by_number else []
        files.append(pieces.fetch(piece, beside, seconds=TIMEOUT_SECONDS, since=since).path)
        since += piece.seconds
    return _Sample("an HLS stream", going_on, files)


def _some(pieces: Sequence[Piece], *, newest: bool) -> list[Piece]:
    """About ten seconds of pieces in order, from the end or from the beginning."""
    taken: list[Piece] = []
    for piece in reversed(pieces) if newest else pieces:
        if sum(one.seconds for one in taken) >= SAMPLE_SECONDS:
            break
        taken.append(piece)
    return taken[::-1] if newest else taken


class _Basket:
    """Holds what an Intake brings."""

    take = 0

    def __init__(self, told: Callable[[str], None]) -> None:
        self.files: list[Path] = []
        self._told = told

    def offer(self, closed: Closed) -> None:
        if not self.files:
            self._told(f"Reading {SAMPLE_SECONDS:.0f} seconds of it")
        self.files.append(closed.path)


def _of_sender(source: Source, options: Options, told: Callable[[str], None]) -> _Sample:
    basket, wait = _Basket(told), options.wait_seconds
    patience = Patience(give_up=SAMPLE_SECONDS, stall=TIMEOUT_SECONDS, first=wait)
    stop, rules = threading.Event(), options.rules
    intake = Intake(source, basket, options.folder, options.program, stop, patience, segment_seconds=2, rules=rules)
    said = intake.run(Limit(SAMPLE_SECONDS))
    if not basket.files:
        what = f"Nothing came from {source.shown} in {wait:.0f} s ({said or 'it does not say why'})."
        raise SourceMissing(what, "Check the address, the key or passphrase, the firewall, and that the sender sends.")
    return _Sample(f"an {source.kind.upper()} {'sender' if source.listens else 'server'}", "live", basket.files)


def _measured(sample: _Sample) -> Examination:
    found = probe.media(sample.files[0])
    packets = [packet for path in sample.files for packet in _packets(path)]
    start = min((at for at, _, _, _ in packets), default=0.0)
    seconds = max((end for _, end, _, _ in packets), default=0.0) - start
    keys = sorted(at for at, _, _, is_key in packets if is_key)
    distances = [later - earlier for earlier, later in zip(keys, keys[1:], strict=False)]
    size = sum(size for _, _, size, _ in packets)
    return Examination(
        kind=sample.kind,
        going_on=sample.going_on,
        seconds=seconds,
        bits_per_second=round(8 * size / seconds) if seconds else 0,
        video=found.video,
        keyframe_seconds=max(distances, default=seconds) if found.video else 0.0,
        sound=_level(sample.files, found.audio) if found.audio else None,
    )


def _packets(path: Path) -> Iterator[tuple[float, float, int, bool]]:
    """Start and end in seconds, size in bytes, and whether it is a keyframe of the picture."""
    with probe.opened(path) as file:
        streams: list[Any] = [*file.streams.video[:1], *file.streams.audio[:1]]
        for packet in file.demux(streams):
            if packet.pts is not None:
                unit = packet.time_base
                is_key = packet.is_keyframe and packet.stream.type == "video"
                yield float(packet.pts * unit), float((packet.pts + (packet.duration or 0)) * unit), packet.size, is_key


def _level(files: Sequence[Path], stream: probe.Audio) -> Sound:
    samples = sound.decode(files, stream.rate, "stereo" if stream.channels > 1 else "mono").samples
    if not samples.size:
        return Sound(stream, SILENCE_DB, SILENCE_DB)
    mean = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    peak = float(np.max(np.abs(samples)))
    return Sound(stream, _decibels(mean), _decibels(peak))


def _decibels(amplitude: float) -> float:
    return max(SILENCE_DB, float(20 * np.log10(amplitude))) if amplitude > 0 else SILENCE_DB


def _length(seconds: float) -> str:
    if seconds <= 0:
        return "of unknown length"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
