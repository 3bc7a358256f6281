"""The embedded stack: S3 store, Prefect server, worker and web application under one supervisor.

What the settings name elsewhere (an S3 endpoint, a Prefect API) is used there and not started here.
"""

import os
import signal
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Self

from config import stores
from config.settings import Settings
from core.errors import ChildFailed, Misconfigured
from maaseutu import founding, ports, processes, services, state
from maaseutu.console import Reporter
from maaseutu.processes import Program, Report, Service
from maaseutu.state import Lock, Running, StackState

ALL = ("storage", "prefect", "worker", "web")
PROJECT = Path(__file__).parents[1]
WATCH_S = 0.5
GRACE_RUNS_S = 4.0
GRACE_SERVERS_S = 2.5
# SeaweedFS needs more than twenty seconds to stop when asked, and loses nothing when it is killed.
GRACE_STORAGE_S = 1.0


class Stack:
    """A stack of one state folder. ``settings`` point at it once it has started.

    As a context it is ready inside and stopped, with everything it started, within ten seconds afterwards.

    Raises:
        Misconfigured: a stack runs in this folder already, or a port that the settings name is taken.
        ChildFailed: a service did not start.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        services: Collection[str] = ALL,
        project: Path = PROJECT,
        report: Report | None = None,
    ) -> None:
        self.settings = settings
        self._wanted = frozenset(services)
        self._project = project
        self._report = report or Reporter(settings.logs / "supervisor.log")
        self._lock = Lock(settings.state)
        self._mark = state.new_mark(settings.state)
        self._ports: dict[str, int] = {}
        self._services: dict[str, Service] = {}
        self._started_at = datetime.now(UTC)
        self._stopping, self._stopped = Event(), Event()
        self._watcher = Thread(target=self._watch, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of the services that run, by name."""
        return {name: service.pid for name, service in self._services.items()}

    def start(self) -> None:
        """Start everything and return when it is ready; on any failure stop what was started."""
        if not self._lock.acquire():
            raise Misconfigured(f"A stack runs in {self.settings.state} already.", "Stop it with `maaseutu down`.")
        try:
            self._clear()
            self._start()
        except BaseException:
            self.stop()
            raise

    def _clear(self) -> None:
        """End what a killed supervisor left running."""
        left = processes.end(processes.marked(state.mark_of(self.settings.state)), grace=0)
        if left:
            self._report(f"Ended {left} processes of an earlier stack that was killed.")

    def _start(self) -> None:
        self._started_at = datetime.now(UTC)
        self._choose()
        self._save(ready=False)
        for program in self._stores():
            self._run(program)
        self._wait("storage")
        self._fill()
        if "web" in self._wanted:
            self._open_site()
        self._wait("prefect")
        if "worker" in self._wanted:
            self._run(self._worker())
            self._deploy()
            self._wait("worker")
        self._save(ready=True)
        state.write_environment(self.settings.state, self.settings)
        self._watcher.start()

    def _choose(self) -> None:
        """Choose the ports, and point the settings at what will listen there."""
        before = state.read(self.settings.state).ports
        if "storage" in self._wanted and not self.settings.s3_endpoint:
            self._take("s3", before, self.settings.s3_port, paired=True)
            for name in services.STORAGE_PORTS[1:]:
                self._take(name, before, 0, paired=True)
            self.settings = services.with_storage(self.settings, self._ports["s3"])
        if "prefect" in self._wanted and not self.settings.prefect_api_url:
            self._take("prefect", before, self.settings.prefect_port)
            self._set(prefect_api_url=f"http://{ports.LOOPBACK}:{self._ports['prefect']}/api")
        if "web" in self._wanted:
            self._take("web", before, self.settings.web_port, host=self.settings.web_host)
            self._set(web_port=self._ports["web"])
            host = services.local_host(self.settings.web_host)
            self._set(public_url=self.settings.public_url or f"http://{host}:{self._ports['web']}")
        if "worker" in self._wanted:
            self._take(services.DEMO, before, 0)
            self.settings = services.with_demo(self.settings, self._ports[services.DEMO])

    def _take(self, name: str, before: dict[str, int], wanted: int, *, host: str = "", paired: bool = False) -> None:
        host = host or ports.LOOPBACK
        taken = {p + offset for p in self._ports.values() for offset in (0, ports.PAIR_OFFSET)}
        if wanted:
            self._ports[name] = ports.require(wanted, f"MAASEUTU_{name.upper()}_PORT", host=host, paired=paired)
        else:
            self._ports[name] = ports.pick(before.get(name, 0), taken=taken, host=host, paired=paired)

    def _set(self, **changes: object) -> None:
        self.settings = self.settings.model_copy(update=changes)

    def _environment(self) -> dict[str, str]:
        embedded = "prefect" in self._ports
        return services.process_environment(self.settings, self._mark, self._project, embedded=embedded)

    def _stores(self) -> list[Program]:
        """What the rest needs: the S3 store and the Prefect server, as far as they are ours."""
        programs = []
        if "s3" in self._ports:
            programs.append(services.storage(self.settings, self._ports, self._mark))
        if "prefect" in self._ports:
            programs.append(services.prefect_server(self.settings, self._ports["prefect"], self._environment()))
        return programs

    def _worker(self) -> Program:
        # Prefect's clock may differ a little from ours when it runs elsewhere.
        since = datetime.now(UTC) - timedelta(seconds=0 if "prefect" in self._ports else 5)
        return services.worker(self.settings, self._environment(), since)

    def _run(self, program: Program) -> None:
        self._report(f"Starting {program.title}…")
        service = Service(program, self._report)
        self._services[program.name] = service
        service.start()
        self._save(ready=False)

    def _wait(self, name: str) -> None:
        if service := self._services.get(name):
            self._report(f"{service.program.title} ready in {service.wait_ready():.1f} s")

    def _fill(self) -> None:
        if self.settings.s3_endpoint:
            stores.create(self.settings)

    def _open_site(self) -> None:
        """See that there is a front page, and start the web application; viewers need neither Prefect nor flows."""
        if self.settings.s3_endpoint and not founding.is_done(stores.site(self.settings)):
            try:
                self._do(services.first_pages(self.settings, self._environment()))
            except ChildFailed as error:
                # Broadcasts can be recorded without them, and the first that is published writes them.
                self._report(str(error))
        self._run(services.web(self.settings, self._environment()))
        self._wait("web")
        self._report(f"The site is at {self.settings.site_url}")

    def _deploy(self) -> None:
        self._do(services.deployments(self.settings, self._environment(), self._project))

    def _do(self, program: Program) -> None:
        """Run a program to its end."""
        self._report(f"{program.title}…")
        self._report(f"{program.title} took {processes.finish(program, self._report):.1f} s")

    def _watch(self) -> None:
        """Start again what dies. Ends last: Linux would end the services that this thread started with it."""
        while not self._stopped.wait(WATCH_S):
            if self._stopping.is_set():
                continue
            mended = [service for service in self._services.values() if service.mend()]
            for service in mended:
                self._report(f"{service.program.title} started again (pid {service.pid})")
            if mended:
                self._save(ready=True)

    def stop(self) -> None:
        """Stop everything: flow runs and the worker first, the stores last. Harmless when nothing runs."""
        began = monotonic()
        self._stopping.set()
        try:
            self._end_runs()
            self._end("web", "prefect", grace=GRACE_SERVERS_S)
            self._end("storage", grace=GRACE_STORAGE_S)
            processes.end(processes.marked(self._mark), grace=0)
        finally:
            self._stopped.set()
            if self._watcher.is_alive():
                self._watcher.join()
        if self._services:
            self._report(f"Stopped in {monotonic() - began:.1f} s")
        self._leave()

    def _leave(self) -> None:
        services.remove_sockets(self._ports)
        self._services.clear()
        if self._lock.held:
            state.write(self.settings.state, StackState(ports=state.read(self.settings.state).ports | self._ports))
        self._lock.release()
        state.forget_environment(self.settings.state)

    def _end_runs(self) -> None:
        """The worker and its flow runs, which have groups of their own, get the same time to finish."""
        servers = {service.pid for name, service in self._services.items() if name != "worker"}
        processes.end((p for p in processes.marked(self._mark) if _group(p.pid) not in servers), GRACE_RUNS_S)
        self._end("worker", grace=0)

    def _end(self, *names: str, grace: float) -> None:
        chosen = [self._services[name] for name in names if name in self._services]
        for service in chosen:
            processes.signal_group(service.pid, signal.SIGTERM)
        deadline = monotonic() + grace
        for service in chosen:
            service.stop(max(0.0, deadline - monotonic()))

    def _save(self, *, ready: bool) -> None:
        state.write(
            self.settings.state,
            StackState(
                pid=os.getpid(),
                created=state.created(os.getpid()),
                mark=self._mark,
                started_at=self._started_at,
                ready=ready,
                ports=self._ports,
                urls=self.urls,
                services=tuple(_running(service) for service in self._services.values()),
            ),
        )

    @property
    def urls(self) -> dict[str, str]:
        """Addresses for people and programs: site, prefect (the UI), s3."""
        found = {
            "site": self.settings.site_url if "web" in self._ports else "",
            "prefect": self.settings.prefect_api_url.removesuffix("/api"),
            "s3": self.settings.s3_endpoint,
        }
        return {name: url for name, url in found.items() if url}


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def _running(service: Service) -> Running:
    program = service.program
    began = state.created(service.pid)
    return Running(
        name=program.name,
        title=program.title,
        pid=service.pid,
        created=began,
        log=program.log,
        restarts=service.restarts,
    )
