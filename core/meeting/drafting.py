"""Notes from one of two makers, in which every line is supported by the Passages that it names.

A maker drafts; what its Passages do not support (meeting.evidence) is refused and listed. Where a language model fails,
or nothing of what it wrote about an item stands, the quotes of the extractive maker stand instead, and a remark
says so.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple, Protocol

from core.language.cues import Cues
from core.language.morphology import tokens
from core.meeting import evidence
from core.meeting.agreements import Agreed
from core.meeting.claims import Known, plain
from core.meeting.divisions import chapter_of
from core.meeting.notes import Heard
from core.models import Chapter, NoteLine, Notes, NoteSection, Passage, RefusedLine, Transcript, WordForms

MOST_REFUSED = 200


class Item(NamedTuple):
    """What was said on one item of the agenda; ``title`` is empty where there is no agenda."""

    title: str
    start_ms: int
    passages: tuple[Passage, ...]

    @property
    def called(self) -> str:
        """Its name in a remark."""
        return f"“{self.title}”" if self.title else "The broadcast"


@dataclass(frozen=True)
class Material:
    """What notes are made of. ``forms`` has the transcript's words, ``analyse`` finds those of others.

    ``said_on`` is the broadcast's day in Finland; ``names`` are base forms of names.
    """

    transcript: Transcript
    chapters: tuple[Chapter, ...]
    forms: Mapping[str, WordForms]
    said_on: date
    analyse: Callable[[Iterable[str]], Mapping[str, WordForms]]
    names: frozenset[str] = frozenset()

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The items in order, as the sections of notes are."""
        places = [(chapter.title, chapter.start_ms) for chapter in self.chapters] or [("", 0)]
        starts = [start for _, start in places]
        said: list[list[Passage]] = [[] for _ in places]
        for passage in self.transcript.passages:
            said[chapter_of(passage.start_ms, starts)].append(passage)
        return tuple(Item(title, start, tuple(own)) for (title, start), own in zip(places, said, strict=True))


class Maker(Protocol):
    """Drafts notes: a section for every item. They need not be right, and where it fails there are none."""

    def draft(self, material: Material) -> Notes:
        """The notes, not yet compared with what was said."""


class Extractive:
    """Quotes (core.meeting.notes): the maker that needs nothing."""

    def __init__(self, cues: Cues) -> None:
        self._cues = cues
        self._last: tuple[Material, Heard] | None = None

    def draft(self, material: Material) -> Notes:
        """As of the protocol."""
        return self._heard(material).notes()

    def agreed(self, material: Material) -> tuple[Agreed, ...]:
        """What is decided in the broadcast."""
        return self._heard(material).agreed

    def _heard(self, material: Material) -> Heard:
        if self._last is None or self._last[0] is not material:
            known = _known(material.forms, material, self._cues)
            self._last = material, Heard(material.transcript, material.chapters, known)
        return self._last[1]


def made(material: Material, cues: Cues, model: Maker | None = None) -> Notes:
    """The notes by ``model``, where it is given and does its work; else quotes."""
    quoting = Extractive(cues)
    agreed = quoting.agreed(material)
    quotes = checked(quoting.draft(material), material, cues, agreed)
    if model is None:
        return quotes
    return _filled(checked(model.draft(material), material, cues, agreed), quotes, material)


def checked(draft: Notes, material: Material, cues: Cues, agreed: Sequence[Agreed]) -> Notes:
    """The lines that stand, with the others as refused."""
    lines = [*draft.summary, *(line for section in draft.sections for line in section.lines)]
    said = {passage.id: passage for passage in material.transcript.passages if passage.id}
    known = _known(_forms(lines, material), material, cues)
    refused: list[RefusedLine] = []

    def standing(drafted: Iterable[NoteLine]) -> Iterator[NoteLine]:
        for line in drafted:
            passages = [said[each] for each in line.passages if each in said]
            reason = evidence.refusal(line, passages, known, agreed)
            if reason:
                refused.append(RefusedLine(**dict(line), reason=reason))
            else:
                yield line

    summary = tuple(standing(draft.summary))
    sections = tuple(section.model_copy(update={"lines": tuple(standing(section.lines))}) for section in draft.sections)
    told = (f"{len(refused)} lines are refused, of which {MOST_REFUSED} are listed.",) * (len(refused) > MOST_REFUSED)
    listed = tuple(refused[:MOST_REFUSED])
    changed = {"summary": summary, "sections": sections, "refused": listed, "remarks": (*draft.remarks, *told)}
    return draft.model_copy(update=changed)


def _known(forms: Mapping[str, WordForms], material: Material, cues: Cues) -> Known:
    return Known(forms, cues, material.said_on, material.names)


def _forms(lines: Iterable[NoteLine], material: Material) -> Mapping[str, WordForms]:
    texts = (f"{line.text} {line.who} {line.due}" for line in lines)
    words = {token.folded for text in texts for token in tokens(plain(text))} - material.forms.keys()
    return {**material.forms, **material.analyse(words)} if words else material.forms


def _filled(written: Notes, quotes: Notes, material: Material) -> Notes:
    """What the model wrote, and the quotes of the items of which nothing stands."""
    starts = [item.start_ms for item in material.items]
    stands = {chapter_of(line.at_ms, starts) for line in written.summary}
    stands |= {at for at, section in enumerate(written.sections) if section.lines}
    kept = [line for line in quotes.summary if chapter_of(line.at_ms, starts) not in stands]
    sections: list[NoteSection] = []
    remarks = list(written.remarks)
    for at, (item, section) in enumerate(zip(material.items, quotes.sections, strict=False)):
        sections.append(written.sections[at] if at in stands else section)
        if at not in stands and item.passages:
            remarks.append(f"{item.called}: nothing that the model wrote stands; these are quotes.")
    return Notes(
        summary=tuple(sorted((*written.summary, *kept), key=lambda line: line.at_ms)),
        sections=tuple(sections),
        refused=(*written.refused, *quotes.refused)[:MOST_REFUSED],
        model=written.model if stands else "",
        remarks=tuple(remarks),
    )
