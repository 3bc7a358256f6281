"""The supervisor's parts with real processes, and the storage part of the stack as a whole."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import psutil
import pytest
from prefect.settings.models.server.ui import ServerUISettings
from pydantic import SecretStr

from config import stores
from config.settings import Settings, environment, load
from core.errors import AddressRefused, ChildFailed, Misconfigured, StorageDenied
from core.outside import addresses
from maaseutu import demo, ports, processes, services, state
from maaseutu.processes import MARK, Program, Service
from maaseutu.stack import Stack
from maaseutu.state import StackState

pytestmark = pytest.mark.slow

FOREVER = "import signal; signal.pause()"
STUBBORN = (
    "import signal, pathlib, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    " pathlib.Path(sys.argv[1]).touch(); signal.pause()"
)
DEADLINE_S = 20.0


def wait_for(condition: Any) -> None:
    """Wait until a condition holds; a test fails when it does not in time."""
    deadline = monotonic() + DEADLINE_S
    while not condition():
        assert monotonic() < deadline, "the condition did not come true in time"
        Event().wait(0.02)


def program(tmp_path: Path, code: str, *arguments: str, mark: str = "", ready: Any = None) -> Program:
    """A small Python program as a service."""
    return Program(
        name="small",
        title="Small",
        argv=(sys.executable, "-c", code, *arguments),
        env=os.environ | {MARK: mark},
        log=tmp_path / "small.log",
        ready=ready or (lambda: True),
        start_s=DEADLINE_S,
    )


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which this process listens."""
    with closing(socket.create_server((ports.LOOPBACK, 0))) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_named_with_its_holder_and_its_setting(taken: int) -> None:
    with pytest.raises(Misconfigured) as error:
        ports.require(taken, "MAASEUTU_WEB_PORT")
    assert str(taken) in error.value.what
    assert f"pid {os.getpid()}" in error.value.what
    assert "MAASEUTU_WEB_PORT" in error.value.cure


def test_the_pair_of_a_port_must_be_free_too(taken: int) -> None:
    with pytest.raises(Misconfigured, match=str(taken)):
        ports.require(taken - ports.PAIR_OFFSET, "MAASEUTU_S3_PORT", paired=True)


def test_the_port_of_the_last_time_is_taken_again_if_it_is_free(taken: int) -> None:
    first = ports.pick()
    assert ports.pick(first) == first
    assert ports.pick(taken) != taken
    assert ports.pick(first, taken={first}) != first


def test_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, signal; from maaseutu.state import Lock;"
        "lock = Lock(pathlib.Path(sys.argv[1])); lock.acquire(); print('held', flush=True); signal.pause()"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert holder.stdout
    assert holder.stdout.readline() == b"held\n"
    assert state.is_running(tmp_path)
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert not state.is_running(tmp_path)


def test_a_damaged_state_file_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / state.STATE_FILE).write_text('{"pid": ')
    assert state.read(tmp_path) == state.StackState()


def test_secrets_are_written_for_their_owner_only(settings: Settings) -> None:
    told = settings.model_copy(update={"s3_endpoint": "http://127.0.0.1:1", "s3_secret_key": SecretStr("abc")})
    state.write_environment(settings.state, told)
    path = settings.state / "stack.env"
    assert path.stat().st_mode & 0o777 == 0o600
    assert load().s3_secret_key.get_secret_value() == "abc"


def test_a_service_that_dies_is_started_again_and_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    service = Service(program(tmp_path, FOREVER), said.append)
    service.start()
    first = service.pid
    os.killpg(first, signal.SIGKILL)
    wait_for(lambda: not service.alive)
    wait_for(service.mend)
    assert service.alive
    assert service.pid != first
    assert said == ["Small ended (signal SIGKILL); starting it again in 1 s."]
    service.stop(0)


def test_a_service_that_ends_at_its_start_tells_why(tmp_path: Path) -> None:
    service = Service(program(tmp_path, "raise SystemExit('no such thing')", ready=lambda: False), lambda _: None)
    service.start()
    with pytest.raises(ChildFailed, match="no such thing"):
        service.wait_ready()


def test_a_service_that_ignores_sigterm_is_killed_after_its_grace(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    service = Service(program(tmp_path, STUBBORN, str(mark)), lambda _: None)
    service.start()
    wait_for(mark.exists)
    service.stop(0.2)
    assert not service.alive


def test_the_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    for word in ("first", "second"):
        processes.finish(program(tmp_path, f"print('{word}')"), print)
    assert (tmp_path / "small.log").read_text() == "second\n"
    assert (tmp_path / "small.log.1").read_text() == "first\n"


def test_who_waits_is_told_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "TELL_EVERY_S", 0.0)
    said: list[str] = []

    def tell(text: str) -> None:
        said.append(text)
        (tmp_path / "told").touch()

    until_told = "import pathlib, sys\nwhile not pathlib.Path(sys.argv[1]).exists(): pass"
    processes.finish(program(tmp_path, until_told, str(tmp_path / "told")), tell)
    assert said[0] == "Small: 0 s"
    service = Service(program(tmp_path, FOREVER, ready=lambda: "starting" in said[-1]), tell)
    service.start()
    service.wait_ready()
    assert said[-1] == "Small is starting: 0 s"
    service.stop(0)


def test_marked_processes_are_found_without_their_parents_and_nobody_else(tmp_path: Path) -> None:
    code = f"import subprocess, sys;subprocess.Popen([sys.executable, '-c', {FOREVER!r}], start_new_session=True)"
    stranger = subprocess.Popen([sys.executable, "-c", FOREVER], env=os.environ | {MARK: "another"})
    processes.finish(program(tmp_path, code, mark="orphan-test"), print)
    orphans = processes.marked("orphan-test")
    assert len(orphans) == 1
    assert processes.end(orphans, grace=1) == 1
    assert processes.marked("orphan-test") == []
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()
    assert processes.marked("") == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_service_ends_with_its_supervisor(tmp_path: Path) -> None:
    code = (
        "import sys, os, signal, pathlib; from maaseutu.processes import Program, launch;"
        f"p = launch(Program('s', 'S', (sys.executable, '-c', {FOREVER!r}), os.environ, pathlib.Path(sys.argv[1]),"
        " lambda: True)); print(p.pid, flush=True); signal.pause()"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "s.log")], stdout=subprocess.PIPE)
    assert supervisor.stdout
    child = psutil.Process(int(supervisor.stdout.readline()))
    wait_for(lambda: FOREVER in child.cmdline())
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_storage_alone_starts_keeps_its_data_and_leaves_nothing(settings: Settings) -> None:
    with Stack(settings, services=("storage",)) as stack:
        bucket = stores.archive(stack.settings)
        bucket.put("a/b", b"kunta")
        assert load().s3_endpoint == stack.settings.s3_endpoint
        endpoint, pid = stack.settings.s3_endpoint, stack.pids["storage"]
        with pytest.raises(Misconfigured, match="already"):
            Stack(settings, services=("storage",)).start()
        wrong = stack.settings.model_copy(update={"s3_secret_key": SecretStr("wrong")})
        with pytest.raises(StorageDenied):
            stores.archive(wrong).get("a/b")
    assert not psutil.pid_exists(pid)
    assert not (settings.state / "stack.env").exists()
    assert not state.is_running(settings.state)
    with Stack(load(), services=("storage",)) as again:
        assert again.settings.s3_endpoint == endpoint
        assert stores.archive(again.settings).get("a/b") == b"kunta"


def test_storage_is_not_ready_before_its_volumes_are(tmp_path: Path) -> None:
    port = ports.pick(paired=True)
    options = {"ip": ports.LOOPBACK, "port": port, "port.grpc": port + ports.PAIR_OFFSET, "mdir": tmp_path}
    argv = [services.weed(), "master", *(f"-{name}={value}" for name, value in options.items())]
    master = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: services.fetch(f"http://{ports.LOOPBACK}:{port}/dir/status"))
        assert not services.has_volumes(port)
    finally:
        master.kill()
        master.wait()
        services.remove_sockets({"master": port})


def test_a_killed_supervisor_does_not_hinder_the_next(settings: Settings) -> None:
    code = (
        "import signal; from config.settings import load; from maaseutu.stack import Stack;"
        "Stack(load(), services=('storage',)).start(); print('up', flush=True); signal.pause()"
    )
    first = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert first.stdout
    assert any(line == b"up\n" for line in first.stdout)
    mark = state.read(settings.state).mark
    left = subprocess.Popen([sys.executable, "-c", FOREVER], env=os.environ | {MARK: mark}, start_new_session=True)
    first.kill()
    first.wait()
    first.stdout.close()
    state.forget_environment(settings.state)
    with Stack(load(), services=("storage",)) as stack:
        assert left.wait(DEADLINE_S) is not None
        assert stores.archive(stack.settings).head("nothing") is None


def test_a_copied_state_folder_does_not_end_the_stack_it_was_copied_from(settings: Settings, tmp_path: Path) -> None:
    with Stack(settings, services=("storage",)) as original:
        copy = tmp_path / "copy"
        copy.mkdir()
        shutil.copy(settings.state / state.STATE_FILE, copy)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MAASEUTU_STATE", str(copy))
            assert state.mark_of(copy) == ""
            with Stack(load(), services=("storage",)) as second:
                assert second.settings.s3_endpoint != original.settings.s3_endpoint
        assert psutil.pid_exists(original.pids["storage"])
        assert stores.archive(original.settings).head("nothing") is None


def test_a_store_of_the_settings_is_used_and_none_is_started(settings: Settings) -> None:
    with Stack(settings, services=("storage",)) as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAASEUTU_STATE", str(settings.state.parent / "other"))
        for name in ("s3_endpoint", "s3_access_key"):
            patch.setenv(f"MAASEUTU_{name.upper()}", getattr(stack.settings, name))
        patch.setenv("MAASEUTU_S3_SECRET_KEY", stack.settings.s3_secret_key.get_secret_value())
        with Stack(load(), services=("storage",)) as second:
            assert second.pids == {}
            assert second.settings.s3_endpoint == stack.settings.s3_endpoint


def test_a_port_of_the_settings_that_is_taken_stops_the_start(settings: Settings, taken: int) -> None:
    wanted = settings.model_copy(update={"web_port": taken})
    with pytest.raises(Misconfigured, match="MAASEUTU_WEB_PORT"):
        Stack(wanted, services=("web",)).start()
    assert not state.is_running(settings.state)


def test_prefect_opens_the_pages_of_the_manuals(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ServerUISettings().v2_enabled, "Prefect's own default"
    for name, value in services.prefect_server(settings, 1, {}).env.items():
        monkeypatch.setenv(name, value)
    assert not ServerUISettings().v2_enabled


def test_the_demo_may_be_recorded_and_nothing_beside_it(settings: Settings, taken: int) -> None:
    demonstrated = services.with_demo(settings, 12_345)
    assert settings.private_sources == ""
    assert demonstrated.private_sources == "127.0.0.1:12345"
    assert addresses.parse(environment(demonstrated)["MAASEUTU_PRIVATE_SOURCES"]).require("http://127.0.0.1:12345/a")
    with pytest.raises(AddressRefused):
        addresses.parse(demonstrated.private_sources).require(f"http://127.0.0.1:{taken}/a")
    camera = settings.model_copy(update={"private_sources": "10.1.2.3"})
    assert services.with_demo(camera, 12_345).private_sources == "10.1.2.3,127.0.0.1:12345"


def test_the_port_of_the_demo(settings: Settings, taken: int) -> None:
    with pytest.raises(Misconfigured, match="knows no port for the demo"):
        demo.port(settings)
    state.write(settings.state, StackState(ports={services.DEMO: taken}))
    with pytest.raises(Misconfigured, match=f"Port {taken}, on which the demo plays, is taken by"):
        demo.port(settings)
    free = ports.pick()
    state.write(settings.state, StackState(ports={services.DEMO: free}))
    assert demo.port(settings) == free


@pytest.mark.parametrize("text", ["127.0.0.1/8", "http://kunta.fi", "10.0.0.0/8;10.1.0.0/16"])
def test_private_sources_that_say_nothing(text: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAASEUTU_PRIVATE_SOURCES", text)
    with pytest.raises(Misconfigured, match="MAASEUTU_PRIVATE_SOURCES"):
        load()
