"""What the search knows of words beyond their forms: names of municipalities, and words that mean the same."""

import tomllib
from collections.abc import Iterable
from typing import NamedTuple

from core.errors import Misconfigured
from core.language.morphology import fold, tokens

Phrase = tuple[str, ...]


class Thesaurus(NamedTuple):
    """``names`` are folded and of one word. ``groups`` are of phrases in base forms that mean the same."""

    names: frozenset[str] = frozenset()
    groups: tuple[tuple[Phrase, ...], ...] = ()

    def others(self, said: Phrase) -> tuple[Phrase, ...]:
        """The other phrases of all groups that have this one."""
        found = (other for group in self.groups if said in group for other in group if other != said)
        return tuple(dict.fromkeys(found))

    @property
    def longest(self) -> int:
        """Words of the longest phrase."""
        return max((len(phrase) for group in self.groups for phrase in group), default=0)


def load(text: str, names: Iterable[str]) -> Thesaurus:
    """Read config/synonyms.toml, beside the municipalities' names.

    Raises:
        Misconfigured: the table is not valid.
    """
    try:
        rows = [row["same"] for row in tomllib.loads(text).get("group", [])]
        groups = tuple(tuple(_phrase(phrase) for phrase in row) for row in rows)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise Misconfigured(f"The table of synonyms cannot be read: {error}.", "Correct synonyms.toml.") from error
    if any(not phrase for group in groups for phrase in group) or any(len(group) < 2 for group in groups):
        raise Misconfigured("A group of synonyms has less than two phrases.", "Correct synonyms.toml.")
    single = frozenset(fold(name) for name in names if len(tokens(name)) == 1)
    return Thesaurus(single, groups)


def _phrase(text: str) -> Phrase:
    return tuple(token.folded for token in tokens(text))
