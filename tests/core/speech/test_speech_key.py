"""Under which key the result of recognition is kept."""

from pathlib import Path

from core.models import Part
from core.speech import whisper

PART = Part.model_construct(number=1, take=1, start_ticks=0, segments=(), before=None, after=None)


def test_the_key_depends_on_what_is_done_with_the_words():
    plain = whisper.Options(Path("whisper-base"), "fi")
    ways = [
        plain,
        plain._replace(lexicon="names 1"),
        plain._replace(written="names 1"),
        plain._replace(written="names 2"),
    ]
    assert len({whisper.key(PART, options) for options in ways}) == len(ways)
