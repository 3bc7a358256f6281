"""``maaseutu status`` with a store."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from config import stores
from core.helsinki import moment
from core.planning import plans
from maaseutu import cli
from tests.core.withdrawn import withdrawn
from tests.web import demo


def test_what_is_planned_is_shown(stored, capsys):
    begins = datetime.now(UTC) + timedelta(days=1)
    name = f"tulossa-{uuid4().hex[:8]}"
    planned = demo.planned(name, starts_at=begins, ends_at=begins + timedelta(hours=1))
    plans.write(stores.archive(stored), planned, datetime.now(UTC))
    withdrawn(stores.archive(stored), "poistettu", begins - timedelta(days=367))
    assert cli.main(["status"]) == 0
    shown = capsys.readouterr().out
    assert f"{name}  {moment(begins)}  " in shown
    assert "Kylien tulevaisuus" in shown
    assert "to be erased by the deployment erase-episode:\n  poistettu (withdrawn on" in shown
