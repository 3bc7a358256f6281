"""Notes by a language model: a question for every item, for a long one several, each within a budget of tokens."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core import digests
from core.errors import Misconfigured, WriterFailed
from core.meeting.drafting import Item, Material
from core.models import NoteLine, Notes, NoteSection, Passage
from core.outside.chat import Chat
from core.text.transcript import NOT_RECOGNISED, clock

VERSION = "notes-1"
"""Raise it when the question changes: it is part of the key under which answers are kept."""
ANSWER_TOKENS = 1_500
CHARACTERS_PER_TOKEN = 2.5
"""Finnish has 2.5 to 4, by the model: as many tokens as there may be are counted."""
MOST_QUESTIONS = 8
MOST_LINES = 60
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["lines"],
    "properties": {
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["kind", "text", "who", "due", "by", "passages"],
                "properties": {
                    "kind": {"type": "string", "enum": ["summary", "decision", "action", "question"]},
                    "text": {"type": "string"},
                    "who": {"type": "string"},
                    "due": {"type": "string"},
                    "by": {"type": "string"},
                    "passages": {"type": "array", "items": {"type": "integer"}},
                },
            },
        }
    },
}


class Answers(Protocol):
    """Where answers are kept: the same question is not asked twice."""

    def get(self, digest: str) -> str | None:
        """What was kept."""

    def put(self, digest: str, answer: str) -> None:
        """Keep an answer."""


class _Line(BaseModel):
    """A line as the model writes it."""

    model_config = ConfigDict(extra="ignore")

    kind: Literal["summary", "decision", "action", "question"]
    text: str
    who: str = ""
    due: str = ""
    by: date | None = None
    passages: list[int] = Field(min_length=1)

    @field_validator("by", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        return value or None


class _Question(NamedTuple):
    """Passages of an item that fit one question, each under its number."""

    item: Item
    numbered: tuple[tuple[int, Passage], ...]


class Modelled:
    """The maker that asks a language model to do the ``task``."""

    def __init__(self, chat: Chat, task: str, answers: Answers) -> None:
        self._chat = chat
        self._task = task
        self._answers = answers

    def draft(self, material: Material) -> Notes:
        """As of the protocol. A server that is away is asked no more; what went wrong is in the remarks."""
        drafted: list[list[NoteLine]] = [[] for _ in material.items]
        remarks: list[str] = []
        is_away = False
        for at, item in enumerate(material.items):
            questions = list(_questions(item, self._room))
            remarks += _cut_short(questions)
            for question in questions[:MOST_QUESTIONS] if not is_away else ():
                try:
                    lines, wrong = self._answered(question, material)
                except (WriterFailed, Misconfigured) as error:
                    remarks.append(f"{item.called}: {error.what}")
                    is_away = not isinstance(error, WriterFailed) or error.is_passing or error.is_late
                    break
                drafted[at] += lines
                remarks += [f"{item.called}: {wrong} lines of the model cannot be read."] * bool(wrong)
        return self._notes(material, drafted, tuple(remarks))

    def _notes(self, material: Material, drafted: list[list[NoteLine]], remarks: tuple[str, ...]) -> Notes:
        return Notes(
            summary=tuple(line for lines in drafted for line in lines if line.kind == "summary"),
            sections=tuple(
                NoteSection(
                    title=item.title,
                    start_ms=item.start_ms,
                    lines=tuple(line for line in lines if line.kind != "summary"),
                )
                for item, lines in zip(material.items, drafted, strict=True)
            ),
            model=self._chat.server.model,
            remarks=remarks,
        )

    @property
    def _room(self) -> int:
        """Characters of speech that fit a question."""
        asked = len(self._task) + len(json.dumps(SCHEMA))
        return max(0, round((self._chat.server.tokens - ANSWER_TOKENS) * CHARACTERS_PER_TOKEN) - asked)

    def _answered(self, question: _Question, material: Material) -> tuple[list[NoteLine], int]:
        """The lines, and how many are none. What cannot be read is not kept."""
        messages = [{"role": "system", "content": self._task}, {"role": "user", "content": _told(question, material)}]
        digest = digests.of_text(VERSION, self._chat.server.model, json.dumps(messages))
        kept = self._answers.get(digest)
        if kept is not None:
            return _lines(json.loads(kept), question)
        answer = self._chat.asked(messages, SCHEMA, ANSWER_TOKENS)
        found = _lines(answer, question)
        self._answers.put(digest, json.dumps(answer))
        return found


def _questions(item: Item, room: int) -> Iterator[_Question]:
    """The item's clear Passages in pieces that fit."""
    numbered: list[tuple[int, Passage]] = []
    size = 0
    clear = (p for p in item.passages if p.id and not p.unclear and p.text != NOT_RECOGNISED)
    for number, passage in enumerate(clear, 1):
        length = len(_row(number, passage))
        if numbered and size + length > room:
            yield _Question(item, tuple(numbered))
            numbered, size = [], 0
        numbered.append((number, passage))
        size += length
    if numbered:
        yield _Question(item, tuple(numbered))


def _cut_short(questions: list[_Question]) -> list[str]:
    if len(questions) <= MOST_QUESTIONS:
        return []
    first = questions[MOST_QUESTIONS].numbered[0][1]
    return [f"{questions[0].item.called}: the model was told nothing after {clock(first.start_ms)}, by its budget."]


def _row(number: int, passage: Passage) -> str:
    return f"[{number}] {' '.join(passage.text.split())}\n"


def _told(question: _Question, material: Material) -> str:
    said = "".join(_row(number, passage) for number, passage in question.numbered)
    about = f"Asiakohta: {question.item.title}\n" if question.item.title else ""
    day = f"Lähetyksen päivä: {material.said_on.isoformat()}\n"
    return f"{about}{day}Puhe:\n{said}"


def _lines(answer: dict[str, Any], question: _Question) -> tuple[list[NoteLine], int]:
    """The lines of an answer, and how many of it are none."""
    found = answer.get("lines")
    if not isinstance(found, list):
        raise WriterFailed("The language model answers no lines.")
    said = dict(question.numbered)
    lines = [made for each in found[:MOST_LINES] if (made := _line(each, said, question.item))]
    return lines, len(found) - len(lines)


def _line(found: object, said: dict[int, Passage], item: Item) -> NoteLine | None:
    try:
        line = _Line.model_validate(found)
    except ValidationError:
        return None
    passages = [said[number] for number in sorted(set(line.passages)) if number in said]
    return NoteLine(
        kind=line.kind,
        at_ms=passages[0].start_ms if passages else item.start_ms,
        text=" ".join(line.text.split()),
        who=line.who.strip(),
        due=line.due.strip(),
        by=line.by,
        passages=tuple(passage.id for passage in passages),
    )
