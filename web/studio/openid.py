"""Sign-in by an OpenID provider such as Entra ID or Keycloak: authorization code with PKCE, by Authlib.

The provider says who somebody is. What they may do is told by the lists of the operator, of e-mail addresses that the
provider has verified and of values of one claim.
"""

from collections.abc import Collection, Mapping
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from core import names
from core.errors import Misconfigured, Permanent, Retryable
from web.studio.people import Role
from web.studio.sessions import Identity

NAME = "studio"
DISCOVERY = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""By a key that only the provider has."""
TIMEOUT_S = 10.0
LEEWAY_S = 60
"""So much may the clocks differ."""


class Refused(Permanent):
    """What the browser brought back does not prove who it is."""


class ProviderAway(Retryable):
    """The OpenID provider does not answer, or not as one."""


class OpenId:
    """One provider, and who may do what: ``producers`` and ``admins`` are verified e-mail addresses or values of
    ``claim``, which may lie deeper (``realm_access.roles``).
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        *,
        claim: str,
        producers: Collection[str],
        admins: Collection[str],
    ) -> None:
        self.issuer, self._claim, self._id = issuer, claim, client_id
        self._producers, self._admins = _folded(producers), _folded(admins)
        kept = {"scope": "openid profile email", "code_challenge_method": "S256", "timeout": TIMEOUT_S}
        self._client: Any = OAuth().register(
            NAME,
            client_id=client_id,
            client_secret=client_secret or None,
            server_metadata_url=issuer.rstrip("/") + DISCOVERY,
            client_kwargs=kept | ({} if client_secret else {"token_endpoint_auth_method": "none"}),
        )

    def role(self, identity: Identity) -> Role | None:
        """What somebody may do by the lists as they are now; None when they are in none."""
        grants = _folded(identity.grants)
        return "admin" if grants & self._admins else "producer" if grants & self._producers else None

    async def sent(self, request: Request, back: str) -> Response:
        """The way to the provider, which sends the browser ``back``. What must be known then is in the session.

        Raises:
            ProviderAway, Misconfigured: as for ``checked``.
        """
        await self.checked()
        answer: Response = await self._client.authorize_redirect(request, back)
        return answer

    async def identity(self, request: Request) -> Identity:
        """Who came back from the provider.

        Raises:
            Refused: that is not proved.
            ProviderAway, Misconfigured: as for ``checked``.
        """
        await self.checked()
        wanted = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self._id},
        }
        try:
            token = await self._client.authorize_access_token(request, claims_options=wanted, leeway=LEEWAY_S)
        except httpx2.HTTPError as error:
            raise self._away(error) from error
        except (AuthlibBaseError, JoseError, ValueError) as error:
            raise Refused(f"The sign-in was refused: {names.shown(str(error))}") from error
        if not token.get("userinfo"):
            raise Refused("The provider did not say who it is: its answer has no ID token.")
        return self.named(token["userinfo"])

    def named(self, claims: Mapping[str, Any]) -> Identity:
        """Whom the claims of an ID token name. An e-mail address counts only when the provider has verified it."""
        email = str(claims.get("email", "")) if claims.get("email_verified") is True else ""
        account = email.lower() or str(claims["sub"])
        name = names.title(str(claims.get("name") or claims.get("preferred_username") or account))
        return Identity(account, name or account, (*filter(None, [email]), *_values(claims, self._claim)))

    async def checked(self) -> None:
        """Read what the provider says of itself, once, and see that it is the one that was meant.

        Raises:
            ProviderAway: it does not answer.
            Misconfigured: it calls itself another, or signs in no way that we take.
        """
        try:
            metadata = await self._client.load_server_metadata()
        except (httpx2.HTTPError, ValueError, TypeError) as error:
            raise self._away(error) from error
        if missing := [each for each in ENDPOINTS if not metadata.get(each)]:
            raise Misconfigured(f"The OpenID provider does not tell its {missing[0]}.", "Look at its settings.")
        if metadata.get("issuer") != self.issuer:
            found = names.shown(str(metadata.get("issuer")))
            what = f"The OpenID provider at {names.shown(self.issuer)} calls itself {found}."
            raise Misconfigured(what, "Set MAASEUTU_STUDIO_ISSUER to exactly that, if it is yours.")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        taken = [each for each in offered if each in SIGNATURES]
        if not taken:
            raise Misconfigured("The OpenID provider signs in no way that we take.", "Let it sign by RS256 or ES256.")
        metadata["id_token_signing_alg_values_supported"] = taken

    def _away(self, error: Exception) -> ProviderAway:
        what = f"The OpenID provider at {names.shown(self.issuer)} does not answer ({type(error).__name__})."
        return ProviderAway(what, "Look whether it runs, and at MAASEUTU_STUDIO_ISSUER.")


def _values(claims: Mapping[str, Any], path: str) -> list[str]:
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else [found]
    return [value for value in values if isinstance(value, str)]


def _folded(values: Collection[str]) -> frozenset[str]:
    return frozenset(value.strip().casefold() for value in values if value.strip())
