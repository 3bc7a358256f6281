"""The names of municipalities that are listened for: Finnish ones, and Swedish ones that are used amid Finnish."""

from collections.abc import Iterable

from rapidfuzz.distance import Levenshtein

from core.language.finnish import Analyser, fold
from core.speech import learning
from core.speech.alike import sounding
from core.text.mentions import Municipality

VERSION = "towns-1"
BILINGUAL = ("Uusimaa", "Varsinais-Suomi", "Kymenlaakso", "Pohjanmaa", "Keski-Pohjanmaa", "Ahvenanmaa")
"""The regions in which a municipality may be called by its Swedish name amid Finnish."""
SURE, ALIKE = 6, 2
"""A Swedish name is listened for if it has so many letters, and more than so many that the Finnish name has not."""


def forms(finnish: Analyser, places: Iterable[Municipality]) -> tuple[str, ...]:
    """All forms of their names. A Swedish one is left out where it is good Finnish: ``Nousisin``, of Nousiainen.

    Raises:
        ChildFailed: as the analyser does.
    """
    places = tuple(places)
    foreign = [form for place in places for form in swedish(place)]
    weights = finnish.weights(foreign)
    used = [form for form in foreign if weights[fold(form)] is None]
    return (*used, *finnish.inflected(place.name_fi for place in places))


def swedish(place: Municipality) -> tuple[str, ...]:
    """The forms of a Swedish name with Finnish endings, if it may be used, and sounds like nothing else."""
    name, sound = place.name_sv, sounding(place.name_sv)
    is_own = len(sound) >= SURE and Levenshtein.distance(sound, sounding(place.name_fi)) > ALIKE
    return learning.foreign(name) if is_own and place.region in BILINGUAL and " " not in name else ()
