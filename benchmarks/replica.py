"""A web process that begins with a snapshot of a big index: when it answers, how soon over HTTP, in how much memory."""

import dataclasses
import http.client
import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from urllib.parse import quote

import psutil

from benchmarks import own_stack
from config import stores
from config.settings import Settings, environment
from core.child import Child
from core.language.finnish import Analyser
from core.models import WordForms
from core.search.index import SearchIndex
from maaseutu import ports
from maaseutu.services import ALLOCATOR
from web.snapshots import Writer

CLIENTS = 8
LONGEST_S = 300.0
HOST = "127.0.0.1"


@dataclasses.dataclass(frozen=True)
class Measured:
    """Seconds until the snapshot is written, and until a new process answers from it; milliseconds; bytes."""

    written_s: float
    ready_s: float
    times_ms: Sequence[float]
    resident: int


def measure(index: Path, known: dict[str, WordForms], queries: Sequence[str]) -> Measured:
    """``known`` is what the archive's vocabulary has of the words of the ``queries``, so that no analyser runs."""
    with own_stack.running(("storage",)) as stack:
        port = ports.pick()
        settings = stack.settings.model_copy(
            update={"index_bucket": "maaseutu-index", "searches_per_minute": 0, "web_host": HOST, "web_port": port}
        )
        written_s = _written(settings, index, known)
        began = time.perf_counter()
        log = settings.state / "replica.log"
        with Child([sys.executable, "-m", "web"], log, env=environment(settings) | ALLOCATOR) as child:
            while not _answers(port):
                if child.poll() is not None or time.perf_counter() - began > LONGEST_S:
                    raise child.error()
                time.sleep(0.1)
            ready_s = time.perf_counter() - began
            with ThreadPoolExecutor(CLIENTS) as clients:
                shares = [queries[number::CLIENTS] for number in range(CLIENTS)]
                times = [each for found in clients.map(_asked, repeat(port), shares) for each in found]
            return Measured(written_s, ready_s, sorted(times), psutil.Process(child.pid).memory_info().rss)


def _written(settings: Settings, index: Path, known: dict[str, WordForms]) -> float:
    vocabulary = index.with_name("words.sqlite")
    with Analyser(vocabulary) as analyser:
        analyser.learn(known)
    store = stores.snapshots(settings)
    assert store
    began = time.perf_counter()
    with SearchIndex(index) as found:
        Writer(store, found, index, vocabulary).write()
    return time.perf_counter() - began


def _answers(port: int) -> bool:
    try:
        return bool(_total(http.client.HTTPConnection(HOST, port, timeout=10), "kunta"))
    except OSError:
        return False


def _asked(port: int, queries: Sequence[str]) -> list[float]:
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    times = []
    for query in queries:
        began = time.perf_counter()
        _total(connection, query)
        times.append(1000 * (time.perf_counter() - began))
    return times


def _total(connection: http.client.HTTPConnection, query: str) -> int:
    connection.request("GET", f"/api/v1/search?q={quote(query)}")
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.client.OK:
        raise OSError(f"{query}: {answer.status} {os.fsdecode(body)}")
    return int(json.loads(body)["total"])
