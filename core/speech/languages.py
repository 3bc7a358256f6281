"""What is said of speech in another language than the broadcast's. Pure."""

from collections.abc import Iterator
from itertools import groupby

from core.models import Passage, Transcript
from core.text.transcript import clock

NAMES = {
    "da": "Danish", "de": "German", "en": "English", "es": "Spanish", "et": "Estonian", "fi": "Finnish", "fr": "French",
    "nn": "Norwegian", "no": "Norwegian", "ru": "Russian", "sv": "Swedish", "uk": "Ukrainian",
}  # fmt: skip
UNDETERMINED = "und"


def name(code: str) -> str:
    """What a language is called, in the middle of a sentence."""
    return "another language" if code == UNDETERMINED else NAMES.get(code, f"the language {code}")


def notices(transcript: Transcript) -> list[str]:
    """One sentence for each time in which another language seems to be spoken; times on the recording's timeline."""
    cure = f"It is not written: if the broadcast is not in {name(transcript.language)}, set its language."
    return [
        f"From {clock(run[0].start_ms)} to {clock(run[-1].end_ms)} somebody speaks what seems to be "
        f"{name(run[0].language)}. {cure}"
        for run in _runs(transcript)
    ]


def _runs(transcript: Transcript) -> Iterator[list[Passage]]:
    for language, run in groupby(transcript.passages, lambda passage: passage.language):
        if language:
            yield list(run)
