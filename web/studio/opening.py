"""The studio as the settings have it."""

from datetime import timedelta
from typing import TYPE_CHECKING

from config import stores
from config.settings import Settings
from core.errors import Misconfigured
from core.language.finnish import Analyser
from web import strings
from web.studio.app import create_studio
from web.studio.editor import routes
from web.studio.openid import OpenId
from web.studio.passwords import Passwords
from web.studio.publishing import PrefectRuns
from web.studio.sessions import Sessions

if TYPE_CHECKING:
    from starlette.applications import Starlette


def studio(settings: Settings) -> "Starlette | None":
    """The application; None when the studio is switched off.

    Raises:
        Misconfigured: a setting is missing.
    """
    if settings.studio == "off":
        return None
    return create_studio(
        stores.archive(settings),
        stores.site(settings),
        strings.load_all(settings.locale),
        door=passwords(settings) if settings.studio == "passwords" else provider(settings),
        sessions=sessions(settings),
        locale=settings.locale,
        base_url=settings.site_url,
        editor=routes(
            stores.archive(settings),
            PrefectRuns(settings.prefect_api_url),
            Analyser(settings.vocabulary).dictionary,
            style=settings.captions,
        ),
    )


def passwords(settings: Settings) -> Passwords:
    """The password file."""
    return Passwords(settings.state / "studio" / "people.json")


def sessions(settings: Settings) -> Sessions:
    """Who is signed in."""
    longest, idle = timedelta(hours=settings.studio_hours), timedelta(minutes=settings.studio_idle_minutes)
    return Sessions(settings.state / "studio" / "sessions.sqlite", longest=longest, idle=idle)


def provider(settings: Settings) -> OpenId:
    """The OpenID provider.

    Raises:
        Misconfigured: it is not said which, or nobody may do anything.
    """
    if not settings.studio_issuer or not settings.studio_client_id:
        what = "MAASEUTU_STUDIO is openid, and MAASEUTU_STUDIO_ISSUER or MAASEUTU_STUDIO_CLIENT_ID is empty."
        raise Misconfigured(what, "Set both as docs/operator.md shows.")
    return OpenId(
        settings.studio_issuer,
        settings.studio_client_id,
        settings.studio_client_secret.get_secret_value(),
        claim=settings.studio_claim,
        producers=settings.studio_producers.split(","),
        admins=settings.studio_admins.split(","),
    )
