"""Inflected names, and which of them something sounds like to a recogniser that cannot write them."""

from collections.abc import Iterable, Sequence

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from core.speech.alike import LONG, SHORT, sounding

NEAREST = 2
KIN = 4
"""Names that begin with so many letters that sound alike, and are near else, are forms of one name."""
APART = 2


class Names:
    """Inflected names, and which of them something sounds like."""

    def __init__(self, written: Iterable[str]) -> None:
        """``written`` are all forms, with their capitals."""
        self._written = {form.lower(): form for form in written}
        self._like: dict[str, list[str]] = {}
        for form in self._written:
            self._like.setdefault(sounding(form), []).append(form)
        self._sounds = list(self._like)
        self._lengths = np.array([len(sound) for sound in self._sounds], dtype=float)

    def __contains__(self, word: str) -> bool:
        return word.lower() in self._written

    def written(self, word: str) -> str:
        """A name that is one of these, as it is written. Raises KeyError for another word."""
        return self._written[word.lower()]

    def find(self, heard: str, most: int) -> tuple[int, str] | None:
        """The form nearest to what was heard, at most ``most`` letters away, and how many it is.

        A short word must sound the same; one letter may differ in six, two in ten. The first letter holds in words of
        less than ten letters, but may be wanting or be one too many.
        """
        sound = sounding(heard)
        if len(sound) < SHORT:
            return None
        allowed = min(most, 0 if len(sound) < 6 else 1 if len(sound) < 10 else 2)
        alike = process.extract(sound, self._sounds, scorer=Levenshtein.distance, score_cutoff=allowed, limit=5)
        near = [(found, distance) for found, distance, _ in alike if _begins_alike(found, sound)]
        if not near:
            return None
        least = min(distance for _, distance in near)
        forms = [form for found, distance in near if distance == least for form in self._like[found]]
        best = min(forms, key=lambda form: Levenshtein.distance(form, heard.lower()))
        return int(least), self._written[best]

    def forms_near(self, name: str, most: int) -> list[tuple[float, str]]:
        """The other forms of a name that sound nearest to it, and in how many letters, at most two, they do."""
        sound, plain = sounding(name), name.lower()
        alike = process.extract(sound, self._sounds, scorer=Levenshtein.distance, score_cutoff=APART, limit=None)
        forms = [
            (distance, abs(len(form) - len(plain)), form)
            for found, distance, _ in alike
            if found[:KIN] == sound[:KIN]
            for form in self._like[found]
            if form != plain
        ]
        return [(float(distance), self._written[form]) for distance, _, form in sorted(forms)[:most]]

    def near(self, heard: Sequence[str]) -> list[list[tuple[float, str]]]:
        """For each text the names that are nearest to it in sound, and which share of their letters differs."""
        sounds = [sounding(each) for each in heard]
        if not sounds:
            return []
        apart = process.cdist(sounds, self._sounds, scorer=Levenshtein.distance, dtype=np.uint8) / self._lengths
        nearest = np.argsort(apart, axis=1, kind="stable")[:, :NEAREST]
        return [
            [(float(row[at]), self._written[form]) for at in order for form in self._like[self._sounds[at]]]
            for row, order in zip(apart, nearest, strict=True)
        ]


def _begins_alike(name: str, sound: str) -> bool:
    return name[0] == sound[0] or sound in (name[1:], f"{sound[0]}{name}") or len(sound) >= LONG
