"""``maaseutu members``: the list of who is told, as a table to bring in and out; and who would be told what now."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from config import catalogue, stores
from config.settings import Settings
from core import names
from core.errors import InvalidInput, MaaseutuError
from core.helsinki import HELSINKI
from core.telling.members import Asked, Member, Members, Wish, plain
from core.text import mentions
from maaseutu import requests
from maaseutu.console import say
from maaseutu.state import write_private

COLUMNS = ("address", "municipalities", "topics", "role", "language", "programmes", "wishes", "consented_at", "consent")
SECRET = "webhook_secret"
"""A column more in what is brought out: by it the receiver of a webhook knows our messages."""
LONGEST_FILE = 5_000_000
SHOWN_FAULTS = 50


class Line(NamedTuple):
    """Somebody in the table, and when and how they consented."""

    asked: Asked
    at: datetime
    consent: str


def run(settings: Settings, action: str, what: str) -> None:
    """Do it.

    Raises:
        InvalidInput: it cannot be done; of a table, every line that is wrong.
    """
    if action == "preview":
        preview(settings)
        return
    if not what:
        needed = {"import": "the file to read", "export": "the file to write", "remove": "the address"}
        raise InvalidInput(f"maaseutu members {action} needs {needed[action]}.", "Give it as the next word.")
    {"import": import_list, "export": export_list, "remove": remove}[action](settings, what)


def import_list(settings: Settings, path: str) -> None:
    """Bring a table in: all of it, or nothing when a line is wrong."""
    members, now = Members(stores.archive(settings)), datetime.now(UTC)
    lines = parse(_text(Path(path)))
    for line in lines:
        members.write(line.asked, at=line.at, consent=line.consent, now=now)
    say(f"{len(lines)} members are as the table says. Who is not in it stays; see maaseutu members remove.")


def _text(path: Path) -> str:
    if not path.is_file() or path.stat().st_size > LONGEST_FILE:
        raise InvalidInput(f"{path} is no file of at most 5 MB.", "Check the path.")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not in UTF-8.", "Save it as CSV UTF-8.") from error


def parse(text: str) -> list[Line]:
    """The members of a table, with ``;`` or ``,`` between its columns. Pure but for config/.

    Raises:
        InvalidInput: something is wrong; names each line.
    """
    heading = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in heading else ",", restkey="", restval="")
    if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
        raise InvalidInput(f"The first line names no {', '.join(missing)}.", f"Write: {';'.join(COLUMNS)}")
    found, faults, seen = [], [], dict[str, int]()
    for row in rows:
        try:
            if any(row.values()):
                found.append(_line(row))
                _once(found[-1].asked.address, rows.line_num, seen)
        except MaaseutuError as error:
            faults.append(f"line {rows.line_num}: {error}")
    if faults:
        more = [f"… and {len(faults) - SHOWN_FAULTS} more"] if len(faults) > SHOWN_FAULTS else []
        listed = "\n".join(f"  {fault}" for fault in [*faults[:SHOWN_FAULTS], *more])
        raise InvalidInput(f"Nobody was brought in; {len(faults)} lines are wrong.", listed)
    return found


def _once(address: str, number: int, seen: dict[str, int]) -> None:
    if address in seen:
        raise InvalidInput(f"{address} is in line {seen[address]} already.", "Leave one of them.")
    seen[address] = number


def _line(row: Mapping[str, str]) -> Line:
    consent = names.line(row["consent"])
    if not consent:
        raise InvalidInput("It is not said how they consented.", "Write it into the column consent.")
    if not plain(row["address"]):
        what = f"{names.shown(row['address'])!r} is neither an e-mail address nor one of a webhook."
        raise InvalidInput(what, "Write anna@kunta.fi, or https://…")
    given = {
        "address": row["address"],
        "municipalities": tuple(catalogue.municipality(name).code for name in _list(row["municipalities"])),
        "topics": tuple(names.title(topic) for topic in _list(row["topics"])),
        "role": names.title(row["role"]),
        "language": row["language"].strip() or "fi",
        "programmes": tuple(catalogue.programme(slug).slug for slug in _list(row["programmes"])),
        "wishes": tuple(_wish(word) for word in _list(row["wishes"])),
    }
    try:
        return Line(Asked.model_validate(given), _moment(row["consented_at"].strip()), consent)
    except ValidationError as error:
        wrong = ", ".join(str(each["loc"][0]) for each in error.errors())
        cure = "language: fi, sv or en; wishes: at least one; topics: at most ten, short ones."
        raise InvalidInput(f"{wrong} cannot be taken.", cure) from error


def _list(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _wish(word: str) -> Wish:
    try:
        return Wish(word.lower())
    except ValueError as error:
        raise InvalidInput(f"There is no wish {word!r}.", f"Choose of: {', '.join(Wish)}.") from error


def _moment(text: str) -> datetime:
    """A date as a computer or as Finns write it."""
    if found := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
        day, month, year = map(int, found.groups())
        text = f"{year}-{month:02}-{day:02}"
    return requests.moment(text)


def export_list(settings: Settings, path: str) -> None:
    """Write the table to a file that only its owner can read."""
    members = Members(stores.archive(settings))
    every = sorted(members.every().items(), key=lambda each: each[1].address)
    secrets = {member_id: members.seal.webhook(member_id) for member_id, member in every if member.is_webhook}
    # With its mark Excel reads the letters of UTF-8.
    write_private(Path(path), "\ufeff" + table(dict(every), secrets))
    say(f"{len(every)} members are in {path}. It holds personal data: delete it when it has served.")


def table(every: Mapping[str, Member], secrets: Mapping[str, str]) -> str:
    """The table as ``parse`` reads it, with the secrets of webhooks. Pure but for config/."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=";", lineterminator="\n")
    writer.writerow([*COLUMNS, SECRET])
    writer.writerows([*_cells(member), secrets.get(member_id, "")] for member_id, member in every.items())
    return made.getvalue()


def _cells(member: Member) -> Iterator[str]:
    named = {each.code: each.name_fi for each in mentions.municipalities(catalogue.MUNICIPALITIES)}
    yield member.address
    yield ", ".join(named.get(code, code) for code in member.municipalities)
    yield ", ".join(member.topics)
    yield member.role
    yield member.language
    yield ", ".join(member.programmes)
    yield ", ".join(member.wishes)
    yield member.consented_at.astimezone(HELSINKI).isoformat(timespec="seconds")
    yield member.consent


def remove(settings: Settings, address: str) -> None:
    """Forget somebody.

    Raises:
        InvalidInput: nobody has that address.
    """
    members = Members(stores.archive(settings))
    if not members.remove(members.seal.id(plain(address))):
        raise InvalidInput(f"Nobody has the address {names.shown(address)}.", "See maaseutu members export.")
    say(f"{address} is removed, with all that was kept of what they were told.")


def preview(settings: Settings) -> None:
    """Say who would get what now; nothing is sent."""
    from tasks import members

    now = datetime.now(UTC)
    every = members.known(settings)
    due = members.pending(every, members.news(settings, now, every.topics), now)
    for one in due:
        for message in one.messages:
            say(f"{one.member.address}  {', '.join(news.key for news in message.news)}")
    say(f"{sum(len(one.messages) for one in due)} messages would be sent.")
