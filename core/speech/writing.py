"""Writes recognised Finnish as a reader expects it: figures, abbreviations, punctuation, capitals. Pure.

What is not surely one of these stays byte for byte. A Word that was changed, or made of several, keeps what was heard;
it begins with the first of them and ends with the last, and its probability is the least of theirs. A Word holds no
plain space: inside a figure stands a no-break space (``2 300``).
"""

import re
from collections.abc import Iterator, Sequence

from core.models import Passage, Transcript, Word
from core.speech import figures, terms
from core.speech.pieces import Piece, closes
from core.speech.terms import Term

VERSION = "writing-2"
LANGUAGE = "fi"
ROUNDS = 4
"""What one round writes may tell the next one more; two have always been enough."""

_MARKS = (",", ".", ";", "?", "!")
_AFTER_FIGURE = re.compile(r"[.,:]\d|:[a-zäö]+\W*$|-(vuoti|prosentti|luvu|luku)")
_RANGE = re.compile(r"\d{1,3}(,\d+)? -\d{1,3}(,\d+)?\W*$")


def written(transcript: Transcript, table: Sequence[Term] = ()) -> Transcript:
    """The transcript as it should stand. Passages whose text a person has corrected are left alone."""
    made: list[Passage] = []
    for passage in transcript.passages:
        made.append(_passage(passage, table, opens=bool(made) and closes(made[-1].text)))
    return transcript.model_copy(update={"passages": tuple(made)})


def _passage(passage: Passage, table: Sequence[Term], *, opens: bool) -> Passage:
    if not passage.words or passage.text != _text(passage.words):
        return passage
    words = passage.words
    for _ in range(ROUNDS):
        before, words = words, rewritten(words, table, opens=opens)
        if words == before:
            break
    return passage.model_copy(update={"words": words, "text": _text(words)})


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def rewritten(words: Sequence[Word], table: Sequence[Term], *, opens: bool = False) -> tuple[Word, ...]:
    """The words of one Passage after one round. ``opens``: the Passage before it ended a sentence."""
    pieces = terms.rewritten(figures.rewritten(list(_pieces(words))), table)
    return tuple(piece.word for piece in _capitalised(pieces, opens=opens))


def _pieces(words: Sequence[Word]) -> Iterator[Piece]:
    """The words, those joined that the recogniser cut at a mark: ``12`` ``,5``."""
    group: list[Word] = []
    for word in words:
        if group and not _goes_on("".join(each.text for each in group), word.text):
            yield Piece.of(*group)
            group = []
        group.append(word)
    if group:
        yield Piece.of(*group)


def _goes_on(before: str, text: str) -> bool:
    if before[-1:].isdigit():
        return text in _MARKS or bool(_AFTER_FIGURE.match(text) or _RANGE.match(f"{before} {text}"))
    return text in _MARKS and before[-1:].isalnum()


def _capitalised(pieces: Sequence[Piece], *, opens: bool) -> Iterator[Piece]:
    """A sentence begins with a capital; ``sote`` does not have one elsewhere."""
    for at, piece in enumerate(pieces):
        begins = closes(pieces[at - 1].whole) if at else opens
        yield piece._replace(text=piece.text[0].upper() + piece.text[1:]) if begins and _is_plain(piece) else piece


def _is_plain(piece: Piece) -> bool:
    return piece.text.islower() and piece.text.isalpha() and not piece.before and len(piece.text) > 1
