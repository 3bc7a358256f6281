"""The timeline divided into chapters, whoever says where they begin. Pure."""

from bisect import bisect_right
from collections.abc import Sequence

from core.models import Chapter

OPENING_MS = 5_000
"""A shorter time before the first item is part of the first item."""
AT_ONCE_MS = 1000
"""Chapters that would begin closer together than this are one."""


def chapter_of(at_ms: int, starts: Sequence[int]) -> int:
    """Which chapter a moment belongs to, by where they start, in order; what is before the first belongs to it."""
    return max(bisect_right(starts, at_ms) - 1, 0)


def divided(starts: Sequence[tuple[int, str]], duration_ms: int) -> tuple[Chapter, ...]:
    """Chapters of these names that begin at these moments (ms, rising), each until the next one."""
    joined = _joined(starts)
    ends = [*(start for start, _ in joined), duration_ms][1:]
    return tuple(Chapter(start_ms=s, end_ms=e, title=t) for (s, t), e in zip(joined, ends, strict=True))


def _joined(starts: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    joined: list[tuple[int, str]] = []
    for start, title in starts:
        before, name = joined[-1] if joined else (start, "")
        if not joined or start - before >= AT_ONCE_MS:
            joined.append((start, title))
        elif title not in name.split(" – "):
            joined[-1] = before, f"{name} – {title}"
    return joined
