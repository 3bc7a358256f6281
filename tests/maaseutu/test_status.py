"""``maaseutu status`` with a store."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from config import stores
from config.settings import PREFIX
from core import plans
from core.helsinki import moment
from maaseutu import cli
from tests.web import demo


def test_what_is_planned_is_shown(stored, capsys, monkeypatch):
    # Buckets of its own: recordings of other tests are in all states.
    own = {"archive_bucket": f"a-{uuid4().hex[:8]}", "site_bucket": f"s-{uuid4().hex[:8]}"}
    for setting, bucket in own.items():
        monkeypatch.setenv(f"{PREFIX}{setting.upper()}", bucket)
    stored = stored.model_copy(update=own)
    stores.create(stored)
    begins = datetime.now(UTC) + timedelta(days=1)
    name = f"tulossa-{uuid4().hex[:8]}"
    planned = demo.planned(name, starts_at=begins, ends_at=begins + timedelta(hours=1))
    plans.write(stores.archive(stored), planned, datetime.now(UTC))
    assert cli.main(["status"]) == 0
    shown = capsys.readouterr().out
    assert f"{name}  {moment(begins)}  " in shown
    assert "Kylien tulevaisuus" in shown
