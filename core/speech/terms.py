"""Abbreviations and names as they are written. Which they are is data: config/writing.toml tells what its rows mean."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pydantic import ValidationError

from core.errors import Misconfigured
from core.models import Record
from core.speech.alike import sounding
from core.speech.lexicon import Weights
from core.speech.pieces import Piece, closes, contiguous

NO_BREAK = "\u00a0"
MOST_PIECES = 3


class Term(Record):
    """A row of config/writing.toml."""

    written: str
    spoken: tuple[str, ...]
    endings: tuple[str, ...] = ()
    colon: bool = False
    heads: tuple[str, ...] = ()


def load(text: str) -> tuple[Term, ...]:
    """Read the TOML of config/writing.toml.

    Raises:
        Misconfigured: it is no TOML, or a row is not valid.
    """
    try:
        return tuple(Term.model_validate(row) for row in tomllib.loads(text)["term"])
    except (tomllib.TOMLDecodeError, ValidationError, KeyError) as error:
        raise Misconfigured(f"The table of written forms cannot be read: {error}.", "Correct writing.toml.") from error


def rewritten(pieces: Sequence[Piece], terms: Sequence[Term]) -> list[Piece]:
    """The pieces with every term as it is written; one that begins a sentence keeps its capital."""
    done: list[Piece] = []
    rest = list(pieces)
    beginning = _by_letter(terms)
    while rest:
        may_be = beginning.get(rest[0].lower[:1], ())
        made = next((made for term in may_be for made in _forms(term, rest)), None) or [rest[0]]
        if (not done or closes(done[-1].whole)) and rest[0].text[:1].isupper():
            made[0] = made[0]._replace(text=made[0].text[0].upper() + made[0].text[1:])
        taken = sum(len(piece.origin) for piece in made)
        while taken > 0:
            taken -= len(rest.pop(0).origin)
        done += made
    return done


def _by_letter(terms: Sequence[Term]) -> dict[str, list[Term]]:
    """The terms by the letters that they may begin with, in their order."""
    found: dict[str, list[Term]] = {}
    for term in terms:
        for letter in {spoken[0] for spoken in term.spoken}:
            found.setdefault(letter, []).append(term)
    return found


def known(weights: Weights, terms: Sequence[Term]) -> Weights:
    """The same costs of words, but compounds of the terms cost nothing: ``eurahoitusta`` is no word of the lexicon."""

    def of(words: Iterable[str]) -> Mapping[str, float | None]:
        asked = list(words)
        return {**weights(asked), **{word.lower(): 0.0 for word in asked if _is_compound(word.lower(), terms)}}

    return of


def _is_compound(word: str, terms: Sequence[Term]) -> bool:
    return any(_sounding_head(term, word, spoken.replace(" ", "")) for term in terms for spoken in term.spoken)


def _forms(term: Term, rest: Sequence[Piece]) -> Iterator[list[Piece]]:
    """What the first pieces are if they are this term: with a head after it, fused with one, or with an ending."""
    said = [(window, last) for spoken in term.spoken for window, last in _said(spoken, rest)]
    for window, last in said:
        if window[-1].lower == last and _is_head(term, rest, len(window)):
            yield _compound(term, rest[: len(window) + 1])
    yield from _across(term, rest)
    for window, last in said:
        yield from _inflected(term, window, window[-1].text[len(last) :])


def _said(spoken: str, rest: Sequence[Piece]) -> Iterator[tuple[Sequence[Piece], str]]:
    """The first pieces if they are spoken so, with anything after the last word, and that word."""
    *first, last = spoken.split()
    window = rest[: len(first) + 1]
    is_whole = len(window) == len(first) + 1 and contiguous(window)
    if is_whole and [piece.lower for piece in window[:-1]] == first and window[-1].lower.startswith(last):
        yield window, last


def _across(term: Term, rest: Sequence[Piece]) -> Iterator[list[Piece]]:
    """A compound whose parts were written together, or parted elsewhere: ``maaseutulivella hetystä``."""
    for size in range(1, MOST_PIECES + 1):
        window = rest[:size]
        if len(window) == size and contiguous(window):
            letters = "".join(piece.lower for piece in window)
            for spoken in term.spoken:
                if head := _sounding_head(term, letters, spoken.replace(" ", "")):
                    yield [_one(window, f"{term.written.replace(' ', NO_BREAK)}{_hyphen(term)}{head}")]


def _sounding_head(term: Term, letters: str, spoken: str) -> str:
    """The head as it is written with the end that it has in ``letters``, which begin as the term is spoken."""
    after = letters[len(spoken) :] if letters.startswith(spoken) else ""
    for head in term.heads:
        for length in range(len(head), min(len(head) + 2, len(after)) + 1):
            if sounding(after[:length]) == sounding(head):
                return head + after[length:]
    return ""


def _hyphen(term: Term) -> str:
    """After a name of two words a space stands before it."""
    return f"{NO_BREAK}-" if " " in term.written else "-"


def _is_head(term: Term, rest: Sequence[Piece], at: int) -> bool:
    if at >= len(rest) or rest[at - 1].after or rest[at].before not in ("", "-"):
        return False
    return bool(term.heads) and rest[at].lower.startswith(term.heads)


def _compound(term: Term, window: Sequence[Piece]) -> list[Piece]:
    *names, head = window
    if " " in term.written:
        return [*_named(term, names, ""), head._replace(before="-")]
    return [_one(window, f"{term.written}-{head.lower}")]


def _inflected(term: Term, window: Sequence[Piece], tail: str) -> Iterator[list[Piece]]:
    """``elykeskuksessa``, ``ely-keskuksessa``; ``eun``, ``eu:n``."""
    head = tail.removeprefix("-")
    if term.heads and head.lower().startswith(term.heads) and " " not in term.written:
        yield [_one(window, f"{term.written}-{head}")]
    ending = tail.removeprefix(":") if term.colon else tail
    if ending.lower() in term.endings and (ending or tail == ending):
        yield _named(term, window, f":{ending}" if term.colon and ending else ending)


def _named(term: Term, window: Sequence[Piece], ending: str) -> list[Piece]:
    texts = f"{term.written}{ending.lower()}".split(" ")
    if len(texts) == len(window):
        return [piece._replace(text=text) for piece, text in zip(window, texts, strict=True)]
    return [_one(window, NO_BREAK.join(texts))]


def _one(window: Sequence[Piece], text: str) -> Piece:
    origin = tuple(word for piece in window for word in piece.origin)
    return window[0]._replace(text=text, after=window[-1].after, origin=origin)
