"""What is said in the sample broadcast: written for this project, read by two synthetic voices.

The speakers, the events and the decisions are invented. Only the municipalities are real.
"""

from dataclasses import dataclass

TITLE = "Pienkuntien yhteistyö"
PROGRAMME = "maaseutu-live"
STARTS_AT = "2026-11-24T07:00:00Z"
LICENCE = (
    "Text, picture and recording: MIT, made for this project; speakers, events and decisions are invented. "
    "Voices: Suopuhe LJ and MV (LGPL), synthesised with Festival."
)

CHAIR = "puheenjohtaja"
GUEST = "vieras"


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence; ``pace`` above 1 is read more slowly than usual."""

    speaker: str
    text: str
    pace: float = 1.0


@dataclass(frozen=True, slots=True)
class Section:
    """What one slide stands for; ``item`` counts the agenda from 0, None is outside of it."""

    title: str
    kind: str
    lines: tuple[Line, ...]
    item: int | None = None


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One point of the agenda and the spoken words that announce it."""

    title: str
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality named in the broadcast; ``said`` are the inflected forms to be heard."""

    code: str
    name: str
    said: tuple[str, ...]


AGENDA = (
    AgendaItem("Pienkuntien yhteistyö", ("ensimmäiseen kohtaan", "pienkuntien yhteistyöhön")),
    AgendaItem("Yhteinen lausunto", ("toiseen kohtaan", "yhteiseen lausuntoon")),
    AgendaItem("Seuraava lähetys", ("kolmanteen kohtaan", "seuraavaan lähetykseen")),
)

SECTIONS = (
    Section(
        "Maaseutu LIVE",
        "opening",
        (
            Line(CHAIR, "Hyvää huomenta ja tervetuloa Maaseutu LIVE -lähetykseen."),
            Line(CHAIR, "Tänään puhumme palveluista pienissä kunnissa."),
            Line(CHAIR, "Vieraana on Savukosken kunnanjohtaja."),
        ),
    ),
    Section(
        "Asialista",
        "opening",
        (
            Line(CHAIR, "Asialistalla on kolme kohtaa."),
            Line(CHAIR, "Ensin puhumme pienkuntien yhteistyöstä."),
            Line(CHAIR, "Toisena on yhteinen lausunto."),
            Line(CHAIR, "Kolmantena on seuraava lähetys."),
        ),
    ),
    Section(
        "Pienkuntien yhteistyö",
        "item",
        (
            Line(CHAIR, "Siirrymme ensimmäiseen kohtaan, pienkuntien yhteistyöhön."),
            Line(CHAIR, "Pihtiputaalla koulu ja kirjasto toimivat samassa talossa."),
            Line(CHAIR, "Miten palvelut toimivat muissa kunnissa?"),
            Line(GUEST, "Kiitos kysymyksestä."),
            Line(GUEST, "Kuhmoisissa lääkäri vastaa puhelimessa."),
            Line(GUEST, "Rääkkylästä ja Utajärveltä tulee hyviä kokemuksia."),
            Line(GUEST, "Kustavissa asukkaat rakensivat uuden koulun."),
            Line(CHAIR, "Mitä ajattelet kuntaliitoksista?"),
            Line(GUEST, "Kuntaliitoksista on puhuttu paljon."),
            Line(GUEST, "Pienten kuntien yhteistyö on parempi ratkaisu."),
        ),
        item=0,
    ),
    Section(
        "Yhteinen lausunto",
        "item",
        (
            Line(CHAIR, "Siirrymme toiseen kohtaan, yhteiseen lausuntoon."),
            Line(GUEST, "Ehdotan, että lausunnon aihe on kuntien rahoitus."),
            Line(CHAIR, "Vastustaako kukaan ehdotusta?"),
            Line(GUEST, "Ehdotus on hyvä."),
        ),
        item=1,
    ),
    Section(
        "Päätös",
        "decision",
        (Line(CHAIR, "Nyt päätettiin, että verkosto tekee yhteisen lausunnon."),),
        item=1,
    ),
    Section(
        "Tehtävä",
        "action",
        (
            Line(CHAIR, "Savukosken hallitus toimittaa luonnoksen verkostolle kolmanteen joulukuuta mennessä."),
            Line(GUEST, "Sopii meille, saatte luonnoksen."),
        ),
        item=1,
    ),
    Section(
        "Seuraava lähetys",
        "item",
        (
            Line(CHAIR, "Siirrymme kolmanteen kohtaan, seuraavaan lähetykseen."),
            Line(GUEST, "Ehdotan, että aiheena ovat kuntien koulut."),
        ),
        item=2,
    ),
    Section(
        "Päätös",
        "decision",
        (Line(CHAIR, "Näin päätettiin, että seuraava lähetys on tammikuussa."),),
        item=2,
    ),
    Section(
        "Kiitos",
        "closing",
        (
            Line(CHAIR, "Kiitos keskustelusta ja kiitos kuulijoille."),
            Line(CHAIR, "Hyvää päivänjatkoa."),
        ),
    ),
)

DECISIONS = (
    "Nyt päätettiin, että verkosto tekee yhteisen lausunnon.",
    "Näin päätettiin, että seuraava lähetys on tammikuussa.",
)

ACTIONS = (
    {
        "text": "Savukosken hallitus toimittaa luonnoksen verkostolle kolmanteen joulukuuta mennessä.",
        "who": "Savukosken hallitus",
        "due": "2026-12-03",
    },
)

MUNICIPALITIES = (
    Municipality("742", "Savukoski", ("Savukosken",)),
    Municipality("601", "Pihtipudas", ("Pihtiputaalla",)),
    Municipality("291", "Kuhmoinen", ("Kuhmoisissa",)),
    Municipality("707", "Rääkkylä", ("Rääkkylästä",)),
    Municipality("889", "Utajärvi", ("Utajärveltä",)),
    Municipality("304", "Kustavi", ("Kustavissa",)),
)

VOCABULARY = (
    "Maaseutu LIVE",
    *(place.name for place in MUNICIPALITIES),
    "pienkunta",
    "kuntaliitos",
    "kunnanjohtaja",
)
