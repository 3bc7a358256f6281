"""Where municipalities are named."""

from core.models.base import Record


class Mention(Record):
    """A municipality named at a moment: its code (Statistics Finland), its name, and the words said.

    ``own`` when the speaker seems to speak for it (core.text.mentions).
    """

    code: str
    name: str
    at_ms: int
    said: str
    own: bool = False


class Quote(Record):
    """What was said where a municipality was named; the name is ``text[start:end]``.

    ``speaker`` is the name that a person gave to who says it.
    """

    code: str
    at_ms: int
    text: str
    start: int
    end: int
    own: bool = False
    speaker: str = ""


class EpisodeMentions(Record):
    """Every quote of an episode that names a municipality, stored beside its page. ``language`` is the quotes'."""

    episode: str
    language: str
    quotes: tuple[Quote, ...] = ()
