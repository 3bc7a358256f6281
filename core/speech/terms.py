"""Abbreviations and names as they are written. Which they are is data: config/writing.toml tells what its rows mean."""

import tomllib
from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from core.errors import Misconfigured
from core.models import Record
from core.speech.pieces import Piece, closes, contiguous

NO_BREAK = "\u00a0"


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
    while rest:
        made = next((made for term in terms for made in _forms(term, rest)), None) or [rest[0]]
        if (not done or closes(done[-1].whole)) and rest[0].text[:1].isupper():
            made[0] = made[0]._replace(text=made[0].text[0].upper() + made[0].text[1:])
        taken = sum(len(piece.origin) for piece in made)
        while taken > 0:
            taken -= len(rest.pop(0).origin)
        done += made
    return done


def _forms(term: Term, rest: Sequence[Piece]) -> Iterator[list[Piece]]:
    """What the first pieces are if they are this term: with a head after it, fused with one, or with an ending."""
    for spoken in term.spoken:
        *first, last = spoken.split()
        size = len(first) + 1
        window = rest[:size]
        if len(window) < size or not contiguous(window) or [piece.lower for piece in window[:-1]] != first:
            continue
        tail = window[-1].lower
        if tail == last and _is_head(term, rest, size):
            yield _compound(term, rest[: size + 1])
        if tail.startswith(last):
            yield from _inflected(term, window, window[-1].text[len(last) :])


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
