"""Notes as Markdown. Pure."""

import re
from collections.abc import Callable, Mapping

from core.models import NoteLine, Notes, NoteSection

_MARKDOWN = re.compile(r"([\\`*_\[\]<>])")
_LABELS = {"decision": "notes.decisions", "action": "notes.actions", "question": "notes.questions"}


def markdown(notes: Notes, *, title: str, when: str, link: Callable[[int], str], labels: Mapping[str, str]) -> str:
    """The notes as Markdown. ``link`` makes an address of a time in ms; ``labels`` are texts by dotted key."""
    lines = [f"# {escaped(title)}", "", when, ""]
    if notes.summary:
        lines += [f"## {labels['notes.summary']}", "", *(_item(line, link, labels) for line in notes.summary), ""]
    for section in notes.sections:
        lines += _section(section, link, labels)
    if not notes.summary and not any(section.lines for section in notes.sections):
        lines += [labels["notes.none"], ""]
    return "\n".join(lines)


def _section(section: NoteSection, link: Callable[[int], str], labels: Mapping[str, str]) -> list[str]:
    if not section.lines:
        return []
    lines = [f"## {escaped(section.title)}", ""] if section.title else []
    level = "###" if section.title else "##"
    for kind, label in _LABELS.items():
        own = [_item(line, link, labels) for line in section.lines if line.kind == kind]
        if own:
            lines += [f"{level} {labels[label]}", "", *own, ""]
    return lines


def _item(line: NoteLine, link: Callable[[int], str], labels: Mapping[str, str]) -> str:
    facts = [labels["notes.who"].format(who=line.who)] * bool(line.who)
    facts += [labels["notes.due"].format(due=line.due)] * bool(line.due)
    extra = f" ({'; '.join(facts)})" if facts else ""
    return f"- {escaped(line.text + extra)} [{_position(line.at_ms, labels)}]({link(line.at_ms)})"


def _position(ms: int, labels: Mapping[str, str]) -> str:
    """A place on the timeline, ``1.23`` or ``1.02.03``."""
    minutes, seconds = divmod(max(ms, 0) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    figures = [str(hours), f"{minutes:02}", f"{seconds:02}"] if hours else [str(minutes), f"{seconds:02}"]
    return labels.get("time.separator", ".").join(figures)


def escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)
