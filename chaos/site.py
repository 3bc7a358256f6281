"""A web server for one playlist of others: its own pieces where they are, else stand-ins of the numbered broadcast."""

import re
import threading
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, unquote, urlsplit

HOST = "127.0.0.1"
FOREIGN = re.compile(r'(?:https?:)?//(?=[\w.-]+\.\w)([^/\s"<>]+)')
"""An address on a server of others, as playlists and manifests name it."""
TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
    ".ts": "video/mp2t",
    ".mp4": "video/mp4",
}
STAND_IN_SECONDS = 1
STAND_INS_OF_A_PLAYLIST = 3


class Site:
    """Serves a folder on a free port. Addresses on other servers lead here too, so nothing leaves this machine.

    With ``stand_ins``, pieces of MPEG-TS in order, what is not in the folder is answered by the next of them, and a
    playlist that is not there by one of three of them. ``given`` says which were sent.
    """

    def __init__(self, folder: Path, stand_ins: Sequence[Path] = ()) -> None:
        self._folder = folder
        self._stand_ins = stand_ins
        self._lock = threading.Lock()
        self._places: dict[str, int] = {}
        self.given: set[int] = set()
        self._server = ThreadingHTTPServer((HOST, 0), type("Handler", (_Handler,), {"site": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def root(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    def url(self, name: str) -> str:
        """The address of a file in the folder."""
        return f"{self.root}/{quote(name)}"

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, media type and body for a path."""
        name = unquote(urlsplit(path).path).lstrip("/")
        file, suffix = self._folder / name, Path(name).suffix
        kind = TYPES.get(suffix, "application/octet-stream")
        if file.is_file() and file.resolve().is_relative_to(self._folder.resolve()):
            body = file.read_bytes()
            return HTTPStatus.OK, kind, self._led_here(body) if suffix in (".m3u8", ".mpd") else body
        if not self._stand_ins:
            return HTTPStatus.NOT_FOUND, "text/plain", b""
        if suffix == ".m3u8":
            return HTTPStatus.OK, kind, self._playlist(name)
        return self._stand_in(name)

    def _led_here(self, body: bytes) -> bytes:
        """A playlist with the addresses on other servers made ours; the rest byte for byte."""
        text = body.decode("utf-8", errors="surrogateescape")
        lines = [line if line.startswith("#EXTM3U") else FOREIGN.sub(rf"{self.root}/\1", line) for line in _lines(text)]
        return "".join(lines).encode("utf-8", errors="surrogateescape")

    def _playlist(self, name: str) -> bytes:
        stem = Path(name).stem
        lines = ["#EXTM3U", f"#EXT-X-TARGETDURATION:{STAND_IN_SECONDS}", "#EXT-X-MEDIA-SEQUENCE:0"]
        for number in range(STAND_INS_OF_A_PLAYLIST):
            lines += [f"#EXTINF:{STAND_IN_SECONDS},", f"{stem}-{number}.ts"]
        return "\n".join([*lines, "#EXT-X-ENDLIST", ""]).encode()

    def _stand_in(self, name: str) -> tuple[int, str, bytes]:
        with self._lock:
            place = self._places.setdefault(name, len(self._places))
            if place >= len(self._stand_ins):
                return HTTPStatus.NOT_FOUND, "text/plain", b""
            self.given.add(place)
        return HTTPStatus.OK, TYPES[".ts"], self._stand_ins[place].read_bytes()


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


class _Handler(BaseHTTPRequestHandler):
    """Answers for its ``site``."""

    site: Site

    def do_GET(self) -> None:
        """One answer, whole; parts are not served, as some servers do not."""
        self.wfile.write(self._head())

    def do_HEAD(self) -> None:
        """As ``do_GET``, without the body."""
        self._head()

    def _head(self) -> bytes:
        status, kind, body = self.site.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return body

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the recorder says what it gets."""
