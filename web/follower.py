"""Tails the change log of the public site into this machine's search index.

The change log is written before the pointer of an episode is flipped, so an entry may be seen too early. Then nothing
after it is followed either, until the pointer is there: the index never runs ahead of what viewers can open.

Of a broadcast on the air the tail is followed too: text that comes every few seconds, and is of no change.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core import keys
from core.archive import cards
from core.errors import MaaseutuError, ObjectMissing
from core.models import Change, Passage, SearchDocument, Tail, WordForms

if TYPE_CHECKING:
    from core.bucket import Bucket
    from core.search.index import SearchIndex
    from web.snapshots import Writer

PATIENCE = timedelta(minutes=10)
"""An entry whose pointer is not flipped in this time is of a publication that died; publishing again writes another."""

OVERLAP = timedelta(minutes=2)
"""Keys hold the time of who wrote them, so of two at once, or of a slow clock, the earlier may appear later."""

STAMP = "%Y%m%dT%H%M%S.%fZ"
LONGEST_WAIT_S = 60.0

Learn = Callable[[Mapping[str, WordForms]], None]
Forget = Callable[[str], None]
_log = logging.getLogger(__name__)


def _nothing(position: str) -> None:
    """There are no snapshots."""


class Tails:
    """The tails of the broadcasts on the air, as far as this process has followed them."""

    def __init__(self) -> None:
        self._on_air: dict[str, SearchDocument] = {}
        self._tags: dict[str, str] = {}

    @property
    def any(self) -> bool:
        """Whether anything is on the air."""
        return bool(self._on_air)

    def see(self, document: SearchDocument) -> None:
        """Take note of what has just been applied to the index, where nothing of a tail is left now."""
        self._tags.pop(document.episode, None)
        if document.version == keys.LIVE:
            self._on_air[document.episode] = document
        else:
            self._on_air.pop(document.episode, None)

    def forget(self, episode: str) -> None:
        """An episode was withdrawn."""
        self._on_air.pop(episode, None)

    def follow(self, public: "Bucket", index: "SearchIndex", learn: Learn) -> int:
        """Bring the tails in the index up to date; gives how many had changed. Errors as for ``follow_once``."""
        return sum(self._follow(public, index, learn, document) for document in self._on_air.values())

    def _follow(self, public: "Bucket", index: "SearchIndex", learn: Learn, document: SearchDocument) -> bool:
        key = keys.tail(document.episode)
        stored = public.head(key)
        tag = stored.etag if stored else ""
        if tag == self._tags.get(document.episode, ""):
            return False
        tail = Tail.model_validate_json(public.get(key)) if stored else None
        learn(tail.forms if tail else {})
        index.apply_tail(_tail_document(document, tail))
        self._tags[document.episode] = tag
        return True


def _tail_document(document: SearchDocument, tail: Tail | None) -> SearchDocument:
    """What the tail has beyond the document; while a Part is shown, its text may be in both."""
    until = max((passage.end_ms for passage in document.passages), default=0)
    passages = tuple(
        Passage(start_ms=passage.start_ms, end_ms=passage.end_ms, text=passage.text, id=passage.id)
        for passage in (tail.passages if tail else ())
        if passage.start_ms >= until
    )
    return document.model_copy(update={"passages": passages, "forms": tail.forms if tail else {}})


def follow_once(
    public: "Bucket",
    index: "SearchIndex",
    learn: Learn,
    seen: dict[str, Change] | None = None,
    tails: Tails | None = None,
    forget: Forget = _nothing,
) -> int:
    """Bring the index up to date. Returns how many changes were applied.

    ``seen`` holds the changes followed before, by key; when it is given, changes that appeared late, up to ``OVERLAP``
    before the index's position, are found too. ``tails`` are followed afterwards. ``forget`` is told the position from
    which on the index knows nothing any more of what was withdrawn.

    Raises:
        MaaseutuError: the store or the index failed; what was applied until then stays.
        ValueError: an object of the change log is not what it should be.
    """
    tails = tails or Tails()
    applied = _follow_changes(public, index, learn, seen, tails, forget)
    tails.follow(public, index, learn)
    return applied


def _follow_changes(
    public: "Bucket",
    index: "SearchIndex",
    learn: Learn,
    seen: dict[str, Change] | None,
    tails: Tails,
    forget: Forget,
) -> int:
    known = seen if seen is not None else {}
    changes = _changes(public, _start(index.position, overlapping=seen is not None), known)
    newest = {change.episode: key for key, change in changes.items()}
    applied = 0
    forgotten = {change.episode for key, change in changes.items() if key not in known and _forgets(change)}
    for key, change in changes.items():
        if key in known or newest[change.episode] != key:
            continue
        if _is_current(public, change):
            if change.episode in forgotten:
                _rewrite(public, index, learn, change, key, tails)
                forget(key)
            else:
                _apply(public, index, learn, change, key, tails)
            known[key] = change
            applied += 1
        elif datetime.now(UTC) - change.at < PATIENCE:
            break
    return applied


def _start(position: str, *, overlapping: bool) -> str:
    if not position or not overlapping:
        return position
    stamp = position.removeprefix(keys.CHANGES).split("-", 1)[0]
    moment = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    return f"{keys.CHANGES}{moment - OVERLAP:{STAMP}}"


def _changes(public: "Bucket", after: str, known: dict[str, Change]) -> dict[str, Change]:
    """The changes after a key, in order. Those in ``known`` are not read again; older ones are dropped from it."""
    listed = [stored.key for stored in public.list(keys.CHANGES, after=after)]
    for key in known.keys() - set(listed):
        del known[key]
    return {key: known.get(key) or Change.model_validate_json(public.get(key)) for key in listed}


def _forgets(change: Change) -> bool:
    return change.forgets or change.kind == "withdrawn"


def _is_current(public: "Bucket", change: Change) -> bool:
    if change.kind == "withdrawn":
        return True
    card = cards.shown(public, change.episode)
    return card is not None and card.version == change.version


def _apply(public: "Bucket", index: "SearchIndex", learn: Learn, change: Change, key: str, tails: Tails) -> None:
    position = max(key, index.position)
    if change.kind == "withdrawn":
        index.remove(change.episode, position)
        tails.forget(change.episode)
        return
    document = SearchDocument.model_validate_json(public.get(keys.search_document(change.episode, change.version)))
    learn(document.forms)
    index.apply(document, position)
    tails.see(document)


def _rewrite(public: "Bucket", index: "SearchIndex", learn: Learn, change: Change, key: str, tails: Tails) -> None:
    """Make the whole index anew from what viewers see, so that no file of it keeps what was withdrawn."""
    if not index.has(change.episode):
        _apply(public, index, learn, change, key, tails)
        return
    # The card of what is withdrawn goes after the change.
    gone = change.episode if change.kind == "withdrawn" else ""
    tails.forget(change.episode)

    def shown() -> Iterator[SearchDocument]:
        for card in cards.all_shown(public):
            # What is published meanwhile has a change of its own.
            with suppress(ObjectMissing):
                if card.id != gone:
                    document = SearchDocument.model_validate_json(
                        public.get(keys.search_document(card.id, card.version))
                    )
                    learn(document.forms)
                    tails.see(document)
                    yield document

    index.rewrite(shown(), max(key, index.position))


class Follower(threading.Thread):
    """Follows every ``poll_s`` seconds until it is stopped, and twice as often while anything is on the air.

    An error is told once and tried ever more slowly.
    """

    def __init__(
        self,
        public: "Bucket",
        index: "SearchIndex",
        learn: Learn,
        *,
        poll_s: float = 2.0,
        snapshots: "Writer | None" = None,
    ) -> None:
        """``snapshots`` are written now and then, but not while anything is on the air, whose text changes."""
        super().__init__(name="follower", daemon=True)
        self._snapshots = snapshots
        self._public, self._index, self._learn = public, index, learn
        self._poll_s = poll_s
        self._stopping = threading.Event()
        self._told = ""
        self._seen: dict[str, Change] = {}
        self._tails = Tails()

    def run(self) -> None:
        """Follow until ``stop``."""
        wait = self._poll_s
        while not self._stopping.is_set():
            well = self.step()
            if well and self._snapshots and not self._tails.any:
                self._snapshots.step()
            wait = self._poll_s / (1 + self._tails.any) if well else min(max(wait, self._poll_s) * 2, LONGEST_WAIT_S)
            self._stopping.wait(wait)

    def stop(self, timeout_s: float = 10.0) -> None:
        """End the thread, after what it is doing."""
        self._stopping.set()
        if self.is_alive():
            self.join(timeout_s)

    def step(self) -> bool:
        """Follow once; whether that went well."""
        try:
            forget = self._snapshots.forget if self._snapshots else _nothing
            applied = follow_once(self._public, self._index, self._learn, self._seen, self._tails, forget)
        except (MaaseutuError, ValueError) as error:
            self._tell(str(error))
            return False
        if self._told:
            _log.info("The change log is followed again.")
            self._told = ""
        if applied:
            _log.info("Followed %d changes; the index is at %s", applied, self._index.position)
        return True

    def _tell(self, error: str) -> None:
        if error != self._told:
            _log.warning("The change log cannot be followed: %s", error)
            self._told = error
