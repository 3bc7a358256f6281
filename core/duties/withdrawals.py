"""What was withdrawn of an episode, restored, told in other words, and done about it: when, by whom, and why.

Each is an object of its own, with a number that only one gets, as the steps of a text are (duties.signing): none is
written again. Where a passage lies is told by the clock of the Parts in which it begins and ends, so that it is found
again when another recorder's media have come in before it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from pydantic import AwareDatetime

from core import digests, keys
from core.bucket import Bucket
from core.meeting import marks
from core.models import AgendaItem, Broadcast, Hidden, Moment, Record

Kind = Literal["passage", "episode", "described", "restored", "cleared"]
WIDENED_MS = 1000
"""A border that only the clock can place is put so much farther out: recorders' clocks may differ."""


class Anchor(Record):
    """A border of a passage: where it was then, and how long after the first frame of its Part, captured at ``part``.

    Without ``part`` nothing but the place is known, as of an episode that an early version assembled.
    """

    at_ms: int
    part: AwareDatetime | None = None
    after_ms: int = 0


class Withdrawal(Record):
    """One of them. ``reason`` is for the association alone, ``note`` for everyone.

    ``restored`` undoes the one with the number ``of``. ``described``: title and agenda are these from then on, where
    they are given; what they were before is withdrawn. ``cleared``: nothing of what the earlier ones withdrew is left
    in public.
    """

    at: AwareDatetime
    kind: Kind
    by: str = ""
    reason: str = ""
    note: str = ""
    start: Anchor | None = None
    end: Anchor | None = None
    of: int = 0
    title: str = ""
    agenda: tuple[AgendaItem, ...] = ()


class Withdrawals(NamedTuple):
    """All of an episode, in order; numbers count from 1."""

    steps: tuple[Withdrawal, ...] = ()

    @property
    def _undone(self) -> set[int]:
        return {step.of for step in self.steps if step.kind == "restored"}

    @property
    def whole(self) -> Withdrawal | None:
        """The one by which the whole episode is withdrawn now."""
        return next((step for _, step in self._standing("episode")), None)

    @property
    def passages(self) -> list[tuple[int, Withdrawal]]:
        """The passages that are withdrawn now, with their numbers."""
        return self._standing("passage")

    @property
    def standing(self) -> list[tuple[int, Withdrawal]]:
        """All that is withdrawn now, with its numbers."""
        return [*self._standing("episode"), *self.passages]

    @property
    def decided(self) -> tuple[Withdrawal, ...]:
        """What persons decided."""
        return tuple(step for step in self.steps if step.kind != "cleared")

    @property
    def is_cleared(self) -> bool:
        """Whether the public is as all of them want it."""
        return not self.steps or self.steps[-1].kind == "cleared"

    def described(self, broadcast: Broadcast) -> Broadcast:
        """The broadcast with the title and the agenda that persons gave it last."""
        title, agenda = broadcast.title, broadcast.agenda
        for step in self.steps:
            title, agenda = step.title or title, step.agenda or agenda
        return broadcast.model_copy(update={"title": title, "agenda": agenda})

    def titles(self, broadcast: Broadcast) -> dict[str, str]:
        """What items of its agenda were called before → what they are called now; nothing for those that are gone."""
        agenda, titles = broadcast.agenda, dict[str, str]()
        for step in self.steps:
            if step.agenda:
                renamed = _renamed(agenda, step.agenda)
                titles = {old: renamed.get(title, title) for old, title in titles.items()} | renamed
                agenda = step.agenda
        return titles

    def _standing(self, kind: Kind) -> list[tuple[int, Withdrawal]]:
        undone = self._undone
        return [(n, step) for n, step in enumerate(self.steps, 1) if step.kind == kind and n not in undone]


def _renamed(agenda: Sequence[AgendaItem], described: Sequence[AgendaItem]) -> dict[str, str]:
    """Items that are not called so any more, and those that are new: one for the other where they are as many."""
    before, after = [item.title for item in agenda], [item.title for item in described]
    gone = [title for title in before if title not in after]
    come = [title for title in after if title not in before]
    return dict(zip(gone, come, strict=True)) if len(gone) == len(come) else dict.fromkeys(gone, "")


def read(archive: Bucket, broadcast_id: str) -> Withdrawals:
    """All of an episode."""
    listed = archive.list(keys.withdrawals(broadcast_id))
    return Withdrawals(tuple(Withdrawal.model_validate_json(archive.get(item.key)) for item in listed))


def every(archive: Bucket) -> dict[str, Withdrawals]:
    """Those of each episode of which anything was ever withdrawn."""
    return {name: read(archive, name) for name in archive.names(keys.WITHDRAWALS)}


def append(archive: Bucket, broadcast_id: str, known: Withdrawals, step: Withdrawal) -> bool:
    """Store one after those that are known; False when another has come after these, and nothing is stored."""
    data = step.model_dump_json().encode()
    stored = archive.put_once(keys.withdrawal(broadcast_id, len(known.steps) + 1), data)
    return stored.sha256 == digests.of_bytes(data)


def anchor(at_ms: int, clock: Sequence[Moment], *, is_end: bool = False) -> Anchor:
    """The border at a place of the timeline: between two Parts, of the one that is withdrawn."""
    inside = [moment for moment in clock if moment.start_ms <= at_ms <= moment.end_ms]
    if not inside:
        return Anchor(at_ms=at_ms)
    part = inside[0 if is_end else -1]
    return Anchor(at_ms=at_ms, part=part.captured_at, after_ms=at_ms - part.start_ms)


def hidden(found: Withdrawals, clock: Sequence[Moment], duration_ms: int) -> tuple[Hidden, ...]:
    """Where the withdrawn passages are on the timeline, in order. One of which nothing is left is not there."""
    placed = [
        Hidden(
            start_ms=max(_place(step.start, clock, -WIDENED_MS), 0),
            end_ms=min(_place(step.end, clock, WIDENED_MS), duration_ms),
            note=step.note,
            at=step.at,
        )
        for _, step in found.passages
        if step.start and step.end
    ]
    return tuple(sorted((h for h in placed if h.start_ms < h.end_ms), key=lambda h: (h.start_ms, h.end_ms)))


def _place(border: Anchor, clock: Sequence[Moment], widened_ms: int) -> int:
    if border.part is None or not clock:
        return border.at_ms
    known = next((moment for moment in clock if moment.captured_at == border.part), None)
    if known and known.start_ms + border.after_ms <= known.end_ms:
        return known.start_ms + border.after_ms
    at = border.part + timedelta(milliseconds=border.after_ms)
    return marks.place(at, clock) + widened_ms


def may_restore(step: Withdrawal, now: datetime, days: int) -> bool:
    """Whether it may still be undone."""
    return now - step.at <= timedelta(days=days)
