"""Whether every municipality is found in any case, and nothing else is: our own set, made anew in each run.

A sentence for each name in eight cases or more, inflected by the lexicon (language.morphology.inflected), beside
sentences of words that look like names: other words of nearly the same letters, and the same letters as a common noun.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from config import catalogue
from core.language.finnish import Analyser
from core.text.mentions import municipalities

LEAST_FORMS = 8
FRAMES = ("Seuraavaksi kuulemme, miten {} toimitaan.", "Esityksen mukaan {} asiaa on jo valmisteltu.")

_TRAPS = (
    "perhe perheen perheessä perhettä perheet vaali vaalit vaalien vaalia vaalissa vaaleissa vaan vaaka sallia"
    " sallii sallitaan sallittu sallivat salli iltaa ilta II II:n lahdessa lahden lahtea lahdelle salolla salossa"
    " aurat auran kotkan kotkat kotkia virrat virran virrassa varkauden varkaudesta varkaus turkin turkki kannun"
    " kannuja multaa mullan raumalla kolaria kolarin kolarissa luodon luotoa luodolla hangon hankoa kurikan perhon"
    " perhosen perhonen aurassa joensuun joensuussa hamina haminan sulkavat sulkavan rusko ruskon ruskot mikä"
    " nokea noen nokinen karvan karvoja karvia kaapin kaapissa kemian kemia ranta rannan rannalla possu posti"
    " postin muoni muonan utu joki joen raha rahan ruovi ruoko ruokaa enon enoa puola puolan puolassa lieto lietä"
    " lemua lempi lumi lumen imee sauvoa sauvon sauva sauvan vetelä veteliä vetää ikää ikä kurssi kärki hankala"
    " hankalaa hollanti hollannin keräävä keuhko keuhkoja kittiä kitin koskea koskee kuusi kuusaa kyyhky lapio"
    " lapulla laihia laihaa lapin lappu liikkua loppu loppia lovi luvia maksu maski meri miehen myrsky mäntsä"
    " mänty nakki nakkia nivel niveltä nousu nousee paimen paimion parka pelko perna pielun pieli polvi pora"
    " porvari punkki punkalla pyhä raaka raahaa rauta rauman reisi reissu ristin ristiä sallin sorsa sotka sumu"
    " sysäys taivas tampuuri tervaa tuusa ulos vaasi valta valtimo valtimon vihdin vimma virolainen voima ylitys"
    " ylä ähky äänet"
)
TRAPS = tuple(_TRAPS.split())
"""Words of nearly the letters of a name, or of the very same (``lahdessa``), written small: none of them is a name."""


class Found(NamedTuple):
    """Of all pairs of a name and a sentence with it, the part found; of all trap sentences and names, those hit."""

    forms: int
    recall: float
    traps: int
    trapped: float

    @property
    def told(self) -> str:
        """As one line."""
        return f"recall {self.recall:.1%} of {self.forms} forms, {self.trapped:.1%} of {self.traps} trap words hit"


class Names(NamedTuple):
    """The set: the texts by name, the texts that are right for each municipality, and the texts of traps."""

    texts: Mapping[str, str]
    right: Mapping[str, set[str]]
    traps: frozenset[str]


def made(analyser: Analyser) -> Names:
    """All municipalities of config/municipalities.csv of which the lexicon gives forms, and the traps."""
    texts: dict[str, str] = {}
    right: dict[str, set[str]] = {}
    for town in municipalities(catalogue.MUNICIPALITIES):
        forms = analyser.inflected([town.name_fi])
        for at, form in enumerate(forms if len(forms) >= LEAST_FORMS else (town.name_fi,)):
            key = f"{town.code}.{at}"
            texts[key] = FRAMES[at % len(FRAMES)].format(form)
            right.setdefault(town.name_fi, set()).add(key)
    texts |= {f"trap.{word}": f"Sitten sanottiin, että {word} on eri asia." for word in TRAPS}
    return Names(texts, right, frozenset(f"trap.{word}" for word in TRAPS))


def judged(names: Names, found: Mapping[str, Iterable[str]]) -> Found:
    """The figures of an engine that ``found`` these texts for each name."""
    forms = sum(len(keys) for keys in names.right.values())
    got = sum(len(names.right[name] & set(found[name])) for name in names.right)
    trapped = {key for keys in found.values() for key in keys} & names.traps
    return Found(forms, got / forms, len(names.traps), len(trapped) / len(names.traps))
