"""What one measurement says of each fault. Each threshold has its source beside it, or is said to be our choice."""

from collections import deque
from datetime import datetime, timedelta
from statistics import median

from core.capture.watching.gates import Reading
from core.capture.watching.measures import Look, Measures, Sound

SILENT_DBFS = -60.0
"""Evertz 7736CEM and Etere Basic QC have this default."""
AUDIBLE_DBFS = -55.0
"""Our choice: 5 dB of hysteresis."""
ONE_SIDE_DBFS = -40.0
"""Our choice: speech normalised by EBU R 128 (−23 LUFS) is 15 dB above it."""
CLIPPING_SECONDS = 10.0
CLIPPING_SHARE = 0.001
CLIPPING_NONE = 0.0001
CLIPPING_LEAST_SECONDS = 3
"""Our choice: in ten seconds one sample in a thousand, spread over three seconds at least, is heard as distortion.
Speech pauses, so a window decides and not a moment."""
BLACK_SHARE = 0.998
PICTURE_SHARE = 0.99
"""ffmpeg's blackdetect takes 0.98. That would call a black card with a line of text black, and broadcasts begin with
such cards; by our estimate a line of 40 pixels' height covers 0.2 % of 1080p."""
STILL_SHARE = 0.0003
"""Our choice: a picture in which less than three pixels in ten thousand changed visibly stands still: a square of
25 pixels in 1080p, so a speaker who is small in a hall still moves it. A slide through x264 changed by none at all, a
frozen picture of heavy noise at a low bitrate now and then by more: that one is missed."""
CUT_SHARE = 0.5
"""Our choice: half of the picture changes at a cut."""
FROZEN_SECONDS = 16.0
MOVED_SECONDS = 16.0
SLIDE_SECONDS = 600.0
"""Our choice. A slide with a speaker's voice is normal here, so a picture that merely stands still is told after ten
minutes. A camera that hangs is another thing: it moved all the time, and stopped without a cut."""
ASPECT = 16 / 9
ASPECT_TOLERANCE = 0.02
"""Rec. ITU-R BT.709: 16:9. Two in a hundred are room for cropped lines (1920x1088 is 0.7 % off)."""
COLLAPSED = 0.25
RECOVERED = 0.5
USUAL_SEGMENTS = 30
LEAST_SEGMENTS = 5
"""Our choice: a quarter of the median of the last 30 good Segments (two minutes). Only moving pictures are compared: a
still one needs few bits."""
DRIFT_SECONDS = 3.0
DRIFT_GONE_SECONDS = 1.5
DRIFT_WINDOW = timedelta(seconds=20)
CATCHING_UP_SECONDS = 1.0
"""Our choice: three seconds are seen in captions and times. The least delay of 20 s leaves jitter of the network out. A
delay that falls by a second at once is a recorder that catches up, not a clock."""


def silence(sound: Sound) -> Reading:
    """Whether all channels are silent."""
    loudest = max(sound.rms)
    if loudest < SILENT_DBFS:
        return Reading.BAD
    return Reading.GOOD if loudest > AUDIBLE_DBFS else Reading.UNSURE


def sides(sound: Sound) -> tuple[Reading, str]:
    """Whether one of two channels is silent while the other is not. Pauses tell nothing."""
    if len(sound.rms) != 2:
        return Reading.GOOD, ""
    left, right = sound.rms
    low, high = min(left, right), max(left, right)
    if low > AUDIBLE_DBFS:
        return Reading.GOOD, ""
    if low < SILENT_DBFS and high > ONE_SIDE_DBFS:
        return Reading.BAD, f"The {'left' if left < right else 'right'} channel is silent."
    return Reading.UNSURE, ""


def black(look: Look) -> Reading:
    """Whether the picture is black."""
    if look.dark >= BLACK_SHARE:
        return Reading.BAD
    return Reading.GOOD if look.dark < PICTURE_SHARE else Reading.UNSURE


def shape(look: Look) -> tuple[Reading, str]:
    """Whether the picture is 16:9."""
    if abs(look.aspect / ASPECT - 1) <= ASPECT_TOLERANCE:
        return Reading.GOOD, ""
    return Reading.BAD, f"Its width is {look.aspect:.2f} times its height; 16:9 is {ASPECT:.2f}."


class Clipping:
    """Looks at the last ten seconds of sound."""

    def __init__(self) -> None:
        self._last: deque[Sound] = deque()

    def read(self, sound: Sound) -> tuple[Reading, datetime]:
        """Whether they are distorted, and since when if so."""
        self._last.append(sound)
        while (sound.at - self._last[0].at).total_seconds() >= CLIPPING_SECONDS:
            self._last.popleft()
        clipped = [one for one in self._last if one.clipped > CLIPPING_NONE]
        share = sum(one.clipped * one.seconds for one in self._last) / CLIPPING_SECONDS
        if share >= CLIPPING_SHARE and len(clipped) >= CLIPPING_LEAST_SECONDS:
            return Reading.BAD, clipped[0].at
        return (Reading.UNSURE if sound.clipped > CLIPPING_NONE else Reading.GOOD), sound.at


class Stillness:
    """Tells a camera that hangs from a slide: it moved all the time before, and stopped without a cut."""

    def __init__(self) -> None:
        self._shown_since: datetime | None = None
        self._moved_since: datetime | None = None
        self._stands = self._hung = self._by_cut = False

    @property
    def moves(self) -> bool:
        """Whether the picture moves now."""
        return self._moved_since is not None

    def read(self, look: Look, *, dark: bool) -> tuple[Reading, datetime, str]:
        """Whether the picture is frozen, since when, and what to say of it. A black one is told otherwise."""
        if dark or look.changed is None or self._shown_since is None:
            self._shown_since = None if dark else look.at
            self._moved_since, self._stands, self._hung = None, False, False
            return Reading.UNSURE, look.at, ""
        if look.changed >= STILL_SHARE:
            self._moved_since = self._moved_since or look.at
            self._shown_since, self._by_cut, self._stands = look.at, look.changed >= CUT_SHARE, False
            return Reading.GOOD, look.at, ""
        if not self._stands:
            moved = (self._shown_since - self._moved_since).total_seconds() if self._moved_since else 0.0
            self._hung = moved >= MOVED_SECONDS and not self._by_cut
            self._stands, self._moved_since = True, None
        return self._still(look, self._shown_since)

    def _still(self, look: Look, since: datetime) -> tuple[Reading, datetime, str]:
        seconds = (look.at - since).total_seconds() + look.seconds
        if seconds < (FROZEN_SECONDS if self._hung else SLIDE_SECONDS):
            return Reading.UNSURE, look.at, ""
        if self._hung:
            return Reading.BAD, since, "It moved before, and stopped without a cut."
        return Reading.BAD, since, f"Nothing in it has changed for {SLIDE_SECONDS / 60:.0f} minutes."


class Bitrate:
    """Compares the bitrate of moving pictures with what was usual."""

    def __init__(self) -> None:
        self._usual: deque[float] = deque(maxlen=USUAL_SEGMENTS)
        self._aspect: float | None = None

    def read(self, measures: Measures, moves: bool) -> tuple[Reading, str]:
        """Whether it has collapsed."""
        if measures.seconds <= 0 or not moves:
            return Reading.UNSURE, ""
        kbps = measures.size * 8 / 1000 / measures.seconds
        if len(self._usual) < LEAST_SEGMENTS:
            self._usual.append(kbps)
            return Reading.GOOD, ""
        usual = median(self._usual)
        if kbps < COLLAPSED * usual:
            return Reading.BAD, f"{kbps:.0f} kbit/s instead of the usual {usual:.0f}."
        if kbps < RECOVERED * usual:
            return Reading.UNSURE, ""
        self._usual.append(kbps)
        return Reading.GOOD, ""


class Drift:
    """Compares the clock of the stream with the time of day, by how late Segments arrive."""

    def __init__(self) -> None:
        self._delays: deque[tuple[datetime, float]] = deque()
        self._take = 0
        self._usual: float | None = None
        self._least = 0.0

    def read(self, ends_at: datetime, arrived_at: datetime, take: int) -> tuple[Reading, str]:
        """Whether they have parted. A new Take has a clock of its own."""
        if take != self._take:
            self._delays.clear()
            self._take, self._usual = take, None
        self._delays.append((arrived_at, (arrived_at - ends_at).total_seconds()))
        while arrived_at - self._delays[0][0] > DRIFT_WINDOW:
            self._delays.popleft()
        least = min(delay for _, delay in self._delays)
        if self._usual is None or least < self._least - CATCHING_UP_SECONDS:
            self._usual = least
        self._least = least
        away = least - self._usual
        if abs(away) > DRIFT_SECONDS:
            return Reading.BAD, f"It is {abs(away):.0f} s {'behind' if away > 0 else 'ahead of'} the time of day."
        return (Reading.GOOD if abs(away) < DRIFT_GONE_SECONDS else Reading.UNSURE), ""
