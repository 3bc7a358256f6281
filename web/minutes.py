"""Notes as files: Markdown, and JSON for programs. Pure. As DOCX: web/memo.py."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from core.markdown import escaped
from core.models import Episode, NoteLine, NoteSection, Record
from web import views
from web.links import Links
from web.strings import Strings

Link = Callable[[int], str]
"""Makes an address of a time in ms."""


class MemoLine(NoteLine):
    """A line, and the address of its moment."""

    url: str


class MemoSection(Record):
    """The lines of one chapter."""

    title: str
    start_ms: int
    lines: tuple[MemoLine, ...]


class Memo(Record):
    """The notes of an episode. ``checked_percent`` is of the transcript's Passages, by persons.

    ``model`` is the language model that wrote the lines; without one they are quotes. ``refused`` counts lines that
    were left out since what was said does not support them.
    """

    format: Literal["maaseutu-notes-1"] = "maaseutu-notes-1"
    episode: str
    title: str
    starts_at: datetime
    language: str
    url: str
    checked_percent: int
    model: str
    refused: int
    summary: tuple[MemoLine, ...]
    sections: tuple[MemoSection, ...]


def memo(episode: Episode, links: Links) -> Memo:
    """The notes as programs read them."""
    broadcast, notes = episode.broadcast, episode.notes

    def line(each: NoteLine) -> MemoLine:
        return MemoLine(**dict(each), url=links.moment(broadcast.id, each.at_ms))

    return Memo(
        episode=broadcast.id,
        title=broadcast.title,
        starts_at=broadcast.starts_at,
        language=episode.transcript.language or broadcast.language,
        url=links.episode(broadcast.id),
        checked_percent=views.checked_percent(episode),
        model=notes.model,
        refused=len(notes.refused),
        summary=tuple(map(line, notes.summary)),
        sections=tuple(
            MemoSection(title=each.title, start_ms=each.start_ms, lines=tuple(map(line, each.lines)))
            for each in notes.sections
        ),
    )


def markdown(episode: Episode, strings: Strings, link: Link) -> str:
    """The notes as Markdown."""
    notes = episode.notes
    when = strings.date(episode.broadcast.starts_at)
    lines = [f"# {escaped(episode.broadcast.title)}", "", when, "", escaped(made_by(episode, strings)), ""]
    if notes.summary:
        lines += [f"## {strings('notes.summary')}", "", *(_item(line, strings, link) for line in notes.summary), ""]
    for section in notes.sections:
        lines += _section(section, strings, link)
    if not notes.summary and not any(section.lines for section in notes.sections):
        lines += [strings("notes.none"), ""]
    return "\n".join(lines)


def made_by(episode: Episode, strings: Strings) -> str:
    """Who made the notes, and whether a person checked what they rest on."""
    known = strings("site.checked" if views.checked_percent(episode) == 100 else "site.machine")
    model = episode.notes.model
    return f"{known} {strings('notes.by_model', model=model)}" if model else known


def deadline(line: NoteLine, strings: Strings) -> str:
    """By when: as it was said, and the day; empty if nothing was said."""
    day = strings.on(line.by) if line.by else ""
    return f"{line.due} ({day})" if line.due and day else line.due or day


def _section(section: NoteSection, strings: Strings, link: Link) -> list[str]:
    lines = [f"## {escaped(section.title)}", ""] if section.title and section.lines else []
    level = "###" if section.title else "##"
    for kind, own in views.by_kind(section.lines):
        lines += [f"{level} {strings(f'notes.{kind}s')}", "", *(_item(line, strings, link) for line in own), ""]
    return lines


def _item(line: NoteLine, strings: Strings, link: Link) -> str:
    due = deadline(line, strings)
    facts = [strings("notes.who", who=line.who)] * bool(line.who) + [strings("notes.due", due=due)] * bool(due)
    extra = f" ({'; '.join(facts)})" if facts else ""
    return f"- {escaped(line.text + extra)} [{strings.position(line.at_ms)}]({link(line.at_ms)})"
