"""Where a topic was discussed, in whatever form its words were said. Pure."""

from collections.abc import Iterator, Mapping

from core.language.morphology import tokens, word_times
from core.models import Passage, Quote, SearchDocument, WordForms
from core.text import places

Wanted = tuple[frozenset[str], ...]


def words(topic: str) -> list[str]:
    """The words of a topic, as forms are keyed."""
    return [token.folded for token in tokens(topic)]


def discussed(topic: str, document: SearchDocument, forms: Mapping[str, WordForms]) -> tuple[Quote, ...]:
    """Each Passage that has all words of a topic, also as parts of compounds, quoted around the first of them.

    ``forms`` are those of the topic's words; what was said has its own.
    """
    wanted = tuple(frozenset(forms[word].bases if word in forms else ()) | {word} for word in words(topic))
    return tuple(quote for passage in document.passages for quote in _quoted(passage, document.forms, wanted))


def _quoted(passage: Passage, forms: Mapping[str, WordForms], wanted: Wanted) -> Iterator[Quote]:
    said = tokens(passage.text)
    means = [_means(token.folded, forms) for token in said]
    if not wanted or not all(any(word & each for each in means) for word in wanted):
        return
    at = next(number for number, each in enumerate(means) if each & wanted[0])
    time, word = word_times(passage)[at], said[at]
    text, start = places.cut(passage.text, word.start, word.end)
    at_ms = passage.start_ms if time is None else time
    yield Quote(code="", at_ms=at_ms, text=text, start=start, end=start + len(word.text), speaker=passage.speaker)


def _means(folded: str, forms: Mapping[str, WordForms]) -> frozenset[str]:
    known = forms.get(folded)
    return frozenset((folded, *known.bases, *known.parts) if known else (folded,))
