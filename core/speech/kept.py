"""What was recognised in windows, kept in the archive by their sound: whoever needs a window next finds it there."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

from core import keys
from core.bucket import Bucket
from core.errors import ObjectMissing
from core.models import Transcript
from core.speech import whisper
from core.speech.engines.base import Samples
from core.speech.whisper import Options

ROUND = 4
"""So many windows are decoded together: what a killed run loses at most."""


class Kept:
    """The windows of one archive. ``decoded`` and ``found`` count what was asked for. Raises the bucket's errors."""

    def __init__(self, archive: Bucket, turn: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        """``turn`` is waited for before windows are decoded; who had it before may have decoded them."""
        self._archive = archive
        self._turn = turn
        self.decoded = 0
        self.found = 0

    def recognised(self, sounds: Sequence[Samples], options: Options) -> list[Transcript]:
        """As ``whisper.recognised``: only windows that are not kept are decoded, and then they are."""
        names = [keys.window(whisper.window_key(samples, options)) for samples in sounds]
        known = {name: found for name in names if (found := self._get(name))}
        missing = {name: samples for name, samples in zip(names, sounds, strict=True) if name not in known}
        for some in _rounds(list(missing)):
            with self._turn():
                known |= self._made({name: missing[name] for name in some}, options)
        self.found += len(sounds) - len(missing)
        return [known[name] for name in names]

    def _made(self, wanted: dict[str, Samples], options: Options) -> dict[str, Transcript]:
        known = {name: found for name in wanted if (found := self._get(name))}
        rest = [name for name in wanted if name not in known]
        made = whisper.recognised([wanted[name] for name in rest], options)
        for name, transcript in zip(rest, made, strict=True):
            self._archive.put_record(name, transcript)
        self.found += len(known)
        self.decoded += len(rest)
        return known | dict(zip(rest, made, strict=True))

    def _get(self, name: str) -> Transcript | None:
        try:
            return Transcript.model_validate_json(self._archive.get(name))
        except ObjectMissing:
            return None


def _rounds(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(names), ROUND):
        yield names[at : at + ROUND]
