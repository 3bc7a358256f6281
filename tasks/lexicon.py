"""The analyser of Finnish words, one for all tasks of a process: its lexicon takes a gigabyte, and seconds to load."""

from functools import lru_cache
from pathlib import Path

from config.catalogue import MUNICIPALITIES
from core import mentions
from core.finnish import Analyser
from core.speech import repair


@lru_cache(maxsize=1)
def analyser(vocabulary: Path) -> Analyser:
    """The analyser with the ``vocabulary`` file. Its child leaves by itself when nobody asks."""
    return Analyser(vocabulary)


@lru_cache(maxsize=1)
def names(vocabulary: Path) -> repair.Names:
    """All forms of the municipalities' names."""
    known = mentions.municipalities(MUNICIPALITIES)
    return repair.Names(analyser(vocabulary).inflected(place.name_fi for place in known))
