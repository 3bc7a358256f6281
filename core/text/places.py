"""Where municipalities were mentioned: what one episode tells of them, and what all episodes do. Pure.

An episode's record lies beside its page (keys.mentions), so what a municipality's page shows is always that of the
versions that viewers see: nothing is added up that a withdrawal would have to take away again.
"""

from bisect import bisect_right
from collections.abc import Iterable

from core.models import Episode, EpisodeCard, EpisodeMentions, Mention, Passage, Quote, Record

LONGEST = 320
"""Most characters of a quote; a sentence that is longer is cut around the name."""
SHORT = 80
"""A sentence of fewer characters is quoted with the one before it of the same speaker."""


class Place(Record):
    """One broadcast in which a municipality was mentioned, and what was said there, in order, in which language."""

    card: EpisodeCard
    language: str
    quotes: tuple[Quote, ...]


def mentioned(episode: Episode) -> EpisodeMentions:
    """What an episode tells of municipalities: one quote for each Passage that names one."""
    quotes: dict[tuple[str, int], Quote] = {}
    starts = [passage.start_ms for passage in episode.transcript.passages]
    for mention in episode.mentions:
        at = _passage(episode.transcript.passages, starts, mention)
        if at is not None and (mention.code, at) not in quotes:
            quotes[mention.code, at] = _quote(episode.transcript.passages, at, mention)
    return EpisodeMentions(
        episode=episode.broadcast.id,
        language=episode.transcript.language or episode.broadcast.language,
        quotes=tuple(quotes.values()),
    )


def by_municipality(episodes: Iterable[tuple[EpisodeCard, EpisodeMentions]]) -> dict[str, tuple[Place, ...]]:
    """Code of each municipality that was mentioned → the broadcasts, newest first."""
    found: dict[str, list[Place]] = {}
    for card, told in sorted(episodes, key=lambda each: (each[0].starts_at, each[0].id), reverse=True):
        quotes: dict[str, list[Quote]] = {}
        for quote in told.quotes:
            quotes.setdefault(quote.code, []).append(quote)
        for code, said in quotes.items():
            found.setdefault(code, []).append(Place(card=card, language=told.language, quotes=tuple(said)))
    return {code: tuple(places) for code, places in found.items()}


def _passage(passages: tuple[Passage, ...], starts: list[int], mention: Mention) -> int | None:
    """Where a mention was said. A Passage that a person corrected since may not hold the word any more."""
    at = bisect_right(starts, mention.at_ms) - 1
    return next((n for n in (at, at - 1, at + 1) if _holds(passages, n, mention)), None)


def _holds(passages: tuple[Passage, ...], at: int, mention: Mention) -> bool:
    return 0 <= at < len(passages) and mention.said in passages[at].text


def _quote(passages: tuple[Passage, ...], at: int, mention: Mention) -> Quote:
    text, speaker = passages[at].text, passages[at].speaker
    before = passages[at - 1].text if at and len(text) < SHORT and passages[at - 1].speaker == speaker else ""
    text = f"{before} {text}".lstrip()
    start = text.index(mention.said, len(before))
    text, start = cut(text, start, start + len(mention.said))
    return Quote(
        code=mention.code,
        at_ms=mention.at_ms,
        text=text,
        start=start,
        end=start + len(mention.said),
        own=mention.own,
        speaker=speaker,
    )


def cut(text: str, start: int, end: int) -> tuple[str, int]:
    """At most LONGEST characters around ``start``..``end``, whole words, and where the name begins in them."""
    if len(text) <= LONGEST:
        return text, start
    first = max(0, min(start - (LONGEST - (end - start)) // 2, len(text) - LONGEST))
    last = first + LONGEST
    if first:
        first = min(text.find(" ", first) + 1 or start, start)
    if last < len(text):
        last = max(text.rfind(" ", first, last), end)
    opening, closing = "… " if first else "", " …" if last < len(text) else ""
    return f"{opening}{text[first:last]}{closing}", start - first + len(opening)
