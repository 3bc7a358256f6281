"""Signing in by an OpenID provider, which is a small real one."""

import asyncio
import time
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey

from core.errors import Misconfigured
from core.helsinki import HELSINKI
from tests.web.studio import desks
from tests.web.studio.provider import ANNA, CLIENT, SECRET, Provider, running
from web import strings
from web.studio.app import create_studio
from web.studio.audit import Audit
from web.studio.openid import OpenId, ProviderAway
from web.studio.sessions import Identity


@pytest.fixture(scope="module")
def served():
    with running() as made:
        yield made


@pytest.fixture
def provider(served) -> Provider:
    """As it is when nothing is wrong."""
    served.claims, served.wrong = {**ANNA, "roles": ["producer"]}, {}
    served.signing, served.mute = served.key, False
    return served


def door(provider, issuer="", **more):
    given = {"claim": "roles", "producers": ["producer"], "admins": ["admin", "eero@example.org"]} | more
    return OpenId(issuer or provider.issuer, CLIENT, SECRET, **given)


@pytest.fixture
def browser(provider, archive, public, sessions):
    """``browser(**more)`` is one at a studio with such a door."""

    def made(**more):
        app = create_studio(archive, public, strings.load_all(), door=door(provider, **more), sessions=sessions)
        return desks.browser(app)

    return made


def sent_back(client, back=""):
    """The address to which the provider sends the browser."""
    away = client.get(f"/studio/kirjaudu/alku{back and f'?next={back}'}")
    assert away.status_code == 302
    return httpx.get(away.headers["location"]).headers["location"]


def noted(archive):
    return [(e.by, e.account, e.action) for e in reversed(Audit(archive).of(datetime.now(HELSINKI).date()))]


def test_in(browser, archive):
    client = browser()
    page = client.get("/studio/kirjaudu?next=/studio/loki").text
    assert "Kirjaudu: 127.0.0.1" in page
    assert 'href="/studio/kirjaudu/alku?next=%2Fstudio%2Floki"' in page
    back = sent_back(client, "/studio/loki")
    assert back.startswith("http://testserver/studio/kirjaudu/paluu?code=")
    came = client.get(back)
    assert (came.status_code, came.headers["location"]) == (303, "/studio/loki")
    assert "Anna Korhonen" in client.get("/studio/").text
    assert noted(archive) == [("Anna Korhonen", "anna@example.org", "signed-in")]
    # What brought one in brings nobody in again.
    client.cookies.delete("studio")
    assert client.get(back).status_code == 403


def test_another_browser_cannot_use_the_way_back(browser):
    back = sent_back(browser())
    assert browser().get(back).status_code == 403


def _other_key(provider):
    provider.signing = RSAKey.generate_key(2048, {"kid": "two"})


def _forged(provider):
    provider.signing = RSAKey.generate_key(2048, {"kid": "one"})


def _by_secret(provider):
    provider.signing, provider.wrong = OctKey.import_key(SECRET, {"kid": "one"}), {"alg": "HS256"}


def _mute(provider):
    provider.mute = True


def _says(**wrong):
    return lambda provider: setattr(provider, "wrong", wrong)


REFUSED = {
    "nonce": _says(nonce="another"),
    "no nonce": _says(nonce=None),
    "expired": _says(exp=int(time.time()) - 3600),
    "not yet": _says(iat=int(time.time()) + 3600),
    "audience": _says(aud="another"),
    "audience, for us": _says(aud="another", azp=CLIENT),
    "no audience": _says(aud=None),
    "several audiences": _says(aud=[CLIENT, "another"]),
    "issuer": _says(iss="https://evil.example"),
    "unknown key": _other_key,
    "forged": _forged,
    "signed by the secret": _by_secret,
    "no token": _mute,
}


def test_a_token_that_proves_nothing(browser, provider, archive):
    client = browser()
    for name, wrong in REFUSED.items():
        provider.wrong, provider.signing, provider.mute = {}, provider.key, False
        wrong(provider)
        answer = client.get(sent_back(client))
        assert answer.status_code == 403, name
        assert "Kirjautuminen ei onnistunut" in answer.text
        assert "studio" not in client.cookies
    assert noted(archive) == [("?", "", "refused")] * len(REFUSED)


def test_a_way_back_that_nobody_began(browser):
    client = browser()
    for query in ("", "?code=x&state=y", "?error=access_denied&error_description=%3Cb%3E"):
        answer = client.get(f"/studio/kirjaudu/paluu{query}")
        assert answer.status_code == 403
        assert "<b>" not in answer.text.partition("<main")[2]


def test_the_code_is_asked_for_with_pkce_state_and_nonce(browser):
    asked = parse_qs(urlsplit(browser().get("/studio/kirjaudu/alku").headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 20 for name in ("code_challenge", "state", "nonce"))


def test_somebody_without_a_role(browser, provider, archive):
    provider.claims = {**ANNA, "roles": ["reader"]}
    client = browser()
    answer = client.get(sent_back(client))
    assert answer.status_code == 403
    assert "Anna Korhonen, tililläsi ei ole oikeutta studioon" in answer.text
    assert noted(archive) == [("anna@example.org", "", "refused")]


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"roles": ["producer"]}, "producer"),
        ({"roles": ["Admin", "producer"]}, "admin"),
        ({"roles": "admin"}, "admin"),
        ({"email": "EERO@example.org", "email_verified": True}, "admin"),
        ({"email": "eero@example.org", "email_verified": False}, None),
        ({"email": "eero@example.org"}, None),
        ({"roles": [["admin"], {"admin": 1}, None]}, None),
        ({}, None),
    ],
)
def test_roles(provider, claims, role):
    made = door(provider)
    assert made.role(made.named({"sub": "1"} | claims)) == role


def test_a_claim_that_lies_deeper(provider):
    made = door(provider, claim="realm_access.roles")
    assert made.named({"sub": "1", "realm_access": {"roles": ["producer"]}}).grants == ("producer",)
    assert made.named({"sub": "1", "realm_access": "producer"}) == Identity("1", "1")


def test_a_role_that_is_taken_away_holds_at_once(browser, archive, public, sessions, provider):
    client = browser()
    client.get(sent_back(client))
    later = create_studio(
        archive, public, strings.load_all(), door=door(provider, producers=["editor"]), sessions=sessions
    )
    with desks.browser(later) as again:
        cookie = {"Cookie": f"studio={client.cookies['studio']}"}
        assert client.get("/studio/").status_code == 200
        assert again.get("/studio/", headers=cookie).status_code == 303


def test_a_provider_that_is_another_or_away(browser, provider, unreachable):
    provider.wrong = {"issuer": "https://other.example"}
    answer = browser().get("/studio/kirjaudu/alku")
    assert answer.status_code == 503
    assert "kirjautumispalvelu ei vastaa" in answer.text
    assert browser(issuer=unreachable.endpoint).get("/studio/kirjaudu/alku").status_code == 503


def test_what_the_doctor_is_told(provider, unreachable):
    asyncio.run(door(provider).checked())
    with pytest.raises(ProviderAway, match="does not answer"):
        asyncio.run(door(provider, unreachable.endpoint).checked())
    with pytest.raises(Misconfigured, match="calls itself http"):
        asyncio.run(door(provider, f"{provider.issuer}/").checked())
