"""What a producer is told: kinds of fault, each with its words, and the alarm itself."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from core.helsinki import HELSINKI


class Kind(StrEnum):
    """What may be wrong with a broadcast."""

    SILENT = "silent"
    ONE_SIDED = "one-sided"
    CLIPPING = "clipping"
    BLACK = "black"
    FROZEN = "frozen"
    ASPECT = "aspect"
    BITRATE = "bitrate"
    DRIFT = "drift"
    NOTHING = "nothing"
    ENDED = "ended"
    DISK = "disk"
    RESERVE = "reserve"
    FULL = "full"


class Words(NamedTuple):
    """A kind in words: what is wrong, what to do, and what is said when it is over."""

    what: str
    cure: str
    over: str


WORDS = {
    Kind.SILENT: Words("No sound", "Check the microphone and the mixer.", "The sound is back"),
    Kind.ONE_SIDED: Words(
        "Sound on one side only", "Check the cable and the pan of the mixer.", "The sound is on both sides"
    ),
    Kind.CLIPPING: Words("The sound is distorted", "Turn the level down.", "The sound is not distorted any more"),
    Kind.BLACK: Words("Black picture", "Check the camera and the switcher.", "The picture is back"),
    Kind.FROZEN: Words(
        "The picture stands still", "Check the camera and the encoder, unless it is a slide.", "The picture moves"
    ),
    Kind.ASPECT: Words(
        "The picture has a wrong shape", "Set the camera and the encoder to 16:9.", "The picture is 16:9"
    ),
    Kind.BITRATE: Words(
        "The bitrate has collapsed", "Check the encoder and the network of the venue.", "The bitrate is back"
    ),
    Kind.DRIFT: Words("The clock of the stream drifts", "Start the encoder again in a pause.", "The clock is right"),
    Kind.NOTHING: Words("Nothing comes", "Check the encoder and the network of the venue.", "The stream is back"),
    Kind.ENDED: Words(
        "The stream has ended before its time",
        "If the broadcast goes on, start the encoder and then the capture again with an id of its own.",
        "The stream is back",
    ),
    Kind.DISK: Words(
        "The disk of the recorder is nearly full",
        "Make room on it; preparing waits meanwhile.",
        "There is room on the disk of the recorder",
    ),
    Kind.RESERVE: Words(
        "The last reserve of the recorder's disk is in use", "Make room on it at once.", "The reserve is there again"
    ),
    Kind.FULL: Words(
        "The disk of the recorder is full, and what comes is lost",
        "Make room on it at once.",
        "The disk of the recorder can be written",
    ),
}


class Alarm(NamedTuple):
    """A fault. It ``began_at``, was ``known_at`` (end of the media or moment that showed it), was ``cleared_at``."""

    kind: Kind
    began_at: datetime
    known_at: datetime
    detail: str = ""
    cleared_at: datetime | None = None

    @property
    def what(self) -> str:
        """What is wrong, in a sentence."""
        return f"{WORDS[self.kind].what}."

    @property
    def headline(self) -> str:
        """In a line, with the time in Helsinki."""
        words = WORDS[self.kind]
        if self.cleared_at:
            return f"{words.over} since {clock(self.cleared_at)}"
        return f"{words.what} since {clock(self.began_at)}"

    @property
    def text(self) -> str:
        """All that a producer needs to know, in sentences."""
        words = WORDS[self.kind]
        if self.cleared_at:
            seconds = round((self.cleared_at - self.began_at).total_seconds())
            return f"{self.headline}. It lasted {length(seconds)}, from {clock(self.began_at)}."
        goes_on = "The recording has ended." if self.kind is Kind.ENDED else "The recording goes on."
        return " ".join(filter(None, [f"{self.headline}.", self.detail, words.cure, goes_on]))


def clock(at: datetime) -> str:
    """The time of day in Helsinki."""
    return f"{at.astimezone(HELSINKI):%H.%M.%S}"


def length(seconds: int) -> str:
    """A time in words."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
