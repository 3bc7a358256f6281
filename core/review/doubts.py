"""What a person should look at before signing a text, as Markdown with a link to each moment. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from core.markdown import escaped
from core.models import Episode, Gap, Passage, RefusedLine, Word
from core.text.transcript import NOT_RECOGNISED, clock

LOW = 0.5
"""Words of less probability, by the engine's own measure, are shown."""
MOST = 40
"""So many places of a kind are shown, the most doubtful; a form of hundreds nobody reads."""


class Place(NamedTuple):
    """A moment, what to read there as Markdown, and how sure the machine was, 0…1."""

    at_ms: int
    text: str
    sure: float = 0


def markdown(episode: Episode, link: Callable[[int], str]) -> str:
    """All of it; what a person has corrected or confirmed is in order. ``link`` makes an address of a time in ms."""
    open_ones = [passage for passage in episode.transcript.passages if not passage.checked]
    lost = [passage for passage in open_ones if passage.text == NOT_RECOGNISED]
    unclear = [passage for passage in open_ones if passage.unclear and passage.text != NOT_RECOGNISED]
    sections = [
        _section("Speech that was not recognised", [Place(p.start_ms, _lost(p)) for p in lost], link),
        _section("Unclear passages", [Place(p.start_ms, escaped(p.text), _least(p.words)) for p in unclear], link),
        _section("Words of which the machine is not sure", list(_unsure(open_ones)), link),
        _section("Words that were mended", list(_mended(open_ones)), link),
        _section(
            "Lines of the notes that were refused", [Place(r.at_ms, _refused(r)) for r in episode.notes.refused], link
        ),
        _section("Gaps in the recording", [Place(gap.at_ms, _missing(gap)) for gap in episode.gaps], link),
    ]
    return "\n".join(filter(None, sections)) or "Nothing is doubtful by the machine's own measures.\n"


def _section(title: str, places: Sequence[Place], link: Callable[[int], str]) -> str:
    if not places:
        return ""
    shown = sorted(sorted(places, key=lambda place: place.sure)[:MOST], key=lambda place: place.at_ms)
    rest = len(places) - len(shown)
    lines = [f"- [{clock(place.at_ms)}]({link(place.at_ms)}) {place.text}" for place in shown]
    more = [f"- and {rest} more that are less doubtful"] if rest else []
    return "\n".join([f"### {title} ({len(places)})", "", *lines, *more, ""])


def _lost(passage: Passage) -> str:
    seconds = max(1, round((passage.end_ms - passage.start_ms) / 1000))
    return f"{seconds} s" + (", another language" if passage.language else "")


def _refused(line: RefusedLine) -> str:
    return f"{escaped(line.text)} – {escaped(line.reason)}"


def _missing(gap: Gap) -> str:
    return f"{round(gap.lost_ms / 1000)} s are missing"


def _least(words: Iterable[Word]) -> float:
    return min((word.probability for word in words if word.probability is not None), default=0)


def unsure(passage: Passage) -> tuple[Word, ...]:
    """The words of which the machine was not sure."""
    return tuple(w for w in passage.words if w.probability is not None and w.probability < LOW and not w.heard)


def _unsure(passages: Iterable[Passage]) -> Iterator[Place]:
    for passage in passages:
        doubtful = unsure(passage)
        if doubtful and not passage.unclear:
            yield Place(doubtful[0].start_ms, _marked(passage, doubtful), _least(doubtful))


def _mended(passages: Iterable[Passage]) -> Iterator[Place]:
    for passage in passages:
        for word in passage.words:
            if word.heard and word.heard != word.text:
                heard = f"**{escaped(word.text)}**, heard as {escaped(word.heard)}"
                yield Place(word.start_ms, heard, _least([word]))


def _marked(passage: Passage, doubtful: Sequence[Word]) -> str:
    shown = [f"**{escaped(word.text)}**" if word in doubtful else escaped(word.text) for word in passage.words]
    return " ".join(shown)
