"""The studio by the settings."""

import pytest
from starlette.testclient import TestClient

from core.errors import Misconfigured
from core.search.index import SearchIndex
from tests.web.studio.desks import browser
from web import strings
from web.api import create_app
from web.studio import opening


def test_it_is_off_unless_it_is_switched_on(storage, public, tmp_path):
    assert opening.studio(storage.settings) is None
    with (
        SearchIndex(tmp_path / "index") as index,
        TestClient(create_app(public, index, dict, strings.load_all())) as made,
    ):
        assert made.get("/studio/").status_code == 404


def test_by_passwords(storage, tmp_path):
    settings = storage.settings.model_copy(update={"studio": "passwords", "state": tmp_path, "locale": "sv"})
    studio = opening.studio(settings)
    assert studio
    with browser(studio) as client:
        assert "Lösenord" in client.get("/studio/kirjaudu").text
    opening.passwords(settings).add("Anna", "admin", "puro virtaa hiljaa")
    assert opening.passwords(settings).path == tmp_path / "studio" / "people.json"


def test_by_a_provider(storage, tmp_path):
    settings = storage.settings.model_copy(update={"studio": "openid", "state": tmp_path})
    with pytest.raises(Misconfigured, match="MAASEUTU_STUDIO_ISSUER"):
        opening.studio(settings)
    given = {"studio_issuer": "https://id.example", "studio_client_id": "studio", "studio_admins": "a@x.fi, b@x.fi"}
    door = opening.provider(settings.model_copy(update=given))
    assert door.role(door.named({"sub": "1", "email": "B@x.fi", "email_verified": True})) == "admin"
    assert door.role(door.named({"sub": "1", "roles": ["producer"]})) == "producer"
