"""Where a person is named in what the archive keeps, in any inflection: for who asks what is known of them.

More is found than is meant rather than less, and how sure it is is told: a person looks at each.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from core.finnish import Analyser
from core.models import Record, WordForms
from core.morphology import Token, tokens

Sureness = Literal["name", "surname", "first name", "small"]
"""``small``: one of the names, without a capital, so that it may be a common word."""
FAR = 2
"""So many other words may stand among those of a name: a second first name, an initial."""
TAIL = 8
"""Letters of an ending: ``-selleni``, ``-ellekin``."""
AROUND = 100
"""Characters of a quote on each side."""
SINGLE = {"words", "forms"}
"""Fields that repeat the words of a text one by one."""
PLACES = ("at_ms", "start_ms")


class Named(NamedTuple):
    """A text that names somebody: in which field of a record it stands, when it is said (ms), and how sure that is."""

    field: str
    at_ms: int | None
    text: str
    sureness: Sureness


class Mentioned(Record):
    """One of them as it is told. ``key`` is the object of the archive, ``link`` leads to the moment of the page."""

    episode: str
    key: str
    field: str
    sureness: Sureness
    at_ms: int | None
    quote: str
    link: str = ""


class Wanted:
    """A person's name, as words; the last one is the surname."""

    def __init__(self, name: str, analyser: Analyser) -> None:
        self._words = [token.folded for token in tokens(name)]
        self._analyser = analyser
        weights = analyser.weights(self._words)
        self._unknown = {word for word in self._words if weights[word] is None}

    def named(self, document: Any) -> list[Named]:
        """Every text of a JSON document that names them."""
        texts = list(_texts(document, "", None))
        known = self._analyser.forms(token.text for _, _, text in texts for token in tokens(text))
        hits = [
            Named(field, at_ms, quoted(text, at), sureness)
            for field, at_ms, text in texts
            for at, sureness in self._found(text, known)
        ]
        # Many have the same first name, or are called like a thing: that tells something only beside the surname.
        return hits if any(hit.sureness in ("name", "surname") for hit in hits) else []

    def _found(self, text: str, known: Mapping[str, WordForms]) -> list[tuple[Token, Sureness]]:
        said = tokens(text)
        matched = [[word for word in self._words if self._is_form(token, word, known)] for token in said]
        found: list[tuple[Token, Sureness]] = []
        until = 0
        for at, token in enumerate(said):
            if not matched[at] or at < until:
                continue
            window = range(at, min(at + len(self._words) + FAR, len(said)))
            if {word for near in window for word in matched[near]} == set(self._words):
                until = max(near for near in window if matched[near]) + 1
                found.append((token, "name"))
            else:
                found.append((token, self._alone(token, matched[at])))
        return found

    def _alone(self, token: Token, words: Sequence[str]) -> Sureness:
        if not token.text[0].isupper():
            return "small"
        return "surname" if self._words[-1] in words else "first name"

    def _is_form(self, token: Token, word: str, known: Mapping[str, WordForms]) -> bool:
        """Whether a word of a text may be one of the name. One that no lexicon knows is compared by its stem."""
        folded = token.folded
        forms = known[folded]
        if word in (folded, *forms.bases, *(forms.parts if "-" in folded else ())):
            return True
        stems = (word, f"{word[:-3]}s") if word.endswith("nen") else (word,)
        return word in self._unknown and any(
            folded.startswith(stem) and len(folded) - len(stem) <= TAIL for stem in stems
        )


def _texts(value: Any, field: str, at_ms: int | None) -> Iterator[tuple[str, int | None, str]]:
    """The texts of a document, with their fields, and the time of the record that each stands in."""
    if isinstance(value, str):
        yield field, at_ms, value
    elif isinstance(value, Mapping):
        at_ms = next((value[name] for name in PLACES if isinstance(value.get(name), int)), at_ms)
        for name, inner in value.items():
            if name not in SINGLE:
                yield from _texts(inner, f"{field}.{name}".lstrip("."), at_ms)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _texts(inner, field, at_ms)


def quoted(text: str, at: Token) -> str:
    """What stands around a word."""
    start, end = max(at.start - AROUND, 0), at.end + AROUND
    return f"{'…' * (start > 0)}{' '.join(text[start:end].split())}{'…' * (end < len(text))}"
