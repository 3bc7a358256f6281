"""Words of the archive for what somebody types: endings of an unfinished word, and the right spelling of a wrong one.

Only words that occur in the archive are ever suggested.
"""

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.language.morphology import tokens
from core.search.asking import Asked
from core.search.query import LEAST_PREFIX, term
from core.search.vocabulary import Vocabulary

LEAST_LETTERS = 4
"""A shorter word is not corrected: too many others are near it."""


def completions(typed: str, vocabulary: Vocabulary, *, limit: int) -> tuple[str, ...]:
    """The text with its last word finished, in ways that the archive has, the commonest first."""
    words = tokens(typed)
    if not words or not typed[-1:].isalnum() or len(words[-1].folded) < LEAST_PREFIX:
        return ()
    before = typed[: words[-1].start]
    found = vocabulary.beginning(term(words[-1].text), field="base", limit=limit)
    return tuple(f"{before}{word}" for word in found)


def instead(query: str, asked: Sequence[Asked], vocabulary: Vocabulary) -> str:
    """The query with the nearest word of the archive for each that it does not have; empty if nothing is nearer."""
    better = {}
    for each in asked:
        if each.clause.kind != "word" or each.clause.negative or _occurs(each, vocabulary):
            continue
        if nearest := _nearest(each.word, vocabulary):
            better[each.word] = nearest
    pieces, at = [], 0
    for token in tokens(query):
        if right := better.get(term(token.text)):
            pieces += [query[at : token.start], right]
            at = token.end
    return "".join([*pieces, query[at:]]) if pieces else ""


def _occurs(asked: Asked, vocabulary: Vocabulary) -> bool:
    words = {asked.word, *asked.readings[0]}
    return any(vocabulary.has(field, word) for field in ("exact", "base", "part") for word in words)


def _nearest(word: str, vocabulary: Vocabulary) -> str:
    """The nearest word of the archive that begins with the same letter, in base form before others, then the commonest.

    One letter may differ in four, and two in eight: people mostly err in the middle of a long word.
    """
    if len(word) < LEAST_LETTERS:
        return ""
    allowed = 2 if len(word) >= 2 * LEAST_LETTERS else 1
    for field in ("base", "exact"):
        known = vocabulary.beginning(word[0], field=field, limit=None)
        # The list is in order of how common they are, and the first of the best is taken.
        if found := process.extractOne(word, known, scorer=OSA.distance, score_cutoff=allowed):
            return str(found[0])
    return ""
