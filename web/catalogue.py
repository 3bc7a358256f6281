"""The cards of all episodes as this process knows them, and what is asked of them."""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence

from core import keys
from core.bucket import Bucket
from core.errors import MaaseutuError, ObjectMissing
from core.helsinki import HELSINKI
from core.language.morphology import fold, tokens
from core.models import EpisodeCard, Record
from core.text.mentions import Municipality
from web.answers import MunicipalityAnswer, Suggestion
from web.links import Links

FRESH_S = 1.0
"""So long the cards that are known are not asked for again."""
AWAY_S = 10.0
"""So long a store that failed is not asked by those who can do without it."""

SUGGESTED = 10


class Cards(Record):
    """What ``keys.CARDS`` holds: all cards, the newest broadcast first."""

    cards: tuple[EpisodeCard, ...] = ()


def cards_of(cards: Iterable[EpisodeCard]) -> Cards:
    """The cards in their order."""
    return Cards(cards=tuple(sorted(cards, key=lambda card: (card.starts_at, card.id), reverse=True)))


class Catalogue:
    """The cards in the public bucket, read again when they have changed. Safe among threads."""

    def __init__(self, public: Bucket) -> None:
        self._public = public
        self._lock = threading.Lock()
        self._known = Cards()
        self._etag = ""
        self._until = 0.0
        self._away_until = 0.0

    def cards(self) -> tuple[EpisodeCard, ...]:
        """All cards, the newest broadcast first; none before the first publication.

        Raises:
            MaaseutuError: the store failed.
        """
        with self._lock:
            if time.monotonic() >= self._until:
                self._read()
                self._until = time.monotonic() + FRESH_S
            return self._known.cards

    def last_known(self) -> tuple[EpisodeCard, ...]:
        """The same for who can do without the store: where it fails, what it told last."""
        if time.monotonic() < self._away_until:
            return self._known.cards
        try:
            return self.cards()
        except MaaseutuError:
            self._away_until = time.monotonic() + AWAY_S
            return self._known.cards

    def _read(self) -> None:
        stored = self._public.head(keys.CARDS)
        etag = stored.etag if stored else ""
        if etag == self._etag:
            return
        try:
            self._known = Cards.model_validate_json(self._public.get(keys.CARDS)) if stored else Cards()
        except ObjectMissing:
            self._known, etag = Cards(), ""
        self._etag = etag


def chosen(
    cards: Iterable[EpisodeCard], *, programme: str | None, year: int | None, municipality: str | None
) -> list[EpisodeCard]:
    """The cards of a programme, of a year in Finland, and that name a municipality (its code)."""
    return [
        card
        for card in cards
        if programme in {None, card.programme}
        and year in {None, card.starts_at.astimezone(HELSINKI).year}
        and (municipality is None or any(mention.code == municipality for mention in card.mentions))
    ]


def counted(municipalities: Iterable[Municipality], cards: Iterable[EpisodeCard]) -> list[MunicipalityAnswer]:
    """The municipalities with how often they are named, those named most first, then by name."""
    moments: Counter[str] = Counter()
    episodes: Counter[str] = Counter()
    for card in cards:
        moments.update(mention.code for mention in card.mentions)
        episodes.update({mention.code for mention in card.mentions})
    answers = [
        MunicipalityAnswer(**known.model_dump(), mentions=moments[known.code], episodes=episodes[known.code])
        for known in municipalities
    ]
    return sorted(answers, key=lambda answer: (-answer.mentions, answer.name_fi))


def suggested(
    beginning: str,
    municipalities: Sequence[MunicipalityAnswer],
    cards: Iterable[EpisodeCard],
    words: Iterable[str],
    links: Links,
) -> tuple[Suggestion, ...]:
    """Municipalities, in either language, and episodes of which a word begins so, and ``words`` that do.

    Municipalities that nobody named are last.
    """
    start = fold(beginning.strip())
    if not start:
        return ()
    named, unnamed = (
        [
            Suggestion(kind="municipality", query=name)
            for known in municipalities
            for name in dict.fromkeys((known.name_fi, known.name_sv))
            if bool(known.mentions) is is_named and _begins(name, start)
        ]
        for is_named in (True, False)
    )
    titles = [
        Suggestion(kind="episode", query=card.title, url=links.episode(card.id))
        for card in cards
        if _begins(card.title, start)
    ]
    said = [Suggestion(kind="word", query=word) for word in words]
    return tuple([*named, *titles, *said, *unnamed][:SUGGESTED])


def _begins(text: str, start: str) -> bool:
    return text.lower().startswith(start) or any(token.folded.startswith(start) for token in tokens(text))
