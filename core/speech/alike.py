"""What two writings of one sound share. Apart from core.speech.sounding, which needs numpy: configuration is read by
processes that recognise nothing."""

import re

SHORT, LONG = 4, 10
"""A sound of fewer letters than ``SHORT`` is no name; in a ``LONG`` one two letters may differ, also the first."""
_LIKE = str.maketrans("äögdbjwåéczq", "aoktpivoeksk")
_TWICE = re.compile(r"(.)\1+")


def sounding(word: str) -> str:
    """What two writings of one sound share: no lengths, no vowel harmony, no voice in consonants."""
    return _TWICE.sub(r"\1", word.lower().translate(_LIKE).replace("ch", "h").replace("x", "ks"))
