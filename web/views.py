"""What the templates show, worked out beforehand: groups, counts and links. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import quote

from core.models import Chapter, Episode, EpisodeCard, Gap, Hidden, Mention, NoteLine, Passage
from core.text.transcript import spaced

LATELY = 24
"""How many municipalities the front page names."""
TOPICS = 10
"""How many chapters the front page names."""
EARLIER = 12
"""How many broadcasts the front page shows beside the newest; pages of programmes have all."""
KINDS = ("decision", "action", "question")


@dataclass(frozen=True)
class Line:
    """One line of the transcript: a passage, or between two of them a gap, or what was withdrawn.

    ``words`` are tenths of a second from each word to the next, beginning at the passage: links are no finer, and they
    are a sixth of a long page. ``speaker`` is named where another one begins.
    """

    passage: Passage | None = None
    gap: Gap | None = None
    hidden: Hidden | None = None
    words: str = ""
    speaker: str = ""


@dataclass
class Block:
    """The transcript of one chapter; ``title`` is empty outside all chapters."""

    title: str
    start_ms: int
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Town:
    """A municipality and the moments it is mentioned at, in ms."""

    code: str
    name: str
    at_ms: tuple[int, ...]


@dataclass(frozen=True)
class Report:
    """A letter that reports an error: ``to`` is its address with the subject, ``body`` has ``{places}`` to fill."""

    to: str
    body: str

    def __call__(self, **values: str) -> str:
        """The whole address, with the places of the body filled; other braces are those of a title."""
        filled = self.body
        for name, value in values.items():
            filled = filled.replace(f"{{{name}}}", value)
        return f"{self.to}&body={quote(filled)}"


@dataclass(frozen=True)
class Series:
    """A programme with its published broadcasts, newest first."""

    slug: str
    title: str
    cards: tuple[EpisodeCard, ...]


def seconds(ms: int) -> str:
    """Milliseconds as they stand in a link: ``83.4``, ``120``."""
    return f"{max(ms, 0) / 1000:.3f}".rstrip("0").rstrip(".")


def transcript(episode: Episode) -> list[Block]:
    """The passages under their chapters, with a line at every gap and where something was withdrawn."""
    blocks = [Block("", 0), *(Block(c.title, c.start_ms) for c in episode.chapters)]
    for line, at_ms in _lines(episode):
        _block(blocks, at_ms).lines.append(line)
    return [b for b in blocks if b.lines]


def _lines(episode: Episode) -> list[tuple[Line, int]]:
    passages = episode.transcript.passages
    before = ["", *(passage.speaker for passage in passages)]
    spoken = [
        (p.start_ms, 1, Line(passage=p, words=_word_starts(p), speaker="" if p.speaker == last else p.speaker))
        for p, last in zip(passages, before, strict=False)
    ]
    lost = [(g.at_ms, 0, Line(gap=g)) for g in episode.gaps]
    gone = [(h.start_ms, 0, Line(hidden=h)) for h in episode.hidden]
    return [(line, at_ms) for at_ms, _, line in sorted(spoken + lost + gone, key=lambda entry: entry[:2])]


def _block(blocks: Sequence[Block], at_ms: int) -> Block:
    return next(b for b in reversed(blocks) if b.start_ms <= max(at_ms, 0))


def _word_starts(passage: Passage) -> str:
    # The page finds the word that was clicked by its place in the text, so both must have the same words.
    if len(passage.words) != len(spaced(passage.text)):
        return ""
    starts = [max(word.start_ms - passage.start_ms, 0) // 100 for word in passage.words]
    return " ".join(str(after - before) for before, after in pairwise([0, *starts]))


def speakers(named: Mapping[str, str], line: NoteLine) -> str:
    """Who said what a line of the notes rests on, each once. ``named`` has those whom persons named, by Passage."""
    return ", ".join(dict.fromkeys(named[each] for each in line.passages if each in named))


def towns(mentions: Iterable[Mention]) -> list[Town]:
    """The municipalities, those mentioned most first, with the times of each."""
    found: dict[str, list[Mention]] = {}
    for mention in mentions:
        found.setdefault(mention.code, []).append(mention)
    grouped = [Town(code, each[0].name, tuple(sorted(m.at_ms for m in each))) for code, each in found.items()]
    return sorted(grouped, key=lambda t: (-len(t.at_ms), t.at_ms[0]))


def newest_first(cards: Iterable[EpisodeCard]) -> list[EpisodeCard]:
    """The cards in the order of lists."""
    return sorted(cards, key=lambda card: (card.starts_at, card.id), reverse=True)


def programmes(cards: Sequence[EpisodeCard], titles: Mapping[str, str]) -> list[Series]:
    """The programmes that have a broadcast, in the order of ``titles``. One that is not there is shown by its slug."""
    slugs = dict.fromkeys([*titles, *(card.programme for card in cards)])
    series = [Series(slug, titles.get(slug, slug), tuple(c for c in cards if c.programme == slug)) for slug in slugs]
    return [each for each in series if each.cards]


def lately(cards: Sequence[EpisodeCard]) -> list[Town]:
    """The municipalities of the newest broadcasts, each once; ``cards`` newest first."""
    named: dict[str, Town] = {}
    for card in cards:
        for town in towns(card.mentions):
            named.setdefault(town.code, town)
    return list(named.values())[:LATELY]


def topics(cards: Iterable[EpisodeCard]) -> list[tuple[EpisodeCard, Chapter]]:
    """The chapters of the newest broadcasts, of those with one name the newest; ``cards`` newest first."""
    named: dict[str, tuple[EpisodeCard, Chapter]] = {}
    for card in cards:
        for chapter in card.chapters:
            named.setdefault(chapter.title, (card, chapter))
    return list(named.values())[:TOPICS]


def by_kind(lines: Sequence[NoteLine]) -> list[tuple[str, list[NoteLine]]]:
    """Decisions, actions and questions, each kind that there is."""
    grouped = [(kind, [line for line in lines if line.kind == kind]) for kind in KINDS]
    return [(kind, found) for kind, found in grouped if found]


def chapters(episode: Episode) -> tuple[Chapter, ...]:
    """The chapters, but none when there is only one of them without a name."""
    return tuple(c for c in episode.chapters if c.title)


def heights(episode: Episode) -> list[int]:
    """The heights of the picture's renditions, the largest first."""
    return sorted({track.height for part in episode.parts for track in part.tracks if track.height}, reverse=True)


def has_video(episode: Episode) -> bool:
    """Whether any Part has a picture."""
    return bool(heights(episode))


def lacks_media(episode: Episode) -> bool:
    """Whether media were taken away with what is withdrawn, and are not made anew yet."""
    return bool(episode.hidden) and not episode.plays


def checked_percent(episode: Episode) -> int:
    """How many per cent of the Passages a person has checked: 0 only for none, 100 only for all."""
    passages = episode.transcript.passages
    count = sum(passage.checked for passage in passages)
    return max(1, 100 * count // len(passages)) if count else 0
