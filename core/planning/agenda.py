"""The topics of an agenda from what a producer has: pasted text, a Markdown or text file, a Word document (DOCX). Pure.

Of a document these are the topics: the items of its outermost list; without a list its numbered lines; without those
its headings, but not the one above all others; else every line. Pasted text is one topic a line.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Literal, NamedTuple

import docx
from docx.text.paragraph import Paragraph
from markdown_it import MarkdownIt

from core import names
from core.errors import InvalidInput

MOST_ITEMS = 100
LONGEST_FILE = 5 << 20
LONGEST_UNPACKED = 50 << 20
"""A small DOCX may unpack to what fills the memory."""
MARKER = re.compile(r"^\s*(?:[-*+•–]|§\s*\d+[.:]?|\d{1,3}\s*§|\d{1,2}(?:\.\d{1,2})*[.)])\s+")
"""What stands before a topic in a list; not a time such as 9.00."""
CURE = "Save it as DOCX, or as text in UTF-8; or paste the topics into the form."
_HEADING = re.compile(r"Heading (\d)")


class _Line(NamedTuple):
    """A line of a document: an item of a list or a heading, with its level, or neither."""

    kind: Literal["item", "heading", "text"]
    level: int
    text: str


def pasted(text: str) -> list[str]:
    """One topic a line, without numbers and dashes before it.

    Raises:
        InvalidInput: more topics than an agenda has, or longer ones.
    """
    return _checked([MARKER.sub("", line) for line in text.splitlines()])


def of_file(data: bytes, name: str) -> list[str]:
    """The topics of a file. A colon in one becomes a dash: words after a colon would be those that announce it.

    Raises:
        InvalidInput: it cannot be read, has no topics, or what ``pasted`` refuses.
    """
    lines = _docx(data, name) if data.startswith(b"PK") else _markdown(_decoded(data, name))
    found = _checked([text.replace(": ", " – ") for text in _topics(lines)])
    if not found:
        raise InvalidInput(f"{name} has no topics. Tables are not read.", "Paste the topics into the form.")
    return found


def _checked(lines: list[str]) -> list[str]:
    found = [line for text in lines if (line := names.line(text))]
    if len(found) > MOST_ITEMS:
        what = f"An agenda has at most {MOST_ITEMS} topics; this one has {len(found)}."
        raise InvalidInput(what, "Give those that are to be chapters of the page.")
    for number, line in enumerate(found, 1):
        if len(line) > names.LONGEST_TITLE:
            what = f"Topic {number} has {len(line)} letters, at most {names.LONGEST_TITLE} are shown: {line[:60]}…"
            raise InvalidInput(what, "Is it an agenda? Give one topic a line.")
    return found


def _decoded(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{name} is neither a Word document (DOCX) nor text in UTF-8.", CURE) from error
    if "\0" in text:
        raise InvalidInput(f"{name} is neither a Word document (DOCX) nor text.", CURE)
    return text


def _topics(lines: list[_Line]) -> list[str]:
    items = [line for line in lines if line.kind == "item"]
    if items:
        outermost = min(line.level for line in items)
        return [line.text for line in items if line.level == outermost]
    texts = [line.text for line in lines if line.kind == "text" and line.text.strip()]
    numbered = [MARKER.sub("", text) for text in texts if MARKER.match(text)]
    if len(numbered) > 1:
        return numbered
    return _below_the_title([line for line in lines if line.kind == "heading"]) or texts


def _below_the_title(headings: list[_Line]) -> list[str]:
    levels = [line.level for line in headings]
    is_titled = bool(levels) and levels.count(min(levels)) == 1
    below = [line for line in headings if not is_titled or line.level > min(levels)]
    return [line.text for line in below if line.level == min(each.level for each in below)]


def _markdown(text: str) -> list[_Line]:
    lines: list[_Line] = []
    depth, heading, is_first = 0, 0, False
    for token in MarkdownIt("commonmark", {"html": False}).parse(text):
        if token.type in ("bullet_list_open", "ordered_list_open", "bullet_list_close", "ordered_list_close"):
            depth += token.nesting
        is_first = is_first or token.type == "list_item_open"
        heading = int(token.tag[1]) if token.type == "heading_open" else heading
        if token.type == "inline":
            found = "".join("\n" if "break" in part.type else part.content for part in token.children or ())
            lines += _of_inline(found, depth if is_first else 0, heading, is_inside=depth > 0)
            is_first, heading = False, 0
    return lines


def _of_inline(text: str, item: int, heading: int, *, is_inside: bool) -> Iterator[_Line]:
    """What stands in an item after its first paragraph is no topic."""
    if item:
        yield _Line("item", item, text)
    elif heading:
        yield _Line("heading", heading, text)
    elif not is_inside:
        yield from (_Line("text", 0, line) for line in text.splitlines())


def _docx(data: bytes, name: str) -> list[_Line]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(part.file_size for part in packed.infolist())
        is_small = size <= LONGEST_UNPACKED
        lines = [_of_paragraph(each) for each in docx.Document(io.BytesIO(data)).paragraphs] if is_small else []
    # A damaged document fails in whatever part of python-docx, zipfile or lxml meets the damage.
    except Exception as error:
        raise InvalidInput(f"{name} is not a Word document that can be read.", CURE) from error
    if not is_small:
        raise InvalidInput(f"{name} unpacks to {size >> 20} MB.", CURE)
    return lines


def _of_paragraph(paragraph: Paragraph) -> _Line:
    style = paragraph.style.name or "" if paragraph.style else ""
    heading = _HEADING.fullmatch(style)
    if style == "Title" or heading:
        return _Line("heading", int(heading[1]) if heading else 0, paragraph.text)
    levels = paragraph._p.xpath("./w:pPr/w:numPr/w:ilvl/@w:val")
    if levels or style.startswith("List"):
        return _Line("item", int(levels[0]) if levels else _level(style), paragraph.text)
    return _Line("text", 0, paragraph.text)


def _level(style: str) -> int:
    """``List Number 2`` is the second level."""
    last = style.rpartition(" ")[2]
    return int(last) - 1 if last.isdigit() else 0
