"""What was recognised in windows, kept in the archive by their sound: whoever needs a window next finds it there."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel

from core import keys
from core.errors import ObjectMissing
from core.models import Transcript
from core.speech import whisper
from core.speech.engines.base import Samples
from core.speech.whisper import Options

HINTED = ", hinted"
ROUND = 4
"""So many windows are decoded together: what a killed run loses at most."""


class Store(Protocol):
    """Where it is kept: a bucket, or what is one for this."""

    def get(self, key: str) -> bytes:
        """The content. Raises ObjectMissing."""

    def put_record(self, key: str, record: BaseModel) -> object:
        """Store it as JSON."""


@dataclass
class Count:
    """How much was decoded, and how much was there."""

    decoded: int = 0
    found: int = 0


class Kept:
    """The windows of one archive. ``windows`` and ``second`` count what was asked for. Raises the store's errors."""

    def __init__(self, archive: Store, turn: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        """``turn`` is waited for before windows are decoded; who had it before may have decoded them."""
        self._archive = archive
        self._turn = turn
        self.windows = Count()
        self.second = Count()

    def recognised(self, sounds: Sequence[Samples], options: Options) -> list[Transcript]:
        """As ``whisper.recognised``: only windows that are not kept are decoded, and then they are."""
        names = [keys.window(whisper.window_key(samples, options)) for samples in sounds]
        return self._all(names, lambda some: whisper.recognised([sounds[at] for at in some], options), self.windows)

    def hinted(self, sounds: Sequence[Samples], options: Options, hints: Sequence[tuple[str, ...]]) -> list[Transcript]:
        """As ``whisper.hinted``; kept in the same manner."""
        asked = [whisper.expecting(options, words) for words in hints]
        names = [keys.window(whisper.window_key(*each, HINTED)) for each in zip(sounds, asked, strict=True)]
        return self._all(
            names,
            lambda some: whisper.hinted([sounds[at] for at in some], options, [hints[at] for at in some]),
            self.second,
        )

    def _all(
        self, names: Sequence[str], make: Callable[[Sequence[int]], list[Transcript]], count: Count
    ) -> list[Transcript]:
        """What is kept by these names; ``make`` decodes the sounds of some numbers."""
        known = {name: found for name in names if (found := self._get(name))}
        missing = list({name: at for at, name in enumerate(names) if name not in known}.items())
        for first in range(0, len(missing), ROUND):
            with self._turn():
                known |= self._made(dict(missing[first : first + ROUND]), make, count)
        count.found += len(names) - len(missing)
        return [known[name] for name in names]

    def _made(
        self, wanted: dict[str, int], make: Callable[[Sequence[int]], list[Transcript]], count: Count
    ) -> dict[str, Transcript]:
        known = {name: found for name in wanted if (found := self._get(name))}
        rest = [name for name in wanted if name not in known]
        made = make([wanted[name] for name in rest]) if rest else []
        for name, transcript in zip(rest, made, strict=True):
            self._archive.put_record(name, transcript)
        count.found += len(known)
        count.decoded += len(rest)
        return known | dict(zip(rest, made, strict=True))

    def _get(self, name: str) -> Transcript | None:
        try:
            return Transcript.model_validate_json(self._archive.get(name))
        except ObjectMissing:
            return None
