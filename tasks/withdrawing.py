"""What is withdrawn of an episode, and how the public is made to have nothing of it.

Only the site is cleared, and only when what stands instead is there: the archive keeps all that was recorded and made.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from prefect import task
from prefect.logging import get_run_logger

from config import stores
from config.settings import Settings
from core import keys
from core.archive import cards, recordings
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.duties import withdrawals
from core.duties.withdrawals import Withdrawal, Withdrawals
from core.errors import InvalidInput, StorageUnreachable
from core.media import podcast
from core.models import Change, Episode, Hidden
from core.text.transcript import clock
from tasks import pages, signing
from tasks.policies import ALWAYS_ASK, STEP
from web import render

TRIES = 10


def read(settings: Settings, broadcast_id: str) -> Withdrawals:
    """All that was withdrawn and restored of an episode."""
    return withdrawals.read(stores.archive(settings), broadcast_id)


def note(settings: Settings, broadcast_id: str, step: Withdrawal) -> Withdrawals:
    """Add one, unless the same is withdrawn already, or asked for and still to be done; gives all."""
    archive = stores.archive(settings)
    for _ in range(TRIES):
        known = withdrawals.read(archive, broadcast_id)
        if any(_is_same(step, other) for other in (*known.steps[-1:], *(each for _, each in known.standing))):
            return known
        if withdrawals.append(archive, broadcast_id, known, step):
            return Withdrawals((*known.steps, step))
    raise StorageUnreachable(f"The withdrawals of {broadcast_id} change all the time.", "Start it again.")


def _is_same(step: Withdrawal, other: Withdrawal) -> bool:
    # A run that was killed begins again, and a form may be sent twice.
    one, two = ((s.kind, s.start, s.end, s.of, s.title, s.agenda) for s in (step, other))
    return one == two


def passage(settings: Settings, broadcast_id: str, start_ms: int, end_ms: int, step: Withdrawal) -> Withdrawals:
    """Note that a passage is withdrawn: from place to place of the timeline as the page shows it.

    Raises:
        InvalidInput: as for ``require``; or the passage does not lie in the episode.
    """
    episode = require(settings, broadcast_id, start_ms)
    start = withdrawals.anchor(start_ms, episode.moments)
    end = withdrawals.anchor(min(end_ms, episode.duration_ms), episode.moments, is_end=True)
    return note(settings, broadcast_id, step.model_copy(update={"start": start, "end": end}))


def require(settings: Settings, broadcast_id: str, at_ms: int = 0) -> Episode:
    """The episode, if something of it can be changed for the public, and if ``at_ms`` lies in it.

    Raises:
        InvalidInput: there is no such episode or place, or it is on the air, prepared just now, or waits for its
            review.
    """
    store = RecordingStore(stores.archive(settings), broadcast_id)
    _require_rest(store)
    episode, shown = store.episode(), cards.shown(stores.site(settings), broadcast_id)
    if shown and shown.live:
        raise InvalidInput(
            f"{broadcast_id} is shown as it is on the air.",
            "Wait until its episode is published (a review may have to release it), or withdraw the whole episode.",
        )
    if episode is None:
        raise InvalidInput(f"There is no episode {broadcast_id}.", "`maaseutu status` lists them.")
    if shown and not signing.may_publish(settings, signing.read(settings, episode)):
        raise InvalidInput(
            "Its page shows an earlier text, and the newest one waits for its review.",
            "Release or sign that, or withdraw the whole episode.",
        )
    if at_ms >= episode.duration_ms:
        raise InvalidInput(
            f"The episode is {clock(episode.duration_ms)} long; the passage would begin at {clock(at_ms)}."
        )
    return episode


def whole(settings: Settings, broadcast_id: str, step: Withdrawal) -> Withdrawals:
    """Note that the whole episode is withdrawn.

    Raises:
        InvalidInput: there is no such broadcast, or it is recorded or prepared just now.
    """
    archive = stores.archive(settings)
    if archive.head(keys.broadcast(broadcast_id)) is None and archive.head(keys.episode(broadcast_id)) is None:
        raise InvalidInput(f"There is no broadcast {broadcast_id}.", "`maaseutu status` lists them.")
    _require_rest(RecordingStore(archive, broadcast_id))
    return note(settings, broadcast_id, step)


def _require_rest(store: RecordingStore) -> None:
    begun = [one for one in recordings.recorders(store.archive, store.id) if one.segments()]
    if store.is_followed() or any(not one.recording().sealed for one in begun):
        raise InvalidInput(
            f"{store.id} is still recorded or prepared, and what comes would be shown.",
            "End it (steer), wait until prepare_episode is green, and start this again.",
        )


def restore(settings: Settings, broadcast_id: str, start_ms: int | None, step: Withdrawal) -> Withdrawals:
    """Note that a passage, by its beginning on the page, is restored; without ``start_ms`` the whole episode.

    Raises:
        InvalidInput: no such thing is withdrawn, or too long ago.
    """
    archive = stores.archive(settings)
    if archive.head(keys.erasure(broadcast_id)):
        raise InvalidInput(f"{broadcast_id} was erased from the archive, and cannot be restored.")
    found, episode = withdrawals.read(archive, broadcast_id), RecordingStore(archive, broadcast_id).episode()
    last = found.steps[-1] if found.steps else step
    if last.of and _is_meant(found.steps[last.of - 1], start_ms, episode):
        # A run that was killed has noted it already.
        return found
    meant = [(number, each) for number, each in found.standing if _is_meant(each, start_ms, episode)]
    if not meant:
        standing = ", ".join(_called(each, episode) for _, each in found.standing)
        raise InvalidInput("No such thing is withdrawn.", f"Withdrawn is: {standing or 'nothing'}.")
    number, withdrawn = meant[0]
    if not withdrawals.may_restore(withdrawn, step.at, settings.withdrawn_days):
        raise InvalidInput(
            f"It was withdrawn more than {settings.withdrawn_days} days ago.",
            "That is not undone any more (MAASEUTU_WITHDRAWN_DAYS).",
        )
    return note(settings, broadcast_id, step.model_copy(update={"of": number}))


def _is_meant(step: Withdrawal, start_ms: int | None, episode: Episode | None) -> bool:
    """Pages show whole seconds."""
    if start_ms is None or step.kind == "episode":
        return start_ms is None and step.kind == "episode"
    return any(each.start_ms // 1000 == start_ms // 1000 for each in _places(step, episode))


def _called(step: Withdrawal, episode: Episode | None) -> str:
    places = [f"{clock(each.start_ms)}–{clock(each.end_ms)}" for each in _places(step, episode)]
    return (
        "the whole episode" if step.kind == "episode" else "".join(places) or "a passage that is not recorded any more"
    )


def _places(step: Withdrawal, episode: Episode | None) -> tuple[Hidden, ...]:
    """Where a passage is now, which may be elsewhere than it was."""
    return withdrawals.hidden(Withdrawals((step,)), episode.moments, episode.duration_ms) if episode else ()


@task(name="clear", task_run_name="clear {episode.broadcast.id}", **STEP)
def clear(settings: Settings, episode: Episode, version: str) -> int:
    """Remove all of an episode that its shown version does not need; gives how many objects."""
    name = episode.broadcast.id
    sounds = {keys.media(name, podcast.digest(episode.parts), "m4a")} if episode.plays else set[str]()
    folder = keys.asset(name, version, "")
    own = {
        *(keys.page(name), keys.card(name), keys.oembed(name), keys.embed(name)),
        *(keys.evidence(name), keys.evidence_page(name)),
    }
    kept = own | pages.needed(settings, episode) | sounds
    return _clear(settings, name, lambda key: key in kept or key.startswith(folder))


def note_cleared(settings: Settings, broadcast_id: str, found: Withdrawals) -> None:
    """Note that nothing of what was withdrawn is left in public.

    ``found`` is what the shown version was made with: where more was withdrawn since, nothing is noted.
    """
    if not found.is_cleared:
        step = Withdrawal(at=datetime.now(UTC), kind="cleared")
        withdrawals.append(stores.archive(settings), broadcast_id, found, step)


@task(name="take down", task_run_name="take down {broadcast_id}", **STEP)
def take_down(settings: Settings, broadcast_id: str, withdrawn: Withdrawal) -> None:
    """Put a notice in the place of an episode's page, and take its card away, by which lists and search show it."""
    archive, site = stores.archive(settings), stores.site(settings)
    if card := cards.shown(site, broadcast_id):
        change = Change(at=datetime.now(UTC), kind="withdrawn", episode=broadcast_id, version=card.version)
        site.put_record(keys.change(change.at, broadcast_id, card.version), change)
    began_at = _began_at(archive, broadcast_id)
    for strings in pages.languages(settings):
        page = render.withdrawn_page(broadcast_id, began_at, withdrawn.at, withdrawn.note, strings)
        site.put(strings.folder + keys.page(broadcast_id), page.encode(), cache=ALWAYS_ASK, gone=True)
    site.delete(keys.card(broadcast_id))


def _began_at(archive: Bucket, broadcast_id: str) -> datetime:
    store = RecordingStore(archive, broadcast_id)
    episode = store.episode()
    return (episode.broadcast if episode else store.broadcast()).starts_at


@task(name="clear all", task_run_name="clear all of {broadcast_id}", **STEP)
def clear_all(settings: Settings, broadcast_id: str, found: Withdrawals) -> int:
    """Remove all of an episode but the notice in the place of its page, and note that; gives how many objects."""
    count = _clear(settings, broadcast_id, lambda key: key == keys.page(broadcast_id))
    note_cleared(settings, broadcast_id, found)
    return count


def clear_unseen(settings: Settings, broadcast_id: str, found: Withdrawals) -> None:
    """The same of an episode of which something is withdrawn before anything is shown."""
    if not found.is_cleared and cards.shown(stores.site(settings), broadcast_id) is None:
        clear_all(settings, broadcast_id, found)


def _clear(settings: Settings, broadcast_id: str, is_kept: Callable[[str], bool]) -> int:
    """``is_kept`` is asked of the key in the site's own language."""
    site = stores.site(settings)
    own = {strings.folder for strings in pages.languages(settings)}
    # The site may have had another first language once.
    folders = own | {f"{strings.lang}/" for strings in pages.languages(settings)}
    gone = [
        item.key
        for folder in sorted(folders)
        for prefix in keys.public(broadcast_id)
        for item in site.list(folder + prefix)
        if folder not in own or not is_kept(item.key.removeprefix(folder))
    ]
    with ThreadPoolExecutor(pages.COPIES_AT_A_TIME) as pool:
        list(pool.map(site.delete, gone))
    get_run_logger().info("%d objects of earlier versions were removed from the site.", len(gone))
    return len(gone)
