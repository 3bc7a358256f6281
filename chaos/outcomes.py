"""How each odd file ended: recorded, recorded with marked faults, refused, or FAILED; and the table of it."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chaos import stream, truth
from chaos.site import STAND_IN_SECONDS
from chaos.taker import Answer, Job
from core.archive import segments
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.models import Recording, Segment

FAILED = "FAILED"
FAULTS = "recorded with marked faults"
RECORDED = "recorded"
REFUSED = "refused"
KINDS = (RECORDED, FAULTS, REFUSED, FAILED)
WAYS = {
    "import": "`import` of the file",
    "address": "`import` of its address",
    "live": "recorded live, by the pieces that are there",
    "stand-ins": "recorded live, with stand-ins for its pieces",
}
FEW_PACKETS = 0.02
"""Packets that may be missing at the beginning of a copy, before the first keyframe (share)."""


class Taken(NamedTuple):
    """A job as it ended, before it is judged. ``ended`` is the exit status; None when it was ended for taking too long.

    ``lost`` are earlier Segments that are not as they were; ``left`` is how many files wait in the spool; ``given`` are
    the stand-ins that were sent.
    """

    job: Job
    ended: int | None
    answer: Answer | None
    log: str
    earlier: Sequence[Segment]
    lost: Sequence[str]
    left: int
    given: frozenset[int]


class Outcome(NamedTuple):
    """One line of the table: ``kind`` is one of the four, ``told`` says more of it."""

    way: str
    name: str
    kind: str
    told: str

    @property
    def failed(self) -> bool:
        """Whether it must not be."""
        return self.kind == FAILED


def judged(taken: Taken, archive: Bucket) -> Outcome:
    """The outcome of one job."""
    kind, told = _fault(taken) or _ended(taken, archive)
    return Outcome(taken.job.way, taken.job.name, kind, _shown(told))


def _fault(taken: Taken) -> tuple[str, str] | None:
    """What may never happen."""
    if taken.ended is None:
        return FAILED, "it hangs"
    if taken.answer is None:
        last = (taken.log.strip().splitlines() or ["it said nothing"])[-1]
        return FAILED, f"ended with {taken.ended}: {last}"
    if taken.lost:
        return FAILED, f"{len(taken.lost)} earlier Segments are lost"
    if taken.answer.wrong:
        return FAILED, " ".join(taken.answer.wrong)
    return None


def _ended(taken: Taken, archive: Bucket) -> tuple[str, str]:
    answer = taken.answer
    assert answer
    recording = answer.recording
    if recording is None:
        return REFUSED, f"{answer.error}: {answer.said}"
    length = _length(recording, taken)
    if taken.left:
        return FAILED, f"{length}, and {taken.left} files stay in the spool"
    if missing := _missing(taken, recording, archive):
        return FAILED, f"{length}, {missing} and nothing is marked"
    if len(recording.segments) == len(taken.earlier) and not recording.gaps:
        return REFUSED, "nothing came; the recording ends where the earlier run ended"
    faults = _faults(recording, taken)
    return (FAULTS, f"{length}; {faults}") if faults else (RECORDED, length)


def _length(recording: Recording, taken: Taken) -> str:
    own = segments.duration_ms(recording.segments) - segments.duration_ms(taken.earlier)
    return f"{own / 1000:.1f} s" if own else "nothing came"


def _faults(recording: Recording, taken: Taken) -> str:
    """What the manifest marks, without the gap since the earlier run, which is ours."""
    join = segments.duration_ms(taken.earlier)
    own = [gap for gap in recording.gaps if gap.at_ms != join or gap.reason != _of_join(recording, join)]
    told = []
    if own:
        told.append(f"{len(own)} gaps, {sum(gap.lost_ms for gap in own) / 1000:.1f} s ({own[0].reason})")
    if partial := sum(segment.state == "partial" for segment in recording.segments):
        told.append(f"{partial} partial Segments")
    return ", ".join(told)


def _of_join(recording: Recording, join: int) -> str:
    """The reason of the first gap there, if the recording goes on after it."""
    goes_on = segments.duration_ms(recording.segments) > join
    return next((gap.reason for gap in recording.gaps if gap.at_ms == join), "") if join and goes_on else ""


def _missing(taken: Taken, recording: Recording, archive: Bucket) -> str:
    """What should be there by the packets of a file, or by the frames of the stand-ins that were sent."""
    answer = taken.answer
    assert answer
    if answer.offered and answer.kept:
        offered, kept = answer.offered, answer.kept
        if offered.packets - kept.packets > max(2, FEW_PACKETS * offered.packets):
            return f"{offered.packets - kept.packets} of {offered.packets} packets are missing"
        if kept.frames < (1 - FEW_PACKETS) * kept.packets / 2 and not recording.gaps:
            return f"only {kept.frames} of {kept.packets} packets can be decoded"
    if taken.given and not recording.gaps:
        store = RecordingStore(archive, taken.job.id)
        there = {frame.number for frame in truth.frames(store, recording)}
        lacking = [number for number in _sent(taken) if number not in there]
        if lacking:
            return f"{len(lacking)} of {len(_sent(taken))} frames that were sent are missing"
    return ""


def _sent(taken: Taken) -> list[int]:
    """Numbers of the frames of the stand-ins that were sent."""
    of_a_piece = STAND_IN_SECONDS * stream.FPS
    first = len(taken.earlier) * of_a_piece
    return [first + piece * of_a_piece + frame for piece in sorted(taken.given) for frame in range(of_a_piece)]


def _shown(told: str) -> str:
    """As it may stand in a table: without folders and ports of this machine."""
    told = re.sub(r"https?://127\.0\.0\.1:\d+/", "http://HOST/", told)
    told = re.sub(r"127\.0\.0\.1:\d+", "HOST", told)
    told = re.sub(r"(?<![\w/])/(?:[\w.@+-]+/)+", "", told)
    told = re.sub(r" @ 0x[0-9a-f]+", "", told)
    return " ".join(told.replace("|", "/").split())[:300]


def lines(found: Sequence[Outcome]) -> list[str]:
    """Markdown: how many of each, then one table for each way."""
    rows = ["| way | files | " + " | ".join(KINDS) + " |", "|---|" + "---:|" * (len(KINDS) + 1)]
    for way, called in WAYS.items():
        some = [one for one in found if one.way == way]
        counts = Counter(one.kind for one in some)
        rows.append(f"| {called} | {len(some)} | " + " | ".join(str(counts[kind]) for kind in KINDS) + " |")
    for way, called in WAYS.items():
        rows += ["", f"### {called[0].upper()}{called[1:]}", "", "| file | outcome | |", "|---|---|---|"]
        rows += _rows(one for one in found if one.way == way)
    return rows


def _rows(some: Iterable[Outcome]) -> list[str]:
    return [f"| {_short(one.name)} | {one.kind} | {one.told} |" for one in some]


def _short(name: str) -> str:
    """The source and the file, without the folders between."""
    parts = name.split("/")
    return "/".join([parts[0], "…", *parts[-2:]]) if len(parts) > 3 else name
