"""Calendars follow people: who reads elsewhere, who left, who takes a yes back, and mails that failed."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from accounts import service as accounts
from accounts.models import RoleGrant
from invitations.service.resend import resend_mail
from invitations.service.subscriptions import set_subscription
from learners.models import Learner
from learners.rules import LearnerDetails
from learners.service import consents, learners
from lopso.kernel.access import Role
from lopso.kernel.events import publish
from scheduling.events import AssignmentsChanged
from scheduling.models import ClassSession
from tests.classroom import WARD, add_learner
from tests.factories import TEST, actor_for, add_user
from tests.invitations.mail_factories import (
    LAN_EMAIL,
    MINH_EMAIL,
    add_helper_with_email,
    agree_to_mail,
)
from tests.invitations.mail_scenario import MailScenario, scenario, scenario_course
from tests.invitations.mail_server import Happening, events, invitations, said, words_of
from tests.notifications.scenario import LAN, THURSDAY, add_class, announce
from trainers.rules import TrainerDetails
from trainers.service import trainers

__all__ = ["scenario"]

NEW = "minh.le@example.org"


def trigger(session_id: int, at: datetime) -> AssignmentsChanged:
    """An event that names a session and nobody in it, so that its invites are compared again."""
    return AssignmentsChanged(offered=((session_id, ()),), by=TEST, at=at)


async def reads_at(scenario: MailScenario, email: str | None) -> None:
    """Minh's address is corrected on the page of helpers."""
    minh = scenario.minh
    details = TrainerDetails(minh.full_name, minh.kind, minh.sex, phone=minh.phone, email=email)
    async with scenario.sessions.begin() as db:
        await trainers.edit(db, WARD, minh.id, details, by=TEST, now=scenario.clock.now)


async def lan_has_a_seat(scenario: MailScenario) -> Learner:
    async with scenario.sessions.begin() as db:
        lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
        await agree_to_mail(db, lan)
        course = await scenario_course(db)
        await announce(db, await add_class(db, course, lan, starts_at=THURSDAY + timedelta(days=2)))
    return lan


async def test_address_added_later_gets_future_sessions(scenario: MailScenario) -> None:
    async with scenario.sessions.begin() as db:
        lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
        await agree_to_mail(db, lan, "")
        lan.email = None
        course = await scenario_course(db)
        await announce(db, await add_class(db, course, lan, starts_at=THURSDAY + timedelta(days=2)))
    details = LearnerDetails(lan.full_name, lan.title, phone=LAN, phone_kind="mobile", email=LAN_EMAIL)
    async with scenario.sessions.begin() as db:
        await learners.edit(db, WARD, lan.id, details, another=True, by=TEST, now=scenario.clock.now)
    await scenario.deliver()

    assert said(scenario.server, LAN_EMAIL) == [("REQUEST", 1)]


async def test_changed_address_cancels_old_and_invites_new(scenario: MailScenario) -> None:
    await scenario.deliver()
    await reads_at(scenario, NEW)
    await scenario.deliver()
    await scenario.move_session()
    await scenario.deliver()
    await reads_at(scenario, MINH_EMAIL)
    await scenario.deliver()
    await scenario.cancel()
    await scenario.deliver()

    # One calendar may read both addresses: whatever comes in whatever order, what counts is the highest.
    assert said(scenario.server, MINH_EMAIL) == [("REQUEST", 1), ("CANCEL", 2), ("REQUEST", 6), ("CANCEL", 8)]
    assert said(scenario.server, NEW) == [("REQUEST", 3), ("REQUEST", 4), ("CANCEL", 5)]
    farewell = scenario.server.mails(MINH_EMAIL)[1]
    assert "Thư mời nay gửi đến địa chỉ e-mail khác" in words_of(farewell)
    attendee = events(invitations(farewell)[0])[0]["ATTENDEE"]
    assert str(attendee) == f"mailto:{MINH_EMAIL}"


async def test_planned_mail_goes_to_the_corrected_address(scenario: MailScenario) -> None:
    await reads_at(scenario, NEW)
    await scenario.deliver()

    assert said(scenario.server, MINH_EMAIL) == []
    assert said(scenario.server, NEW) == [("REQUEST", 2)]


async def test_planned_cancellation_at_old_address_is_sent(scenario: MailScenario) -> None:
    await scenario.deliver()
    await scenario.withdraw_helper()
    await reads_at(scenario, NEW)
    await scenario.offer_again()
    await scenario.deliver()

    assert [method for method, _number in said(scenario.server, MINH_EMAIL)] == ["REQUEST", "CANCEL"]
    assert [method for method, _number in said(scenario.server, NEW)] == ["REQUEST"]
    assert said(scenario.server, MINH_EMAIL)[-1] < ("CANCEL", said(scenario.server, NEW)[0][1])


async def test_removed_address_gets_a_cancellation(scenario: MailScenario) -> None:
    await scenario.deliver()
    await reads_at(scenario, None)
    await scenario.deliver()

    assert said(scenario.server, MINH_EMAIL) == [("REQUEST", 1), ("CANCEL", 2)]


@pytest.mark.parametrize("answer", ["550", "554", "451"])
async def test_failed_cancellation_is_planned_again(scenario: MailScenario, answer: Happening) -> None:
    await scenario.deliver()
    scenario.server.script = lambda _to, number: answer if number > 1 else "accept"
    await scenario.withdraw_helper()
    for _ in range(12):
        await scenario.deliver(after=timedelta(hours=2, minutes=2))
        await scenario.deliver(after=timedelta(seconds=30))
    failed = await scenario.latest_mail()
    scenario.server.script = lambda _to, _number: "accept"
    async with scenario.sessions.begin() as db:
        await publish(
            db, AssignmentsChanged(offered=((scenario.session.id, ()),), by=TEST, at=scenario.clock.now)
        )
    async with scenario.sessions.begin() as db:
        await publish(
            db, AssignmentsChanged(offered=((scenario.session.id, ()),), by=TEST, at=scenario.clock.now)
        )
    await scenario.deliver()

    assert (failed.purpose, failed.state) == ("cancellation", "failed")
    assert [method for method, _number in said(scenario.server, MINH_EMAIL)] == ["REQUEST", "CANCEL"]
    assert await scenario.ledger() == [
        ("invitation", "sent"),
        ("cancellation", "failed"),
        ("cancellation", "sent"),
    ]


async def test_resent_cancellation_goes_to_the_corrected_address(scenario: MailScenario) -> None:
    await scenario.deliver()
    scenario.server.script = lambda to, _number: "550" if to == MINH_EMAIL else "accept"
    await scenario.cancel()
    await scenario.deliver()
    failed = await scenario.latest_mail()
    await reads_at(scenario, NEW)
    async with scenario.sessions.begin() as db:
        number = await resend_mail(db, WARD, failed.id, by=TEST, now=scenario.clock.now)
    await scenario.deliver()

    assert (failed.state, number) == ("failed", 1)
    assert said(scenario.server, NEW) == [("CANCEL", 5)]
    assert "Lý do: Mưa lớn" in words_of(scenario.server.mails(NEW)[0])


async def test_archived_and_restored_people_are_cancelled_and_invited(scenario: MailScenario) -> None:
    lan = await lan_has_a_seat(scenario)
    await scenario.deliver()
    for act in (learners.archive, learners.restore):
        async with scenario.sessions.begin() as db:
            await act(db, WARD, lan.id, by=TEST, now=scenario.clock.now)
        await scenario.deliver()
    for leaves in (trainers.leave, trainers.come_back):
        async with scenario.sessions.begin() as db:
            await leaves(db, WARD, scenario.minh.id, by=TEST, now=scenario.clock.now)
        await scenario.deliver()

    assert said(scenario.server, LAN_EMAIL) == [("REQUEST", 1), ("CANCEL", 2), ("REQUEST", 4)]
    assert said(scenario.server, MINH_EMAIL) == [("REQUEST", 1), ("CANCEL", 2), ("REQUEST", 4)]


async def test_planned_invitation_of_left_helper_is_not_sent(scenario: MailScenario) -> None:
    """Whatever took them off the list: it is looked at once more as the mail goes."""
    async with scenario.sessions.begin() as db:
        await db.execute(update(type(scenario.minh)).values(left_at=scenario.clock.now))
    await scenario.deliver()

    assert scenario.server.mails() == []
    assert (await scenario.latest_mail()).state_reason == "not_needed"


async def test_subscription_ends_with_permission_or_account(scenario: MailScenario) -> None:
    async with scenario.sessions.begin() as db:
        ha = await add_user(db, (Role.COORDINATOR, WARD))
        await set_subscription(
            db, WARD, subscribed=True, by=actor_for(ha, (Role.COORDINATOR, WARD)), now=scenario.clock.now
        )
    await scenario.deliver()
    async with scenario.sessions.begin() as db:
        grant = await db.scalar(select(RoleGrant.id).where(RoleGrant.user_id == ha.id))
        assert grant is not None
        await accounts.revoke_role(db, grant, by=TEST, now=scenario.clock.now)
    await scenario.deliver()
    async with scenario.sessions.begin() as db:
        await accounts.grant_role(db, ha.id, Role.VIEWER, WARD, by=TEST, now=scenario.clock.now)
    await scenario.deliver()
    async with scenario.sessions.begin() as db:
        await accounts.disable_user(db, ha.id, by=TEST, now=scenario.clock.now)
    await scenario.deliver()

    assert said(scenario.server, "ha@example.org") == [
        ("REQUEST", 1),
        ("CANCEL", 2),
        ("REQUEST", 4),
        ("CANCEL", 5),
    ]


async def test_withdrawn_consent_sends_one_cancellation(scenario: MailScenario) -> None:
    lan = await lan_has_a_seat(scenario)
    await scenario.deliver()
    async with scenario.sessions.begin() as db:
        no = {"invitation": False}
        await consents.answer_consents(db, WARD, lan.id, no, how="spoken", by=TEST, now=scenario.clock.now)
    await scenario.deliver()
    async with scenario.sessions.begin() as db:
        session = await db.scalar(select(ClassSession).order_by(ClassSession.id.desc()).limit(1))
        assert session is not None
        await publish(db, trigger(session.id, scenario.clock.now))
    await scenario.deliver()

    assert said(scenario.server, LAN_EMAIL) == [("REQUEST", 1), ("CANCEL", 2)]


async def test_mail_stays_useful_until_the_postponed_session(scenario: MailScenario) -> None:
    """No server for days; meanwhile the class has another week."""
    await scenario.move_session(timedelta(days=7))
    await scenario.deliver(after=timedelta(days=6))

    assert [event["DTSTART"].dt.day for event in scenario.sent_events()] == [3]


async def test_mail_has_at_most_a_hundred_appointments(scenario: MailScenario) -> None:
    async with scenario.sessions.begin() as db:
        course = await scenario_course(db)
        many = [
            await add_class(db, course, starts_at=THURSDAY + timedelta(hours=3 * number))
            for number in range(1, 251)
        ]
        await add_helper_with_email(db, *many, name="Trần Thị Lành", email="lanh@example.org")
        await announce(db, *many[:60])
        await announce(db, *many[60:])
    await scenario.deliver()

    mails = scenario.server.mails("lanh@example.org")
    assert sorted(len(list(mail.iter_attachments())) for mail in mails) == [50, 100, 100]
    uids = {str(events(each)[0]["UID"]) for mail in mails for each in invitations(mail)}
    assert len(uids) == 250


async def test_recipient_closing_every_connection_fails_after_twelve_attempts(scenario: MailScenario) -> None:
    scenario.server.script = lambda _to, _number: "421"
    for _ in range(12):
        await scenario.deliver(after=timedelta(hours=2, minutes=2))

    latest = await scenario.latest_mail()
    assert (latest.state, latest.state_reason, latest.attempts, latest.error_code) == (
        "failed",
        "given_up",
        12,
        "421 4.7.0",
    )
