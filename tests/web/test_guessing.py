"""Secrets in addresses are not guessed for long, and an office behind one address is not in the way."""

from datetime import timedelta

import pytest

from lopso.kernel.access import Role
from lopso.web import guessing
from lopso.web.guessing import MissCounter
from tests.conftest import TestApp
from tests.factories import NOON, add_user, add_ward


@pytest.fixture(autouse=True)
def few_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "MISSES", 5)


@pytest.mark.parametrize(
    "address", ["/hv/{}", "/lich-rieng/{}.ics", "/loi-moi/{}", "/kiem-tra/K7MZ-X2P4-QR8T-0{:0>3}"]
)
async def test_guessed_addresses_end_in_a_wait(app: TestApp, address: str) -> None:
    async with app.client(address="203.0.113.7") as guesser, app.client(address="203.0.113.8") as other:
        answers = [await guesser.get(address.format(n)) for n in range(6)]
        assert [each.status_code for each in answers[:5]] == [404] * 5
        assert answers[5].status_code == 429
        assert 0 < int(answers[5].headers.get("retry-after", "1")) <= 600
        assert (await other.get(address.format(7))).status_code == 404
        app.clock.forward(timedelta(minutes=11))
        assert (await guesser.get(address.format(8))).status_code == 404


async def test_other_pages_of_a_limited_address_open(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, "19753"))
    async with app.client_as("ha@example.org") as officer:
        for n in range(6):
            await officer.get(f"/hv/{n}")
        assert (await officer.get("/hv/x")).status_code == 429
        assert (await officer.get("/lich/19753")).status_code == 200


def test_many_addresses_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "_MOST_ADDRESSES", 3)
    counter = MissCounter()
    for n in range(10):
        for _each in range(5):
            counter.count(f"10.0.0.{n}", NOON)
    assert [counter.waits(f"10.0.0.{n}", NOON) for n in range(10)] == [0] * 7 + [600] * 3
