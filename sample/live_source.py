"""Plays a media file as a true live HLS stream: a segment appears when its last moment has been broadcast.

    python -m sample.live_source [FILE] [--speed 1] [--port 0] [--loop]

The playlist slides, old segments go away, and the stream ends when the file does, as on a real server.
"""

import argparse
import logging
import math
import signal
import subprocess
import sys
import tempfile
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import imageio_ffmpeg

log = logging.getLogger(__name__)

PLAYLIST = "live.m3u8"
PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
SEGMENT_TYPE = "video/mp2t"
LOOP_SECONDS = 24 * 3600
DRIPS = 16


class CannotPlay(Exception):
    """The file cannot be split into segments; the message is ffmpeg's."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the stream: its name on the server, its file, and its place on the broadcast's clock."""

    name: str
    file: Path
    start_ms: int
    end_ms: int
    discontinuity: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answers to one request.

    The connection is dropped after ``cut`` bytes of the body when that is not None; ``drip`` seconds pass between
    sixteenths of it.
    """

    status: int
    content_type: str = "text/plain"
    body: bytes = b""
    location: str = ""
    cut: int | None = None
    drip: float = 0.0


Fault = Callable[[str, Reply], Reply]


def published(segments: Sequence[Segment], now_ms: float) -> int:
    """How many segments have been broadcast in full at ``now_ms``."""
    return bisect_right(segments, now_ms, key=lambda segment: segment.end_ms)


def target_duration(segments: Sequence[Segment]) -> int:
    """The longest segment in whole seconds; it must never change within a stream (RFC 8216, 4.3.3.1)."""
    return max(math.ceil((segment.end_ms - segment.start_ms) / 1000) for segment in segments)


def entry(segment: Segment, starts_at: datetime | None) -> list[str]:
    """The lines of one segment; with ``starts_at`` they tell its date."""
    lines = ["#EXT-X-DISCONTINUITY"] if segment.discontinuity else []
    if starts_at:
        begins = starts_at + timedelta(milliseconds=segment.start_ms)
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{begins.isoformat(timespec='milliseconds')}")
    return [*lines, f"#EXTINF:{(segment.end_ms - segment.start_ms) / 1000:.3f},", segment.name]


def playlist(segments: Sequence[Segment], now_ms: float, window: int, starts_at: datetime | None = None) -> str:
    """The playlist ``now_ms`` milliseconds into the broadcast, holding at most ``window`` segments.

    ``segments`` is the whole broadcast, not empty. ``starts_at`` is the aware time of its first moment.
    """
    count = published(segments, now_ms)
    first = max(0, count - window)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        f"#EXT-X-TARGETDURATION:{target_duration(segments)}",
        f"#EXT-X-MEDIA-SEQUENCE:{first}",
    ]
    if gone := sum(segment.discontinuity for segment in segments[:first]):
        lines.append(f"#EXT-X-DISCONTINUITY-SEQUENCE:{gone}")
    for segment in segments[first:count]:
        lines += entry(segment, starts_at)
    if count == len(segments):
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def available(segments: Sequence[Segment], now_ms: float, window: int) -> Sequence[Segment]:
    """The segments the server still has: those in the playlist and, for slow clients, one window more."""
    count = published(segments, now_ms)
    return segments[max(0, count - 2 * window) : count]


def repeated(segments: Sequence[Segment], rounds: int) -> list[Segment]:
    """The same segments played ``rounds`` times; each new round is announced as a discontinuity."""
    count, length = len(segments), segments[-1].end_ms
    return [
        replace(
            segment,
            name=f"{turn * count + number:06d}.ts",
            start_ms=segment.start_ms + turn * length,
            end_ms=segment.end_ms + turn * length,
            discontinuity=bool(turn) and number == 0,
        )
        for turn in range(rounds)
        for number, segment in enumerate(segments)
    ]


def split_arguments(file: Path, folder: Path, segment_seconds: float) -> list[str]:
    """The ffmpeg arguments that cut ``file`` at its keyframes without encoding it again."""
    return [
        *("-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-i", str(file)),
        *("-map", "0:v:0?", "-map", "0:a:0?", "-c", "copy", "-f", "hls"),
        *("-hls_time", f"{segment_seconds:g}", "-hls_list_size", "0", "-hls_playlist_type", "vod"),
        *("-hls_segment_filename", str(folder / "%06d.ts"), str(folder / "whole.m3u8")),
    ]


def split(file: Path, folder: Path, segment_seconds: float) -> list[Segment]:
    """The file's segments, written to ``folder``. Raises CannotPlay when ffmpeg cannot read the file."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), *split_arguments(file, folder, segment_seconds)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise CannotPlay(result.stderr.strip())
    return listed((folder / "whole.m3u8").read_text(encoding="utf-8"), folder)


def listed(text: str, folder: Path) -> list[Segment]:
    """The segments of a finished playlist whose files are in ``folder``."""
    rows = text.splitlines()
    segments, clock = [], 0.0
    for row, name in zip(rows, rows[1:], strict=False):
        if row.startswith("#EXTINF:"):
            start, clock = clock, clock + float(row.removeprefix("#EXTINF:").rstrip(","))
            segments.append(Segment(name, folder / name, round(start * 1000), round(clock * 1000)))
    return segments


@dataclass(frozen=True, slots=True)
class Outage:
    """A fault: every request is refused until the clock shows ``until``."""

    until: float
    clock: Callable[[], float]

    def __call__(self, path: str, reply: Reply) -> Reply:
        """The reply, or a 503 while the outage lasts."""
        return Reply(503) if self.clock() < self.until else reply


class LiveSource:
    """A live stream on the loopback interface, played from a file.

    Entering the context starts the server, and the broadcast with it or, ``when_asked``, at the first request.
    ``starts_at`` (aware) is the date the stream tells; by default it is the moment of the start. ``speed`` 2 plays
    twice as fast. ``port`` 0 takes any free port.
    ``faults`` see every reply before it is sent and may change or delay it; tests add their own.
    """

    def __init__(
        self,
        file: Path,
        work: Path,
        *,
        segment_seconds: float = 2.0,
        window: int = 6,
        speed: float = 1.0,
        starts_at: datetime | None = None,
        port: int = 0,
        loop: bool = False,
        when_asked: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Splits the file into ``work``. Raises CannotPlay when it is not media."""
        self.segments = split(file, work, segment_seconds)
        if loop:
            self.segments = repeated(self.segments, math.ceil(LOOP_SECONDS * 1000 / self.segments[-1].end_ms))
        self.faults: list[Fault] = []
        self.ended = threading.Event()
        self.ended_at: datetime | None = None
        self._window, self._speed, self._clock = window, speed, clock
        self._starts_at, self._when_asked = starts_at, when_asked
        self._started: float | None = None
        self._closing = threading.Event()
        self._starting = threading.Lock()
        self._server = StreamServer(("127.0.0.1", port), self.answer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address of the playlist."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{PLAYLIST}"

    @property
    def now_ms(self) -> float:
        """How far the broadcast is, in milliseconds of media; 0 before it starts."""
        return 0.0 if self._started is None else (self._clock() - self._started) * 1000 * self._speed

    @property
    def ends_at(self) -> datetime | None:
        """The aware wall-clock time at which the last moment is broadcast; None before the start."""
        if self._started is None:
            return None
        left_ms = (self.segments[-1].end_ms - self.now_ms) / self._speed
        return datetime.now(UTC) + timedelta(milliseconds=left_ms)

    def start(self) -> None:
        """Begins the broadcast; a second call changes nothing."""
        with self._starting:
            if self._started is None:
                self._starts_at = self._starts_at or datetime.now(UTC)
                self._started = self._clock()

    def wait_until_live(self) -> None:
        """Waits until the first segment is out; a player that comes earlier is told 404, as by a real server."""
        while self.now_ms < self.segments[0].end_ms and not self._closing.is_set():
            self._closing.wait((self.segments[0].end_ms - self.now_ms) / 1000 / self._speed)

    def end(self) -> None:
        """Ends the broadcast with the segment that is out now."""
        self.segments = self.segments[: max(1, published(self.segments, self.now_ms))]

    def fail(self, seconds: float) -> None:
        """For that long every request is answered 503, while the broadcast goes on."""
        self.faults.append(Outage(self._clock() + seconds, self._clock))

    def close(self) -> None:
        """Stops the server; the segments' files stay."""
        if not self._closing.is_set():
            self._closing.set()
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def __enter__(self) -> Self:
        if not self._when_asked:
            self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def answer(self, path: str) -> Reply:
        """What is sent to a request for ``path``, faults included."""
        if self._when_asked:
            self.start()
        reply = self._reply(path)
        for fault in tuple(self.faults):
            reply = fault(path, reply)
        if path == f"/{PLAYLIST}" and reply.body.endswith(b"#EXT-X-ENDLIST\n") and not self.ended.is_set():
            self.ended_at = datetime.now(UTC)
            self.ended.set()
        return reply

    def _reply(self, path: str) -> Reply:
        now_ms = self.now_ms
        files = {f"/{segment.name}": segment.file for segment in available(self.segments, now_ms, self._window)}
        if path in files:
            return Reply(200, SEGMENT_TYPE, files[path].read_bytes())
        if path == f"/{PLAYLIST}" and files:
            text = playlist(self.segments, now_ms, self._window, self._starts_at)
            return Reply(200, PLAYLIST_TYPE, text.encode())
        return Reply(404)


class StreamServer(ThreadingHTTPServer):
    """Hands each request's path to ``answer`` and sends what it replies."""

    def __init__(self, address: tuple[str, int], answer: Callable[[str], Reply]) -> None:
        super().__init__(address, StreamHandler)
        self.answer = answer
        self.closing = threading.Event()

    def server_close(self) -> None:
        """Ends what is being sent slowly, too."""
        self.closing.set()
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A player that hangs up in the middle is no event worth a traceback."""
        log.debug("%s: the connection broke", client_address, exc_info=True)


class StreamHandler(BaseHTTPRequestHandler):
    """One request."""

    server: StreamServer

    def do_GET(self) -> None:
        """Sends the reply with its body, or what of it is to be sent, as slowly as is wanted."""
        reply = self._head()
        body = reply.body[: reply.cut]
        step = max(1, len(body) // DRIPS) if reply.drip else max(1, len(body))
        for at in range(0, len(body), step):
            self.wfile.write(body[at : at + step])
            self.server.closing.wait(reply.drip)

    def do_HEAD(self) -> None:
        """Sends the reply without its body."""
        self._head()

    def _head(self) -> Reply:
        reply = self.server.answer(self.path.partition("?")[0])
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        if reply.location:
            self.send_header("Location", reply.location)
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        return reply

    def log_message(self, format: str, *args: object) -> None:
        """Requests go to the log, not to the terminal."""
        log.debug(format, *args)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description="Plays a media file as a live HLS stream.")
    parser.add_argument("file", type=Path, nargs="?", default=Path(__file__).with_name("broadcast.mp4"))
    parser.add_argument("--speed", type=float, default=1.0, help="2 plays twice as fast")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--loop", action="store_true", help="begin again when the file ends, for a day")
    return parser.parse_args()


def main() -> None:
    """Plays until the process is told to stop; the stream stays, ended, after the file has ended."""
    chosen = arguments()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with tempfile.TemporaryDirectory() as work:
        try:
            source = LiveSource(chosen.file, Path(work), speed=chosen.speed, port=chosen.port, loop=chosen.loop)
        except CannotPlay as error:
            raise SystemExit(str(error)) from error
        with source:
            sys.stdout.write(f"{source.url}\n")
            sys.stdout.flush()
            stop.wait()


if __name__ == "__main__":
    main()
