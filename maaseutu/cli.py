"""The command line: ``maaseutu COMMAND``. Every command ends with one clear line when it cannot do what was asked.

A command imports what it needs when it runs: for help nobody should wait for libraries.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from core.errors import MaaseutuError
from core.identifiers import identifier
from maaseutu import requests
from maaseutu.console import say

if TYPE_CHECKING:
    from config.settings import Settings

EXIT_ERROR = 1
EXIT_INTERRUPTED = 130

Command = Callable[[argparse.Namespace], int | None]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

EPILOG = """\
A first try:    maaseutu demo
Every day:      maaseutu up               start everything, and leave this window open
                maaseutu record https://… record a broadcast that is on the air
                maaseutu steer ID --stop  end its recording; also to extend it, or to mark a moment
                maaseutu import FILE      publish a recording
                maaseutu search WORDS     find what was said
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code."""
    arguments = parser().parse_args(argv)
    try:
        return arguments.run(arguments) or 0
    except MaaseutuError as error:
        sys.stderr.write(f"Error: {error.what}\n" + (f"{error.cure}\n" if error.cure else ""))
        return EXIT_ERROR
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """The commands with their help."""
    top = argparse.ArgumentParser(
        prog="maaseutu",
        description="Records, transcribes and publishes Maaseutu LIVE broadcasts.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _add_stack(commands)
    _add_broadcasts(commands)
    _add_questions(commands)
    _add_studio(commands)
    return top


def _command(commands: Commands, name: str, text: str, run: Command) -> argparse.ArgumentParser:
    added = commands.add_parser(name, help=text, description=text)
    added.set_defaults(run=run)
    return added


def _add_stack(commands: Commands) -> None:
    up = _command(commands, "up", "Start the system on this computer; Ctrl-C stops it.", _up)
    up.add_argument("--detach", action="store_true", help="start it in the background and return when it is ready")
    _command(commands, "down", "Stop the system that runs on this computer.", _down)
    _command(commands, "demo", "Play a sample broadcast live and publish it, to see how everything works.", _demo)


def _add_broadcasts(commands: Commands) -> None:
    text = "Publish a finished recording: a video file on this computer, or the address of one."
    took = _command(commands, "import", text, _import)
    took.add_argument("source", metavar="FILE_OR_URL", help="the video file, or its address (also a YouTube page)")
    took.add_argument("--date", default="", help="when it was broadcast: 2026-11-24 or 2026-11-24T09:00")
    _add_description(took)
    live = _command(commands, "record", "Record a broadcast that is on the air, and publish it.", _record)
    live.add_argument("source", metavar="URL", help="address of the live stream (also rtmp, srt), or of its page")
    live.add_argument("--probe", action="store_true", help="only read some seconds, and say what the source is")
    live.add_argument("--minutes", type=int, default=0, help="stop after so many minutes, if it has not ended before")
    live.add_argument("--recorder", default="", metavar="NAME", help="a further recorder of the same --broadcast: b")
    live.add_argument("--wait", type=int, default=0, metavar="MINUTES", help="wait so long for a stream not yet on air")
    _add_description(live)
    told = _command(commands, "steer", "Tell a recording that runs: go on, stop, or mark this moment.", _steer)
    told.add_argument("broadcast", metavar="ID", help="as in its run's name; see maaseutu status")
    order = told.add_mutually_exclusive_group(required=True)
    order.add_argument("--minutes", type=int, metavar="N", help="end so many minutes from now, later or earlier")
    order.add_argument("--stop", action="store_true", help="end now; what came is kept, prepared and published")
    order.add_argument("--mark", metavar="TEXT", help="a chapter with this title begins now")
    told.add_argument("--recorder", default="", metavar="NAME", help="only this recorder; by default all of them")
    _add_correct(commands)
    _add_members(commands)
    swept = _command(commands, "sweep", "Finish what is unfinished: recordings without a page.", _sweep)
    swept.add_argument("--dry-run", action="store_true", help="only say in the Prefect UI what would be done")


def _add_correct(commands: Commands) -> None:
    right = _command(commands, "correct", "Correct what the machine heard at a moment of an episode.", _correct)
    right.add_argument("broadcast", metavar="ID", help="as in the page's address; see maaseutu status")
    right.add_argument(
        "--at",
        required=True,
        nargs="+",
        metavar=("H.MM.SS", "TEXT"),
        help="a moment of the passage, as the page shows it (0.07, also 0:07), and in quotes what the passage says",
    )
    right.add_argument("--confirm", action="store_true", help="the passage is right as it is")
    right.add_argument("--delete", action="store_true", help="the passage was not said at all")
    right.add_argument("--author", default="", metavar="NAME", help="who corrects; by default the login name")
    right.add_argument("--publish", action="store_true", help="publish the episode anew, and wait for its page")


def _add_members(commands: Commands) -> None:
    listed = _command(commands, "members", "Bring the list of who is told in and out; see who would be told.", _members)
    listed.add_argument("action", choices=requests.ON_MEMBERS, help="preview: who would get what now; nothing is sent")
    listed.add_argument("what", nargs="?", default="", metavar="FILE_OR_ADDRESS", help="the table, or whom to remove")


def _add_description(command: argparse.ArgumentParser) -> None:
    command.add_argument("--title", default="", help="title of the page; by default from the name of the source")
    command.add_argument("--programme", default="", help="the series it belongs to, as named in config/programmes.toml")
    command.add_argument(
        "--broadcast", default="", help="its name in addresses (a-z, 0-9, hyphens); by default made up"
    )
    command.add_argument("--agenda", nargs="+", default=[], metavar="ITEM", help="the agenda items, each in quotes")
    command.add_argument("--names", nargs="+", default=[], metavar="NAME", help="people and places that will be named")
    command.add_argument("--no-wait", action="store_true", help="return at once instead of following the work")


def _add_questions(commands: Commands) -> None:
    words = _command(commands, "search", "Find what was said in the published broadcasts.", _search)
    words.add_argument("words", nargs="+", metavar="WORDS", help='words in any form: kunta finds "kunnissa"')
    words.add_argument("--limit", type=int, default=10, help="how many to show (10)")
    whole = _command(commands, "verify", "Read a recording again, and say whether it is whole.", _verify)
    whole.add_argument("broadcast", metavar="ID", help="as in the page's address; see maaseutu status")
    named = _command(commands, "person", "Find all that is kept in which somebody is named.", _person)
    named.add_argument("name", metavar="NAME", help='first name and surname in quotes: "Matti Virtanen"')
    named.add_argument("--json", action="store_true", help="as JSON, for programs")
    _command(commands, "status", "Show what runs, what is recorded and what is unfinished.", _status)
    text = "Check that everything needed works, and say how to mend what does not."
    checked = _command(commands, "doctor", text, _doctor)
    checked.add_argument(
        "--notify", action="store_true", help="send a test message to the addresses of MAASEUTU_NOTIFY"
    )


def _add_studio(commands: Commands) -> None:
    text = "Say who may sign in to the studio by a password, and show who did what there."
    people = _command(commands, "studio", text, _studio)
    people.add_argument(
        "what",
        choices=("add", "passwd", "role", "remove", "end", "list", "log"),
        help="add somebody, give another password or role, remove somebody, end their sessions; list them; the log",
    )
    people.add_argument("name", nargs="?", default="", metavar="NAME", help="who: the name is typed to sign in")
    people.add_argument("--role", default="", choices=("producer", "admin"), help="what they may do")
    people.add_argument("--day", default="", metavar="DAY", help="the day of the log: 2026-11-28; by default today")


def _up(arguments: argparse.Namespace) -> None:
    from maaseutu import supervisor

    supervisor.up(detach=arguments.detach)


def _down(_: argparse.Namespace) -> None:
    from maaseutu import supervisor

    supervisor.down()


def _demo(_: argparse.Namespace) -> None:
    _quiet_prefect(_settings())
    from maaseutu import demo

    demo.run()


def _import(arguments: argparse.Namespace) -> None:
    source = requests.checked_source(arguments.source)
    starts_at = requests.moment(arguments.date) if arguments.date else None
    title = arguments.title or requests.title_of(source)
    about = _described(arguments, title, starts_at or datetime.now(UTC))
    request = requests.import_recording(source, about, starts_at=starts_at)
    _start(requests.IMPORT, request, arguments)


def _record(arguments: argparse.Namespace) -> int | None:
    if arguments.probe:
        from maaseutu import probing

        return 0 if probing.run(_settings(), requests.checked_source(arguments.source)) else EXIT_ERROR
    title = arguments.title or requests.title_of(arguments.source)
    url = requests.checked_url(arguments.source)
    about = _described(arguments, title, datetime.now(UTC))
    recorder = requests.checked_recorder(arguments.recorder, arguments.broadcast)
    request = requests.capture(url, about, minutes=arguments.minutes, wait_minutes=arguments.wait, recorder=recorder)
    _start(requests.CAPTURE, request, arguments)
    return None


def _steer(arguments: argparse.Namespace) -> None:
    broadcast = requests.checked_id(arguments.broadcast)
    recorder = requests.checked_recorder(arguments.recorder, broadcast)
    request = requests.steer(
        broadcast,
        minutes=requests.checked_minutes(arguments.minutes),
        stop=arguments.stop,
        mark=requests.checked_mark(arguments.mark),
        recorder=recorder,
    )
    settings = _quiet_prefect(_settings())
    from maaseutu import steer

    steer.run(settings, request)


def _correct(arguments: argparse.Namespace) -> None:
    from maaseutu import correct

    broadcast = requests.checked_id(arguments.broadcast)
    at, *words = arguments.at
    asked = correct.asked(
        at,
        " ".join(words),
        delete=arguments.delete,
        confirm=arguments.confirm,
        author=arguments.author,
    )
    correct.run(_settings(), broadcast, asked)
    if not arguments.publish:
        say(f"To show it: start the deployment publish with {broadcast}, or add --publish to the last correction.")
        return
    settings = _quiet_prefect(_settings())
    from maaseutu import broadcasts

    broadcasts.start(settings, requests.PUBLISH, {"broadcast": broadcast})


def _members(arguments: argparse.Namespace) -> None:
    from maaseutu import members

    members.run(_quiet_prefect(_settings()), arguments.action, arguments.what)


def _described(arguments: argparse.Namespace, title: str, at: datetime) -> requests.Description:
    given = arguments.broadcast
    return requests.Description(
        title=title,
        broadcast=requests.checked_id(given) if given else identifier(title, at),
        programme=arguments.programme,
        agenda=arguments.agenda,
        vocabulary=arguments.names,
    )


def _start(deployment: str, request: dict[str, object], arguments: argparse.Namespace) -> None:
    settings = _quiet_prefect(_settings())
    from maaseutu import broadcasts

    made_up = not arguments.broadcast
    broadcasts.start(settings, deployment, request, follow=not arguments.no_wait, made_up=made_up)


def _sweep(arguments: argparse.Namespace) -> None:
    settings = _quiet_prefect(_settings())
    from maaseutu import broadcasts

    broadcasts.sweep(settings, dry_run=arguments.dry_run)


def _search(arguments: argparse.Namespace) -> None:
    from maaseutu import search

    settings = _settings()
    words = " ".join(arguments.words)
    found = search.find(settings, words, limit=arguments.limit)
    for line in search.told(found, words):
        say(line)


def _verify(arguments: argparse.Namespace) -> int:
    from maaseutu import verify

    return 0 if verify.run(_settings(), requests.checked_id(arguments.broadcast)) else EXIT_ERROR


def _studio(arguments: argparse.Namespace) -> None:
    from maaseutu import studio

    studio.run(_settings(), studio.Asked(arguments.what, arguments.name, arguments.role, arguments.day))


def _person(arguments: argparse.Namespace) -> None:
    from maaseutu import person

    person.run(_settings(), arguments.name, as_json=arguments.json)


def _status(_: argparse.Namespace) -> None:
    from maaseutu import status

    status.show(_quiet_prefect(_settings()))


def _doctor(arguments: argparse.Namespace) -> int:
    from maaseutu import doctor

    return doctor.run(_settings(), send=arguments.notify)


def _settings() -> "Settings":
    from config.settings import load

    return load()


def _quiet_prefect(settings: "Settings") -> "Settings":
    """Before the Prefect client is imported, which takes two seconds: no telemetry, and a folder of our own."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    home = settings.state / "prefect"
    home.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PREFECT_HOME", str(home))
    return settings


if __name__ == "__main__":
    sys.exit(main())
