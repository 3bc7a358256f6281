"""``maaseutu status`` with a store."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from config import stores
from core.duties import withdrawals
from core.duties.withdrawals import Withdrawal
from core.helsinki import moment
from core.planning import plans
from maaseutu import cli
from tests.core.withdrawn import withdrawn
from tests.web import demo


def test_a_withdrawal_that_is_under_way_is_shown(stored, capsys):
    name, at = f"kesken-{uuid4().hex[:8]}", datetime.now(UTC)
    archive = stores.archive(stored)
    withdrawn(archive, f"{name}-valmis", at)
    withdrawn(archive, name, at)
    step = Withdrawal(at=at, kind="passage", by="Anna", reason="Pyyntö")
    assert withdrawals.append(archive, name, withdrawals.read(archive, name), step)
    assert cli.main(["status"]) == 0
    shown = capsys.readouterr().out
    assert f"  {name} (passage, since {moment(at)})" in shown
    assert f"{name}-valmis (" not in shown


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
