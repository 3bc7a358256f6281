"""What is recorded: Segments, what is missing between them, and the Parts they are worked on in."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from core.models.base import TICKS_PER_MS, TICKS_PER_SECOND, Record


class Segment(Record):
    """A few seconds of original media. Its file name (core.archive.segments) holds every field up to ``suffix``.

    ``pts`` is its first timestamp as stored in the file, in ticks; ``duration`` is in ticks too.
    ``state`` is ``partial`` when the source broke off inside it. ``recorder`` names whose it is, where a broadcast has
    more than one. ``skipped`` and ``unused`` (ticks) are not shown of its beginning and end, since the timeline has
    that time from another recorder (core.capture.weaving).
    """

    take: int
    number: int
    captured_at: AwareDatetime
    pts: int
    duration: int
    state: Literal["full", "partial"] = "full"
    sha256: str
    suffix: str = "ts"
    size: int = 0
    recorder: str = ""
    skipped: int = 0
    unused: int = 0

    @property
    def first_tick(self) -> int:
        """The first tick that is shown."""
        return self.pts + self.skipped

    @property
    def ended_at(self) -> datetime:
        """When its last frame was captured."""
        return self.captured_at + timedelta(seconds=self.duration / TICKS_PER_SECOND)

    @property
    def end_tick(self) -> int:
        """The tick after the last that is shown."""
        return self.pts + self.duration - self.unused


class Gap(Record):
    """Media that was lost between two Takes: where on the timeline, how long by the clock, and why.

    ``doubtful`` when only the recorder's own clock tells how long: the source may have stood still meanwhile.
    """

    at_ms: int
    lost_ms: int
    reason: str
    doubtful: bool = False


class Hidden(Record):
    """A stretch of an episode that was withdrawn: no picture, no sound, no words. ``note`` tells everyone why.

    ``at`` is when it was withdrawn.
    """

    start_ms: int
    end_ms: int
    note: str = ""
    at: AwareDatetime | None = None


class Totals(Record):
    """A recording in milliseconds: what should be there, what is, what is missing, and what is not certain of that."""

    expected_ms: int = 0
    captured_ms: int = 0
    missing_ms: int = 0
    doubtful_ms: int = 0


class Recording(Record):
    """What was captured. ``sealed`` means that nothing more will come. ``digest`` is over all Segments and gaps."""

    broadcast: str
    totals: Totals = Totals()
    digest: str = ""
    segments: tuple[Segment, ...] = ()
    gaps: tuple[Gap, ...] = ()
    sealed: bool = False
    original: str = ""


class Mark(Record):
    """A moment that a producer marked while it was recorded: by the clock, and what begins there."""

    at: AwareDatetime
    text: str


class Moment(Record):
    """A stretch of an episode's timeline and the clock at its beginning; in between both go on evenly."""

    start_ms: int
    end_ms: int
    captured_at: AwareDatetime


class Part(Record):
    """Consecutive Segments of one Take, about a minute: the unit of work. ``take`` counts the timeline's, from 1.

    ``start_ticks`` is its exact place on the recording's timeline. ``before`` and ``after`` are the neighbouring
    Segments of the same Take: their sound is needed to join Parts without a seam. ``lead`` are the Segments of the Take
    before it in which a window of speech may begin that ends in the Part; ``take_pts`` is the Take's first tick, as
    stored in the files.
    """

    number: int
    take: int
    start_ticks: int
    segments: tuple[Segment, ...]
    before: Segment | None = None
    after: Segment | None = None
    lead: tuple[Segment, ...] = ()
    take_pts: int = 0

    @property
    def content(self) -> str:
        """All that encoding depends on, as JSON: the same file imported for another date is not prepared again."""
        when = {"captured_at": True, "recorder": True}
        return self.model_dump_json(
            exclude={"segments": {"__all__": when}, "before": when, "after": when, "lead": True, "take_pts": True}
        )

    @property
    def speech_content(self) -> str:
        """All that recognition depends on, as JSON."""
        when = {"captured_at": True, "recorder": True}
        return self.model_dump_json(exclude={"segments": {"__all__": when}, "before": True, "lead": {"__all__": when}})

    @property
    def start_pts(self) -> int:
        """First tick, as stored in the files."""
        return self.segments[0].first_tick

    @property
    def end_pts(self) -> int:
        """The tick after the last; the next Segment's first when there is one, so that Parts leave no hole."""
        return self.after.pts if self.after else self.segments[-1].end_tick

    @property
    def end_ticks(self) -> int:
        """The tick after the last, on the recording's timeline."""
        return self.start_ticks + self.end_pts - self.start_pts

    @property
    def start_ms(self) -> int:
        """Where it begins on the recording's timeline."""
        return self.start_ticks // TICKS_PER_MS

    @property
    def end_ms(self) -> int:
        """The millisecond after the last, on the recording's timeline."""
        return self.end_ticks // TICKS_PER_MS

    @property
    def needed(self) -> tuple[Segment, ...]:
        """Its Segments with their neighbours, in order: what encoding reads."""
        return tuple(s for s in (self.before, *self.segments, self.after) if s)

    @property
    def heard(self) -> tuple[Segment, ...]:
        """Its Segments after those of its lead, in order: what recognition reads."""
        return (*self.lead, *self.segments)
