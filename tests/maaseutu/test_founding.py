"""A site without broadcasts has its pages."""

from pathlib import Path

import pytest

from config import catalogue, stores
from config.settings import Settings
from core import keys
from maaseutu import founding
from web.strings import load_all


def test_a_new_site_has_its_pages_and_they_are_written_once(
    stored: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = tmp_path / "few.csv"
    few.write_text("\n".join(catalogue.MUNICIPALITIES.read_text(encoding="utf-8").splitlines()[:3]), encoding="utf-8")
    monkeypatch.setattr(catalogue, "MUNICIPALITIES", few)
    site = stores.site(stored)
    assert not founding.is_done(site)
    assert founding.write(stored).written > 10
    assert founding.is_done(site)
    for strings in load_all(stored.locale).values():
        assert strings("front.none") in site.get(strings.folder + keys.FRONT_PAGE).decode()
        assert site.head(f"{strings.folder}tietoa/{keys.FRONT_PAGE}")
    before = list(site.list(""))
    assert founding.write(stored).written == 0
    assert list(site.list("")) == before
