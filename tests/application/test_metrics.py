"""``/metrics`` and ``/-/ready``: figures for whoever watches, and nothing of a person."""

import re
import uuid
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.kernel.operations import heartbeat
from lopso.kernel.operations.backup_run import BackupRun
from lopso.kernel.operations.delivery_pause import pause_delivery
from lopso.kernel.settings import Settings
from tests.conftest import MakeApp, TestApp
from tests.factories import TEST
from tests.notifications.fakes import EVE, FakeGateway, a_class, make_dispatcher
from tests.notifications.scenario import LAN, MINH

TOKEN = "m" * 40
OWNER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def measured(make_app: MakeApp, settings: Settings) -> TestApp:
    return make_app(replace(settings, metrics_token=TOKEN))


async def figures(app: TestApp) -> dict[str, float]:
    """Every figure by name and labels."""
    async with app.client() as client:
        answer = await client.get("/metrics", headers=OWNER)
    assert answer.status_code == 200, answer.text
    lines = [line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


@pytest.mark.parametrize("given", ["", "Bearer x", f"Bearer {TOKEN}ó", f"Basic {TOKEN}"])
async def test_without_the_right_token_there_is_no_such_page(measured: TestApp, given: str) -> None:
    headers = httpx.Headers({"authorization": given}, encoding="utf-8")
    async with measured.client() as client:
        assert (await client.get("/metrics", headers=headers)).status_code == 404


async def test_without_a_setting_there_are_no_metrics(app: TestApp) -> None:
    async with app.client() as client:
        for headers in ({}, {"authorization": "Bearer "}, OWNER):
            assert (await client.get("/metrics", headers=headers)).status_code == 404


async def test_requests_are_counted_by_route_template(measured: TestApp) -> None:
    async with measured.client() as client:
        for path in ("/-/live", "/-/live", "/loi-moi/abc", "/nothing-here", "/tin-nhan/19753/tin/17"):
            await client.get(path)
        await client.request("PROPFIND", "/-/live")
        await client.head("/-/ready")
    found = await figures(measured)
    assert found['lopso_requests_total{method="GET",route="/-/live",status="200"}'] == 2
    assert found['lopso_requests_total{method="GET",route="none",status="404"}'] == 1
    assert found['lopso_requests_total{method="HEAD",route="/-/ready",status="200"}'] == 1
    assert 'lopso_request_seconds_count{route="/loi-moi/{token}"}' in found
    assert found['lopso_statements_total{outcome="ok"}'] > 0
    assert found["lopso_pool_size"] > 0
    assert not [name for name in found if "abc" in name or "PROPFIND" in name or "nothing" in name]


async def test_figures_tell_of_queue_texts_worker_and_backup(measured: TestApp, engine: AsyncEngine) -> None:
    await a_class(measured.sessions, LAN, MINH)
    measured.clock.now = EVE + timedelta(minutes=10)
    before = await figures(measured)
    assert before['lopso_texts_due{purpose="reminder_day_before"}'] == 2
    assert before['lopso_text_queue_age_seconds{purpose="reminder_day_before"}'] == 600
    assert before["lopso_workers_alive"] == 0
    assert before["lopso_delivery_paused"] == 0
    assert "lopso_backup_age_seconds" not in before
    assert "lopso_worker_silence_seconds" not in before

    await make_dispatcher(engine, FakeGateway(), measured.clock).deliver_due()
    async with engine.begin() as connection:
        await heartbeat.beat(connection, uuid.uuid4(), now=measured.clock.now)
    async with measured.sessions.begin() as db:
        began = measured.clock.now - timedelta(hours=1)
        db.add(BackupRun(began_at=began, file="a", check="restored"))
        await pause_delivery(db, by=TEST, now=measured.clock.now)
    after = await figures(measured)
    assert 'lopso_texts_due{purpose="reminder_day_before"}' not in after
    assert after['lopso_texts_recent{state="sent"}'] == 2
    assert after['lopso_provider_up{provider="fake"}'] == 1
    assert after["lopso_workers_alive"] == 1
    assert after["lopso_worker_silence_seconds"] == 0
    assert after["lopso_backup_age_seconds"] == 3600
    assert after["lopso_delivery_paused"] == 1
    assert not [name for name in after if re.search(r"\d{6}|Lan|Lê", name)]


async def test_ready_tells_of_the_worker_and_of_a_pause(app: TestApp, engine: AsyncEngine) -> None:
    async with app.client() as client:
        assert (await client.get("/-/ready")).json() == {
            "status": "ok",
            "worker": "silent",
            "delivery": "on",
        }
        worker = uuid.uuid4()
        async with engine.begin() as connection:
            await heartbeat.beat(connection, worker, now=app.clock.now)
        async with app.sessions.begin() as db:
            await pause_delivery(db, by=TEST, now=app.clock.now)
        assert (await client.get("/-/ready")).json() == {
            "status": "ok",
            "worker": "alive",
            "delivery": "paused",
        }
        app.clock.forward(timedelta(minutes=1))
        assert (await client.get("/-/ready")).json()["worker"] == "silent"
        async with engine.begin() as connection:
            await heartbeat.leave(connection, worker)
        assert (await client.get("/-/ready")).status_code == 200
