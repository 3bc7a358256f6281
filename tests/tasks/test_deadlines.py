"""A month of the clock over the night in which clocks are set back: every notice once, at eight, whatever happens."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from prefect.server.schemas.schedules import CronSchedule

from config import stores
from config.settings import Settings
from core import keys
from core.duties import signing
from core.duties.deadlines import deadline
from core.duties.signing import Signing, Step
from core.helsinki import HELSINKI
from core.models import Change
from core.telling.notices import Address, Message
from maaseutu.stack import Stack
from tasks import deadlines
from tests.web import demo

SCHEDULES = yaml.safe_load((Path(__file__).parents[2] / "prefect.yaml").read_text())["deployments"]


@pytest.fixture
def settings(storage: Stack) -> Settings:
    """Buckets of its own: the clock looks at every recording that is online."""
    name = f"clock-{uuid.uuid4().hex[:8]}"
    made = storage.settings.model_copy(update={"archive_bucket": f"{name}-archive", "site_bucket": f"{name}-site"})
    stores.create(made)
    return made


def mornings(since: datetime, days: int) -> list[datetime]:
    """When the schedule of prefect.yaml starts the flow."""
    (schedule,) = next(each for each in SCHEDULES if each["name"] == "deadlines")["schedules"]
    cron = CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
    zone = ZoneInfo("UTC")
    found = asyncio.run(cron.get_dates(n=days, start=since.astimezone(zone)))
    return [datetime.fromtimestamp(at.timestamp(), UTC) for at in found]


def online(settings: Settings, name: str, at: datetime, *, is_noted: bool = True) -> None:
    """A recording that was published at a moment."""
    site, shown = stores.site(settings), demo.older(name, demo.episode(video=False, title=name.title()))
    site.put_record(keys.card(name), demo.card(shown))
    site.put_record(keys.change(at, name, "v1"), Change(at=at, kind="published", episode=name, version="v1"))
    if is_noted:
        signing.append(stores.archive(settings), name, (), Step(at=at, kind="published"))


class Inbox:
    """Who gets the notices: the hour in Finland, and the subject. While ``killed``, the run ends before it has sent."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.got: list[tuple[str, str]] = []
        self.killed = False

    def take(self, message: Message) -> bool:
        """A message comes."""
        if self.killed:
            raise SystemExit
        self.got.append((f"{self.now.astimezone(HELSINKI):%-d.%-m. %-H.%M}", message.subject.split(":")[1].strip()))
        return True


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def run(settings: Settings, inbox: Inbox, now: datetime, *others: Address) -> None:
    """What the flow does in a morning."""
    inbox.now = now
    due = deadlines.pending(deadlines.cases.fn(settings, now))
    deadlines.send(stores.archive(settings), due, [Address("inbox", inbox.take), *others])


EVERY = [
    ("27.10. 8.00", "7 days left to check its captions"),
    ("30.10. 8.00", "4 days left to check its captions"),
    ("2.11. 8.00", "1 day left to check its captions"),
    ("4.11. 8.00", "overdue to check its captions"),
]


def test_a_month_over_the_change_of_clocks(settings: Settings, inbox: Inbox) -> None:
    at = datetime(2026, 10, 20, 14, tzinfo=HELSINKI)
    online(settings, "lahetys", at)
    days = mornings(at, 31)
    assert {day.astimezone(HELSINKI).hour for day in days} == {8}
    assert {day.hour for day in days} == {5, 6}
    for day in days:
        for later in (0, 40):
            run(settings, inbox, day + timedelta(minutes=later))
    assert inbox.got == EVERY


def test_after_days_without_the_machine_the_newest_notice_is_sent(settings: Settings, inbox: Inbox) -> None:
    at = datetime(2026, 10, 20, 14, tzinfo=HELSINKI)
    online(settings, "lahetys", at)
    for day in mornings(at, 31):
        if day.astimezone(HELSINKI).day not in {27, 28, 29, 30, 31, 2, 3, 4, 5}:
            run(settings, inbox, day)
    assert inbox.got == [
        ("1.11. 8.00", "2 days left to check its captions"),
        ("6.11. 8.00", "overdue to check its captions"),
    ]


def test_what_is_killed_before_it_was_sent_is_sent_later_and_reaches_each_address_once(
    settings: Settings, inbox: Inbox
) -> None:
    at = datetime(2026, 10, 20, 14, tzinfo=HELSINKI)
    online(settings, "lahetys", at)
    other = Inbox()
    day = mornings(at, 31)[6]
    inbox.killed = True
    run(settings, inbox, day, Address("other", other.take))
    assert (len(inbox.got), len(other.got)) == (0, 1)
    inbox.killed = False
    for minutes in (1, 2):
        run(settings, inbox, day + timedelta(minutes=minutes), Address("other", other.take))
    assert (len(inbox.got), len(other.got)) == (1, 1)


def test_who_signs_hears_no_more_until_the_machine_writes_another_text(settings: Settings, inbox: Inbox) -> None:
    at = datetime(2026, 10, 20, 14, tzinfo=HELSINKI)
    online(settings, "lahetys", at)
    archive, days = stores.archive(settings), mornings(at, 31)

    def add(kind: str, machine: str, day: int) -> None:
        step = Step.model_validate({"at": days[day], "kind": kind, "by": "Anna", "machine": machine})
        assert signing.append(archive, "lahetys", signing.steps(archive, "lahetys"), step)

    for number, day in enumerate(days):
        if number == 8:
            add("signed", "", number)
        if number == 20:
            add("published", "another", number)
        run(settings, inbox, day)
    assert inbox.got == [EVERY[0], ("10.11. 8.00", "overdue to check its captions")]


def test_the_table_says_what_is_left_and_what_to_do() -> None:
    at = datetime(2026, 11, 3, 12, tzinfo=UTC)
    published, now = Step(at=at, kind="published", machine="a"), at + timedelta(days=7)
    by = Step(at=now, kind="signed", by="Anna", machine="a")
    changed = Step(at=now + timedelta(days=2), kind="published", by="Eero, Liisa", machine="a", text="2")
    card = demo.card(demo.episode())
    rows = [
        deadlines.row(deadlines.Case(card, signed, deadline(signed, now)))
        for signed in (
            Signing("a", (published,)),
            Signing("a", (published, by)),
            Signing("b", (published, by)),
            Signing("a", (published, by.model_copy(update={"kind": "rejected"}))),
            Signing("a", (published, by.model_copy(update={"text": "1"}), changed)),
            Signing(
                "a",
                (
                    published,
                    by.model_copy(update={"text": "2", "chapters": "1"}),
                    changed.model_copy(update={"by": ""}),
                ),
            ),
        )
    ]
    assert [(row["days left"], row["state"], row["what to do"]) for row in rows] == [
        ("7", "automatic text", "check and sign it"),
        ("", "signed by Anna on 10.11.2026", "nothing"),
        ("7", "automatic text; an earlier text was signed by Anna on 10.11.2026", "check and sign it"),
        ("7", "rejected by Anna on 10.11.2026, and still online", "check and sign it"),
        (
            "",
            "signed by Anna on 10.11.2026; other words were published on 12.11.2026, changed by Eero, Liisa",
            "nothing",
        ),
        ("", "signed by Anna on 10.11.2026; other chapters were published on 12.11.2026, changed", "nothing"),
    ]
    assert rows[0]["due"] == "17.11.2026 at 14.00"
