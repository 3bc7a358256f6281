"""Broadcasts that are to come, in a real store: announced, moved, cancelled, begun."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from icalendar import Calendar

from config import stores
from core import keys
from core.errors import InvalidInput, ObjectMissing
from core.planning import plans
from tasks import pages
from tasks.plans import cancel, move, plan
from tests.web import demo

HOUR = timedelta(hours=1)
SOON = datetime.now(UTC).replace(microsecond=0) + 24 * HOUR


@pytest.fixture
def settings(storage, capturing):
    """Those of the store, with empty buckets of their own."""
    name = uuid4().hex[:8]
    own = {"public_url": "https://example.org", "site_bucket": f"site-{name}", "archive_bucket": f"archive-{name}"}
    made = storage.settings.model_copy(update=own)
    stores.create(made)
    return made


def text(settings, key):
    return stores.site(settings).get(key).decode()


def planned(**more):
    return demo.planned(**{"starts_at": SOON, "ends_at": SOON + HOUR} | more)


def events(settings, key):
    return Calendar.from_ical(text(settings, key)).walk("VEVENT")


def test_a_planned_broadcast_has_its_page_its_calendar_and_its_place_in_the_lists(settings):
    announced, run = plan(settings, planned())
    assert run is None
    page = text(settings, "jaksot/tulossa/index.html")
    assert f'<time datetime="{SOON.isoformat()}">' in page
    assert "Kyläkaupat ja etätyö" in page
    assert "Begins in" in text(settings, "en/jaksot/tulossa/index.html")
    assert 'href="jaksot/tulossa/"' in text(settings, keys.FRONT_PAGE)
    (own,), (listed,) = events(settings, keys.own_calendar("tulossa")), events(settings, keys.CALENDAR)
    assert own["uid"] == listed["uid"]
    assert own.decoded("dtstart") == SOON
    assert "<li>Anna Hietaniemi, kunnanjohtaja, Savukoski</li>" in page
    assert plan(settings, planned()).planned == announced


def test_lists_are_written_again_when_another_run_plans_or_moves_a_broadcast_meanwhile(settings):
    archive, seen = stores.archive(settings), []

    def write(found):
        seen.append([(each.id, each.revision) for each in found])
        if len(seen) == 1:
            plans.write(archive, planned(name="toinen"), datetime.now(UTC))
        if len(seen) == 2:
            plans.write(archive, planned(title="Tulossa"), datetime.now(UTC))
        return len(seen)

    plan(settings, planned())
    assert plans.listing(archive, write) == 3
    assert seen == [[("tulossa", 0)], [("toinen", 0), ("tulossa", 0)], [("toinen", 0), ("tulossa", 1)]]
    pages.write_lists(stores.site(settings), settings)
    assert len(events(settings, keys.CALENDAR)) == 2


def test_it_is_moved_and_cancelled_at_its_address(settings):
    plan(settings, planned())
    assert move(settings, "tulossa", SOON + HOUR, SOON + 2 * HOUR).planned.revision == 1
    assert f'data-starts="{(SOON + HOUR).isoformat()}"' in text(settings, "jaksot/tulossa/index.html")
    assert cancel(settings, "tulossa").planned.revision == 2
    assert "Lähetys on peruttu." in text(settings, "jaksot/tulossa/index.html")
    assert "jaksot/tulossa/" not in text(settings, keys.FRONT_PAGE)
    (event,) = events(settings, keys.CALENDAR)
    assert (str(event["status"]), event["sequence"]) == ("CANCELLED", 2)


def test_one_that_has_begun_is_in_no_list_of_what_is_to_come(settings):
    plan(settings, planned())
    site, shown = stores.site(settings), demo.older("tulossa", demo.episode()).model_copy(update={"live": True})
    site.put_record(keys.card("tulossa"), demo.card(shown))
    pages.write_lists(site, settings)
    assert 'id="tulossa"' not in text(settings, keys.FRONT_PAGE)
    assert len(events(settings, keys.CALENDAR)) == 1
    with pytest.raises(InvalidInput, match="has begun"):
        cancel(settings, "tulossa")
    site.put(keys.page("tulossa"), b"on the air")
    plan(settings, planned())
    assert text(settings, keys.page("tulossa")) == "on the air"


@pytest.mark.parametrize("wrong", [{"programme": "ei-ole"}, {"id": "../x"}, {"ends_at": SOON}])
def test_what_cannot_be_planned_is_refused(settings, wrong):
    with pytest.raises(InvalidInput):
        plan(settings, planned(**wrong))
    assert plans.every(stores.archive(settings)) == []


def test_what_was_never_planned_cannot_be_moved(settings):
    with pytest.raises(ObjectMissing, match="never planned"):
        move(settings, "tulossa", SOON, SOON + HOUR)


def test_what_is_over_is_not_waited_for():
    every = [planned(id="mennyt", ends_at=SOON - HOUR), planned(), planned(id="peruttu", cancelled=True)]
    assert [each.id for each in plans.coming(every, [], SOON)] == ["tulossa"]
    assert plans.coming(every, ["tulossa"], SOON) == []
