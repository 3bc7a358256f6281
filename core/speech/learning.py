"""What is learned from persons' corrections: names that the machine wrote otherwise."""

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from core import keys
from core.bucket import Bucket
from core.language.morphology import Token, fold, tokens
from core.models import Edit
from core.speech.alike import SHORT
from core.text.transcript import is_end

VOWELS, DECIDING, BACK = frozenset("aeiouyäöå"), frozenset("aouyäöå"), frozenset("aouå")
ENDINGS = ("n", "a", "ssa", "sta", "lla", "lta", "lle", "na", "ksi")
_ENDING = re.compile(r"i(n|[aä]|in|ss[aä]|st[aä]|ll[aä]|lt[aä]|lle|n[aä]|ksi)$")
_FRONT = str.maketrans("a", "ä")


def names(edit: Edit) -> tuple[str, ...]:
    """The names that a person wrote and the machine had not, each once, as they were written. Pure.

    A name has a capital, is no abbreviation, and does not begin a sentence, where every word has a capital.
    """
    if edit.kind not in ("text", "replace"):
        return ()
    known = {token.folded for token in tokens(edit.before)}
    found = tokens(edit.after)
    written = [token.text for at, token in enumerate(found) if at and _is_name(edit.after, found[at - 1], token)]
    return tuple(dict.fromkeys(name for name in written if fold(name) not in known))


def _is_name(text: str, before: Token, token: Token) -> bool:
    name = token.text
    is_long = len(name) >= SHORT and not name.partition(":")[0].isupper()
    return is_long and name[0].isupper() and not is_end(text[before.start : token.start].rstrip(), name)


def guessed(name: str) -> tuple[str, ...]:
    """The forms of a name that the lexicon does not know, if it is inflected as a foreign one that ends in a consonant.

    ``Bergkamp`` and ``Bergkampin`` give ``Bergkampille`` and the rest; any other name gives itself. Pure.
    """
    stem = _ENDING.sub("", name)
    return (name, *foreign(stem)) if len(stem) >= SHORT and stem[-1].lower() not in VOWELS else (name,)


def foreign(stem: str) -> tuple[str, ...]:
    """The forms of a foreign name, whose stem stays as it is: ``Korsholmissa``, ``Nykarlebyyn``. Pure."""
    last = stem[-1].lower()
    vowels = [letter for letter in stem.lower() if letter in DECIDING]
    back = bool(vowels) and vowels[-1] in BACK
    joint = "" if last in VOWELS else "i"
    endings = [joint + ending for ending in (*ENDINGS, f"{last if not joint else 'i'}n")]
    return (stem, *(stem + (ending if back else ending.translate(_FRONT)) for ending in endings))


def learn(archive: Bucket, programme: str, edit: Edit) -> tuple[str, ...]:
    """Remember for the later broadcasts of a programme what an edit teaches; gives the names."""
    return teach(archive, programme, edit, names(edit))


def teach(archive: Bucket, programme: str, edit: Edit, found: Iterable[str]) -> tuple[str, ...]:
    """Remember these names, which a person wrote in an edit; gives them."""
    found = tuple(found)
    for name in found:
        key = keys.learned(programme, edit.at, quote(name, safe=""))
        archive.put_once(key, edit.model_dump_json().encode())
    return found


def learned(archive: Bucket, programme: str) -> tuple[str, ...]:
    """The names that the edits of a programme's broadcasts have taught, the newest last."""
    listed = [item.key.removesuffix(".json").rpartition("Z-")[2] for item in archive.list(keys.lessons(programme))]
    newest = dict.fromkeys(unquote(name) for name in reversed(listed))
    return tuple(reversed(newest))
