"""SRT, as vMix, OBS and hardware encoders send it: an address that we call, or a port on which we listen.

    srt://HOST:PORT?streamid=…&passphrase=…   call
    srt://0.0.0.0:9000?passphrase=…           listen on all addresses of this machine (srt://:9000 too)
    srt://10.1.2.3:9000?mode=listener&passphrase=…   listen on one of them

libsrt itself refuses a sender whose passphrase differs.
"""

from urllib.parse import SplitResult, unquote

from core.errors import InvalidInput
from core.outside.addresses import Rules
from core.sources.base import Reading, Source, host_of, parsed, scheme

SCHEMES = ("srt",)
ANYWHERE = ("", "0.0.0.0", "::")
PARAMETERS = ("mode", "passphrase", "streamid", "latency", "pbkeylen")
PASSPHRASE = range(10, 65)
KEY_LENGTHS = ("16", "24", "32")
TIMEOUT_MICROSECONDS = 10_000_000


def known(address: str, rules: Rules) -> Source | None:
    """By its scheme.

    Raises:
        InvalidInput: a part is missing or wrong, or the port would be open to all.
        AddressRefused, SourceUnavailable: as ``Rules.require``, when we call.
    """
    if scheme(address) != "srt":
        return None
    parts = parsed(address)
    if not parts.port:
        raise InvalidInput("An SRT address needs a port.", "Write srt://HOST:9000.")
    given = _parameters(parts)
    listens = (parts.hostname or "") in ANYWHERE or given.get("mode") == "listener"
    _require_valid(given)
    if listens and "passphrase" not in given:
        raise InvalidInput(
            "Without a passphrase anyone who reaches the port could go on the air.",
            "Add ?passphrase= and 10 to 64 signs, and type the same in the encoder.",
        )
    if listens and "streamid" in given:
        raise InvalidInput("A stream id is not checked when we listen.", "Leave it out; the passphrase is checked.")
    if not listens:
        rules.require(address, SCHEMES)
    return Source(address, live=True, kind="srt", listens=listens)


def _parameters(parts: SplitResult) -> dict[str, str]:
    pairs = [text.partition("=") for text in parts.query.split("&") if text]
    given = {name.lower(): unquote(value) for name, _, value in pairs}
    if unknown := sorted(given.keys() - set(PARAMETERS)):
        raise InvalidInput(f"We do not know {', '.join(unknown)} in an SRT address.", f"Use {', '.join(PARAMETERS)}.")
    return given


def _require_valid(given: dict[str, str]) -> None:
    if given.get("mode", "caller") not in ("caller", "listener"):
        raise InvalidInput("The mode of an SRT address is caller or listener.", "Correct it.")
    if "passphrase" in given and len(given["passphrase"].encode()) not in PASSPHRASE:
        raise InvalidInput("An SRT passphrase has 10 to 64 signs.", "Choose another, on both sides.")
    if given.get("pbkeylen", "16") not in KEY_LENGTHS:
        raise InvalidInput("pbkeylen is 16, 24 or 32.", "Leave it out, or type what the encoder says.")
    if not given.get("latency", "0").isdigit():
        raise InvalidInput("The latency of an SRT address is in milliseconds.", "Write for example latency=200.")
    if any(sign in "".join(given.values()) for sign in "\r\n\0"):
        raise InvalidInput("An SRT address holds signs that cannot be sent.", "Type it again.")


def reading(source: Source, rules: Rules, attempt: int = 0) -> Reading:
    """How ffmpeg calls an address that was looked at, or listens; ffmpeg counts latency in microseconds.

    Raises:
        AddressRefused, SourceUnavailable: as ``Rules.require``, when we call.
    """
    parts = parsed(source.url)
    given = _parameters(parts)
    options = {"mode": "listener" if source.listens else "caller"}
    options |= {name: given[name] for name in ("passphrase", "streamid", "pbkeylen") if name in given}
    if "passphrase" in given:
        options["enforced_encryption"] = "1"
    if "latency" in given:
        options["latency"] = str(int(given["latency"]) * 1000)
    host = parts.hostname or "0.0.0.0"
    host = f"[{host}]" if ":" in host else host
    if not source.listens:
        options["timeout"] = str(TIMEOUT_MICROSECONDS)
        host = host_of(rules.require(source.url, SCHEMES), attempt)
    return Reading(f"srt://{host}:{parts.port}", options, "srt")
