"""Secrets of feeds: who holds them, how they die, how little a dead one tells."""

import re

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from accounts.models import RoleGrant, User
from invitations.models import CalendarToken
from invitations.rules.feeds import FeedOwner
from invitations.service.feeds import create_feed, revoke_feed, token_hash
from learners.models import Learner
from lopso.kernel.access import Actor
from lopso.kernel.audit import AuditEntry
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    TEST,
)
from tests.invitations.feed_scenario import (
    OTHER,
    PAGE,
    WARD,
    add_feed_scenario,
    create_feed_at,
    create_learner_feed,
    read_feed,
)
from tests.statements import statements_of
from venues.models import Venue


async def test_new_officer_feed_revokes_only_ones_own(app: TestApp) -> None:
    t = await add_feed_scenario(app)
    hers, venue = await create_feed_at(app, PAGE), await create_feed_at(app, f"{PAGE}/{t.venue}")
    his = await create_feed_at(app, PAGE, email="minh@example.org")
    newer = await create_feed_at(app, PAGE)

    await read_feed(app, hers, status=404)
    for path in (newer, venue, his):
        await read_feed(app, path)
    async with app.client_as("ha@example.org") as client:
        page = await client.get(PAGE)
        assert page.text.count("hôm nay, 12h00") == 2
        assert newer.removeprefix("/lich-rieng/").removesuffix(".ics") not in page.text
        await client.post(f"{PAGE}/tat")
    await read_feed(app, newer, status=404)
    await read_feed(app, his)
    async with app.sessions() as db:
        noted = await db.execute(
            select(AuditEntry.action, AuditEntry.subject, AuditEntry.ward_id)
            .where(AuditEntry.action.startswith("calendar_feed"))
            .order_by(AuditEntry.id)
        )
    made, ended = "calendar_feed.made", "calendar_feed.ended"
    assert [tuple(row) for row in noted] == [
        (made, "ward", WARD),
        (made, "venue", WARD),
        (made, "ward", WARD),
        (ended, "ward", WARD),
        (made, "ward", WARD),
        (ended, "ward", WARD),
    ]


DEATHS = {
    "role taken away": update(RoleGrant).where(RoleGrant.ward_id == WARD).values(revoked_at=NOON),
    "role of another ward": update(RoleGrant).where(RoleGrant.ward_id == WARD).values(ward_id=OTHER),
    "role that sees no calendar": update(RoleGrant)
    .where(RoleGrant.role == "coordinator", RoleGrant.ward_id == WARD)
    .values(role="trainer"),
    "account disabled": update(User).values(disabled_at=NOON),
}


@pytest.mark.parametrize("what", DEATHS)
async def test_ward_and_venue_feeds_end_with_the_permission(app: TestApp, what: str) -> None:
    t = await add_feed_scenario(app)
    paths = [await create_feed_at(app, PAGE), await create_feed_at(app, f"{PAGE}/{t.venue}")]
    async with app.sessions.begin() as db:
        await db.execute(DEATHS[what])
    for path in paths:
        await read_feed(app, path, status=404)


async def test_closed_venue_and_archived_learner_have_no_feed(app: TestApp) -> None:
    t = await add_feed_scenario(app)
    venue, learner = await create_feed_at(app, f"{PAGE}/{t.venue}"), await create_learner_feed(app, t.learner)
    async with app.sessions.begin() as db:
        await db.execute(update(Venue).values(closed_at=NOON))
        await db.execute(update(Learner).values(archived_at=NOON))
    await read_feed(app, venue, status=404)
    await read_feed(app, learner, status=404)
    async with app.client_as("ha@example.org") as client:
        assert (await client.post(f"{PAGE}/{t.venue}")).status_code == 404


async def test_revoked_and_unknown_secrets_answer_alike(app: TestApp) -> None:
    t = await add_feed_scenario(app)
    revoked = await create_feed_at(app, PAGE)
    living = await create_feed_at(app, PAGE)
    learner = await create_learner_feed(app, t.learner)
    async with app.sessions.begin() as db:
        await revoke_feed(db, FeedOwner("learner", t.learner, WARD), by=TEST, now=NOON)
    paths = [revoked, learner, *(f"/lich-rieng/{letter}{'x' * 43}.ics" for letter in "tlwvz")]
    paths.append(living.replace("/w", "/v", 1))  # a living secret under another letter opens nothing
    own = re.compile(r"[0-9a-f]{64,}|/lich-rieng/[^\"]*")
    counted: list[int] = []
    async with app.client() as client:
        await client.get("/dang-nhap")
        pages: list[str] = []
        for path in paths:
            with statements_of(app.sessions.kw["bind"]) as statements:
                answer = await client.get(path)
            assert answer.status_code == 404
            assert "set-cookie" not in answer.headers
            counted.append(len(statements))
            pages.append(own.sub("", answer.text))
    assert len(set(pages)) == 1
    assert set(counted) == {1}


async def test_officer_of_another_ward_cannot_create_feeds(app: TestApp) -> None:
    t = await add_feed_scenario(app)
    async with app.client_as("khac@example.org") as client:
        doors = [await client.get(PAGE)]
        for path in (PAGE, f"{PAGE}/tat", f"{PAGE}/{t.venue}", f"{PAGE}/{t.venue}/tat"):
            doors.append(await client.post(path))
        # A venue of this ward under one's own ward's address.
        doors.append(await client.post(f"/lich/{OTHER}/lich-rieng/{t.venue}"))
        doors.append(await client.get(f"/buoi/{t.in_room}/lich.ics"))
    assert [answer.status_code for answer in doors] == [404] * 7
    async with app.sessions() as db:
        assert (await db.scalars(select(CalendarToken))).all() == []


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"trainer_id": True, "learner_id": True},
        {"ward_id": True},  # whose?
        {"trainer_id": True, "user_id": True},
    ],
)
async def test_database_requires_exactly_one_feed_owner(app: TestApp, values: dict[str, bool]) -> None:
    t = await add_feed_scenario(app)
    there = {"trainer_id": t.helper, "learner_id": t.learner, "ward_id": WARD, "user_id": t.user}
    columns = {column: there[column] for column in values}
    with pytest.raises(IntegrityError, match="ck_calendar_token"):
        async with app.sessions.begin() as db:
            db.add(CalendarToken(token_hash=token_hash("x"), created_at=NOON, **columns))


def test_officer_feed_without_officer_is_refused() -> None:
    with pytest.raises(ValueError, match="officer"):
        FeedOwner("ward", WARD, WARD)
    with pytest.raises(ValueError, match="officer"):
        FeedOwner("learner", 1, WARD, user_id=2)


async def test_of_two_secrets_only_the_last_is_valid(app: TestApp) -> None:
    t = await add_feed_scenario(app)
    owner = FeedOwner("ward", WARD, WARD, t.user)
    by = Actor(t.user, "Hà")
    async with app.sessions.begin() as db:
        one = await create_feed(db, owner, by=by, now=NOON)
        two = await create_feed(db, owner, by=by, now=NOON)
    await read_feed(app, f"/lich-rieng/{one}.ics", status=404)
    await read_feed(app, f"/lich-rieng/{two}.ics")
