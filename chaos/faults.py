"""What a broadcast's server can do wrong. Each fault is put on a LiveSource before it goes on the air.

A fault begins with piece ``first`` and lasts ``length`` pieces; it is no longer than that, whatever the recorder does.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from chaos import stream
from sample.live_source import PLAYLIST, Fault, LiveSource, Reply, Segment, split

ENDED = "#EXT-X-ENDLIST"
NUMBER = "#EXT-X-MEDIA-SEQUENCE:"
ENTRY = "#EXTINF:"
BACK_TICKS = 3600 * 90_000
ANSWERS_SECONDS = 0.15
"""Between two sixteenths of a piece that drips: a piece takes 2.4 s."""


class Variants(NamedTuple):
    """Folders of the same broadcast made in other ways."""

    plain: Path
    larger: Path
    silent: Path
    mute: Path
    mpeg2: Path


class Where(NamedTuple):
    """Which pieces a fault concerns: ``length`` of them from number ``first`` on."""

    first: int
    length: int

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.first <= number < self.first + self.length


Put = Callable[[LiveSource, Where, Variants, Path], None]


@dataclass(frozen=True, slots=True)
class OnPieces:
    """Answers for the pieces are changed by ``change``, all the time or the first ``times``."""

    names: tuple[str, ...]
    change: Callable[[str, Reply], Reply]

    def __call__(self, path: str, reply: Reply) -> Reply:
        """The changed reply, when it is one of these pieces."""
        return self.change(path, reply) if path.lstrip("/") in self.names and reply.status == 200 else reply


@dataclass(frozen=True, slots=True)
class During:
    """Every answer is changed while the broadcast plays the pieces from ``from_ms`` to ``to_ms``."""

    source: LiveSource
    from_ms: float
    to_ms: float
    change: Callable[[str, Reply], Reply]

    def __call__(self, path: str, reply: Reply) -> Reply:
        """The changed reply, when it is the time."""
        return self.change(path, reply) if self.from_ms <= self.source.now_ms < self.to_ms else reply


def _names(source: LiveSource, where: Where) -> tuple[str, ...]:
    return tuple(piece.name for number, piece in enumerate(source.segments) if number in where)


def on_pieces(change: Callable[[str, Reply], Reply]) -> Put:
    """The fault as one of the pieces."""
    return lambda source, where, _, __: source.faults.append(OnPieces(_names(source, where), change))


def during(change: Callable[[str, Reply], Reply]) -> Put:
    """The fault as one of a time."""

    def put(source: LiveSource, where: Where, _: Variants, __: Path) -> None:
        begin, end = source.segments[where.first].start_ms, source.segments[where.first + where.length - 1].end_ms
        source.faults.append(During(source, begin, end, change))

    return put


def cut(path: str, reply: Reply) -> Reply:
    """The connection is dropped in the middle."""
    return replace(reply, cut=len(reply.body) // 2)


def drip(path: str, reply: Reply) -> Reply:
    """The body comes slowly."""
    return replace(reply, drip=ANSWERS_SECONDS)


def stall(path: str, reply: Reply) -> Reply:
    """Nothing comes for three seconds."""
    threading.Event().wait(3.0)
    return reply


def missing(path: str, reply: Reply) -> Reply:
    """404."""
    return Reply(404)


def failed(path: str, reply: Reply) -> Reply:
    """500."""
    return Reply(500)


def page(path: str, reply: Reply) -> Reply:
    """A web page, as of a server that is busy."""
    return Reply(200, "text/html", b"<html>busy</html>")


def half(path: str, reply: Reply) -> Reply:
    """The server has only half of it, and does not know."""
    return replace(reply, body=reply.body[: len(reply.body) // 2 // stream.PACKET * stream.PACKET])


def looped(path: str, reply: Reply) -> Reply:
    """A redirect to itself."""
    return Reply(302, location=path)


def tls(source: LiveSource, where: Where, variants: Variants, folder: Path) -> None:
    """A redirect to https on a port that does not speak it."""
    secure = source.url.replace("http:", "https:").removesuffix(f"/{PLAYLIST}")
    during(lambda path, reply: Reply(302, location=secure + path))(source, where, variants, folder)


def endless(source: LiveSource, where: Where, variants: Variants, folder: Path) -> None:
    """The playlist never says that it ends."""
    source.faults.append(_on_playlist(lambda text: text.replace(ENDED, "").rstrip() + "\n"))


def stale(source: LiveSource, where: Where, variants: Variants, folder: Path) -> None:
    """Every other playlist is one of some pieces ago, as from a cache."""
    kept: list[tuple[float, Reply]] = []
    ago = where.length * source.segments[0].end_ms

    def fault(path: str, reply: Reply) -> Reply:
        if path != f"/{PLAYLIST}" or reply.status != 200:
            return reply
        kept.append((source.now_ms, reply))
        old = [one for at, one in kept if at <= source.now_ms - ago]
        return old[-1] if old and len(kept) % 2 else reply

    source.faults.append(fault)


def _on_playlist(change: Callable[[str], str]) -> Fault:
    def fault(path: str, reply: Reply) -> Reply:
        if path != f"/{PLAYLIST}" or reply.status != 200:
            return reply
        return replace(reply, body=change(reply.body.decode()).encode())

    return fault


def undated(source: LiveSource) -> None:
    """The playlist tells no dates."""
    source.faults.append(_on_playlist(lambda text: "".join(_without_dates(text))))


def _without_dates(text: str) -> list[str]:
    return [line for line in text.splitlines(keepends=True) if not line.startswith("#EXT-X-PROGRAM-DATE-TIME")]


def renumbered(extra: Callable[[int], int]) -> Put:
    """The server starts again at piece ``first``: it forgets what it had, and counts on from another number."""

    def put(source: LiveSource, where: Where, _: Variants, __: Path) -> None:
        begin = source.segments[where.first].name

        def change(text: str) -> str:
            head, *entries = _entries(text)
            names = [entry.split("\n")[-2] for entry in entries]
            if begin not in {*names} and (not names or names[-1] < begin):
                return text
            kept = [entry for entry, name in zip(entries, names, strict=True) if name >= begin]
            oldest = int(names[len(names) - len(kept)].removesuffix(".ts"))
            lines = [line for line in head.splitlines() if not line.startswith(NUMBER)]
            tail = f"{ENDED}\n" if ENDED in text else ""
            return "\n".join([*lines, f"{NUMBER}{oldest + extra(where.first)}"]) + "\n" + "".join(kept) + tail

        source.faults.append(_on_playlist(change))

    return put


def _entries(text: str) -> list[str]:
    """The head of a playlist, then the lines of each piece."""
    parts, lines = [""], text.replace(f"{ENDED}\n", "").splitlines(keepends=True)
    fresh = False
    for line in lines:
        begins = line.startswith(("#EXT-X-DISCONTINUITY\n", "#EXT-X-PROGRAM-DATE-TIME", ENTRY))
        if begins and (fresh or len(parts) == 1):
            parts.append("")
            fresh = False
        parts[-1] += line
        fresh = fresh or not line.startswith("#")
    return parts


def twice(source: LiveSource, where: Where, variants: Variants, folder: Path) -> None:
    """The numbers jump on by ``length`` while the pieces stay, so that all in the playlist come under new numbers."""
    begin = source.segments[where.first].name

    def change(text: str) -> str:
        if begin not in text and f"{NUMBER}0\n" in text:
            return text
        head, _, tail = text.partition(NUMBER)
        number, _, rest = tail.partition("\n")
        shown = begin in text or int(number) > where.first
        return f"{head}{NUMBER}{int(number) + where.length * shown}\n{rest}"

    source.faults.append(_on_playlist(change))


def _from(source: LiveSource, where: Where, make: Callable[[int, Segment], Segment]) -> None:
    source.segments = [
        make(number, piece) if number >= where.first else piece for number, piece in enumerate(source.segments)
    ]


def moved(ticks: int, *, announced: bool) -> Put:
    """From piece ``first`` on all timestamps are moved."""

    def put(source: LiveSource, where: Where, _: Variants, folder: Path) -> None:
        def make(number: int, piece: Segment) -> Segment:
            file = folder / f"moved-{piece.name}"
            file.write_bytes(stream.shifted(piece.file.read_bytes(), ticks))
            return replace(piece, file=file, discontinuity=announced and number == where.first)

        _from(source, where, make)

    return put


def wrap(source: LiveSource, where: Where, variants: Variants, folder: Path) -> None:
    """The timestamps reach 2**33 in the middle of piece ``first``."""
    ticks = stream.WRAP - source.segments[where.first].start_ms * 90 - 45_000 - 126_000
    moved(ticks, announced=False)(source, Where(0, 0), variants, folder)


def other(name: str, *, announced: bool) -> Put:
    """The pieces are those of another variant."""

    def put(source: LiveSource, where: Where, variants: Variants, folder: Path) -> None:
        files = sorted(getattr(variants, name).glob("*.ts"))
        ends = where.first + where.length
        source.segments = [
            replace(
                piece,
                file=files[number] if number in where else piece.file,
                discontinuity=announced and number in {where.first, ends},
            )
            for number, piece in enumerate(source.segments)
        ]

    return put


def variants(folder: Path, seconds: int, piece_seconds: float) -> tuple[Path, Variants]:
    """The broadcast's file, and its pieces in all variants."""
    file = stream.make(folder / "plain.ts", seconds=seconds)
    others = {
        "larger": stream.make(folder / "larger.ts", seconds=seconds, size=stream.OTHER_SIZE),
        "silent": stream.make(folder / "silent.ts", seconds=seconds, sound="silent"),
        "mute": stream.make(folder / "mute.ts", seconds=seconds, sound="none"),
        "mpeg2": stream.make(folder / "mpeg2.ts", seconds=seconds, codec="mpeg2video"),
    }
    for name, made in {"plain": file, **others}.items():
        split(made, folder / name, piece_seconds)
    return file, Variants(*(folder / name for name in ("plain", *others)))


FAULTS: dict[str, Put] = {
    "drop": on_pieces(cut),
    "drop all": during(cut),
    "stall": during(stall),
    "404": on_pieces(missing),
    "500": on_pieces(failed),
    "outage": during(failed),
    "web page": on_pieces(page),
    "half pieces": on_pieces(half),
    "old playlists": stale,
    "drip": on_pieces(drip),
    "redirect loop": during(looped),
    "tls": tls,
    "endless": endless,
    "skipped": renumbered(lambda first: 3),
    "restarted": renumbered(lambda first: -first),
    "twice": twice,
    "back": moved(-BACK_TICKS, announced=False),
    "forward": moved(BACK_TICKS, announced=False),
    "discontinuity": moved(BACK_TICKS, announced=True),
    "wrap": wrap,
    "resolution": other("larger", announced=False),
    "resolution told": other("larger", announced=True),
    "codec": other("mpeg2", announced=False),
    "codec told": other("mpeg2", announced=True),
    "silent": other("silent", announced=False),
    "no sound": other("mute", announced=False),
    "no sound told": other("mute", announced=True),
}
