"""Calendars follow people: who reads elsewhere, who left, who takes a yes back, and mails that failed."""

from datetime import datetime, timedelta
from email.message import EmailMessage

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
from notifications.models import Message
from scheduling.events import AssignmentsChanged
from scheduling.models import Assignment, ClassSession
from scheduling.rules.plan import SessionChange
from scheduling.service.changes import change_session
from tests.classroom import WARD, add_learner, enrol
from tests.factories import TEST, actor_for, add_session, add_user
from tests.invitations.mail_factories import (
    LAN_EMAIL,
    MINH_EMAIL,
    add_helper_with_email,
    agree_to_mail,
)
from tests.invitations.mail_scenario import MailScenario, scenario, scenario_course
from tests.invitations.mail_server import Happening, MailServer, events, invitations
from tests.notifications.scenario import LAN, THURSDAY, add_class, announce
from trainers.rules import TrainerDetails
from trainers.service import trainers
from venues.models import Room, Venue
from venues.service import RoomFacts, edit_room, edit_venue

__all__ = ["scenario"]

NEW = "minh.le@example.org"


def said(server: MailServer, to: str) -> list[tuple[str, int]]:
    """Method and number of what an address was told, one after the other."""
    found: list[tuple[str, int]] = []
    for mail in server.mails(to):
        calendar = invitations(mail)[0]
        found.append((str(calendar["METHOD"]), events(calendar)[0]["SEQUENCE"]))
    return found


def words_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


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


async def test_new_titles_and_places_reach_calendars_and_reminders(scenario: MailScenario) -> None:
    async with scenario.sessions.begin() as db:
        lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
        await agree_to_mail(db, lan)
        venue = Venue(ward_id=WARD, name="Nhà văn hóa", name_key="nha van hoa", address="1 Lê Lợi")
        db.add(venue)
        await db.flush()
        room = Room(ward_id=WARD, venue_id=venue.id, name="Phòng A", name_key="phong a", seats=30)
        db.add(room)
        await db.flush()
        when = THURSDAY + timedelta(days=2)
        session = await add_session(db, course=await scenario_course(db), room=room, starts_at=when)
        await enrol(db, session, lan)
        await announce(db, session)

    async def venue_is(name: str, address: str, neighbourhood_id: int | None = None) -> None:
        async with scenario.sessions.begin() as db:
            await edit_venue(
                db,
                WARD,
                venue.id,
                name=name,
                address=address,
                landmark="",
                neighbourhood_id=neighbourhood_id,
                by=TEST,
                now=scenario.clock.now,
            )
        await scenario.deliver()

    await scenario.deliver()
    await venue_is("Nhà văn hóa", "1 Lê Lợi")  # nothing is different
    await venue_is("Nhà cộng đồng", "3 Lê Lợi")
    async with scenario.sessions.begin() as db:
        facts = RoomFacts("Phòng B", 30)
        await edit_room(db, WARD, room.id, facts, by=TEST, now=scenario.clock.now)
    await scenario.deliver()
    async with scenario.sessions.begin() as db:
        await change_session(db, session.id, SessionChange(title="Tên mới"), by=TEST, now=scenario.clock.now)
    await scenario.deliver()

    sent = [
        (event["SEQUENCE"], str(event["SUMMARY"]), str(event["LOCATION"]))
        for event in scenario.sent_events(LAN_EMAIL)
    ]
    old = "Thanh toán không tiền mặt, buổi 1"
    assert sent == [
        (1, old, "Phòng A, Nhà văn hóa, 1 Lê Lợi"),
        (2, old, "Phòng A, Nhà cộng đồng, 3 Lê Lợi"),
        (3, old, "Phòng B, Nhà cộng đồng, 3 Lê Lợi"),
        (4, "Tên mới", "Phòng B, Nhà cộng đồng, 3 Lê Lợi"),
    ]
    assert len(scenario.server.mails(MINH_EMAIL)) == 1  # another session, elsewhere
    async with scenario.sessions() as db:
        bodies = await db.scalars(
            select(Message.body_accented).where(
                Message.session_id == session.id, Message.purpose == "reminder_day_before"
            )
        )
        assert [("Nhà cộng đồng" in body, "Nhà văn hóa" in body) for body in bodies] == [(True, False)]


async def test_changed_role_updates_the_calendar(scenario: MailScenario) -> None:
    await scenario.deliver()
    async with scenario.sessions.begin() as db:
        await db.execute(update(Assignment).values(role="trainer"))
        changed = ((scenario.session.id, (scenario.minh.id,)),)
        fact = AssignmentsChanged(role_changed=changed, by=TEST, at=scenario.clock.now)
        await publish(db, fact)
    await scenario.deliver()

    assert said(scenario.server, MINH_EMAIL) == [("REQUEST", 1), ("REQUEST", 2)]
    assert "Việc: dạy chính." in str(scenario.sent_events()[-1]["DESCRIPTION"])


async def test_mail_about_home_visit_names_nobody(scenario: MailScenario) -> None:
    await scenario.deliver()
    async with scenario.sessions.begin() as db:
        await db.execute(
            update(ClassSession).values(
                kind="home_visit",
                course_id=None,
                title="Nhà bà Lan kiệt 3",
                place="12 kiệt 3 Nguyễn Huệ, gọi 0912 345 678",
            )
        )
    await scenario.move_session()
    await scenario.deliver()
    async with scenario.sessions.begin() as db:
        await db.execute(
            update(ClassSession).values(
                kind="mass_event", title="Ngày hội, hỏi 0912 345 678", place="Chợ, gọi 0912.345.678"
            )
        )
    await scenario.move_session()
    await scenario.deliver()

    visit, fair = scenario.server.mails()[1:]
    for mail in (visit, fair):
        everything = "".join(
            [str(mail["Subject"]), words_of(mail), *(each.to_ical().decode() for each in invitations(mail))]
        ).replace("\r\n ", "")
        assert not [word for word in ("Lan", "kiệt", "0912", "345") if word in everything]
    assert str(visit["Subject"]) == "Đổi lịch: Đến tận nhà, nay là 14h00 thứ Sáu 27/11"
    assert "Địa chỉ từng nhà xem trong Lớp Số." in words_of(visit)
    event = events(invitations(visit)[0])[0]
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == ("Đến tận nhà", "Phường Phú Xuân")
    assert str(events(invitations(fair)[0])[0]["SUMMARY"]) == "Ngày hội, hỏi …"
