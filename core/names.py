"""Words from outside, made harmless before they become a file name, a key, a title, or a line on a terminal."""

import re
import unicodedata
from urllib.parse import parse_qsl, urlsplit

LONGEST_NAME = 120
"""Bytes of a file name. File systems take 255; ours get prefixes and suffixes."""
LONGEST_SUFFIX = 12
LONGEST_TITLE = 200
LONGEST_SHOWN = 300
PLAIN = frozenset(" ._-()+,")
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of what is not seen: control, format (which turns text round), surrogate, unassigned, breaks."""
MASK = "***"
SECRET_NAMES = ("passphrase", "streamid")
_SECRET_PARAMETER = re.compile(rf"(?i)([?&](?:{'|'.join(SECRET_NAMES)})=)[^&#\s]+")
_PASSWORD = re.compile(r"(?i)^([a-z][a-z0-9+.-]*://[^/?#@:]*:)[^/?#@]*@")
_STREAM_KEY = re.compile(r"(?i)^(rtmps?://[^/?#]*/(?:[^/?#]+/)+)[^?#]+")


def file_name(text: str, instead: str = "file") -> str:
    """One part of a path or of a key: letters, digits and few signs, without a dot at either end; never empty.

    Folders before it are left out. It is at most 120 bytes of UTF-8 long; the suffix is kept.
    """
    last = unicodedata.normalize("NFC", text).replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = "".join(sign if sign.isalnum() or sign in PLAIN else "-" for sign in last).strip(" .-")
    stem, dot, suffix = kept.rpartition(".")
    if not stem or len(suffix.encode()) > LONGEST_SUFFIX:
        stem, dot, suffix = kept, "", ""
    room = LONGEST_NAME - len(f"{dot}{suffix}".encode())
    return f"{_cut(stem, room).rstrip(' .-')}{dot}{suffix}" if stem else instead


def _cut(text: str, room: int) -> str:
    """The beginning of ``text`` that takes at most ``room`` bytes."""
    return text.encode()[:room].decode(errors="ignore")


def title(text: str) -> str:
    """A title on one line, without signs that are not seen; at most 200 characters."""
    return line(text)[:LONGEST_TITLE].rstrip()


def line(text: str) -> str:
    """A text on one line, without signs that are not seen."""
    seen = "".join(" " if sign.isspace() else sign for sign in unicodedata.normalize("NFC", text))
    return " ".join(_visible(seen).split())


def shown(text: str) -> str:
    """An address or a name as a message may show it: without secrets, on one line, at most 300 characters."""
    plain = "".join("?" if _is_hidden(sign) else sign for sign in masked(text))
    return plain if len(plain) <= LONGEST_SHOWN else plain[:LONGEST_SHOWN] + "…"


def masked(address: str) -> str:
    """The address for logs, names and errors: passphrases, stream ids, passwords and RTMP stream keys are stars.

    What is masked stays as it is when it is masked again; a path of a file is not changed.
    """
    if "://" not in address:
        return address
    plain = _PASSWORD.sub(rf"\1{MASK}@", address)
    plain = _STREAM_KEY.sub(rf"\1{MASK}", plain)
    return _SECRET_PARAMETER.sub(rf"\1{MASK}", plain)


def secrets(address: str) -> tuple[str, ...]:
    """What ``masked`` hides, as a program that was given it may repeat it; longest first."""
    if "://" not in address:
        return ()
    parts = urlsplit(address)
    found = {value for name, value in parse_qsl(parts.query) if name.lower() in SECRET_NAMES}
    found |= {text.partition("=")[2] for text in parts.query.split("&") if text.lower().startswith(SECRET_NAMES)}
    if parts.scheme.lower() in ("rtmp", "rtmps") and parts.path.count("/") > 1:
        found.add(parts.path.rpartition("/")[2])
    found |= {parts.password or ""}
    return tuple(sorted((secret for secret in found if secret), key=len, reverse=True))


def without_secrets(text: str, address: str) -> str:
    """What a program said, with the secrets of the address it was given as stars."""
    for secret in secrets(address):
        text = text.replace(secret, MASK)
    return text


def _visible(text: str) -> str:
    return "".join(sign for sign in text if not _is_hidden(sign))


def _is_hidden(sign: str) -> bool:
    return unicodedata.category(sign) in HIDDEN
