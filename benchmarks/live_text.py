"""From a word on the air to its text: read in the tail that the live page shows, and found by the search.

``python -m benchmarks.live_text [--plot FILE]``. The sample is played live through the whole system, with the ladder
encoded meanwhile. A word has come when the text reaches its end, or is found in a Passage of its time.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError

import numpy as np

from benchmarks import machine, own_stack
from benchmarks.figures import Figure, lines
from benchmarks.process import alone
from config.settings import Settings
from core import keys
from core.models import Tail
from evaluation import sample
from maaseutu import demo, search
from sample.live_source import LiveSource

ROUNDS = 2
PIECE_SECONDS = 2.0
GOAL_TEXT_S, GOAL_SEARCH_S = 10.0, 15.0
POLL_S, SEARCH_S = 0.5, 1.0
"""Asking more often would load the machine that is measured."""
PATIENCE_S = 45.0
TOLERANCE_MS = 250
"""The end of a word is known to so much: P95 of the error of word times (docs/speech.md)."""
RARE_LETTERS = 8
BEGIN_MS = 30_000
"""A run of prepare_episode begins, and loads the model and the lexicon, while the first words are said."""


class Spoken(NamedTuple):
    """A word, and when it is said (ms of the broadcast)."""

    text: str
    start_ms: int
    end_ms: int


class Delays(NamedTuple):
    """Seconds from the end of each word on the air; ``lost`` were not found, since they were not recognised.

    ``begin`` is of the text of the words until ``BEGIN_MS``, while the preparing starts; the others are of later ones.
    """

    begin: list[float]
    text: list[float]
    search: list[float]
    lost: int
    busy: str


def run(*, quick: bool) -> list[Figure]:
    """The figures; ``quick`` plays the sample only once."""
    return figures(alone(measured, 1 if quick else ROUNDS))


def figures(delays: Delays) -> list[Figure]:
    """P50 and P95 of both."""
    late = np.percentile(delays.begin, 95)
    found = [Figure(f"live: word → text, first {BEGIN_MS // 1000} s, P95", f"{late:.1f} s")]
    for name, values, goal in (("text", delays.text, GOAL_TEXT_S), ("search", delays.search, GOAL_SEARCH_S)):
        middle, most = np.percentile(values, [50, 95])
        found.append(Figure(f"live: word → {name}, P50 of {len(values)}", f"{middle:.1f} s"))
        found.append(Figure(f"live: word → {name}, P95", f"{most:.1f} s", f"<= {goal:.0f} s", bool(most <= goal)))
    asked = len(delays.search) + delays.lost
    found.append(Figure("live: rare words not recognised", f"{delays.lost} of {asked}"))
    return [*found, Figure("live: meanwhile", delays.busy)]


def measured(rounds: int) -> Delays:
    """Play the sample live so many times in a row, and wait for its words."""
    words = list(spoken(rounds))
    length = int(words[-1].end_ms / 1000) + 10
    with tempfile.TemporaryDirectory(prefix="maaseutu-bench-") as name, own_stack.running() as stack:
        file = sample.repeated(Path(name), length)
        with LiveSource(file, Path(name) / "live", segment_seconds=PIECE_SECONDS, when_asked=True) as source:
            broadcast, _ = demo.record(stack.settings, source.url)
            return _Watch(stack.settings, broadcast, source, words).watch()


def spoken(rounds: int) -> Iterator[Spoken]:
    """The words of the sample, played so many times in a row."""
    about = demo.about()
    for number in range(rounds):
        offset = number * about["duration_ms"]
        for sentence in about["sentences"]:
            for word in sentence["words"]:
                yield Spoken(word["text"].strip(".,?"), offset + word["start_ms"], offset + word["end_ms"])


class _Watch:
    """Looks again and again at what viewers see."""

    def __init__(self, settings: Settings, broadcast: str, source: LiveSource, words: Sequence[Spoken]) -> None:
        self._settings, self._broadcast, self._source = settings, broadcast, source
        self._unread = list(words)
        self._unfound = [word for word in words if len(word.text) >= RARE_LETTERS and word.end_ms > BEGIN_MS]
        self._delays = Delays([], [], [], 0, "")
        self._lost = 0

    def watch(self) -> Delays:
        """Until every word has come or is given up, or the broadcast is over."""
        busy, searched = "", 0.0
        while self._unread or self._unfound:
            now = self._source.now_ms
            self._read()
            if time.monotonic() - searched >= SEARCH_S:
                searched = time.monotonic()
                self._find(now)
            if not busy and now > self._unlikely_before:
                busy = machine.busy()
            threading.Event().wait(POLL_S)
        return self._delays._replace(lost=self._lost, busy=busy)

    @property
    def _unlikely_before(self) -> float:
        return self._source.segments[-1].end_ms / 2

    def _late(self, word: Spoken) -> float:
        return (self._source.now_ms - word.end_ms) / 1000

    def _read(self) -> None:
        reached = max((passage.end_ms for passage in self._tail()), default=0) + TOLERANCE_MS
        while self._unread and (self._unread[0].end_ms <= reached or self._late(self._unread[0]) > PATIENCE_S):
            word = self._unread.pop(0)
            (self._delays.begin if word.end_ms <= BEGIN_MS else self._delays.text).append(self._late(word))

    def _tail(self) -> Sequence[Any]:
        url = f"{self._settings.site_url}/{keys.tail(self._broadcast)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return Tail.model_validate(json.load(answer)).passages
        except HTTPError:
            return ()

    def _find(self, now: float) -> None:
        for word in [word for word in self._unfound if word.end_ms < now]:
            if self._is_found(word):
                self._delays.search.append(self._late(word))
                self._unfound.remove(word)
            elif self._late(word) > PATIENCE_S:
                self._lost += 1
                self._unfound.remove(word)

    def _is_found(self, word: Spoken) -> bool:
        hits = search.find(self._settings, f'"{word.text}"', limit=50, episode=self._broadcast)["items"]
        return any(hit["passage_start_ms"] <= word.end_ms and hit["end_ms"] >= word.start_ms for hit in hits)


def plot(delays: Delays, path: Path) -> None:
    """A histogram of both as SVG, the same for the same delays."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Picture

    mpl.rcParams.update({"svg.hashsalt": "maaseutu", "svg.fonttype": "none", "font.size": 9})
    picture = Picture(figsize=(7, 3.2), layout="constrained")
    axes = picture.subplots(1, 2, sharey=True)
    both = (("read on the live page", delays.text, GOAL_TEXT_S), ("found by search", delays.search, GOAL_SEARCH_S))
    for panel, (name, values, goal) in zip(axes, both, strict=True):
        panel.hist(values, bins=np.arange(0, 21, 1.0), weights=[100 / len(values)] * len(values), color="#1d6b52")
        panel.axvline(float(np.percentile(values, 95)), color="#1d6b52", linestyle="--", label="P95")
        panel.axvline(goal, color="#9c1f2e", label="goal of P95")
        panel.set_title(name)
        panel.set_xlabel("seconds after the word was said")
        panel.legend(frameon=False)
    axes[0].set_ylabel("% of words")
    picture.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def main() -> int:
    """Measure and print, and draw if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_text", description="How late live text is.")
    parser.add_argument("--plot", type=Path, help="also draw a histogram into this SVG file")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often the sample is played")
    chosen = parser.parse_args()
    delays = alone(measured, chosen.rounds)
    if chosen.plot:
        plot(delays, chosen.plot)
    sys.stdout.write("\n".join(lines(figures(delays))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
