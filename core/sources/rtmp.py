"""RTMP, as OBS and vMix send it: an address that we call, or a port on which we listen for a sender with a stream key.

rtmp://HOST/APP/KEY           call a server, and play what is published there (also rtmps://)
rtmp://0.0.0.0:1935/APP/KEY   listen on all addresses of this machine
rtmp://10.1.2.3/APP/KEY?mode=listener   listen on one of them
"""

import re
from urllib.parse import SplitResult, parse_qs

from core.errors import InvalidInput
from core.outside.addresses import PORTS, Rules
from core.sources.base import Reading, Source, host_of, parsed, scheme

SCHEMES = ("rtmp", "rtmps")
ANYWHERE = ("", "0.0.0.0", "::")
KEY = re.compile(r"[A-Za-z0-9_-]{8,128}")
TIMEOUT_MICROSECONDS = 10_000_000
WRONG_SENDER = ("Unexpected stream", "App field don't match up")
"""ffmpeg only warns of a wrong application or stream key, and goes on. The key is asked for by capture.gate before."""


def known(address: str, rules: Rules) -> Source | None:
    """By its scheme.

    Raises:
        InvalidInput: it lacks a part, or the stream key of a port that is open to all is too weak.
        AddressRefused, SourceUnavailable: as ``Rules.require``, when we call.
    """
    if scheme(address) not in SCHEMES:
        return None
    parts = parsed(address)
    if any(sign.isspace() or not sign.isprintable() for sign in address):
        raise InvalidInput("An RTMP address holds no spaces.", "Type it again.")
    listens = _listens(parts)
    app, _, key = parts.path.strip("/").rpartition("/")
    if not app or not key:
        raise InvalidInput(
            "An RTMP address needs an application and a stream key.", "Write rtmp://HOST/live/KEY, as in OBS."
        )
    if listens:
        _require_safe(parts, key)
    elif not parts.hostname:
        raise InvalidInput("The RTMP address names no server.", "Write rtmp://HOST/live/KEY.")
    else:
        rules.require(address, SCHEMES)
    return Source(address, live=True, kind="rtmp", listens=listens)


def _listens(parts: SplitResult) -> bool:
    return (parts.hostname or "") in ANYWHERE or parse_qs(parts.query).get("mode") == ["listener"]


def _require_safe(parts: SplitResult, key: str) -> None:
    if parts.scheme.lower() != "rtmp":
        raise InvalidInput(
            "We cannot listen for rtmps.", "Listen for srt with a passphrase, which is encrypted, or for rtmp."
        )
    if not KEY.fullmatch(key):
        what = "The stream key of a port that listens must have 8 to 128 letters, digits, - or _."
        raise InvalidInput(what, "Make one up, and type the same in OBS.")


def reading(source: Source, rules: Rules, attempt: int = 0) -> Reading:
    """How ffmpeg calls an address that was looked at, or listens; we are not reached out to then.

    The server is told the name by which it was called, as one that serves several goes by it.

    Raises:
        AddressRefused, SourceUnavailable: as ``Rules.require``, when we call.
    """
    parts, name = parsed(source.url), scheme(source.url)
    port = parts.port or PORTS[name]
    if source.listens:
        gate = (parts.hostname or "0.0.0.0", port, parts.path.rpartition("/")[2])
        return Reading(f"rtmp://127.0.0.1:{{port}}{parts.path}", {"listen": "1"}, name, WRONG_SENDER, gate)
    host = host_of(rules.require(source.url, SCHEMES), attempt)
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    query = f"?{parts.query}" if parts.query else ""
    called = parts.netloc.rpartition("@")[2].partition(":")[0] if ":" not in (parts.hostname or "") else host
    options = {"rtmp_live": "live", "rw_timeout": str(TIMEOUT_MICROSECONDS)}
    options["rtmp_tcurl"] = f"{name}://{called}:{port}{parts.path.rpartition('/')[0]}"
    if name == "rtmps":
        # The certificate is to be that of the host; its name is not said in the greeting (SNI) to an address.
        options |= {"verifyhost": called, "tls_verify": "1"}
    return Reading(f"{name}://{user}{host}:{port}{parts.path}{query}", options, name)
