"""Invitations: who is told what, in how many mails, under which number."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import Invite
from invitations.rules.feeds import helper_uid
from invitations.rules.invites import uid
from invitations.service.subscriptions import set_subscription
from learners.models import Consent
from learners.service.consents import answer_consents
from lopso.kernel.access import Role
from lopso.kernel.events import publish
from scheduling.events import AssignmentsChanged, EnrolmentsChanged, SessionsMoved
from scheduling.models import Assignment, ClassSession
from scheduling.service.sessions import cancel_session
from staffing.service.assignments import withdraw
from staffing.service.offers import offer_assignments
from tests.classroom import WARD, add_learner
from tests.factories import NOON, TEST, actor_for, add_user
from tests.invitations.mail_factories import (
    LAN_EMAIL,
    MINH_EMAIL,
    Planned,
    add_helper_with_email,
    agree_to_mail,
    mail_ledger,
    move,
)
from tests.notifications.scenario import LAN, THURSDAY, add_city, add_class, announce


async def moved(db: AsyncSession, session: ClassSession, *, by: timedelta = timedelta(hours=1)) -> None:
    old = session.starts_at
    await move(db, session, by=by)
    await publish(db, SessionsMoved(((session.id, old),), TEST, NOON))


async def numbers(db: AsyncSession) -> list[tuple[str, int, str]]:
    rows = await db.scalars(select(Invite).order_by(Invite.id).execution_options(populate_existing=True))
    return [(row.uid, row.sequence, row.state) for row in rows]


def test_helper_has_the_same_uid_in_mails_and_feed() -> None:
    assert uid(7, ("trainer", 3)) == helper_uid(7, 3) == "buoi-7.nguoi-3@lopso"


async def test_published_series_is_one_mail_to_each_invitee(db: AsyncSession) -> None:
    course = await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    await agree_to_mail(db, lan)
    silent = await add_learner(db, "Trần Thị Gái")
    silent.email = "gai@example.org"  # an address, but nobody asked whether it may be used
    week = timedelta(days=7)
    series = [await add_class(db, course, lan, silent, starts_at=THURSDAY + n * week) for n in range(3)]
    ids = [session.id for session in series]
    await add_helper_with_email(db, *series)

    await announce(db, *series)

    assert await mail_ledger(db) == [
        Planned("invitation", LAN_EMAIL, "planned", ids),
        Planned("invitation", MINH_EMAIL, "planned", ids),
    ]
    assert {(sequence, state) for _uid, sequence, state in await numbers(db)} == {(1, "invited")}


async def test_offers_into_a_series_are_one_mail(db: AsyncSession) -> None:
    course = await add_city(db)
    series = [await add_class(db, course, starts_at=THURSDAY + timedelta(days=7 * n)) for n in range(4)]
    minh = await add_helper_with_email(db, series[0])
    ids = [session.id for session in series]

    await offer_assignments(db, ids[1:], [minh.id], role="helper", agreed=False, by=TEST, now=NOON)

    # The first asking was written by hand: no fact told of it.
    assert await mail_ledger(db) == [Planned("invitation", MINH_EMAIL, "planned", ids[1:])]


async def test_changes_before_sending_join_the_planned_mail(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course)
    await add_helper_with_email(db, session)
    await announce(db, session)

    await moved(db, session)
    await moved(db, session)

    assert await mail_ledger(db) == [Planned("invitation", MINH_EMAIL, "planned", [session.id])]
    # Each plan has its own: a feed may have been read in between.
    assert [sequence for _uid, sequence, _state in await numbers(db)] == [3]


async def test_cancellation_before_invitation_was_sent_plans_no_mail(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course)
    minh = await add_helper_with_email(db, session)
    await announce(db, session)

    await cancel_session(db, session.id, reason="Mưa lớn", by=TEST, now=NOON)

    assert [each.purpose for each in await mail_ledger(db)] == ["invitation"]
    assert await numbers(db) == [(uid(session.id, ("trainer", minh.id)), 3, "cancelled")]


async def test_answer_to_an_offer_plans_no_mail(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course)
    minh = await add_helper_with_email(db, session)
    await announce(db, session)
    await db.execute(update(Assignment).values(state="accepted", answered_at=NOON))

    await publish(db, AssignmentsChanged(accepted=((session.id, (minh.id,)),), by=TEST, at=NOON))

    assert len(await mail_ledger(db)) == 1
    assert [sequence for _uid, sequence, _state in await numbers(db)] == [1]


async def test_subscribed_staff_get_invites_of_their_ward_only(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course)
    ha = await add_user(db, (Role.COORDINATOR, WARD))
    outsider = await add_user(db, (Role.TRAINER, WARD), name="Ngô Hữu Phước", email="phuoc@example.org")
    await announce(db, session)

    as_ha = actor_for(ha, (Role.COORDINATOR, WARD))
    await set_subscription(db, WARD, subscribed=True, by=as_ha, now=NOON)
    await set_subscription(db, WARD, subscribed=True, by=as_ha, now=NOON)
    await set_subscription(db, WARD, subscribed=True, by=actor_for(outsider, (Role.TRAINER, WARD)), now=NOON)
    first = await mail_ledger(db)
    await set_subscription(db, WARD, subscribed=False, by=as_ha, now=NOON)

    assert first == [Planned("invitation", "ha@example.org", "planned", [session.id])]
    # The mail had not gone: nothing has to be taken back.
    assert await mail_ledger(db) == first
    assert await numbers(db) == [(f"buoi-{session.id}.can-bo-{ha.id}@lopso", 2, "cancelled")]


async def test_subscribed_staff_who_help_have_one_invite(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course)
    ha = await add_user(db, (Role.COORDINATOR, WARD))
    await set_subscription(db, WARD, subscribed=True, by=actor_for(ha, (Role.COORDINATOR, WARD)), now=NOON)
    helper = await add_helper_with_email(db, session, email="ha@example.org")
    helper.user_id = ha.id
    await db.flush()

    await announce(db, session)

    assert await numbers(db) == [
        (uid(session.id, ("user", ha.id)), 2, "cancelled"),
        (uid(session.id, ("trainer", helper.id)), 1, "invited"),
    ]


async def test_consent_to_mail_plans_invites_of_future_sessions(db: AsyncSession) -> None:
    course = await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    lan.email = LAN_EMAIL
    session = await add_class(db, course, lan)
    await announce(db, session)
    before = await mail_ledger(db)

    await answer_consents(db, WARD, lan.id, {"invitation": True}, how="spoken", by=TEST, now=NOON)

    assert before == []
    assert await mail_ledger(db) == [Planned("invitation", LAN_EMAIL, "planned", [session.id])]


async def test_invalid_addresses_get_no_invite(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course)
    await add_helper_with_email(db, session, email="minh @example,org")

    await announce(db, session)

    assert await mail_ledger(db) == []


async def test_drafts_and_begun_sessions_plan_no_invite(db: AsyncSession) -> None:
    course = await add_city(db)
    begun = await add_class(db, course, starts_at=NOON - timedelta(minutes=5))
    draft = await add_class(db, course, starts_at=THURSDAY)
    draft.published_at = None
    await add_helper_with_email(db, begun)
    await add_helper_with_email(db, draft, name="Trần Thị Lành", email="lanh@example.org")

    await announce(db, begun, draft)

    assert await mail_ledger(db) == []


async def test_helper_withdrawn_from_a_draft_gets_no_mail(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course)
    minh = await add_helper_with_email(db, session)
    row = await db.scalar(select(Assignment).where(Assignment.trainer_id == minh.id))
    assert row is not None

    await withdraw(db, row.id, reason="Đổi người", by=TEST, now=NOON)

    assert await mail_ledger(db) == []


async def test_repeated_enrolment_fact_plans_one_mail(db: AsyncSession) -> None:
    course = await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    await agree_to_mail(db, lan)
    session = await add_class(db, course, lan)

    for _ in range(3):
        await publish(db, EnrolmentsChanged(((session.id, (lan.id,)),), (), TEST, NOON))

    assert await mail_ledger(db) == [Planned("invitation", LAN_EMAIL, "planned", [session.id])]
    assert (await db.scalars(select(Consent.purpose))).all() == ["invitation"]
