"""The watch: measures and the clock go in, alarms come out. Pure: no clock, no file, no thread of its own.

Where a number comes from is said beside it. What is our choice follows one rule: told within thirty seconds, but not in
the pauses of speech. Sources: EBU QC 0078B "Audio Silence" (level and time are the user's); Evertz 7736CEM manual, the
defaults of a monitoring device in broadcasting (silence −60 dBFS for 10 s); Etere Basic QC (−60 dB too); ffmpeg's
filters blackdetect and freezedetect.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from core.capture.watching import rules
from core.capture.watching.alarms import Alarm, Kind
from core.capture.watching.gates import Gate, Reading
from core.capture.watching.measures import Look, Measures, Sound

PATIENCE_SECONDS = 15.0
"""Nothing for so long, or for three Segments if they are longer, is an alarm. Our choice: HLS pieces are 2 to 10 s."""
PLAN_SLACK_SECONDS = 60.0
"""An end so little before the planned one is no fault. Our choice."""

GATES = {
    Kind.SILENT: (10.0, 2.0),
    Kind.ONE_SIDED: (10.0, 2.0),
    Kind.CLIPPING: (0.0, 10.0),
    Kind.BLACK: (8.0, 0.0),
    Kind.FROZEN: (0.0, 0.0),
    Kind.ASPECT: (8.0, 0.0),
    Kind.BITRATE: (12.0, 8.0),
    Kind.DRIFT: (8.0, 8.0),
}
"""Seconds to raise and to clear. Silence: 10 s (Evertz); clearing takes two seconds of sound, more than a bump at the
microphone. Black and shape: two Segments, so that a fade or a cut is none. Frozen, clipping: the rule itself looks
back. Bitrate and drift: our choice, three and two Segments."""


class Watch:
    """Follows one recording. ``planned_until`` is when it should end at the latest, if that is known."""

    def __init__(self, planned_until: datetime | None = None) -> None:
        self._planned_until = planned_until
        self._gates = {kind: Gate(*times) for kind, times in GATES.items()}
        self._open: dict[Kind, Alarm] = {}
        self._clipping = rules.Clipping()
        self._stillness = rules.Stillness()
        self._bitrate = rules.Bitrate()
        self._drift = rules.Drift()
        self._came_at: datetime | None = None
        self._longest = 0.0

    def plan(self, until: datetime | None) -> None:
        """It shall end at another time."""
        self._planned_until = until

    @property
    def open(self) -> tuple[Alarm, ...]:
        """The alarms that are not cleared."""
        return tuple(self._open.values())

    def came(self, now: datetime, seconds: float) -> list[Alarm]:
        """A Segment of ``seconds`` has arrived, whether or not it can be measured."""
        self._came_at = now
        self._longest = max(self._longest, seconds)
        alarm = self._open.pop(Kind.NOTHING, None)
        return [alarm._replace(cleared_at=now)] if alarm else []

    def tick(self, now: datetime) -> list[Alarm]:
        """Time passes."""
        if self._came_at is None or Kind.NOTHING in self._open:
            return []
        patience = timedelta(seconds=max(PATIENCE_SECONDS, 3 * self._longest))
        if now - self._came_at < patience:
            return []
        detail = "The recorder keeps trying."
        if self._planned_until and now < self._planned_until:
            detail = f"It looks ended, but {_left(self._planned_until, now)} of the plan are left. {detail}"
        return [self._raise(Alarm(Kind.NOTHING, self._came_at, now, detail))]

    def end(self, now: datetime) -> list[Alarm]:
        """The source has ended by itself, or was given up."""
        if not self._planned_until or (self._planned_until - now).total_seconds() < PLAN_SLACK_SECONDS:
            return []
        self._open.pop(Kind.NOTHING, None)
        detail = f"{_left(self._planned_until, now)} of the plan are left."
        return [self._raise(Alarm(Kind.ENDED, self._came_at or now, now, detail))]

    def hear(self, measures: Measures, arrived_at: datetime, take: int) -> list[Alarm]:
        """What the next Segment says, in order. ``arrived_at`` is when the recorder had it."""
        found: list[Alarm] = []
        for sound in measures.sounds:
            found += self._sound(sound)
        for look in measures.looks:
            found += self._look(look)
        moving = self._stillness.moves
        reading, detail = self._bitrate.read(measures, moving)
        found += self._feed(Kind.BITRATE, reading, measures.at, measures.ends_at, detail)
        reading, detail = self._drift.read(measures.ends_at, arrived_at, take)
        return found + self._feed(Kind.DRIFT, reading, measures.at, measures.ends_at, detail)

    def _sound(self, sound: Sound) -> Iterable[Alarm]:
        until = sound.at + timedelta(seconds=sound.seconds)
        yield from self._feed(Kind.SILENT, rules.silence(sound), sound.at, until)
        reading, detail = rules.sides(sound)
        yield from self._feed(Kind.ONE_SIDED, reading, sound.at, until, detail)
        reading, since = self._clipping.read(sound)
        yield from self._feed(Kind.CLIPPING, reading, since, until)

    def _look(self, look: Look) -> Iterable[Alarm]:
        until = look.at + timedelta(seconds=look.seconds)
        black = rules.black(look)
        yield from self._feed(Kind.BLACK, black, look.at, until)
        reading, since, detail = self._stillness.read(look, dark=black is Reading.BAD)
        yield from self._feed(Kind.FROZEN, reading, since, until, detail)
        reading, detail = rules.shape(look)
        yield from self._feed(Kind.ASPECT, reading, look.at, until, detail)

    def _feed(self, kind: Kind, reading: Reading, at: datetime, until: datetime, detail: str = "") -> list[Alarm]:
        gate = self._gates[kind]
        if not gate.feed(reading, at, until):
            return []
        since = gate.turn()
        if gate.raised:
            return [self._raise(Alarm(kind, since, until, detail))]
        return [self._open.pop(kind)._replace(cleared_at=since)]

    def _raise(self, alarm: Alarm) -> Alarm:
        self._open[alarm.kind] = alarm
        return alarm


def _left(until: datetime, now: datetime) -> str:
    minutes = max(1, round((until - now).total_seconds() / 60))
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
