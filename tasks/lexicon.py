"""The analyser of Finnish words, one for all tasks of a process: its lexicon takes a gigabyte, and seconds to load."""

from functools import lru_cache
from pathlib import Path

from config.catalogue import MUNICIPALITIES
from core import learning, mentions
from core.finnish import Analyser, fold
from core.speech.sounding import Names


@lru_cache(maxsize=1)
def analyser(vocabulary: Path) -> Analyser:
    """The analyser with the ``vocabulary`` file. Its child leaves by itself when nobody asks."""
    return Analyser(vocabulary)


@lru_cache(maxsize=4)
def names(vocabulary: Path, learned: tuple[str, ...] = ()) -> Names:
    """All forms of the municipalities' names, and of ``learned`` ones."""
    known = [place.name_fi for place in mentions.municipalities(MUNICIPALITIES)]
    bases = {name: _base(analyser(vocabulary), name) for name in learned}
    inflected = analyser(vocabulary).inflected([*known, *filter(None, bases.values())])
    guessed = [form for name, base in bases.items() if not base for form in learning.guessed(name)]
    return Names([*inflected, *learned, *guessed])


def _base(finnish: Analyser, name: str) -> str:
    """The base form of a name, with its capitals; empty if the lexicon does not know it."""
    weight = finnish.weights([name])[fold(name)]
    base = finnish.forms([name])[fold(name)].bases[0]
    return "-".join(part.capitalize() for part in base.split("-")) if weight is not None else ""
