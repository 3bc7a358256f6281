"""A real S3 store for the tests of the web application, and an example site in it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from core import keys
from core.bucket import Bucket
from core.errors import MaaseutuError
from core.index import SearchIndex
from tests.web import demo
from web import render, strings

SECRET = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "tester-secret"}
SERVERS = ("master", "volume", "filer", "s3")


def free_ports(count: int) -> list[int]:
    """Free ports whose number plus 10000, where weed puts its gRPC, is a port too."""
    found: list[int] = []
    while len(found) < count:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            port = server.getsockname()[1]
        if port < 55_000 and port not in found:
            found.append(port)
    return found


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory):
    """URL of the store."""
    ports = dict(zip(SERVERS, free_ports(len(SERVERS)), strict=True))
    folder = tmp_path_factory.mktemp("weed")
    command = [Path(sys.executable).with_name("weed"), "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    command += [f"-{name}.port={port}" for name, port in ports.items()]
    command += ["-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0"]
    with (folder.parent / "weed.log").open("wb") as log:
        process = subprocess.Popen(command, env=os.environ | SECRET, stdout=log, stderr=log, start_new_session=True)
    try:
        yield ready(f"http://127.0.0.1:{ports['s3']}")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ready(url: str) -> str:
    """The URL, once a bucket can be made and written."""
    deadline = time.monotonic() + 60
    while True:
        try:
            bucket(url, "ready").create()
            bucket(url, "ready").put("x", b"x")
        except MaaseutuError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return url


def bucket(url: str, name: str) -> Bucket:
    """A bucket of the store."""
    access, secret = SECRET.values()
    return Bucket(name, endpoint=url, access_key=access, secret_key=secret)


@pytest.fixture
def public(endpoint) -> Bucket:
    """A new, empty public bucket."""
    made = bucket(endpoint, f"site-{uuid4().hex[:8]}")
    made.create(public=True)
    return made


@pytest.fixture(scope="session")
def fi() -> strings.Strings:
    """The Finnish texts."""
    return strings.load("fi")


@pytest.fixture
def site(public, fi) -> Bucket:
    """A public bucket with the example episode, its page and a file of 5000 bytes."""
    shown = demo.episode()
    public.put(keys.media(demo.ID, "abc"), bytes(range(250)) * 20)
    public.put(keys.asset(demo.ID, demo.VERSION, "captions.vtt"), demo.captions(shown).encode())
    public.put_record(keys.search_document(demo.ID, demo.VERSION), demo.search_document(shown))
    public.put_record(keys.card(demo.ID), demo.card(shown))
    public.put(keys.page(demo.ID), render.episode_page(shown, demo.VERSION, fi).encode())
    public.put(keys.FRONT_PAGE, render.front_page([demo.card(shown)], fi).encode())
    return public


@pytest.fixture
def index(tmp_path):
    """An empty search index."""
    with SearchIndex(tmp_path / "index") as made:
        yield made
