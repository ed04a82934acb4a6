"""Who waits after wrong passwords: whoever guesses, not the owner, nor an office behind one address."""

import asyncio

import httpx

from accounts.service.throttle import ATTEMPTS_PER_ACCOUNT, ATTEMPTS_PER_ADDRESS
from lopso.kernel.access import Role
from tests.accounts.browser import log_in
from tests.conftest import TestApp
from tests.factories import add_user, add_ward

OFFICE = "14.161.22.33"


async def seed(app: TestApp, *emails: str) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        for email in emails or ("ha@example.org",):
            await add_user(db, (Role.COORDINATOR, "19753"), email=email)


async def guess(app: TestApp, address: str, identifier: str, times: int) -> list[int]:
    async with app.client(address=address) as guesser:
        return [(await log_in(guesser, f"thu lan {n}", identifier)).status_code for n in range(times)]


async def status(client: httpx.AsyncClient, identifier: str = "ha@example.org") -> int:
    return (await log_in(client, identifier=identifier)).status_code


async def test_known_device_gets_in_while_a_neighbour_guesses(app: TestApp) -> None:
    await seed(app)
    async with app.client(address=OFFICE) as owner:
        assert await status(owner) == 303
        assert (await guess(app, OFFICE, "ha@example.org", 11))[-1] == 429
        assert await status(owner) == 303


async def test_known_device_is_itself_limited(app: TestApp) -> None:
    await seed(app)
    async with app.client(address=OFFICE) as owner, app.client(address=OFFICE) as other:
        await status(owner)
        wrong = [(await log_in(owner, f"thu lan {n}")).status_code for n in range(11)]
        assert wrong == [422] * 10 + [429]
        assert await status(other) == 303  # another browser: what the first typed does not count against it


async def test_cookie_of_a_device_counts_for_its_own_account_only(app: TestApp) -> None:
    await seed(app, "ha@example.org", "nam@example.org")
    async with app.client(address="203.0.113.7") as attacker:
        assert await status(attacker, "nam@example.org") == 303
        wrong = [(await log_in(attacker, f"thu lan {n}")).status_code for n in range(11)]
    assert wrong == [422] * 10 + [429]


async def test_many_addresses_wait_and_known_places_do_not(app: TestApp) -> None:
    await seed(app)
    async with app.client(address=OFFICE) as owner:
        await status(owner)
    for n in range(ATTEMPTS_PER_ACCOUNT // 10):
        await guess(app, f"203.0.113.{n}", "ha@example.org", 10)
    assert await guess(app, "198.51.100.1", "ha@example.org", 1) == [429]
    async with (
        app.client(address=OFFICE) as new_phone_in_the_office,
        app.client(address="1.2.3.4") as owner_far,
    ):
        assert await status(new_phone_in_the_office) == 303
        owner_far.cookies.set("lopso-device", owner.cookies["lopso-device"])
        assert await status(owner_far) == 303


async def test_one_guest_does_not_lock_an_office_out(app: TestApp) -> None:
    people = [f"can-bo-{n}@example.org" for n in range(5)]
    await seed(app, *people)
    for person in people[:4]:
        async with app.client(address=OFFICE) as client:
            assert await status(client, person) == 303
    for n in range(ATTEMPTS_PER_ADDRESS // 10):
        await guess(app, OFFICE, f"ai-do-{n}@example.org", 10)
    for person in people[:4]:
        async with app.client(address=OFFICE) as another_browser:
            assert await status(another_browser, person) == 303
    async with app.client(address=OFFICE) as never_here:
        assert await status(never_here, people[4]) == 429
    async with app.client(address="1.2.3.4") as elsewhere:
        assert await status(elsewhere, people[4]) == 303


async def test_email_and_phone_of_one_account_are_counted_together(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        user = await add_user(db)
        user.phone = "+84905123456"
    assert await guess(app, OFFICE, "ha@example.org", 5) == [422] * 5
    assert await guess(app, OFFICE, "0905 123 456", 6) == [422] * 5 + [429]


async def test_guesses_at_once_are_counted_one_by_one(app: TestApp) -> None:
    await seed(app)
    async with app.client() as client:
        await client.get("/dang-nhap")
        answers = await asyncio.gather(*(log_in(client, f"thu lan {n}") for n in range(25)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [422] * 10 + [429] * 15


async def test_addresses_of_one_ipv6_network_are_one(app: TestApp) -> None:
    await seed(app)
    assert await guess(app, "2001:db8:1:2::1", "ha@example.org", 10) == [422] * 10
    assert await guess(app, "2001:db8:1:2:ffff::9", "ha@example.org", 1) == [429]
    assert await guess(app, "2001:db8:1:3::1", "ha@example.org", 1) == [422]
