"""Where a person is named in what the archive keeps, in any inflection: for who asks what is known of them. And which
words of a text look like the name of a person, for who withdraws them.

More is found than is meant rather than less, and how sure it is is told: a person looks at each.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from core.language.finnish import Analyser
from core.language.morphology import PROPER, Token, tokens
from core.models import Record, WordForms
from core.text.transcript import is_end

Sureness = Literal["name", "surname", "first name", "small"]
"""``small``: one of the names, without a capital, so that it may be a common word."""
FAR = 2
"""So many other words may stand among those of a name: a second first name, an initial."""
TAIL = 8
"""Letters of an ending: ``-selleni``, ``-ellekin``."""
LEAST = 4
"""Letters of a name that no lexicon knows which are left when an ending is taken off."""
_ENDING = re.compile(rf"(?<=\w{{{LEAST}}})i?(n|[aä]|ss[aä]|st[aä]|ll[aä]|lt[aä]|lle|n[aä]|ksi|in)$")
AROUND = 100
"""Characters of a quote on each side."""
FINNISH = "fi"
SINGLE = {"words", "forms"}
"""Fields that repeat the words of a text one by one."""
PLACES = ("at_ms", "start_ms")


class Mentioned(Record):
    """A text that names somebody as it is told. ``key`` is the object that has it, ``link`` leads to its moment."""

    episode: str
    key: str
    field: str
    sureness: Sureness
    at_ms: int | None
    quote: str
    link: str = ""


class Named(NamedTuple):
    """A text that names somebody: in which field of a record it stands, when it is said (ms), and how sure that is."""

    field: str
    at_ms: int | None
    text: str
    sureness: Sureness

    def told(self, episode: str, key: str, link: str) -> Mentioned:
        """The same, of an object of an episode."""
        return Mentioned(
            episode=episode,
            key=key,
            field=self.field,
            sureness=self.sureness,
            at_ms=self.at_ms,
            quote=self.text,
            link=link,
        )


class _Text(NamedTuple):
    """A text of a document; ``folded`` are its words (core.language.morphology.fold)."""

    field: str
    at_ms: int | None
    text: str
    said: list[Token]
    folded: list[str]


class Document:
    """The texts of a JSON document, read once for all names that are looked for in it."""

    def __init__(self, value: Any, analyser: Analyser) -> None:
        self.texts = [
            _Text(field, at_ms, text, said, [token.folded for token in said])
            for field, at_ms, text in _texts(value, "", None)
            for said in [tokens(text)]
        ]
        self.forms = analyser.forms({word for text in self.texts for word in text.folded})


class Wanted:
    """A person's name, as words in any inflection; the last one is the surname."""

    def __init__(self, name: str, analyser: Analyser) -> None:
        self._words = [token.folded for token in tokens(name)]
        forms, weights = analyser.forms(self._words), analyser.weights(self._words)
        self._bases = {word: _bases(word, forms[word]) for word in self._words}
        self._stems = {word: _stems(word) for word in self._words if weights[word] is None}

    def named(self, document: Document) -> list[Named]:
        """Every text that names them."""
        matches = {
            folded: found
            for folded, forms in document.forms.items()
            if (found := [word for word in self._words if self._is_form(folded, forms, word)])
        }
        hits = [
            Named(text.field, text.at_ms, quoted(text.text, at), sureness)
            for text in document.texts
            if not matches.keys().isdisjoint(text.folded)
            for at, sureness in self._found(text, matches)
        ]
        # Many have the same first name, or are called like a thing: that tells something only beside the surname.
        return hits if any(hit.sureness in ("name", "surname") for hit in hits) else []

    def _found(self, text: _Text, matches: Mapping[str, list[str]]) -> list[tuple[Token, Sureness]]:
        matched = [matches.get(folded, []) for folded in text.folded]
        found: list[tuple[Token, Sureness]] = []
        until = 0
        for at, token in enumerate(text.said):
            if not matched[at] or at < until:
                continue
            window = range(at, min(at + len(self._words) + FAR, len(matched)))
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

    def _is_form(self, folded: str, forms: WordForms, word: str) -> bool:
        """Whether a word of a text may be one of the name. One that no lexicon knows is compared by its stem."""
        if not self._bases[word].isdisjoint((folded, *forms.bases, *(forms.parts if "-" in folded else ()))):
            return True
        return any(folded.startswith(stem) and len(folded) - len(stem) <= TAIL for stem in self._stems.get(word, ()))


def _bases(word: str, forms: WordForms) -> set[str]:
    """What a word of a name is of: itself, where it may be a base form, as ``anna``, which is also of ``antaa``."""
    return {word} if word in forms.bases else {word, *forms.bases}


def _stems(word: str) -> set[str]:
    """How any inflection of a name begins, and of one in -nen."""
    stem = _ENDING.sub("", word)
    found = {word, stem}
    if word.endswith("nen"):
        found.add(f"{word[:-3]}s")
    if stem.endswith("se") and len(stem) - 2 >= LEAST:
        found.add(stem[:-2])
    return found


def spoken(texts: Iterable[str], analyser: Analyser, places: frozenset[str], language: str = FINNISH) -> list[str]:
    """What looks like the name of a person in some texts, as it is written there, each once.

    Words with a capital in a row are one name. Where a sentence begins, a word must be one that is only a name, or in
    no lexicon, which is of Finnish. One of the ``places``, in small letters, is none where it stands alone.
    """
    read = [(text, tokens(text)) for text in texts]
    said = [token.text for _, found in read for token in found]
    forms = analyser.forms(said)
    # Of another language each word is in no lexicon.
    known = analyser.weights(said) if language == FINNISH else dict.fromkeys(forms, 0.0)
    names: dict[tuple[str, ...], str] = {}
    for text, found in read:
        for row in _rows(text, found, known):
            bases = tuple(min(forms[token.folded].bases) for token in row)
            if len(row) > 1 or places.isdisjoint(forms[row[0].folded].bases):
                names.setdefault(bases, text[row[0].start : row[-1].end])
    return list(names.values())


def _rows(text: str, found: Sequence[Token], weights: Mapping[str, float | None]) -> Iterator[list[Token]]:
    """The words of each name."""
    row: list[Token] = []
    for token in found:
        is_name = _is_name(text, token, weights[token.folded])
        if row and not (is_name and text[row[-1].end : token.start].isspace()):
            yield row
            row = []
        if is_name:
            row.append(token)
    if row:
        yield row


def _is_name(text: str, token: Token, weight: float | None) -> bool:
    if not token.text[0].isupper() or token.text.partition(":")[0].isupper():
        return False
    before = text[: token.start].rstrip()
    opens_sentence = not before or is_end(before, token.text)
    return not opens_sentence or weight is None or weight % 1 == PROPER


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
