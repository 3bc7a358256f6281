"""``maaseutu doctor``: checks everything that the system needs, and says how to mend what is wrong."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import metadata
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from config import mail, recognition, stores, writer
from config.settings import Settings
from core import names
from core.capture.disk import free, told
from core.errors import MaaseutuError
from core.language.finnish import Analyser
from core.media import ffmpeg
from core.outside.chat import Chat
from core.telling import notices, post
from maaseutu import ports, services, silence, state
from maaseutu.console import say
from web.studio import opening

OLDEST_PYTHON = (3, 11)
WORKER_SILENCE = timedelta(seconds=90)
FFMPEG_TIMEOUT_S = 20
NEEDED_ENCODERS = ("libx264", "aac")
MODEL_TIMEOUT_S = 60.0
"""A model that was not asked for a while is loaded first."""
MODEL_TOKENS = 300
READY = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": False}
MB = 1 << 20


class Finding(NamedTuple):
    """The result of one check: ``what`` was seen, and the ``cure`` when it is not well."""

    name: str
    well: bool
    what: str
    cure: str = ""


Check = Callable[[Settings], Finding]


def run(settings: Settings, *, send: bool = False) -> int:
    """Say what every check found; gives 1 when something must be mended, else 0. ``send`` a test message, too."""
    checks = CHECKS | ({"Notify": notified} if send else {})
    bad = 0
    for name, check in checks.items():
        finding = _guarded(name, check, settings)
        bad += not finding.well
        for line in report(finding):
            say(line)
    say(f"{bad} to mend." if bad else "All is well.")
    return 1 if bad else 0


def report(finding: Finding) -> list[str]:
    """One line, and under a bad one its cure."""
    line = f"{'ok' if finding.well else '✗ '} {finding.name:<10} {finding.what}"
    return [line, f"{'':<13} {finding.cure}"] if finding.cure and not finding.well else [line]


def _guarded(name: str, check: Check, settings: Settings) -> Finding:
    try:
        return check(settings)
    except MaaseutuError as error:
        return Finding(name, False, error.what, error.cure)


def python(_: Settings) -> Finding:
    """Whether Python is new enough."""
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= OLDEST_PYTHON, version, "Install Python 3.11 or later; make again.")


def ffmpeg_works(settings: Settings) -> Finding:
    """Whether ffmpeg runs and can make what we publish."""
    path = ffmpeg.program(settings.ffmpeg)
    cure = "Leave MAASEUTU_FFMPEG empty to use the one that is installed with us."
    try:
        version = _said(path, "-version").splitlines()[0]
        encoders = _said(path, "-hide_banner", "-encoders").split()
    except (OSError, subprocess.SubprocessError, IndexError) as error:
        return Finding("ffmpeg", False, f"{path} does not run: {error}", cure)
    missing = [name for name in NEEDED_ENCODERS if name not in encoders]
    what = f"{version.split(' Copyright')[0]} at {path}"
    return Finding("ffmpeg", not missing, f"{what}, without {', '.join(missing)}" if missing else what, cure)


def _said(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=FFMPEG_TIMEOUT_S, check=True)
    return done.stdout


def yt_dlp(_: Settings) -> Finding:
    """Whether the program that reads video pages is there; sites change, so its age matters."""
    try:
        return Finding("yt-dlp", True, metadata.version("yt-dlp"))
    except metadata.PackageNotFoundError:
        return Finding("yt-dlp", False, "not installed", "Run make again.")


def speech_model(settings: Settings) -> Finding:
    """Whether speech can be recognised, by which engine and model, and in which languages."""
    about = recognition.checked(settings)
    what = [f"{settings.engine}, {about.model}"]
    what += [f"{about.megabytes} MB"] if about.megabytes is not None else []
    what.append(about.compute)
    what += [f"{about.threads} threads"] if about.threads is not None else []
    known = {True: "multilingual", False: "English only", None: "languages not known"}
    what.append(known[about.multilingual])
    cure = "Set MAASEUTU_MODEL to a multilingual model: broadcasts are in Finnish."
    return Finding("Model", about.multilingual is not False, ", ".join(what), cure)


def storage(settings: Settings) -> Finding:
    """Whether an object can be written, read and removed in both buckets."""
    if not settings.s3_endpoint:
        return Finding("S3", False, "no store is known", "Run `maaseutu up`, or set MAASEUTU_S3_ENDPOINT and its keys.")
    for bucket in (stores.archive(settings), stores.site(settings)):
        key, data = f"probes/{uuid4().hex}", b"maaseutu"
        bucket.put(key, data)
        try:
            bucket.get(key)
        finally:
            bucket.delete(key)
    return Finding("S3", True, f"{settings.s3_endpoint}: written, read and removed in both buckets")


def prefect(settings: Settings) -> Finding:
    """Whether the Prefect server answers, has our work pool, and sees a worker."""
    url = settings.prefect_api_url
    again = "Run `maaseutu down`, then `maaseutu up`."
    if not url:
        return Finding("Prefect", False, "no server is known", "Run `maaseutu up`, or set MAASEUTU_PREFECT_API_URL.")
    if services.fetch(f"{url}/health") is not True:
        return Finding("Prefect", False, f"{url} does not answer", silence.cure(settings))
    if services.fetch(f"{url}/work_pools/{services.POOL}") is None:
        return Finding("Prefect", False, f"{url} has no work pool {services.POOL}", again)
    if not services.worker_seen(url, datetime.now(UTC) - WORKER_SILENCE):
        return Finding("Prefect", False, f"no worker has reported to {url} lately", again)
    version = services.fetch(f"{url}/admin/version")
    return Finding("Prefect", True, f"{version} at {url}, work pool {services.POOL} with a worker")


def web(settings: Settings) -> Finding:
    """Whether the web application answers."""
    if not settings.site_url:
        return Finding("Web", False, "no address is known", "Run `maaseutu up`, or set MAASEUTU_PUBLIC_URL.")
    well = services.http_answers(settings.site_url)
    return Finding("Web", well, settings.site_url + ("" if well else " does not answer"), "Look at its log.")


def disk(settings: Settings) -> Finding:
    """Whether there is room for recordings on their way to the store."""
    settings.state.mkdir(parents=True, exist_ok=True)
    left = free(settings.state)
    cure = f"Make room: MAASEUTU_MIN_FREE_MB wants {settings.min_free_mb} MB free."
    what = f"{settings.state} has {told(left)} free"
    return Finding("Disk", left // MB >= settings.min_free_mb, what, cure)


def fixed_ports(settings: Settings) -> Finding:
    """Whether the ports that the settings name can be had; a running stack has them."""
    if state.is_running(settings.state):
        held = state.read(settings.state).ports
        return Finding("Ports", True, ", ".join(f"{name} {port}" for name, port in held.items()))
    wanted = {"web": settings.web_port, "prefect": settings.prefect_port, "s3": settings.s3_port}
    for name, port in wanted.items():
        if port:
            ports.require(port, f"MAASEUTU_{name.upper()}_PORT", paired=name == "s3")
    chosen = ", ".join(f"{name} {port or 'any free one'}" for name, port in wanted.items())
    return Finding("Ports", True, chosen)


def vocabulary(settings: Settings) -> Finding:
    """Whether Finnish words can be analysed."""
    settings.state.mkdir(parents=True, exist_ok=True)
    with Analyser(settings.vocabulary) as analyser:
        bases = analyser.forms(["kunnissa"])["kunnissa"].bases
    return Finding("Finnish", "kunta" in bases, f"kunnissa → {', '.join(bases) or '?'}", "Install pypykko and kfst-rs.")


def notify(settings: Settings) -> Finding:
    """Whether somebody is told of faults, and the addresses are such."""
    known = notices.addresses(settings.notify.get_secret_value())
    if not known:
        return Finding("Notify", True, "nobody is told of faults while recording (MAASEUTU_NOTIFY is empty)")
    return Finding("Notify", True, ", ".join(address.name for address in known))


def notified(settings: Settings) -> Finding:
    """Whether a test message reaches every address."""
    known = notices.addresses(settings.notify.get_secret_value())
    if not known:
        return Finding("Notify", False, "MAASEUTU_NOTIFY is empty", "Set it as docs/operator.md shows.")
    text = "This is a test. When a fault is seen while a broadcast is recorded, you are told here."
    test = notices.Message("Maaseutu LIVE: a test message", text, bad=False)
    failed = [address.name for address in known if not address.send(test)]
    if failed:
        return Finding("Notify", False, f"not told: {', '.join(failed)}", "Look at the address, and at its server.")
    return Finding("Notify", True, f"a test message was sent to {', '.join(address.name for address in known)}")


def notes_writer(settings: Settings) -> Finding:
    """Whether the language model answers, if one writes the notes."""
    server = writer.server(settings)
    if server is None:
        return Finding("Notes", True, "quotes, without a language model (MAASEUTU_NOTES_SERVER is empty)")
    asked = [{"role": "user", "content": 'Answer with the JSON object {"ok": true}.'}]
    quick = server._replace(seconds=min(server.seconds, MODEL_TIMEOUT_S), waits=())
    Chat(quick).asked(asked, READY, MODEL_TOKENS)
    return Finding("Notes", True, f"{server.model} at {names.shown(server.url)} answers")


def studio(settings: Settings) -> Finding:
    """Whether producers can sign in to the studio, and nobody reads their passwords on the way."""
    if settings.studio == "off":
        return Finding("Studio", True, "switched off (MAASEUTU_STUDIO)")
    site = urlsplit(settings.site_url)
    if site.scheme == "http" and not _is_this_machine(site.hostname or ""):
        cure = "Put a proxy with TLS in front of it, and set MAASEUTU_PUBLIC_URL to its https address."
        return Finding("Studio", False, f"{settings.site_url} is not encrypted", cure)
    if settings.studio == "openid":
        asyncio.run(opening.provider(settings).checked())
        return Finding("Studio", True, f"sign-in by {names.shown(settings.studio_issuer)}, which answers")
    people = opening.passwords(settings).all()
    what = f"sign-in by password: {len(people)}, of them admins: {sum(entry.role == 'admin' for entry in people)}"
    return Finding("Studio", bool(people), what, "Run `maaseutu studio add NAME --role admin`.")


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def mail_server(settings: Settings) -> Finding:
    """Whether the mail server for members lets us in."""
    server = mail.server(settings)
    if server is None:
        return Finding("Mail", True, "members get no e-mail (MAASEUTU_SMTP_HOST is empty)")
    post.check(server)
    return Finding("Mail", True, f"{server.host} lets us in; messages come from {server.sender}")


CHECKS: dict[str, Check] = {
    "Python": python,
    "ffmpeg": ffmpeg_works,
    "yt-dlp": yt_dlp,
    "Model": speech_model,
    "Finnish": vocabulary,
    "Disk": disk,
    "Ports": fixed_ports,
    "S3": storage,
    "Prefect": prefect,
    "Web": web,
    "Notify": notify,
    "Notes": notes_writer,
    "Studio": studio,
    "Mail": mail_server,
}
