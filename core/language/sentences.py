"""The sentences of a transcript, over the borders of Passages and inside them, and what their words can be. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from core.language.morphology import Token, tokens, word_times
from core.models import Passage, WordForms

ALIKE = 0.87
"""Ratio from which a word is a said form: "pätettiin" is "päätettiin" (0.95), "käytettiin" is not (0.80)."""

MAX_WORDS = 40
JOIN_PAUSE_MS = 2_000
PAUSE_MS = 700
"""A pause that core.search.passages cuts at. A cut at a shorter one was made for length only."""

_SENTENCE = re.compile(r".+?(?:[.!?…]+(?=\s+[A-ZÅÄÖ])|$)", re.DOTALL)
_DOTLESS = str.maketrans("äöå", "aoa")


class Sentence(NamedTuple):
    """A quote: its words, as forms are keyed (``folded``) too, their base forms, when it begins, whether the engine was
    sure, the ids of its Passages."""

    text: str
    words: list[Token]
    folded: list[str]
    bases: list[frozenset[str]]
    start_ms: int = 0
    is_clear: bool = True
    passages: tuple[str, ...] = ()


def sentences(passages: Iterable[Passage], forms: Mapping[str, WordForms]) -> list[Sentence]:
    """All of them, in order. ``forms`` has the folded words."""
    found = [_sentence(group, part, forms) for group in _groups(passages) for part in _cut(_joined(group))]
    return [sentence for sentence in found if sentence.words]


def written(text: str, forms: Mapping[str, WordForms]) -> list[Sentence]:
    """The sentences of a text that was not spoken."""
    quotes = (text[start:end].strip() for start, end in _cut(text))
    return [_analysed(quote, forms) for quote in quotes if tokens(quote)]


def _analysed(quote: str, forms: Mapping[str, WordForms]) -> Sentence:
    words = tokens(quote)
    folded = [word.folded for word in words]
    return Sentence(quote, words, folded, [bases(word, forms) for word in folded])


def bases(folded: str, forms: Mapping[str, WordForms]) -> frozenset[str]:
    """The base forms of a word; what no lexicon knows is its own."""
    known = forms.get(folded)
    return frozenset(known.bases) if known and known.bases else frozenset((folded,))


def _groups(passages: Iterable[Passage]) -> Iterator[list[Passage]]:
    """Passages that are one sentence, by ``_goes_on``."""
    group: list[Passage] = []
    for passage in passages:
        if group and not _goes_on(group, passage):
            yield group
            group = []
        group.append(passage)
    if group:
        yield group


def _goes_on(group: list[Passage], passage: Passage) -> bool:
    """Whether a passage ends without a mark and the next begins small; a comma counts only without a pause."""
    text, pause = group[-1].text.rstrip(), passage.start_ms - group[-1].end_ms
    limit = JOIN_PAUSE_MS if text[-1:].isalnum() else PAUSE_MS if text.endswith(",") else 0
    is_alike = passage.unclear == group[-1].unclear
    may_go_on = pause < limit and passage.text[:1].islower() and is_alike
    return may_go_on and sum(len(tokens(one.text)) for one in (*group, passage)) <= MAX_WORDS


def _cut(text: str) -> list[tuple[int, int]]:
    """The sentences of a text, as (start, end) in characters."""
    return [match.span() for match in _SENTENCE.finditer(text) if match.group().strip()]


def _joined(group: list[Passage]) -> str:
    return " ".join(passage.text for passage in group)


def _sentence(group: list[Passage], span: tuple[int, int], forms: Mapping[str, WordForms]) -> Sentence:
    text = _joined(group)
    said = _said_at(group, span) if span[0] else None
    return _analysed(text[span[0] : span[1]].strip(), forms)._replace(
        start_ms=group[0].start_ms if said is None else said,
        is_clear=not group[0].unclear,
        passages=_named(group, span),
    )


def _said_at(group: list[Passage], span: tuple[int, int]) -> int | None:
    """When the first word of the span was said whose time is known."""
    times = [time for passage in group for time in (word_times(passage) if passage.words else _untimed(passage))]
    own = [at for at, word in enumerate(tokens(_joined(group))) if span[0] <= word.start < span[1]]
    return next((times[at] for at in own if at < len(times) and times[at] is not None), None)


def _named(group: list[Passage], span: tuple[int, int]) -> tuple[str, ...]:
    """The Passages that have a word of the span."""
    ids, at = [], 0
    for passage in group:
        if passage.id and at < span[1] and at + len(passage.text) > span[0]:
            ids.append(passage.id)
        at += len(passage.text) + 1
    return tuple(ids)


def _untimed(passage: Passage) -> list[int | None]:
    return [passage.start_ms] * len(tokens(passage.text))


def is_said(folded: Sequence[str], at: int, said: tuple[str, ...]) -> bool:
    """Whether the word at ``at``, alone or with the next one, is nearly one of ``said``."""
    forms = _by_letter(said).get(folded[at][:1], ())
    return any(alike(text, cue) for cue in forms for text in (folded[at], "".join(folded[at : at + 2])))


@lru_cache
def _by_letter(said: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Said forms by their first letter, which a recognised word has too if it is alike."""
    return {letter: tuple(cue for cue in said if cue[:1] == letter) for letter in {cue[:1] for cue in said}}


@lru_cache(maxsize=65_536)
def alike(word: str, cue: str) -> bool:
    """Whether a recognised word is nearly a said form. The quick ratio is an upper bound, so it only spares time."""
    if abs(len(word) - len(cue)) > 3 or word[:1] != cue[:1]:
        return False
    matcher = SequenceMatcher(None, word.translate(_DOTLESS), cue.translate(_DOTLESS), autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE
