"""The analyser of Finnish words, one for all tasks of a process: its lexicon takes a gigabyte, and seconds to load."""

from functools import lru_cache
from pathlib import Path

from config.catalogue import MUNICIPALITIES
from config.settings import Settings
from core.language.finnish import Analyser, fold
from core.models import Broadcast
from core.speech import learning, towns
from core.speech.alike import SHORT
from core.speech.sounding import Names
from core.text import mentions


@lru_cache(maxsize=1)
def analyser(vocabulary: Path) -> Analyser:
    """The analyser with the ``vocabulary`` file. Its child leaves by itself when nobody asks."""
    return Analyser(vocabulary)


@lru_cache(maxsize=4)
def names(vocabulary: Path, others: tuple[str, ...] = ()) -> Names:
    """All forms of the municipalities' names, and of ``others``: people, organisations, what a broadcast is about.

    Of several words, each is a name of its own, if it has a capital and is no abbreviation.
    """
    known = towns.forms(analyser(vocabulary), mentions.municipalities(MUNICIPALITIES))
    wanted = [word for each in others for word in each.split() if _is_name(word)]
    bases = {name: _base(analyser(vocabulary), name) for name in wanted}
    inflected = analyser(vocabulary).inflected(filter(None, bases.values()))
    guessed = [form for name, base in bases.items() if not base for form in learning.guessed(name)]
    return Names([*known, *inflected, *wanted, *guessed])


def of_broadcast(settings: Settings, broadcast: Broadcast) -> Names:
    """The names that may be said in a broadcast: those that its producer told, and those that were learned, too."""
    return names(settings.vocabulary, (*broadcast.vocabulary, *broadcast.learned))


def _is_name(word: str) -> bool:
    return len(word) >= SHORT and word[0].isupper() and not word.isupper()


def _base(finnish: Analyser, name: str) -> str:
    """The base form of a name, with its capitals; empty if the lexicon does not know it."""
    weight = finnish.weights([name])[fold(name)]
    base = finnish.forms([name])[fold(name)].bases[0]
    return "-".join(part.capitalize() for part in base.split("-")) if weight is not None else ""
