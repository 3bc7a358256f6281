"""The page of an episode that waits for its review: who follows a link that was shared learns what becomes of it."""

from prefect import task

from config import stores
from config.settings import Settings
from core import keys
from core.archive import cards
from core.duties import withdrawals
from core.models import Broadcast
from tasks import pages
from tasks.policies import ALWAYS_ASK, STEP
from web import render


@task(name="show that it waits", task_run_name="show that {broadcast.id} waits", **STEP)
def show(settings: Settings, broadcast: Broadcast, *, is_rejected: bool) -> None:
    """Say that it is checked and comes here, or that it was rejected; unless something of it is shown, or withdrawn."""
    archive, site = stores.archive(settings), stores.site(settings)
    if cards.shown(site, broadcast.id) or withdrawals.read(archive, broadcast.id).whole:
        return
    pages.publish_static(site)
    for strings in pages.languages(settings):
        page = render.checking_page(broadcast, strings, is_rejected=is_rejected)
        site.put(strings.folder + keys.page(broadcast.id), page.encode(), cache=ALWAYS_ASK)
