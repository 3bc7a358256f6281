"""The Passages of a transcript while edits are put into them: found by time and by id, at any length. Pure."""

from bisect import bisect_left
from collections.abc import Collection, Iterable

from core.models import Passage


class Shown:
    """Passages in order of their starts. Those that were deleted are there without text."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self.passages = sorted(passages, key=lambda passage: passage.start_ms)
        self._starts = [passage.start_ms for passage in self.passages]
        self._start_of = {passage.id: passage.start_ms for passage in self.passages}
        self._longest = max((passage.end_ms - passage.start_ms for passage in self.passages), default=0)

    @property
    def ids(self) -> Collection[str]:
        """Of all of them."""
        return self._start_of.keys()

    def near(self, passage_id: str, first_ms: int, end_ms: int) -> list[int]:
        """Places of those that share time with this stretch, and of the one with that id, in order."""
        low, high = bisect_left(self._starts, first_ms - self._longest), bisect_left(self._starts, end_ms)
        found = [at for at in range(low, high) if _end(self.passages[at]) > first_ms]
        named = self.find(passage_id)
        return sorted({*found, named}) if named is not None else found

    def find(self, passage_id: str) -> int | None:
        """The place of the Passage with that id."""
        start = self._start_of.get(passage_id)
        if start is None:
            return None
        at = bisect_left(self._starts, start)
        while self.passages[at].id != passage_id:
            at += 1
        return at

    def after(self, at: int) -> int | None:
        """The place of the next one that says anything."""
        return next((place for place in range(at + 1, len(self.passages)) if self.passages[place].text), None)

    def put(self, at: int, passage: Passage) -> None:
        """Let this one, of the same start and id, stand in a place."""
        self.passages[at] = passage
        self._longest = max(self._longest, passage.end_ms - passage.start_ms)

    def insert(self, passage: Passage, behind: int) -> None:
        """Let another one stand in its order, after the one in place ``behind``."""
        at = bisect_left(self._starts, passage.start_ms, behind + 1)
        self.passages.insert(at, passage)
        self._starts.insert(at, passage.start_ms)
        self._start_of[passage.id] = passage.start_ms

    def remove(self, at: int) -> None:
        """Take one out, whose words are in another now."""
        del self._start_of[self.passages.pop(at).id]
        self._starts.pop(at)


def _end(passage: Passage) -> int:
    return max(passage.end_ms, passage.start_ms + 1)
