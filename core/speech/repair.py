"""Mends what the recogniser wrote of what it heard: names, single letters, and the borders of words.

Whisper's small models hear Finnish well and write it badly: most wrong words are right letters with a wrong border or
length (``suurinkunta``, ``kokontuu``, ``Savukoske ne sitystä``), and names they have never read (``utsioilla``). Only
what the lexicon of Finnish does not know is touched, and only what it knows is put in its place; but a name that lacks
only its capital (``savukosken``) gets it, unless it is a common word, too. Surest first:

1. a name that differs in nothing but what Whisper cannot tell apart (``rannualla`` is Ranualla);
2. a long name of which a letter differs (``lästi järvelle`` is Lestijärvelle), also where the lexicon would make a
   compound of what was heard (``ilomansissa``);
3. a name at the edge of an unknown word (``savukoskeneesitys`` is Savukosken and more);
4. one letter too long, too short, or front for back (``tammikussa`` is tammikuussa);
5. a name a letter or two away (``Pichtiputaalla`` is Pihtiputaalla);
6. other borders among up to three words, when all words between them are then known.

The weights were found on the text of evaluation/texts, read by synthetic voices; ``make eval`` measures them.
"""

from collections.abc import Sequence

from core.models import Passage, Transcript, Word
from core.speech.borders import mend_borders
from core.speech.lexicon import Lexicon, Weights
from core.speech.naming import mend_names, part_names, write_names
from core.speech.patches import patch, words
from core.speech.sounding import Names
from core.speech.spelling import mend_letters

VERSION = "repair-5"
LANGUAGE = "fi"

LONG_NAME = 9
"""A name of so many letters is nothing else when one of them differs."""
ROUNDS = 4


def mended(transcript: Transcript, weights: Weights, names: Names) -> Transcript:
    """The transcript with every Passage's words as they should stand."""
    passages = tuple(_passage(passage, weights, names) for passage in transcript.passages)
    return transcript.model_copy(update={"passages": passages})


def _passage(passage: Passage, weights: Weights, names: Names) -> Passage:
    if not passage.words:
        return passage
    made = repaired(passage.words, weights, names)
    return passage.model_copy(update={"words": made, "text": " ".join(word.text for word in made)})


def repaired(heard: Sequence[Word], weights: Weights, names: Names) -> tuple[Word, ...]:
    """The words as they should stand. One that was changed bears what was ``heard`` there.

    No word is lost, and times stay inside those of the words that were heard.
    """
    patches = [patch(word) for word in heard]
    lexicon = Lexicon(weights)
    write_names(patches, lexicon, names)
    mend_names(patches, lexicon, names, most=0)
    mend_names(patches, lexicon, names, most=1, shortest=LONG_NAME)
    part_names(patches, lexicon, names)
    mend_letters(patches, lexicon, names)
    mend_names(patches, lexicon, names, most=2)
    for _ in range(ROUNDS):
        if not mend_borders(patches, lexicon, names):
            break
    return tuple(words(patches))
