"""Announce, move and cancel a broadcast that is to come: its record, its recording, its page, and the lists."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.utilities.urls import url_for

from config import catalogue, stores
from config.settings import Settings
from core import helsinki, identifiers, keys
from core.archive import cards
from core.archive.recordings import RecordingStore
from core.errors import InvalidInput, ObjectMissing, SourceUnavailable
from core.markdown import escaped
from core.outside import addresses, fetching
from core.planning import agenda, plans
from core.planning.planned import Planned
from tasks import pages, scheduling
from tasks.policies import ALWAYS_ASK, STEP
from web import calendar, render
from web.links import Links

FETCH_SECONDS = 30.0


class Arranged(NamedTuple):
    """What is announced, and the run that is to record it, if any is."""

    planned: Planned
    run: FlowRun | None


@task(name="read the agenda", task_run_name="read the agenda", **STEP)
def read_agenda(settings: Settings, place: str) -> list[str]:
    """The topics of a file, at a path or an address.

    Raises:
        InvalidInput: it is not there, too large, or has no topics; AddressRefused among them.
        SourceMissing, SourceUnavailable: its server does not give it.
    """
    if "://" in place:
        rules = addresses.parse(settings.private_sources)
        data = fetching.content(place, {}, rules, limit=agenda.LONGEST_FILE, seconds=FETCH_SECONDS)
        return agenda.of_file(data, place)
    path = Path(place)
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}.", "Give a path that the worker's machine can read.")
    if path.stat().st_size > agenda.LONGEST_FILE:
        raise InvalidInput(f"{path} has {path.stat().st_size >> 20} MB.", "Is it an agenda?")
    return agenda.of_file(path.read_bytes(), path.name)


@task(name="plan", task_run_name="plan {planned.id}", **STEP)
def plan(settings: Settings, planned: Planned, source: str = "") -> Arranged:
    """Announce it, or announce it anew, and schedule its recording; harmless to repeat.

    ``source`` is the whole address, of which the plan keeps no secrets; empty when nothing is to be recorded.

    Raises:
        InvalidInput: its programme, its id or its times cannot be taken, or it has begun.
    """
    if not re.fullmatch(identifiers.PATTERN, planned.id):
        raise InvalidInput(f"{planned.id!r} cannot be in an address.", "Use a-z, 0-9 and hyphens.")
    archive, now = stores.archive(settings), datetime.now(UTC)
    if not plans.is_same(planned, plans.find(archive, planned.id)):
        _require(settings, planned, now)
    announced = plans.write(archive, planned, now)
    # Before the pages: what is recorded without a page can be published, not the other way about.
    run = scheduling.schedule(settings, announced, source)
    if not cards.shown(stores.site(settings), planned.id):
        _show(settings, announced)
    return Arranged(announced, run)


def _require(settings: Settings, planned: Planned, now: datetime) -> None:
    catalogue.programme(planned.programme)
    archive = stores.archive(settings)
    if cards.shown(stores.site(settings), planned.id) or RecordingStore(archive, planned.id).segments():
        raise InvalidInput(
            f"{planned.id} has begun, or is published.",
            "While it is recorded, steer ends or extends it. Plan the next one under another Id.",
        )
    with get_client(sync_client=True) as client:
        if scheduling.begun(client, planned.id):
            raise InvalidInput(
                f"The recording of {planned.id} has begun, or begins within a minute; a plan does not touch it.",
                "Let it go on, or end it with steer. While nothing is recorded yet, cancel its run of "
                "capture_broadcast, and try again.",
            )
    if not planned.cancelled:
        plans.require(planned, plans.every(archive), now)


def require_source(settings: Settings, source: str) -> None:
    """Nothing, if the address may be recorded; one that does not answer yet may be there in time.

    Raises:
        InvalidInput: it is no address; AddressRefused: it leads where we do not go.
    """
    if source.lower().startswith(addresses.SCHEMES):
        with suppress(SourceUnavailable):
            addresses.parse(settings.private_sources).require(source)


def move(settings: Settings, broadcast_id: str, starts_at: datetime, ends_at: datetime | None = None) -> Arranged:
    """Let it be at another time, as long as before unless its end is given. Its address stays.

    Raises:
        ObjectMissing: it was never planned.
        InvalidInput: as for ``plan``; or it is cancelled.
    """
    found = _found(settings, broadcast_id)
    if found.cancelled:
        raise InvalidInput(f"{broadcast_id} is cancelled.", "Plan it again under the same Id.")
    times = {"starts_at": starts_at, "ends_at": ends_at or starts_at + (found.ends_at - found.starts_at)}
    return plan(settings, found.model_copy(update=times), scheduling.source_of(found))


def cancel(settings: Settings, broadcast_id: str) -> Arranged:
    """Say that it will not be held. Its page stays and says so, since others link to it.

    Raises:
        ObjectMissing: it was never planned.
        InvalidInput: it has begun.
    """
    found = _found(settings, broadcast_id)
    return plan(settings, found.model_copy(update={"cancelled": True}))


def _found(settings: Settings, broadcast_id: str) -> Planned:
    found = plans.find(stores.archive(settings), broadcast_id)
    if found is None:
        raise ObjectMissing(f"{broadcast_id} was never planned.", "Look at its id.")
    return found


def _show(settings: Settings, planned: Planned) -> None:
    """Static files before the pages that load them, and lists last."""
    site, links = stores.site(settings), Links(settings.site_url)
    pages.publish_static(site)
    own, *_ = every = pages.languages(settings)
    site.put(keys.own_calendar(planned.id), calendar.calendar([], [planned], own, links), cache=ALWAYS_ASK)
    for strings in reversed(every):
        page = render.coming_page(planned, strings, settings.site_url)
        site.put(strings.folder + keys.page(planned.id), page.encode(), cache=ALWAYS_ASK)
    pages.write_lists(site, settings)


def tell(settings: Settings, arranged: Arranged) -> str:
    """Show the plan among the run's artifacts, with links to its recording and its page; gives it as a sentence."""
    planned, run = arranged
    said = sentence(settings, arranged)
    links = [f"- [Its page]({Links(settings.site_url).episode(planned.id)})"] if settings.site_url else []
    if run and (address := url_for("flow-run", obj_id=run.id)):
        links.append(f"- [The run that records it]({address})")
    topics = [f"{number}. {escaped(item.title)}" for number, item in enumerate(planned.agenda, 1)]
    named = [f"- {escaped(', '.join(filter(None, (s.name, s.role, s.municipality))))}" for s in planned.speakers]
    lines = [said, "", *links, "", *topics, "", *named]
    create_markdown_artifact("\n".join(lines), key=f"plan-{planned.id}", description=f"Plan of {planned.title}")
    return said


def sentence(settings: Settings, arranged: Arranged) -> str:
    """What holds now, for a person."""
    planned, run = arranged
    if planned.cancelled:
        return f"{planned.title} ({planned.id}) is cancelled, and not recorded. Its page says so."
    when = f"{planned.title} ({planned.id}) is planned for {helsinki.moment(planned.starts_at)}."
    if not planned.source:
        return f"{when} No recording is scheduled, since it has no source."
    if run is None:
        return f"{when} No recording is scheduled: its time has come."
    return f"{when} Its recording begins on {helsinki.moment(scheduling.begins_at(settings, planned))}."
