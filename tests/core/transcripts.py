"""Transcripts for tests: the sample as it is and as it was recognised, and made-up ones."""

import json
from pathlib import Path

from core.language.cues import Cues
from core.models import AgendaItem, Passage, Transcript, Word

ROOT = Path(__file__).parents[2]
SAMPLE = json.loads((ROOT / "sample" / "broadcast.json").read_text(encoding="utf-8"))
AGENDA = tuple(AgendaItem(**item) for item in SAMPLE["agenda"])
CUES = Cues.load((ROOT / "config" / "lexicon.toml").read_text(encoding="utf-8"))
RECOGNISED = """
1460 4920 - Hyvä huomenta ja tervetuloa Maaseutu live lähetykseen.
5680 8260 - Tänään puhumme palveluista pienissä kunnissa.
9100 11180 - Vierääna on Savukoski, kunnanjohtaja.
12920 14600 - Asialistalla on kolme kohta.
15350 17870 - Ensin puhumme pienkuntien yhteistyöstä.
18580 20260 - Toisena on yhteinen lausunto.
21020 22820 - Kolmantena on seuraava lähetys.
23950 28030 - Siirrymme ensimmäiseen kohtaan, pienkunteenyhteistyöhön,
28730 32110 - Pihtiputalla kolu ja kerjasto toimivat samassa talossa,
32880 35220 - miten palvelut toimivat muissa kunnissa.
36070 37390 - Kiitos kysymyksestä.
38130 40430 - Kuhmoisissa lääkärivasta puhelimessa,
41190 44230 - Rääkkylästä ja Utajärvelta tulee hyviä kopemuksia,
44930 47570 - kustavissa asukkaat rapensivat uuden kolun.
48380 50340 - Mitä ajattelet kuntaliitoksista?
51160 53100 - Kuntaliitoksista on puhuttu paljon.
53100 53320 ? Järvi on.
53320 53560 ? Kuhmoinen, Rääkkylä, Kuhmoinen, Rääkkylä, Kuhmoinen, Rääkkylä,
53780 56840 - Pienten kuntien yhteistyö on parempi ratkaisu.
58480 61620 - Siirrymmee toisen kohtaan, yhteisen lausuntoon.
62420 65520 - Ehdotan, että lausunnon aihe on kuntien rahoittus.
66420 68180 - Vastustaako kukaan ehdotusta?
69110 70030 - Ehdotus on hyvä.
71680 75180 - Nyt päätettiin, että verkosto tekee yhteisen lausunnon.
76800 81880 - Savukosken hallitustoimittäluonnoksen verkostolle kolmanteen joulukuuta mennessä.
82700 84880 - Sopimeille, saatte luonnoksen.
86540 89880 - Siirrymmee kolmanteen kohtaan, seuraavan lähetykseen.
90240 93600 - Ehdotan, että aiheina ovat kuntien koulut?
95100 98560 - Näin päätettiin, että seuraava lähetys on tammikuussa.
100220 102700 - Kiitos keskustelusta ja kiitos kuulijoille.
103500 104680 - Hyvä päivän jatkoa.
"""


def _words(text, start_ms, end_ms):
    said = text.split()
    step = (end_ms - start_ms) / len(said)
    times = [start_ms + round(step * at) for at in range(len(said) + 1)]
    return tuple(
        Word(start_ms=a, end_ms=b, text=word, probability=0.9)
        for word, a, b in zip(said, times[:-1], times[1:], strict=True)
    )


def spoken(*rows):
    """A transcript of (start in s, text) or (start in s, end in s, text)."""
    passages = []
    for row in rows:
        start, text = round(row[0] * 1000), row[-1]
        end = round(row[1] * 1000) if len(row) == 3 else start + 3_000
        passages.append(Passage(start_ms=start, end_ms=end, text=text, words=_words(text, start, end)))
    return Transcript(language="fi", engine="test", passages=tuple(passages))


def _reference():
    passages = tuple(
        Passage(
            start_ms=s["start_ms"],
            end_ms=s["end_ms"],
            text=s["text"],
            words=tuple(Word(**word, probability=1.0) for word in s["words"]),
        )
        for s in SAMPLE["sentences"]
    )
    return Transcript(language="fi", engine="reference", passages=passages)


def _recognised():
    """What faster-whisper base (int8, beam 5) made of the sample, in two parts; ``?`` is unclear."""
    passages = []
    for line in RECOGNISED.strip().splitlines():
        start, end, mark, text = line.split(" ", 3)
        words = _words(text, int(start), int(end))
        passages.append(Passage(start_ms=int(start), end_ms=int(end), text=text, words=words, unclear=mark == "?"))
    return Transcript(language="fi", engine="faster-whisper base", passages=tuple(passages))


TRANSCRIPTS = {"reference": _reference(), "recognised": _recognised()}
