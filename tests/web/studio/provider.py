"""A small OpenID provider: authorization code with PKCE, discovery, and ID tokens that are really signed.

It signs in whoever comes as ``claims`` says. What a test puts into ``wrong`` stands in its tokens instead.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.web.host import served

CLIENT, SECRET = "maaseutu-studio", "salaisuus-jota-kukaan-ei-arvaa"
ANNA = {"sub": "7f3a", "name": "Anna Korhonen", "email": "Anna@example.org", "email_verified": True}


class Provider:
    """One of them, at the address ``issuer`` while it is served."""

    def __init__(self) -> None:
        self.issuer = ""
        self.claims: dict[str, Any] = {**ANNA, "roles": ["producer"]}
        self.wrong: dict[str, Any] = {}
        self.mute = False
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.signing = self.key
        self.codes: dict[str, dict[str, str]] = {}

    def app(self) -> Starlette:
        """The application."""
        routes = [
            Route("/.well-known/openid-configuration", self._metadata),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/jwks", self._keys),
        ]
        return Starlette(routes=routes)

    def _metadata(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.wrong.get("issuer", self.issuer),
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "id_token_signing_alg_values_supported": ["RS256", "HS256"],
            }
        )

    def _keys(self, _: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        answer = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}", 302)

    async def _token(self, request: Request) -> Response:
        async with request.form() as form:
            given = {name: str(value) for name, value in form.items()}
        asked = self.codes.pop(given.get("code", ""), None)
        if asked is None or not self._proved(request, given, asked):
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "expires_in": 60}
        return JSONResponse(token if self.mute else token | {"id_token": self._signed(asked["nonce"])})

    def _proved(self, request: Request, given: dict[str, str], asked: dict[str, str]) -> bool:
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        is_client = request.headers.get("authorization") == f"Basic {basic}"
        return is_client and challenge == asked["code_challenge"] and given["redirect_uri"] == asked["redirect_uri"]

    def _signed(self, nonce: str) -> str:
        now = int(time.time())
        told = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        claims = {name: value for name, value in (told | self.claims | self.wrong).items() if value is not None}
        header = {"alg": self.wrong.get("alg", "RS256"), "kid": self.signing.kid}
        return jwt.encode(header, claims, self.signing, algorithms=["RS256", "HS256"])


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that is served."""
    made = Provider()
    with served(made.app()) as address:
        made.issuer = address
        yield made
